"""Pure. Parts of a registered page as pictures: a patch in millimetres, a field for reading, the page for keeping.

Takes the picture as scanned and the matrix of its registration; every part comes out upright and straight.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from todoku.scan.reading import MM_PER_INCH, PAPER_MM, Area, Grey
from todoku.sheets.form_layout import Box

CROP_DPI = (
    150  # 7.6 mm of a field are 45 pixels high: a person and a recogniser read it, a field weighs 2–8 KB
)
CROP_MARGIN_MM = 1.2  # what a hand writes over the frame
CROP_QUALITY = 70
PAGE_DPI = 150  # of a page that has to be drawn anew; a page of a form weighs about 130 KB
PAGE_QUALITY = 50
# Up to this size a part is drawn by the affine map through three of its corners, which is quicker: where the marks of
# a page disagree by 0.8 mm (the most that is taken), the fourth corner of the largest field is off by less than 0.1 mm.
FLAT_MM2 = 6_000

Matrix = tuple[float, ...]


class Picture(NamedTuple):
    """A page as it is kept: media type, bytes, and the matrix from millimetres of the page to its pixels ("" = none)."""

    media_type: str
    data: bytes
    matrix: Matrix


def patch(grey: Grey, matrix: Matrix, x: float, y: float, w: float, h: float, pixels_per_mm: float) -> Grey:
    """The part of the page at x, y (mm) of w × h mm; what lies outside the picture is white."""
    size = (max(1, round(w * pixels_per_mm)), max(1, round(h * pixels_per_mm)))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    if w * h <= FLAT_MM2:
        flat = _through_corners(matrix, x, y, pixels_per_mm, size)
        part = cv2.warpAffine(
            grey, flat, size, flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=(255,)
        )
    else:
        there = _from_patch(matrix, x, y, pixels_per_mm)
        part = cv2.warpPerspective(
            grey, there, size, flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=(255,)
        )
    return np.asarray(part, dtype=np.uint8)


def field_crop(grey: Grey, matrix: Matrix, box: Box) -> bytes:
    """A field with a little around it, as JPEG."""
    part = patch(
        grey,
        matrix,
        box.x - CROP_MARGIN_MM,
        box.y - CROP_MARGIN_MM,
        box.w + 2 * CROP_MARGIN_MM,
        box.h + 2 * CROP_MARGIN_MM,
        CROP_DPI / MM_PER_INCH,
    )
    return jpeg(part, CROP_QUALITY)


def page_picture(grey: Grey, matrix: Matrix, dpi: float = PAGE_DPI) -> Picture:
    """The whole page drawn upright and straight on A4 at `dpi`."""
    scale = dpi / MM_PER_INCH
    page = patch(grey, matrix, 0, 0, *PAPER_MM, scale)
    straight = (scale, 0.0, 0.0, 0.0, scale, 0.0, 0.0, 0.0, 1.0)
    return Picture("image/jpeg", jpeg(page, PAGE_QUALITY), straight)


def plain_picture(grey: Grey, dpi: float) -> Picture:
    """A page that is not registered, as it lay, made smaller to 150 dpi where it is larger."""
    scale = min(1.0, PAGE_DPI / dpi)
    page = grey
    if scale < 1:
        page = np.asarray(
            cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR), dtype=np.uint8
        )
    return Picture("image/jpeg", jpeg(page, PAGE_QUALITY), ())


def painted_over(grey: Grey, areas: list[Area]) -> Grey:
    """A copy of the page with these areas in plain grey: neither white (nothing there?) nor black (a bar code?)."""
    covered = grey.copy()
    for area in areas:
        covered[area.y : area.y + area.h, area.x : area.x + area.w] = 128
    return covered


def jpeg(grey: Grey, quality: int) -> bytes:
    """Grey pixels as JPEG bytes."""
    done, data = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done, "a grey picture can always be written as JPEG"
    return data.tobytes()


def decoded(data: bytes) -> Grey:
    """A picture that we wrote ourselves, in grey again."""
    grey = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert grey is not None, "our own picture opens"
    return np.asarray(grey, dtype=np.uint8)


def to_pixels(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    """Where a point of the page (mm) lies in the picture."""
    a, b, c, d, e, f, g, h, i = matrix
    z = g * x + h * y + i
    return (a * x + b * y + c) / z, (d * x + e * y + f) / z


def _from_patch(matrix: Matrix, x: float, y: float, pixels_per_mm: float) -> NDArray[np.float64]:
    to_mm = np.array([[1 / pixels_per_mm, 0, x], [0, 1 / pixels_per_mm, y], [0, 0, 1]])
    return np.array(matrix).reshape(3, 3) @ to_mm


def _through_corners(
    matrix: Matrix, x: float, y: float, pixels_per_mm: float, size: tuple[int, int]
) -> NDArray[np.float64]:
    """The affine map from a patch to the picture that is right at its upper left, upper right and lower left."""
    w, h = size
    x0, y0 = to_pixels(matrix, x, y)
    x1, y1 = to_pixels(matrix, x + w / pixels_per_mm, y)
    x2, y2 = to_pixels(matrix, x, y + h / pixels_per_mm)
    return np.array([[(x1 - x0) / w, (x2 - x0) / h, x0], [(y1 - y0) / w, (y2 - y0) / h, y0]])
