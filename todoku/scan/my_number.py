"""Pure. Finds what may be a My Number (個人番号) in the picture of an attachment, so that it can be painted over.

The rule: 12 digits with the right check digit, in one piece or grouped; 12 digits printed 4-4-4 even with a wrong one,
since a misread digit must not leave the number open (then it is called doubtful, and a person looks at the paper); and
any QR that contains such a number (the card's back has one). Left alone: our 13-digit case numbers and 法人番号, also
grouped, and whatever the caller names in `ours` (accounts, phone numbers). A licence number has 12 digits too and may
be painted over by chance: nobody needs it. Text that lies across or upside down is read as well.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

import cv2
import numpy as np
import zxingcpp

from todoku.formats.codes import (
    case_number_valid,
    contains_my_number,
    corporate_number_valid,
    my_number_valid,
)
from todoku.scan.find_code import QR
from todoku.scan.ocr import Line
from todoku.scan.reading import MM_PER_INCH, Area, Grey

DigitReader = Callable[[Grey], Line]  # Recogniser.read

SEARCH_DPI = 150  # a digit of the card is 3 mm high: 18 pixels
LETTER_MM = (1.2, 8.0)  # height of a printed or handwritten digit
GAP_MM = 7.0  # between two digits of a row, the gaps of 4-4-4 and of cells included
ROW_MM_MIN = 13.0  # 12 digits of 1.2 mm
LETTERS_MIN = 7  # in a row: 12 digits, some of which touch
EVEN = 0.4  # how much the heights of a row's digits may differ
NARROW = 0.88  # width of a digit by its height; most kanji are wider
SURE_TEXT = 0.8  # a row read with this confidence is not read upside down besides
MARGIN_MM = 1.2  # painted beside the digits
NUMBER_DIGITS = 12
_SEPARATORS = re.compile(r"[\s\-‐‑–—―−ー・.]{1,3}")


class MyNumber(NamedTuple):
    """Where a number stands in the picture, and whether its check digit is right."""

    area: Area
    sure: bool


class _Row(NamedTuple):
    x: int
    y: int
    w: int
    h: int


def find_my_numbers(grey: Grey, dpi: float, read: DigitReader, ours: Collection[str] = ()) -> list[MyNumber]:
    """Every place to be painted over. `ours`: digits of numbers that are known and stay visible."""
    found = [MyNumber(area, True) for area in _codes_with_numbers(grey)]
    scale = min(1.0, SEARCH_DPI / dpi)
    small = grey
    if scale < 1:
        small = np.asarray(
            cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8
        )
    per_mm = dpi * scale / MM_PER_INCH
    margin = MARGIN_MM * dpi / MM_PER_INCH
    for turns in (0, 1):
        lying = np.ascontiguousarray(np.rot90(small, turns))
        for row in rows_of_digits(lying, per_mm):
            for area, sure in _numbers_in(lying, row, read, ours):
                back = _turned_back(area, turns, lying.shape)
                found.append(MyNumber(_enlarged(back, 1 / scale, margin, grey.shape), sure))
    return found


def numbers_in_text(text: str, ours: Collection[str] = ()) -> list[tuple[int, int, bool]]:
    """The rule on a recognised line: first and last character of each number, and whether its check digit is right."""
    plain = "".join(unicodedata.normalize("NFKC", letter)[:1] or " " for letter in text)
    found: list[tuple[int, int, bool]] = []
    for groups in _digit_groups(plain):
        digits = "".join(plain[a:b] for a, b in groups)
        if digits in ours or (
            len(digits) == 13 and (case_number_valid(digits) or corporate_number_valid(digits))
        ):
            continue
        found += _in_groups(plain, groups)
    return found


def _digit_groups(plain: str) -> Iterator[list[tuple[int, int]]]:
    """Runs of digits that only separators part, as lists of (start, end)."""
    groups: list[tuple[int, int]] = []
    for run in re.finditer(r"[0-9]+", plain):
        if groups and not _SEPARATORS.fullmatch(plain[groups[-1][1] : run.start()]):
            yield groups
            groups = []
        groups.append(run.span())
    if groups:
        yield groups


def _in_groups(plain: str, groups: list[tuple[int, int]]) -> Iterator[tuple[int, int, bool]]:
    sizes = [b - a for a, b in groups]
    if len(sizes) > 3 and set(sizes) == {4}:
        return  # 4-4-4-4 is the number of a payment card
    for first in range(len(groups)):
        for last in range(first, len(groups)):
            if sum(sizes[first : last + 1]) != NUMBER_DIGITS:
                continue
            valid = my_number_valid("".join(plain[a:b] for a, b in groups[first : last + 1]))
            if valid or (sizes == [4, 4, 4]):
                yield groups[first][0], groups[last][1] - 1, valid
    for a, b in groups:
        for start in range(a, b - NUMBER_DIGITS + 1) if b - a > NUMBER_DIGITS else ():
            if my_number_valid(plain[start : start + NUMBER_DIGITS]):
                yield start, start + NUMBER_DIGITS - 1, True


def _codes_with_numbers(grey: Grey) -> Iterator[Area]:
    for seen in zxingcpp.read_barcodes(np.ascontiguousarray(grey), QR, try_invert=False):
        if contains_my_number(seen.text) and not case_number_valid(seen.text[:13]):
            at = seen.position
            xs = [at.top_left.x, at.top_right.x, at.bottom_left.x, at.bottom_right.x]
            ys = [at.top_left.y, at.top_right.y, at.bottom_left.y, at.bottom_right.y]
            left, top = max(0, min(xs)), max(0, min(ys))
            yield Area(left, top, max(xs) - left, max(ys) - top)


def rows_of_digits(grey: Grey, per_mm: float) -> list[_Row]:
    """Rows in which at least seven pieces of ink of a digit's size and of like height stand side by side."""
    block = int(6 * per_mm) | 1  # wider than any stroke; a card's coloured ground is evened out
    ink = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, block, 18)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    widths, heights = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    low, high = (value * per_mm for value in LETTER_MM)
    like = (heights >= low) & (heights <= high) & (widths <= high * 1.5) & (widths >= 0.1 * per_mm)
    like[0] = False
    letters = like[labels].astype(np.uint8)
    reach = max(3, int(GAP_MM * per_mm))
    joined = cv2.morphologyEx(letters, cv2.MORPH_CLOSE, np.ones((1, reach), np.uint8))
    count, row_of, boxes, _ = cv2.connectedComponentsWithStats(
        np.asarray(joined, dtype=np.uint8), connectivity=8
    )
    members: dict[int, list[int]] = {}  # heights of what is as narrow as a digit, by row
    for i in np.flatnonzero(like & (widths <= NARROW * heights)):
        x, y, w, h = (int(value) for value in stats[i][:4])
        inside = row_of[y : y + h, x : x + w][labels[y : y + h, x : x + w] == i]
        members.setdefault(int(inside[0]), []).append(int(h))
    rows = []
    for number in range(1, count):
        x, y, w, h = (int(value) for value in boxes[number][:4])
        tall = members.get(number, [])
        middle = float(np.median(tall)) if tall else 0.0
        even = sum(abs(height - middle) <= EVEN * middle for height in tall)
        if w >= ROW_MM_MIN * per_mm and even >= LETTERS_MIN and h <= 3 * high:
            rows.append(_Row(x, y, w, h))
    return rows


def _numbers_in(
    grey: Grey, row: _Row, read: DigitReader, ours: Collection[str]
) -> Iterator[tuple[Area, bool]]:
    """Read a row upright and upside down."""
    room = max(2, row.h // 6)
    top, left = max(0, row.y - room), max(0, row.x - room)
    part = grey[top : row.y + row.h + room, left : row.x + row.w + room]
    for upside_down in (False, True):
        line = read(np.ascontiguousarray(part[::-1, ::-1]) if upside_down else np.ascontiguousarray(part))
        readable = line.confidence >= SURE_TEXT and len(line.text) >= LETTERS_MIN
        for first, last, sure in numbers_in_text(line.text, ours):
            a, b = line.places[first], line.places[last]
            if upside_down:
                a, b = 1 - b, 1 - a
            half = 0.6 * part.shape[0] / part.shape[1]  # a place is the middle of its character
            x0, x1 = max(0.0, a - half), min(1.0, b + half)
            width = part.shape[1]
            yield Area(left + int(x0 * width), top, int((x1 - x0) * width), part.shape[0]), sure
        if readable:
            return


def _turned_back(area: Area, turns: int, lying: tuple[int, ...]) -> Area:
    """From a picture that np.rot90 turned `turns` times (0 or 1) to the one before."""
    if turns == 0:
        return area
    # rot90 once: (x, y) of the turned picture was (W − 1 − y, x), W = the turned picture's height.
    return Area(lying[0] - area.y - area.h, area.x, area.h, area.w)


def _enlarged(area: Area, factor: float, margin: float, shape: tuple[int, ...]) -> Area:
    left, top = max(0, int(area.x * factor - margin)), max(0, int(area.y * factor - margin))
    right = min(shape[1], int((area.x + area.w) * factor + margin))
    bottom = min(shape[0], int((area.y + area.h) * factor + margin))
    return Area(left, top, max(0, right - left), max(0, bottom - top))
