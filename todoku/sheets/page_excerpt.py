"""Pure. Some pieces of a finished PDF as a PDF of their own (抜粋): for a proof, a reprint, the rest of a stopped run.

Takes the file and which pages; copies them as they stand. Nothing is drawn anew, so that nothing can be drawn wrong.
"""

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pypdfium2
import zxingcpp

from todoku.sheets.manifest import ManifestLine

DPI = 200  # at which the codes of copied pages are read
POINTS = 72


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


def same_pages(copied: bytes, source: Path | str, lines: Sequence[ManifestLine]) -> int:
    """Holds every copied page against its page in the source, drawn dot by dot, and the code of each piece against its line.

    `lines`: the pieces as the source's manifest tells them, in the order of the copy. Gives how many pages were compared;
    a page that differs is an error: the source was read back page by page, so what is the same is right.
    """
    at = 0
    with pypdfium2.PdfDocument(source) as whole, pypdfium2.PdfDocument(copied) as part:
        for line in lines:
            for step in range(line.pages):
                was, now = _drawn(whole[line.first_page - 1 + step]), _drawn(part[at])
                assert was.tobytes() == now.tobytes(), f"page {at + 1} is not the page that was copied"
                if step == 0:
                    codes = [one.text for one in zxingcpp.read_barcodes(now)]
                    assert line.code in codes, f"page {at + 1} bears the code of another piece"
                at += 1
        assert at == len(part), f"{at} pages told, {len(part)} copied"
    return at


def _drawn(page: pypdfium2.PdfPage) -> Any:
    return page.render(scale=DPI / POINTS, grayscale=True).to_numpy()
