"""Pure. Sample pages of a finished run as a printer would draw them: the QR read off the picture, the number as text.

Takes a reader of the run's pages and which of them; pdfium draws, zxing-cpp reads: neither had a part in writing.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pypdfium2
import zxingcpp

from todoku.sheets.form_layout import MM, Box
from todoku.sheets.pdf_pages import PdfPages

DPI = 150  # a 20 mm code has 5.6 pixels a module
QUIET_MM = 4
PAGES_AT_ONCE = 50  # each batch carries the run's fonts once


class Sample(NamedTuple):
    """A page to be drawn: its place (from 1), its content's object, and where code and number stand on it."""

    place: int
    contents: int
    qr: Box
    number: Box


class Picture(NamedTuple):
    """What the drawn page says: the QR's text ("" if none could be read) and the number as printed."""

    place: int
    code: str
    number: str


def pictures(pdf: PdfPages, samples: Sequence[Sample]) -> Iterator[Picture]:
    """Draw each sample and read it."""
    for start in range(0, len(samples), PAGES_AT_ONCE):
        batch = samples[start : start + PAGES_AT_ONCE]
        drawn = pypdfium2.PdfDocument(pdf.excerpt([sample.contents for sample in batch]))
        for at, sample in enumerate(batch):
            page = drawn[at]
            yield _read(page, sample)
            page.close()  # else what was drawn of it stays until the document goes
        drawn.close()


def _read(page: pypdfium2.PdfPage, sample: Sample) -> Picture:
    width, height = page.get_size()
    x, y, w, h = (value * MM for value in _around(sample.qr, width, height))
    crop = (x, height - y - h, width - x - w, y)
    picture = page.render(scale=DPI / 72, crop=crop, grayscale=True).to_numpy()
    found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    box, text = sample.number, page.get_textpage()
    left, top = box.x * MM, height - box.y * MM
    number = text.get_text_bounded(left, top - box.h * MM, left + box.w * MM, top)
    text.close()
    return Picture(sample.place, found[0].text if len(found) == 1 else "", number.strip())


def _around(box: Box, width: float, height: float) -> tuple[float, float, float, float]:
    """The box with its quiet zone, as far as the paper goes."""
    left, top = max(0.0, box.x - QUIET_MM), max(0.0, box.y - QUIET_MM)
    right, bottom = min(width / MM, box.x + box.w + QUIET_MM), min(height / MM, box.y + box.h + QUIET_MM)
    return left, top, right - left, bottom - top
