"""Pure. The criteria sheet as a PDF for reading, filing and signing by hand: version, digest and date on every page.

Takes a Sheet, its digest and who signed it; leaves bytes with embedded fonts. The signature covers the digest, not the file.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from todoku.criteria.sections import Line, Section, sections
from todoku.criteria.sheet import Sheet
from todoku.formats.wareki import format_wareki
from todoku.sheets.typeset import typeset

TEMPLATES = Path(__file__).parent / "templates"
GROUP = 8  # digits of the digest read to each other at once
MARKS = {"ok": "書かれたとおり", "fail": "書かれたとおりではない"}


def sheet_pdf(sheet: Sheet, *, sha256: str, signed: Sequence[str], on: date, fonts_dir: Path | str) -> bytes:
    """The PDF. `signed`: a line for each signature on this very digest. Raises FontRefused where the page font is missing."""
    return typeset(
        "criteria",
        {
            "municipality": sheet.municipality,
            "programme": sheet.programme,
            "version": str(sheet.version),
            "rules": str(sheet.rules),
            "date": format_wareki(on),
            "sha256": sha256,
            "digest_groups": " ".join(sha256[i : i + GROUP] for i in range(0, len(sha256), GROUP)),
            "signed": list(signed) or ["この指紋の内容には、まだ署名がありません。"],
            "sections": [_section(one) for one in sections(sheet)],
        },
        fonts_dir,
        templates=TEMPLATES,
    )


def _section(section: Section) -> dict[str, object]:
    return {
        "title": section.title,
        "lead": section.lead,
        "columns": list(section.columns),
        "widths": list(section.widths),
        "rows": [_row(line) for line in section.lines],
    }


def _row(line: Line) -> list[str]:
    """The cells of a line, each with its lines of text; what an example came to stands in words in its last cell."""
    cells = ["\n".join(cell) for cell in line.cells]
    if line.mark:
        cells[-1] += f"\n{MARKS[line.mark]}"
    if line.own:
        cells[0] += "\n（この制度の定め）"
    return cells
