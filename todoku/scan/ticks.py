"""Pure. A tick box is judged: marked, empty, or unsure (a person looks).

Takes the registered page and the box; finds the printed frame again within a millimetre, takes it away and weighs the
ink inside. A stroke may leave the box; ink only beside it, a struck-through box and a faint trace are never decided.
"""

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from todoku.scan.crop import Matrix, patch
from todoku.scan.levels import levels
from todoku.scan.reading import Grey, Tick
from todoku.sheets.form_layout import Box

SCALE = 8.0  # pixels a millimetre: what 200 dpi has
AROUND_MM = 2.6
FRAME_MM = 0.42  # the stroke of the printed frame (1.2 pt), half of it inside the box
INSIDE_MM = 0.6  # how far from the frame's middle ink counts: half the stroke, blur, and a rest of misfit
BESIDE_MM = (0.7, 1.3)  # outside: a leaving stroke shows there, the label begins at 1.4 mm
SHIFT_MM = 1.0  # how far the frame may lie from where the registration puts it
FRAME_SEEN_MIN = 0.55  # share of the frame that must be dark; below, this is not the box
CONTRAST_MIN = 50
INK_LEVEL = 0.32  # of the way from paper to the frame's black: a pencil is half as dark as print
# Areas in mm²; tests/scan/test_ticks.py draws what they part: specks of 0.3 mm, pencil strokes of 0.3 × 4 mm.
SPECK = 0.12
EMPTY_MAX = 0.22
MARKED_MIN = 0.75
BESIDE_MIN = 0.35
FILLED_SHARE = 0.75

Mask = NDArray[np.bool_]


class _Fit(NamedTuple):
    """Where the frame was found in the patch: left, top and side in pixels; how much of it is dark."""

    left: int
    top: int
    side: int
    seen: float


def judge(grey: Grey, matrix: Matrix, box: Box) -> Tick:
    """The state of one tick box."""
    part = patch(
        grey,
        matrix,
        box.x - AROUND_MM,
        box.y - AROUND_MM,
        box.w + 2 * AROUND_MM,
        box.h + 2 * AROUND_MM,
        SCALE,
    )
    calm = np.asarray(cv2.medianBlur(part, 3), dtype=np.uint8)
    paper, black = levels(calm, 75, 3)
    if paper - black < CONTRAST_MIN:
        return Tick("unsure", 0.0, "faint")
    ink = calm < paper - INK_LEVEL * (paper - black)
    fit = _frame(ink, box.w)
    if fit.seen < FRAME_SEEN_MIN:
        return Tick("unsure", 0.0, "no_frame")
    return _weigh(ink, fit)


def _frame(ink: Mask, side_mm: float) -> _Fit:
    """The place where a frame of this size covers most ink."""
    side, stroke = round(side_mm * SCALE), max(2, round(FRAME_MM * SCALE * 0.7))
    size = side + stroke
    ring = np.ones((size, size), np.float32)
    ring[stroke:-stroke, stroke:-stroke] = 0
    from_edge = round((AROUND_MM - SHIFT_MM - FRAME_MM / 2) * SCALE)
    room = ink[from_edge : ink.shape[0] - from_edge, from_edge : ink.shape[1] - from_edge].astype(np.float32)
    fits = np.asarray(cv2.matchTemplate(room, ring, cv2.TM_CCORR), dtype=np.float32) / float(ring.sum())
    _, seen, _, at = cv2.minMaxLoc(fits)
    half = stroke // 2
    return _Fit(from_edge + at[0] + half, from_edge + at[1] + half, side, float(seen))


def _weigh(ink: Mask, fit: _Fit) -> Tick:
    inset = round(INSIDE_MM * SCALE)
    top, left, end = fit.top + inset, fit.left + inset, fit.side - 2 * inset
    inner = without_specks(ink[top : top + end, left : left + end], SPECK * SCALE**2)
    inside_mm2, share = float(inner.sum()) / SCALE**2, float(inner.mean())
    beside_mm2, both_sides = _beside(ink, fit, inner, inset)
    if share >= FILLED_SHARE:
        return Tick("marked", share, "filled")
    if both_sides:
        return Tick("unsure", share, "struck")
    if inside_mm2 >= MARKED_MIN:
        return Tick("marked", share)
    if beside_mm2 >= BESIDE_MIN:
        return Tick("unsure", share, "beside")
    if inside_mm2 <= EMPTY_MAX:
        return Tick("empty", share)
    return Tick("unsure", share, "trace")


def without_specks(ink: NDArray[Any], pixels_min: float) -> Mask:
    """Ink but for components of fewer pixels: dirt of paper or scanner."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    large = stats[:, cv2.CC_STAT_AREA] >= pixels_min
    large[0] = False
    return np.asarray(large[labels], dtype=np.bool_)


def _beside(ink: Mask, fit: _Fit, inner: Mask, inset: int) -> tuple[float, bool]:
    """Ink around the frame in mm², and whether a line runs through the box from one side to the other (二重線)."""
    near, far = (round(value * SCALE) for value in BESIDE_MM)
    x0, y0, x1, y1 = fit.left, fit.top, fit.left + fit.side, fit.top + fit.side
    band = ink[max(0, y0 - far) : y1 + far, max(0, x0 - far) : x1 + far].copy()
    gap = far - near
    band[gap : band.shape[0] - gap, gap : band.shape[1] - gap] = False
    area = float(without_specks(band, SPECK * SCALE**2).sum()) / SCALE**2
    rows = np.asarray(inner.mean(axis=1) >= 0.92, dtype=np.bool_)
    if not rows.any():
        return area, False
    height = slice(y0 + inset, y0 + inset + len(rows))
    west = np.any(ink[height, max(0, x0 - far) : x0 - near], axis=1)
    east = np.any(ink[height, x1 + near : x1 + far], axis=1)
    return area, bool((rows & _widened(west) & _widened(east)).any())


def _widened(rows: Mask) -> Mask:
    """A line that is not quite level leaves the box some rows higher or lower."""
    return np.convolve(rows, np.ones(5), "same") > 0
