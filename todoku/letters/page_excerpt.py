"""Pure. Some pieces of a finished PDF as a PDF of their own (抜粋): for a proof, a reprint, the rest of a stopped run.

Takes the file and which pages; copies them as they stand. Nothing is drawn anew, so that nothing can be drawn wrong.
"""

import io
from collections.abc import Iterable
from pathlib import Path

import pypdfium2


def excerpt(source: Path | str, stretches: Iterable[tuple[int, int]]) -> bytes:
    """A PDF of these stretches (first page from 1, pages), in the order given."""
    pages = [page - 1 + step for page, count in stretches for step in range(count)]
    with pypdfium2.PdfDocument(source) as whole, pypdfium2.PdfDocument.new() as part:
        assert not pages or max(pages) < len(whole), "a page that the file does not have"
        if pages:
            part.import_pages(whole, pages)
        out = io.BytesIO()
        part.save(out)
    return out.getvalue()
