"""Pure. A template (typst) and its values in, a PDF out: for pages that are not overlaid per recipient.

Artwork of envelopes and tray labels. The page font is held to be there, as for letters; nothing is fetched.
"""

import json
from pathlib import Path
from typing import Any

import typst

from todoku.sheets.form_layout import named_fonts
from todoku.sheets.wording import TEMPLATES


def typeset(template: str, values: Any, fonts_dir: Path | str, *, templates: Path = TEMPLATES) -> bytes:
    """The PDF of a template with these values (JSON's kinds). Raises FontRefused where the page font is missing.

    `templates`: another room's folder; what lies in the house's own is part of every letter's wording digest.
    """
    compiler = typst.Compiler(
        str(templates / f"{template}.typ"),
        root=str(templates),
        font_paths=named_fonts(Path(fonts_dir)),
        sys_inputs={"values": json.dumps(values, ensure_ascii=False)},
    )
    pdf, warnings = compiler.compile_with_warnings(format="pdf", pdf_tags=False)
    assert not warnings, f"the template {template} warns: {[w.message for w in warnings]}"
    assert isinstance(pdf, bytes)
    return pdf
