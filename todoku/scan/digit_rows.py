"""Pure. Rows of shapes that may be the digits of a My Number: found by size and place alone, before anything is read.

Takes a picture that lies upright or on its side as it is; leaves boxes. A line drawn through digits is taken away first, so that
they come apart again; a piece of ink as long as a number that could not be parted is given out as well. Reads nothing.
"""

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from todoku.scan.reading import Grey

LETTER_MM = (1.2, 8.0)  # height of a printed or handwritten digit
GAP_MM = 7.0  # between two digits of a row, the gaps of 4-4-4 and of cells included
STAMP_MM = 15.0  # a seal pressed over some of the digits leaves this gap
ROW_MM_MIN = 13.0  # 12 digits of 1.2 mm
NARROW = 0.88  # width of a digit by its height; most kanji are wider
# How unlike in height and place two neighbours may be, by their height: in print; by hand, where more of them are needed.
PRINT, HAND = 0.16, 0.34
PRINT_MIN, HAND_MIN = 7, 9  # digits of 12: the others touch
STAMPED_MIN = 5  # where the others lie below a seal
OTHERS_MAX = 3  # of a digit's height between them, until there are nearly twelve
NEARLY_ALL = 10
STAMPS_MM = (5.0, 24.0)  # a seal's size
LINE_MM, LINE_THICK_MM = 5.0, 1.3  # a line through digits is longer and thinner than any stroke of theirs
# Of 255, darker than what is around: in the sharpened picture, and in a picture of much grain.
INK_BELOW, BLURRED_BELOW = 28, 18
GRAINS_MAX = 60  # pieces of ink in a square centimetre: more is the grain of an old sensor
CROSSINGS_MIN = 12  # strokes that a line across twelve joined digits meets


class DigitRow(NamedTuple):
    """A row: its box in pixels, the groups that its gaps make; whether it is one piece of ink; whether a line runs
    through it, or a seal lies on it.
    """

    x: int
    y: int
    w: int
    h: int
    groups: tuple[int, ...]
    joined: bool = False
    lined: bool = False
    stamped: bool = False


class _Pieces(NamedTuple):
    """Pieces of ink from left to right."""

    x: NDArray[np.int32]
    y: NDArray[np.int32]
    w: NDArray[np.int32]
    h: NDArray[np.int32]

    def only(self, which: NDArray[np.bool_]) -> "_Pieces":
        return _Pieces(*(values[which] for values in self))


def rows_of_digits(grey: Grey, per_mm: float) -> list[DigitRow]:
    """Every row once, however it was found."""
    ink, lines = without_lines(_ink(grey, per_mm), per_mm)
    every = _pieces(ink)
    if len(every.x) > GRAINS_MAX * grey.size / (10 * per_mm) ** 2:
        calm = np.asarray(cv2.GaussianBlur(grey, (0, 0), 1.2), dtype=np.uint8)
        ink, lines = without_lines(_ink(calm, per_mm, sharpened=False), per_mm)
        every = _pieces(ink)
    small, large = (value * per_mm for value in STAMPS_MM)
    stamps = every.only((np.minimum(every.w, every.h) >= small) & (np.maximum(every.w, every.h) <= large))
    found = (*_rows(every, stamps, per_mm), *_joined_rows(ink, every, per_mm))
    return [_lined(row, lines)._replace(stamped=_stamped(row, stamps)) for row in _once(list(found))]


def _stamped(row: DigitRow, stamps: _Pieces) -> bool:
    across = (stamps.x < row.x + row.w) & (stamps.x + stamps.w > row.x)
    return bool((across & (stamps.y < row.y + row.h) & (stamps.y + stamps.h > row.y)).any())


def _pieces(ink: Grey) -> _Pieces:
    stats = cv2.connectedComponentsWithStats(ink, connectivity=8)[2][1:]
    stats = stats[np.argsort(stats[:, cv2.CC_STAT_LEFT], kind="stable")]
    return _Pieces(*(np.asarray(stats[:, column], dtype=np.int32) for column in range(4)))


def _rows(every: _Pieces, stamps: _Pieces, per_mm: float) -> Iterator[DigitRow]:
    low, high = (value * per_mm for value in LETTER_MM)
    fits = (every.h >= low) & (every.h <= high) & (every.w >= 0.1 * per_mm) & (every.w <= 2 * high)
    letters = every.only(fits)
    digits = letters.only(letters.w <= NARROW * letters.h)
    for unlike, least in ((PRINT, PRINT_MIN), (HAND, HAND_MIN)):
        for chain in _chains(digits, unlike, per_mm):
            row = _row(digits, letters, chain, STAMPED_MIN, per_mm)
            if row is not None and (len(chain) >= least or _stamped(row, stamps)):
                yield row


def drawn_without_lines(grey: Grey, per_mm: float) -> Grey:
    """The picture in black and white, lines along the row taken away: for reading what was struck through."""
    ink, _ = without_lines(_ink(grey, per_mm), per_mm)
    return np.asarray(cv2.GaussianBlur(cv2.bitwise_not(ink), (3, 3), 0), dtype=np.uint8)


def _ink(grey: Grey, per_mm: float, *, sharpened: bool = True) -> Grey:
    """Sharpened, since digits of 2 mm run together in a scan."""
    sharp, below = grey, BLURRED_BELOW
    if sharpened:
        blurred = cv2.GaussianBlur(grey, (0, 0), 1.5)
        sharp, below = np.asarray(cv2.addWeighted(grey, 2.5, blurred, -1.5, 0), dtype=np.uint8), INK_BELOW
    block = int(6 * per_mm) | 1  # wider than any stroke; a card's coloured ground is evened out
    ink = cv2.adaptiveThreshold(sharp, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, block, below)
    return np.asarray(ink, dtype=np.uint8)


def without_lines(ink: Grey, per_mm: float) -> tuple[Grey, Grey | None]:
    """The ink without lines along the row, what a line parted joined again across it; and the lines, None without any."""
    long = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, int(LINE_MM * per_mm)), np.uint8))
    if not cv2.countNonZero(long):
        return ink, None
    thick = cv2.morphologyEx(long, cv2.MORPH_OPEN, np.ones((int(LINE_THICK_MM * per_mm) + 1, 1), np.uint8))
    lines = cv2.dilate(cv2.subtract(long, thick), np.ones((3, 1), np.uint8))
    clean = cv2.subtract(ink, lines)
    reach = np.ones(
        (2 * int(LINE_THICK_MM * per_mm) + 1, 1), np.uint8
    )  # what a stroke above or below reaches of the line
    kept = cv2.bitwise_or(clean, cv2.bitwise_and(cv2.dilate(clean, reach), lines))
    return np.asarray(kept, dtype=np.uint8), np.asarray(lines, dtype=np.uint8)


def _chains(digits: _Pieces, unlike: float, per_mm: float) -> Iterator[list[int]]:
    """Pieces that follow each other to the right, each the nearest that is like the one before."""
    follows: dict[int, int] = {}
    followed = set()
    for i in range(len(digits.x)):
        x, y, w, h = (int(values[i]) for values in digits)
        last = int(np.searchsorted(digits.x, x + w + int(STAMP_MM * per_mm)))
        near = slice(i + 1, last)
        allowed = unlike * h
        like = (
            (np.abs(digits.h[near] - h) <= allowed)
            & (np.abs(digits.y[near] - y) <= allowed)
            & (digits.x[near] >= x + w // 2)
        )
        found = np.flatnonzero(like)
        if len(found) and int(found[0]) + i + 1 not in followed:
            follows[i] = int(found[0]) + i + 1
            followed.add(follows[i])
    for first in follows.keys() - followed:
        chain = [first]
        while chain[-1] in follows:
            chain.append(follows[chain[-1]])
        yield from _parted(digits, chain, per_mm)


def _parted(digits: _Pieces, chain: list[int], per_mm: float) -> Iterator[list[int]]:
    """Cut where a gap is wider than digits of a number leave; one gap as wide as a stamp is let pass in a chain."""
    part, stamps = [chain[0]], 0
    for before, one in zip(chain, chain[1:], strict=False):
        gap = int(digits.x[one] - digits.x[before] - digits.w[before])
        wide = gap > GAP_MM * per_mm
        if wide and (stamps or len(part) >= 2 * PRINT_MIN):
            yield part
            part, stamps = [], 0
            wide = False
        part.append(one)
        stamps += wide
    yield part


def _row(digits: _Pieces, letters: _Pieces, chain: list[int], least: int, per_mm: float) -> DigitRow | None:
    """The row that a chain makes, or None if it cannot be twelve digits."""
    if len(chain) < least:
        return None
    x, y, w, h = (values[chain] for values in digits)
    left, right, top, bottom = int(x[0]), int((x + w).max()), int(y.min()), int((y + h).max())
    if right - left < ROW_MM_MIN * per_mm:
        return None
    middle = letters.y + letters.h / 2
    between = (letters.x > left) & (letters.x + letters.w < right) & (middle > top) & (middle < bottom)
    others = int((between & (letters.h >= 0.6 * float(np.median(h)))).sum()) - (len(chain) - 2)
    if others > (OTHERS_MAX if len(chain) < NEARLY_ALL else 2 * OTHERS_MAX):
        return None
    return DigitRow(left, top, right - left, bottom - top, _groups(x, w))


def _groups(x: NDArray[np.int32], w: NDArray[np.int32]) -> tuple[int, ...]:
    """How many digits stand together before each gap that is wider than the others."""
    pitch = np.diff(x + w / 2)
    wide = np.flatnonzero(pitch > 1.35 * float(np.median(pitch)))
    ends = [0, *(int(place) + 1 for place in wide), len(x)]
    return tuple(b - a for a, b in zip(ends, ends[1:], strict=False))


def _joined_rows(ink: Grey, every: _Pieces, per_mm: float) -> Iterator[DigitRow]:
    """Pieces as long as a number and as high as a line of writing, with as many strokes: digits that a line holds together."""
    low, high = (value * per_mm for value in LETTER_MM)
    long = (
        (every.w >= ROW_MM_MIN * per_mm)
        & (every.w <= 100 * per_mm)
        & (every.h >= low)
        & (every.h <= 1.5 * high)
    )
    for i in np.flatnonzero(long):
        x, y, w, h = (int(values[i]) for values in every)
        part = ink[y : y + h, x : x + w] > 0
        met = [int((np.diff(part[int(h * share)].astype(np.int8)) == 1).sum()) for share in (0.3, 0.5, 0.7)]
        if sorted(met)[1] >= CROSSINGS_MIN and float(part.mean()) < 0.6:
            yield DigitRow(x, y, w, h, (), True)


def _lined(row: DigitRow, lines: Grey | None) -> DigitRow:
    """Told whether a line runs through its middle for as long as three digits."""
    if lines is None:
        return row
    edge = row.h // 6
    inside = lines[row.y + edge : row.y + row.h - edge, row.x : row.x + row.w]
    return row._replace(lined=inside.size > 0 and int(np.count_nonzero(inside.any(axis=0))) > 2 * row.h)


def _once(rows: list[DigitRow]) -> list[DigitRow]:
    """Of rows that lie over each other the longest."""
    kept: list[DigitRow] = []
    for row in sorted(rows, key=lambda one: (-one.w, one.x, one.y)):
        middle = row.y + row.h / 2
        if not any(
            one.x <= row.x and row.x + row.w <= one.x + one.w and one.y <= middle <= one.y + one.h
            for one in kept
        ):
            kept.append(row)
    return sorted(kept, key=lambda one: (one.y, one.x))
