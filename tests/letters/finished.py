"""Reading a finished PDF back: text within a box, pictures of a part of a page, the QR as another library sees it."""

from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import zxingcpp
from PIL import Image

from todoku.sheets.form_layout import MM, Box


class Finished:
    """A PDF that was written, opened for reading."""

    def __init__(self, source: Path | bytes) -> None:
        self._pdf = pypdfium2.PdfDocument(source)

    def __len__(self) -> int:
        return len(self._pdf)

    def size(self, page: int) -> tuple[float, float]:
        """Width and height of a page in points."""
        return self._pdf[page].get_size()

    def text(self, page: int) -> str:
        """All text of a page (from 0)."""
        return self._pdf[page].get_textpage().get_text_range().replace("\r\n", "\n")

    def text_in(self, page: int, box: Box) -> str:
        """The text whose characters stand in the box, without its line breaks."""
        left, top = box.x * MM, self._pdf[page].get_height() - box.y * MM
        area = (left, top - box.h * MM, left + box.w * MM, top)
        return self._pdf[page].get_textpage().get_text_bounded(*area).replace("\r\n", "")

    def letters(self, page: int) -> Iterator[tuple[str, tuple[float, float, float, float]]]:
        """Every character of a page with its box (left, bottom, right, top in points)."""
        text = self._pdf[page].get_textpage()
        for i in range(text.count_chars()):
            yield text.get_text_range(i, 1), text.get_charbox(i)

    def picture(self, page: int, box: tuple[float, float, float, float], dpi: int) -> Image.Image:
        """A part (x, y, w, h in mm from the upper left) of a page in grey."""
        x, y, w, h = (value * MM for value in box)
        sheet = self._pdf[page]
        width, height = sheet.get_size()
        crop = (x, height - y - h, width - x - w, y)
        return sheet.render(scale=dpi / 72, crop=crop, grayscale=True).to_pil()

    def qr(self, page: int, box: Box, dpi: int = 150) -> str:
        """What the QR in the box says, its quiet zone included in the picture."""
        picture = self.picture(page, (box.x - 4, box.y - 4, box.w + 8, box.h + 8), dpi)
        found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
        assert len(found) == 1, f"page {page + 1} shows {len(found)} codes"
        return found[0].text


def squeezed(text: str) -> str:
    """Text without any blank or line break: what must not be lost however it was set."""
    return "".join(text.split())
