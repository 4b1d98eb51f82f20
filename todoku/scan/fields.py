"""Pure. What a registered page shows in its boxes: ticks, whether an entry field has ink, and pictures of the fields.

May be asked again later with other boxes and the kept picture (its picture_matrix): a run keeps its own boxes.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from todoku.scan.crop import Matrix, field_crop, patch
from todoku.scan.levels import paper_level
from todoku.scan.reading import MM_PER_INCH, Grey, SheetLayout, Tick
from todoku.scan.stray_ink import printed_bits
from todoku.scan.ticks import judge, without_specks
from todoku.sheets.form_layout import Box

SCALE, LARGE_SCALE = 6.0, 4.0  # pixels a millimetre: to see a stroke; to see that something is stuck on
FRAME_MM = 0.75  # how far from a frame or a line between cells ink counts
STROKE_MM2 = 0.45  # the least that counts as writing: a pencilled "1" has 1.2 mm²
STUCK_MM2 = 2.5  # the same in one part of a large field, where a printed letter may move from part to part
SPECK_MM2 = 0.15
INK_LEVEL = 0.3  # of the way from paper to the darkest of the page
INK_DIFFERENCE = 45  # of 255: less is a shadow or a stain
LARGE_MM = 20.0  # a field of this height is for things stuck on, and has printed words in its middle
PARTS = 5  # it is judged in 5 × 5 parts of nearly two square centimetres
# Ink of a part with printed words, as a multiple of those words: black and white at 150 dpi makes them twice as thick.
MORE_THAN_PRINTED, COVERED = 2.6, 0.35


class Fields(NamedTuple):
    """Ticks, inked fields and crops by name."""

    ticks: Mapping[str, Tick]
    inked: Mapping[str, bool]
    crops: Mapping[str, bytes]


def read_fields(grey: Grey, matrix: Matrix, layout: SheetLayout, *, crops: bool = True) -> Fields:
    """Judge every entry box of the page. Crops are made of the fields that have ink, and of none that is a tick box."""
    entries = [box for box in layout.boxes.values() if box.role == "entry"]
    ticks = {box.name: judge(grey, matrix, box) for box in entries if box.tick}
    paper = paper_level(grey)
    inked = {
        box.name: has_ink(ink_mm2(grey, matrix, box, paper), layout.printed_ink.get(box.name, ()))
        for box in entries
        if not box.tick
    }
    return Fields(ticks, inked, field_crops(grey, matrix, layout, inked) if crops else {})


def field_crops(
    shown: Grey, matrix: Matrix, layout: SheetLayout, inked: Mapping[str, bool]
) -> dict[str, bytes]:
    """Pictures of the fields that have ink. `shown`: the page as it may be shown, My Numbers painted over."""
    return {name: field_crop(shown, matrix, layout.boxes[name]) for name, has in inked.items() if has}


def has_ink(seen: Sequence[float], printed: Sequence[float]) -> bool:
    """Whether somebody wrote, stamped or stuck something into a field, part by part of it.

    A part that is empty in print must show a stroke; a part with printed words has much more ink, or they are covered.
    """
    least = STROKE_MM2 if len(seen) == 1 else STUCK_MM2
    for now, before in zip(seen, printed or [0.0] * len(seen), strict=True):
        if now >= before * MORE_THAN_PRINTED + least or now <= before * COVERED - least:
            return True
    return False


def ink_mm2(grey: Grey, matrix: Matrix, box: Box, paper: float) -> tuple[float, ...]:
    """The ink of a field in mm² without its frame, the lines between its cells and specks: by part if it is large.

    `paper`: the grey of the page's paper.
    """
    large = box.h > LARGE_MM
    scale, parts = (LARGE_SCALE, PARTS) if large else (SCALE, 1)
    inner = patch(
        grey, matrix, box.x + FRAME_MM, box.y + FRAME_MM, box.w - 2 * FRAME_MM, box.h - 2 * FRAME_MM, scale
    )
    least = SPECK_MM2 * scale**2
    ink = _dark(inner, paper, box, scale)
    if cv2.countNonZero(ink) < least:
        return (0.0,) * parts**2  # most fields of most forms
    calm = np.asarray(cv2.medianBlur(inner, 3), dtype=np.uint8)
    clean = without_specks(_dark(calm, paper, box, scale), least)
    share = np.asarray(cv2.resize(clean.astype(np.float32), (parts, parts), interpolation=cv2.INTER_AREA))
    return tuple((share * (inner.size / parts**2 / scale**2)).ravel().tolist())


def _dark(inner: Grey, paper: float, box: Box, scale: float) -> Grey:
    """1 where there is ink and no line between cells."""
    limit = paper - max(INK_DIFFERENCE, INK_LEVEL * paper)
    ink = np.asarray(cv2.threshold(inner, limit, 1, cv2.THRESH_BINARY_INV)[1], dtype=np.uint8)
    half = round(FRAME_MM / 2 * scale)
    for i in range(1, box.cells):
        line = round((box.w / box.cells * i - FRAME_MM) * scale)
        ink[:, line - half : line + half] = 0
    return ink


def sheet_layout(boxes: Mapping[str, Box], empty_page: Grey | None = None, dpi: float = 200) -> SheetLayout:
    """A layout with what its entry boxes show before anybody wrote: `empty_page` is the base page drawn at `dpi`."""
    if empty_page is None:
        return SheetLayout(boxes)
    scale = dpi / MM_PER_INCH
    matrix = (scale, 0.0, 0.0, 0.0, scale, 0.0, 0.0, 0.0, 1.0)
    return SheetLayout(
        boxes,
        {
            name: ink_mm2(empty_page, matrix, box, 255)
            for name, box in boxes.items()
            if box.role == "entry" and not box.tick
        },
        printed_bits(empty_page, dpi),
    )
