"""Pure. The four corner marks of a sheet tell where each millimetre of the page lies in the picture.

Takes a page and, if it was found, its code (which tells the way up); leaves a Registration or None. A warp that does
not make sense is never used: one bad mark is left out, else only the code's own corners are relied on, and it is said.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from todoku.scan.find_code import FoundCode
from todoku.scan.levels import levels
from todoku.scan.reading import MM_PER_INCH, PAPER_MM, Grey, Registration
from todoku.sheets.form_layout import Box

Floats = NDArray[np.float64]

# For the first marks; wider the farther they are from the code, whose corners are whole pixels.
FIRST_SEARCH_MM, SEARCH_PER_MM = 3.0, 0.03
NEXT_SEARCH_MM = 4.0  # once two marks tell the direction
BLIND_SEARCH_MM = 11.0  # without a code: 3° of skew and paper in the guides
RESIDUAL_MM_MAX = 0.8  # what four marks may disagree with one affine map: paper stretched in the feeder
CODE_OFF_MM_MAX = 1.2  # how far the code may lie from where the marks put it: its corners are whole pixels
SCALE_OFF_MAX = 0.06  # how much larger or smaller than its dpi says a page may be
STRETCH_MAX = 0.04  # how much the two directions may differ: an unsteady feeder
SHEAR_DEGREES_MAX = 1.5
SKEW_DEGREES_MAX = 12.0
_AREA_OFF, _SIDE_OFF = (
    (0.6, 1.5),
    (0.7, 1.35),
)  # of a mark's ink and bounding box; a turn by 10° makes it 1.16
CONTRAST_MIN = 40  # of 255: less is no print
_FULL_MIN = 0.72  # ink share of the bounding box, same turn


class _Mark(NamedTuple):
    name: str
    mm: complex
    px: complex


def register(
    grey: Grey, dpi: float, boxes: Mapping[str, Box], found: FoundCode | None
) -> Registration | None:
    """Where the page lies, or None if neither code nor marks tell. Without a code the way up stays unknown (0 or 180)."""
    centres = {
        name: complex(box.x + box.w / 2, box.y + box.h / 2)
        for name, box in boxes.items()
        if box.role == "mark"
    }
    sizes = {name: boxes[name].w for name in centres}
    if found is None:
        return _blind(grey, dpi, centres, sizes)
    place = boxes["qr"]
    code_mm = _corners(place)
    code_px = [complex(x, y) for x, y in found.corners]
    marks = _find_marks(grey, centres, sizes, code_mm, code_px)
    best = _best_warp(marks, dpi, sum(code_mm) / 4, sum(code_px) / 4)
    if best is not None:
        return best
    rough = _similar(
        code_mm + [m.mm for m in marks] if len(marks) < 3 else code_mm,
        code_px + [m.px for m in marks] if len(marks) < 3 else code_px,
    )
    return _registration(_matrix_of(rough), "code", 0.0)


def looks_like_ours(grey: Grey, dpi: float, boxes: Mapping[str, Box]) -> bool:
    """Whether at least three corner marks stand where our sheets have them, whichever way up."""
    centres = {name: complex(b.x + b.w / 2, b.y + b.h / 2) for name, b in boxes.items() if b.role == "mark"}
    return _blind(grey, dpi, centres, {name: boxes[name].w for name in centres}) is not None


def _corners(box: Box) -> list[complex]:
    left, top, right, bottom = box.x, box.y, box.x + box.w, box.y + box.h
    return [complex(left, top), complex(right, top), complex(right, bottom), complex(left, bottom)]


def _find_marks(
    grey: Grey,
    centres: Mapping[str, complex],
    sizes: Mapping[str, float],
    code_mm: Sequence[complex],
    code_px: Sequence[complex],
) -> list[_Mark]:
    """Marks in the order of their distance from the code, each found narrowing where the next one is sought."""
    middle = sum(code_mm) / 4
    marks: list[_Mark] = []
    for name in sorted(centres, key=lambda one: abs(centres[one] - middle)):
        if len(marks) >= 2:
            turn, shift = _similar([m.mm for m in marks], [m.px for m in marks])
        else:
            turn, shift = _similar([*code_mm, *(m.mm for m in marks)], [*code_px, *(m.px for m in marks)])
        far = FIRST_SEARCH_MM + SEARCH_PER_MM * abs(centres[name] - middle)
        search = NEXT_SEARCH_MM if len(marks) >= 2 else far
        seen = _mark_near(grey, turn * centres[name] + shift, abs(turn), sizes[name], search)
        if seen is not None:
            marks.append(_Mark(name, centres[name], seen))
    return marks


def _blind(
    grey: Grey, dpi: float, centres: Mapping[str, complex], sizes: Mapping[str, float]
) -> Registration | None:
    """From the marks alone, as if the page lay straight; a page that lies across is taken as turned by 90°."""
    height, width = grey.shape
    scale = dpi / MM_PER_INCH
    turn, shift = (
        (complex(0, scale), complex(PAPER_MM[1] * scale, 0)) if width > height else (complex(scale), 0j)
    )
    marks = []
    for name, mm in centres.items():
        seen = _mark_near(grey, turn * mm + shift, scale, sizes[name], BLIND_SEARCH_MM)
        if seen is not None:
            marks.append(_Mark(name, mm, seen))
    return _best_warp(marks, dpi, None, None)


def _mark_near(grey: Grey, at: complex, scale: float, size_mm: float, search_mm: float) -> complex | None:
    """The middle of the black square nearest to `at`, to a fraction of a pixel; None if no square stands there."""
    reach = (search_mm + size_mm) * scale
    left, top = max(0, int(at.real - reach)), max(0, int(at.imag - reach))
    window = grey[top : max(0, int(at.imag + reach)), left : max(0, int(at.real + reach))]
    side = size_mm * scale
    if min(window.shape, default=0) < side:
        return None
    # 2nd try: a stroke or a stain that touches the mark is narrower than it, and wears off.
    limit = _ink_limit(window)
    if limit is None:
        return None
    ink = (window < limit).astype(np.uint8)
    wear = np.ones((max(3, int(side * 0.6)),) * 2, np.uint8)
    near = at - complex(left, top)
    seen = _square(ink, side, near) or _square(
        np.asarray(cv2.morphologyEx(ink, cv2.MORPH_OPEN, wear), dtype=np.uint8), side, near
    )
    return complex(left, top) + _centroid(window, seen, limit) if seen else None


def _ink_limit(window: Grey) -> float | None:
    """The grey between paper and ink of this corner; None where there is no contrast."""
    paper, ink = levels(window, 70, 1)
    return (paper + ink) / 2 if paper - ink > CONTRAST_MIN else None


def _square(mask: Grey, side: float, near: complex) -> tuple[int, int, int, int] | None:
    """The bounding box of the component that is a full square of about this side, nearest to a point."""
    _, _, stats, middles = cv2.connectedComponentsWithStats(mask, connectivity=4)
    x, y, w, h, area = (stats[1:, column].astype(np.float64) for column in range(5))
    height, width = mask.shape
    fits = (area >= _AREA_OFF[0] * side**2) & (area <= _AREA_OFF[1] * side**2) & (area >= _FULL_MIN * w * h)
    for length in (w, h):
        fits &= (length >= _SIDE_OFF[0] * side) & (length <= _SIDE_OFF[1] * side)
    # Cut by the window or by the edge of the page, its middle is not to be known.
    fits &= (x > 0) & (y > 0) & (x + w < width) & (y + h < height)
    found = np.flatnonzero(fits)
    if not len(found):
        return None
    off = np.hypot(middles[1:][found, 0] - near.real, middles[1:][found, 1] - near.imag)
    best = 1 + int(found[int(off.argmin())])
    return int(stats[best, 0]), int(stats[best, 1]), int(stats[best, 2]), int(stats[best, 3])


def _centroid(window: Grey, seen: tuple[int, int, int, int], limit: float) -> complex:
    """The middle of gravity of the ink, its grey border pixels counting by their share."""
    x, y, w, h = seen
    x0, y0 = max(0, x - 2), max(0, y - 2)
    part = window[y0 : y + h + 2, x0 : x + w + 2].astype(np.float64)
    weight = np.clip(2 * limit - part - limit * 0.6, 0, None)
    total = float(weight.sum())
    rows, columns = np.arange(part.shape[0]), np.arange(part.shape[1])
    return complex(
        x0 + float((weight.sum(axis=0) * columns).sum()) / total,
        y0 + float((weight.sum(axis=1) * rows).sum()) / total,
    )


def _similar(mm: Sequence[complex], px: Sequence[complex]) -> tuple[complex, complex]:
    """The turn-and-scale and the shift that take `mm` to `px` best (least squares); a mirror image cannot come out."""
    a, b = np.array(mm), np.array(px)
    a_off, b_off = a - a.mean(), b - b.mean()
    turn = complex(np.vdot(a_off, b_off) / np.vdot(a_off, a_off))
    return turn, complex(b.mean() - turn * a.mean())


def _matrix_of(similar: tuple[complex, complex]) -> Floats:
    turn, shift = similar
    return np.array(
        [[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag], [0.0, 0.0, 1.0]]
    )


def _best_warp(
    marks: Sequence[_Mark], dpi: float, code_mm: complex | None, code_px: complex | None
) -> Registration | None:
    """All four marks if they agree with each other and with the code; else the three that agree best."""
    if len(marks) == 4:
        warp, residual = _homography(marks)
        if residual <= RESIDUAL_MM_MAX and _sane(warp, dpi) and _code_off(warp, code_mm, code_px) <= 1:
            return _registration(warp, "four_marks", residual)
    choices = []
    for three in combinations(marks, 3):
        warp = _affine(three)
        if _sane(warp, dpi) and _code_off(warp, code_mm, code_px) <= 1:
            choices.append((_code_off(warp, code_mm, code_px) + _strangeness(warp), warp))
    if not choices:
        return None
    return _registration(min(choices, key=lambda choice: choice[0])[1], "three_marks", 0.0)


def _code_off(warp: Floats, code_mm: complex | None, code_px: complex | None) -> float:
    """How far the warp puts the code from where it was seen, as a share of what is allowed; 0 without a code."""
    if code_mm is None or code_px is None:
        return 0.0
    x, y, z = warp @ np.array([code_mm.real, code_mm.imag, 1.0])
    scale = float(np.hypot(warp[0, 0], warp[1, 0]))
    return abs(complex(x / z, y / z) - code_px) / scale / CODE_OFF_MM_MAX


def _affine(marks: Sequence[_Mark]) -> Floats:
    a = np.array([[m.mm.real, m.mm.imag, 1.0] for m in marks])
    b = np.array([[m.px.real, m.px.imag] for m in marks])
    return np.vstack([np.linalg.lstsq(a, b, rcond=None)[0].T, [0.0, 0.0, 1.0]])


def _homography(marks: Sequence[_Mark]) -> tuple[Floats, float]:
    """The map through four marks, and how far (mm, worst) they are from one affine map."""
    affine = _affine(marks)
    scale = float(np.hypot(affine[0, 0], affine[1, 0]))
    off = [abs(complex(*(affine @ np.array([m.mm.real, m.mm.imag, 1.0]))[:2]) - m.px) / scale for m in marks]
    mm = np.array([[m.mm.real, m.mm.imag] for m in marks], dtype=np.float32)
    px = np.array([[m.px.real, m.px.imag] for m in marks], dtype=np.float32)
    return np.asarray(cv2.getPerspectiveTransform(mm, px), dtype=np.float64), max(off)


def _sane(warp: Floats, dpi: float) -> bool:
    """Scale near the dpi, both directions alike, a right angle between them, the page about upright or at a quarter turn."""
    expected = dpi / MM_PER_INCH
    across, down = complex(warp[0, 0], warp[1, 0]), complex(warp[0, 1], warp[1, 1])
    if min(abs(across), abs(down)) == 0 or abs(warp[2, 0]) > 1e-3 or abs(warp[2, 1]) > 1e-3:
        return False
    angle = float(np.degrees(np.angle(down / across)))
    return (
        abs(abs(across) / expected - 1) <= SCALE_OFF_MAX
        and abs(abs(down) / expected - 1) <= SCALE_OFF_MAX
        and abs(abs(across) / abs(down) - 1) <= STRETCH_MAX
        and abs(angle - 90) <= SHEAR_DEGREES_MAX
        and abs(_turn_and_skew(warp)[1]) <= SKEW_DEGREES_MAX
    )


def _strangeness(warp: Floats) -> float:
    """How far from a plain turned page an affine map is: chooses between sets of three marks."""
    across, down = complex(warp[0, 0], warp[1, 0]), complex(warp[0, 1], warp[1, 1])
    return abs(down / across - 1j) * 20


def _turn_and_skew(warp: Floats) -> tuple[int, float]:
    angle = float(np.degrees(np.arctan2(warp[1, 0], warp[0, 0])))
    quarter = round(angle / 90) * 90
    return quarter % 360, angle - quarter


def _registration(warp: Floats, by: str, residual: float) -> Registration:
    turned, skew = _turn_and_skew(warp)
    return Registration(
        tuple(float(value) for value in warp.ravel()), by, turned, round(skew, 3), round(residual, 3)
    )
