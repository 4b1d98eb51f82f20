"""What stands fixed on the base pages of the form, as other libraries need it to set the same page: texts and frames.

Read off the compiled pages, in points from the upper left corner, so that every way sets the same words in the same places.
"""

import io
from collections.abc import Mapping
from typing import NamedTuple

import pypdfium2

from todoku.sheets.form_layout import MM, Box, Layout


class Words(NamedTuple):
    """A text, its left edge and baseline, and its size."""

    x: float
    y: float
    size: float
    text: str


class Frame(NamedTuple):
    """The outline of a drawn shape."""

    x: float
    y: float
    width: float
    height: float


class StaticPage(NamedTuple):
    """One base page."""

    width: float
    height: float
    words: list[Words]
    frames: list[Frame]


def static_pages(layout: Layout) -> list[StaticPage]:
    """Every base page of a layout."""
    return [_page(page) for page in pypdfium2.PdfDocument(io.BytesIO(layout.pdf))]


def _page(page: pypdfium2.PdfPage) -> StaticPage:
    width, height = page.get_size()
    words, frames = [], []
    text = page.get_textpage()
    for one in page.get_objects(max_depth=4, textpage=text):
        if isinstance(one, pypdfium2.PdfTextObj):
            a, _, _, d, x, y = one.get_matrix().get()
            size = one.get_font_size() * abs(d or a)
            if found := one.extract().strip():
                words.append(Words(x, height - y if d > 0 else y, size, found))
        elif one.type == pypdfium2.raw.FPDF_PAGEOBJ_PATH:
            left, bottom, right, top = one.get_bounds()
            frames.append(Frame(left, height - top, right - left, top - bottom))
    return StaticPage(width, height, words, frames)


def placed(boxes: Mapping[str, Box], texts: Mapping[str, str]) -> list[Words]:
    """The fields of one page as words at their wished size, not fitted."""
    found = []
    for name, text in texts.items():
        if box := boxes.get(name):
            size = box.sizes[0]
            found.append(
                Words(box.x * MM, (box.y + box.h / 2) * MM + 0.38 * size, size, text.replace("\n", "　"))
            )
    return found
