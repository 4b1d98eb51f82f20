"""Pure. Where a registered page of ours shows ink that the empty sheet has not, outside the fields that ask for other numbers.

Takes the page, its registration and the sheet's layout; leaves areas of the picture in which a number may have been written.
The empty sheet is kept small with its layout, as packed bits; without it all ink is strange.
"""

import zlib
from collections.abc import Iterator
from functools import lru_cache

import cv2
import numpy as np

from todoku.scan.crop import Matrix, patch, to_pixels
from todoku.scan.reading import MM_PER_INCH, PAPER_MM, Area, Grey, SheetLayout
from todoku.sheets.form_layout import Box

DPI = 100
SCALE = DPI / MM_PER_INCH
SIZE = (round(PAPER_MM[1] * SCALE), round(PAPER_MM[0] * SCALE))  # rows, columns
INK_DIFFERENCE = 45  # of 255: less is a shadow or a stain
PRINTED_MM = 0.7  # how far print may lie from where the empty sheet has it
EDGE_MM = 4.0  # shadows of the edge
TOGETHER_MM = 5.0  # ink as near as this is searched in one piece
LONG_MM, HIGH_MM = 11.0, 1.2  # less holds no twelve digits
MARGIN_MM = 3.0
# Printed fields whose own numbers are known, and fields that ask for a number of another kind.
OWN = frozenset(
    {
        "qr",
        "number",
        "page_code",
        "piece",
        "postal",
        "address",
        "bars",
        "deadline",
        "key",
        "account_known",
        "total",
    }
)
OTHER = ("_birth", "_amount", "_phone", "_year", "_month", "_day")


def printed_bits(empty_page: Grey, dpi: float) -> bytes:
    """What is printed on the empty sheet, drawn at `dpi`, as packed bits of a page of 100 dpi."""
    scale = dpi / MM_PER_INCH
    page = _small(empty_page, dpi, (scale, 0.0, 0.0, 0.0, scale, 0.0, 0.0, 0.0, 1.0))
    return zlib.compress(np.packbits(page < 255 - INK_DIFFERENCE).tobytes())


def stray_areas(grey: Grey, dpi: float, matrix: Matrix, layout: SheetLayout, paper: float) -> list[Area]:
    """Upright rectangles of the picture, in pixels; the fields for things stuck on (attach_…) are given whole or not at all."""
    page = _small(grey, dpi, matrix)
    ink = cv2.threshold(page, paper - INK_DIFFERENCE, 255, cv2.THRESH_BINARY_INV)[1]
    edge = round(EDGE_MM * SCALE)
    for rows, columns in _known(layout):
        ink[rows, columns] = 0
    ink[:edge], ink[-edge:], ink[:, :edge], ink[:, -edge:] = 0, 0, 0, 0
    if layout.printed:
        ink[_print(layout.printed)] = 0
    return [_in_picture(matrix, box, grey) for box in _pieces(np.asarray(ink, dtype=np.uint8), layout)]


def _small(grey: Grey, dpi: float, matrix: Matrix) -> Grey:
    """The page upright at 100 dpi; made smaller first, since a thin stroke would fall between the pixels."""
    shrink = max(1, round(dpi / DPI))
    if shrink == 1:
        return patch(grey, matrix, 0, 0, *PAPER_MM, SCALE)
    high, wide = (length // shrink for length in grey.shape)
    small = cv2.resize(grey[: high * shrink, : wide * shrink], (wide, high), interpolation=cv2.INTER_AREA)
    fitted = (*(value / shrink for value in matrix[:6]), *matrix[6:])
    return patch(np.asarray(small, dtype=np.uint8), fitted, 0, 0, *PAPER_MM, SCALE)


@lru_cache(maxsize=32)
def _print(bits: bytes) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Where print may lie."""
    flat = np.unpackbits(np.frombuffer(zlib.decompress(bits), np.uint8), count=SIZE[0] * SIZE[1])
    reach = 2 * round(PRINTED_MM * SCALE) + 1
    return np.asarray(cv2.dilate(flat.reshape(SIZE), np.ones((reach, reach), np.uint8)) > 0)


def _known(layout: SheetLayout) -> Iterator[tuple[slice, slice]]:
    """Rows and columns of the fields with numbers of our own, and of those that ask for another one."""
    for box in layout.boxes.values():
        entry = box.role == "entry" and (box.cells or box.tick)
        if box.role == "mark" or box.name in OWN or entry or box.name.endswith(OTHER):
            yield (
                slice(max(0, int((box.y - 1) * SCALE)), int((box.y + box.h + 1) * SCALE) + 1),
                slice(max(0, int((box.x - 1) * SCALE)), int((box.x + box.w + 1) * SCALE) + 1),
            )


def _pieces(ink: Grey, layout: SheetLayout) -> Iterator[Box]:
    """Ink that stands together, as boxes in mm."""
    for box in layout.boxes.values():
        if not box.name.startswith("attach_"):
            continue
        rows, columns = (
            slice(int(start * SCALE), int((start + length) * SCALE))
            for start, length in ((box.y, box.h), (box.x, box.w))
        )
        if cv2.countNonZero(ink[rows, columns]) > LONG_MM * SCALE:
            yield box._replace(x=box.x - 8, y=box.y - 8, w=box.w + 16, h=box.h + 16)
        ink[rows, columns] = 0
    reach = round(TOGETHER_MM * SCALE)
    together = cv2.dilate(ink, np.ones((reach, reach), np.uint8))
    for x, y, w, h, _ in cv2.connectedComponentsWithStats(together, connectivity=4)[2][1:]:
        wide, high = (float(length - reach) / SCALE for length in (w, h))
        if max(wide, high) >= LONG_MM and min(wide, high) >= HIGH_MM:
            left, top = (float(start + reach // 2) / SCALE - MARGIN_MM for start in (x, y))
            yield Box("", "entry", 1, left, top, wide + 2 * MARGIN_MM, high + 2 * MARGIN_MM)


def _in_picture(matrix: Matrix, box: Box, grey: Grey) -> Area:
    """The upright rectangle of the picture around a box of the page."""
    corners = [to_pixels(matrix, x, y) for x in (box.x, box.x + box.w) for y in (box.y, box.y + box.h)]
    left, top = (max(0, int(min(values))) for values in zip(*corners, strict=True))
    right, bottom = (int(max(values)) for values in zip(*corners, strict=True))
    return Area(left, top, max(1, min(right, grey.shape[1]) - left), max(1, min(bottom, grey.shape[0]) - top))
