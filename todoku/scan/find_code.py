"""Pure. The QR of a sheet: looked for where the template has it, then all over, then with the picture worked on.

A code counts only if its payload is one of ours and the number's check digit agrees; two different codes on one page
are no code but two sheets. Returns a code with its corners, never a guess.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import cv2
import numpy as np
import zxingcpp

from todoku.formats.codes import case_number_valid
from todoku.scan.reading import MM_PER_INCH, PAPER_MM, Grey
from todoku.sheets.form_layout import Box
from todoku.sheets.sheet_codes import SheetCode, read_payload

Corner = tuple[float, float]

# How far the code may lie from its place: 3° of skew about the middle move it by 8 mm, paper in the guides by 3 mm.
AROUND_MM = 12.0
QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
QUARTER_TURNS = (0, 180, 90, 270)  # as pages come: the right way, then upside down, then across


class FoundCode(NamedTuple):
    """A sheet's code and the corners of its symbol in pixels: upper left, upper right, lower right, lower left."""

    code: SheetCode
    corners: tuple[Corner, Corner, Corner, Corner]


class CodeSearch(NamedTuple):
    """`found` is None without a code, or with two different ones (`several`); `others`: texts of codes that are not ours."""

    found: FoundCode | None
    several: bool = False
    others: tuple[str, ...] = ()


# How long to search: as long as a page lies as it should · for a page that may be ours · for one that has our marks.
QUICK, LONGER, EVERYTHING = 1, 2, 3
SMALL_DPI = 180  # below this a module has fewer than seven pixels, and enlarging helps


def find_code(grey: Grey, dpi: float, place: Box, effort: int = EVERYTHING) -> CodeSearch:
    """The sheet code of a page. `place`: the box of the QR, the same on every sheet.

    QUICK is the crop at 0° and at 180°, then the whole page. LONGER works on the crops besides (5 times as long),
    EVERYTHING on the whole page too (20 times).
    """
    others: tuple[str, ...] = ()
    for picture, left, top, scale in _rungs(grey, dpi, place, effort):
        seen = _ours(picture, left, top, scale)
        others += tuple(text for text in seen.others if text not in others)
        if seen.found or seen.several:
            return seen._replace(others=others)
    return CodeSearch(None, others=others)


def all_codes(grey: Grey) -> CodeSearch:
    """As find_code over the whole picture at once: what a long or doubled page must be asked besides."""
    return _ours(grey, 0, 0, 1.0)


Rung = tuple[
    Grey, float, float, float
]  # picture, its left and top in the page, page pixels per picture pixel


def _rungs(grey: Grey, dpi: float, place: Box, effort: int) -> Iterator[Rung]:
    crops = list(_crops(grey, dpi, place))
    yield from crops
    yield grey, 0, 0, 1.0
    if effort == QUICK:
        return
    small = dpi < SMALL_DPI or effort == EVERYTHING
    for work, scale in LADDER if small else LADDER[:5]:
        for crop, left, top, _ in crops:
            yield work(crop), left, top, scale
    if effort == LONGER:
        return
    for work, scale in LADDER[
        :4
    ]:  # enlarging a whole page or smoothing it at length helps nothing that the crops lack
        yield work(grey), 0, 0, scale


def _crops(grey: Grey, dpi: float, place: Box) -> Iterator[Rung]:
    """Where the code would be if the page lay straight or turned; a crop that is not in the picture is left out."""
    scale = dpi / MM_PER_INCH
    height, width = grey.shape
    lies_across = width > height
    for turn in QUARTER_TURNS:
        if (turn % 180 == 90) is not lies_across:
            continue
        x, y, w, h = _turned_box(place, turn)
        left, top = max(0, int((x - AROUND_MM) * scale)), max(0, int((y - AROUND_MM) * scale))
        right, bottom = int((x + w + AROUND_MM) * scale), int((y + h + AROUND_MM) * scale)
        crop = grey[top:bottom, left:right]
        if min(crop.shape) > place.w * scale / 2:
            yield crop, left, top, 1.0


def _turned_box(box: Box, turn: int) -> tuple[float, float, float, float]:
    """The box in mm on a page that was turned clockwise."""
    wide, high = PAPER_MM
    if turn == 180:
        return wide - box.x - box.w, high - box.y - box.h, box.w, box.h
    if turn == 90:
        return high - box.y - box.h, box.x, box.h, box.w
    if turn == 270:
        return box.y, wide - box.x - box.w, box.h, box.w
    return box.x, box.y, box.w, box.h


def _otsu(grey: Grey) -> Grey:
    return np.asarray(cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1], dtype=np.uint8)


def _blurred(grey: Grey) -> Grey:
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), 1.2), dtype=np.uint8)


def _without_specks(grey: Grey) -> Grey:
    return np.asarray(cv2.medianBlur(grey, 3), dtype=np.uint8)


def _halved(grey: Grey) -> Grey:
    return np.asarray(cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _enlarged(grey: Grey) -> Grey:
    return np.asarray(cv2.resize(grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def _sharpened(grey: Grey) -> Grey:
    """Unsharp mask on the enlarged picture: brings modules apart that a blur of a module's width has run together."""
    large = _enlarged(grey)
    return np.asarray(
        cv2.addWeighted(large, 2.5, cv2.GaussianBlur(large, (0, 0), 5), -1.5, 0), dtype=np.uint8
    )


def _denoised_otsu(grey: Grey) -> Grey:
    return _otsu(_blurred(_without_specks(grey)))


def _enlarged_otsu(grey: Grey) -> Grey:
    return _otsu(_blurred(_enlarged(grey)))


# In the order of what they cost and of how often they helped: a soft picture, specks, a bad threshold, large pictures.
LADDER: tuple[tuple[Callable[[Grey], Grey], float], ...] = (
    (_blurred, 1.0),
    (_without_specks, 1.0),
    (_denoised_otsu, 1.0),
    (_halved, 2.0),
    (_otsu, 1.0),
    (_enlarged, 0.5),
    (_enlarged_otsu, 0.5),
    (_sharpened, 0.5),
)


def _ours(picture: Grey, left: float, top: float, scale: float) -> CodeSearch:
    """Every code in the picture, told apart: one of ours, several of ours, others."""
    codes: dict[SheetCode, FoundCode] = {}
    others = []
    for seen in zxingcpp.read_barcodes(
        np.ascontiguousarray(picture), QR, try_rotate=False, try_downscale=False, try_invert=False
    ):
        code = read_payload(seen.text)
        if code is None or not case_number_valid(code.number):
            others.append(seen.text)
            continue
        at = seen.position
        corners = [
            (left + corner.x * scale, top + corner.y * scale)
            for corner in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
        ]
        codes[code] = FoundCode(code, (corners[0], corners[1], corners[2], corners[3]))
    if len(codes) > 1:
        return CodeSearch(None, True, tuple(others))
    return CodeSearch(next(iter(codes.values()), None), False, tuple(others))
