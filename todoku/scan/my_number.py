"""Pure. Finds what may be a My Number (個人番号) in the picture of a page, so that it can be painted over.

The rule: 12 digits with the right check digit, in one piece or grouped; 12 digits printed 4-4-4 even with a wrong one,
since a misread digit must not leave the number open (then it is called doubtful, and a person looks at the paper); shapes
of digits that a line or a stamp keeps from being read, where they stand 4-4-4 or beside the words 個人番号 (not read: a
person looks too); and any QR that contains such a number (the card's back has one). Left alone: our 13-digit case numbers
and 法人番号, also grouped, and whatever the caller names in `ours` (accounts, phone numbers). A licence number has 12 digits
too and may be painted over by chance: nobody needs it. Text that lies across or upside down is read as well.
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
from todoku.scan.digit_rows import DigitRow, drawn_without_lines, rows_of_digits
from todoku.scan.find_code import QR
from todoku.scan.ocr import Line
from todoku.scan.reading import MM_PER_INCH, Area, Grey

DigitReader = Callable[[Grey], Line]  # Recogniser.read

SEARCH_DPI = 150  # a digit of the card is 3 mm high: 18 pixels
LETTERS_MIN = 7  # in a line that was read: fewer do not tell which way up it is
SURE_TEXT = 0.8  # a row read with this confidence is not read upside down besides
CODE_MM = 8.0  # the smallest QR
MARGIN_MM = 1.2  # painted beside the digits
WORDS_MM = 45.0  # how far before the digits the words 個人番号 may stand
BESIDE = 2.2  # of its height a row is read to both sides: digits that touch are in no row
NUMBER_DIGITS = 12
SOME_DIGITS = range(10, 15)  # read of a number that was misread
_WORDS = re.compile("個人番|人番号|マイナン|イナンバ")
_BROKEN = re.compile(r"[0-9][^0-9\s\-‐‑–—―−ー・.,/年月日円番号)）]+[0-9]")
_SEPARATORS = re.compile(r"[\s\-‐‑–—―−ー・.]{1,3}")


class MyNumber(NamedTuple):
    """Where a number stands in the picture; whether its check digit is right; whether it could be read at all."""

    area: Area
    sure: bool
    read: bool = True


def find_my_numbers(grey: Grey, dpi: float, read: DigitReader, ours: Collection[str] = ()) -> list[MyNumber]:
    """Every place to be painted over. `ours`: digits of numbers that are known and stay visible."""
    found = []
    if min(grey.shape) >= CODE_MM * dpi / MM_PER_INCH:
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
            for one in _numbers_in(lying, row, per_mm, read, ours):
                back = _turned_back(one.area, turns, lying.shape)
                found.append(one._replace(area=_enlarged(back, 1 / scale, margin, grey.shape)))
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


_GROUPED = ([4, 4, 4], [4, 8], [8, 4])  # as printed, and with a gap that was not seen


def _in_groups(plain: str, groups: list[tuple[int, int]]) -> Iterator[tuple[int, int, bool]]:
    sizes = [b - a for a, b in groups]
    if len(sizes) > 3 and set(sizes) == {4}:
        return  # 4-4-4-4 is the number of a payment card
    for first in range(len(groups)):
        for last in range(first, len(groups)):
            if sum(sizes[first : last + 1]) != NUMBER_DIGITS:
                continue
            valid = my_number_valid("".join(plain[a:b] for a, b in groups[first : last + 1]))
            if valid or sizes[first : last + 1] in _GROUPED:
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


def _numbers_in(
    grey: Grey, row: DigitRow, per_mm: float, read: DigitReader, ours: Collection[str]
) -> Iterator[MyNumber]:
    """Read a row upright and upside down; where a line runs through it, without the line as well."""
    box = _around(row, grey.shape)
    part = np.ascontiguousarray(grey[box.y : box.y + box.h, box.x : box.x + box.w])
    pictures = [part, drawn_without_lines(part, per_mm)] if row.lined or row.joined else [part]
    lines: list[tuple[Line, bool]] = []
    for picture in pictures:
        for upside_down in (False, True):
            line = read(np.ascontiguousarray(picture[::-1, ::-1]) if upside_down else picture)
            lines.append((line, upside_down))
            spots = numbers_in_text(line.text, ours)
            yield from (_spot(box, line, spot, upside_down) for spot in spots)
            if spots:
                return
            if line.confidence >= SURE_TEXT and len(line.text) >= LETTERS_MIN:
                break
    line, upside_down = max(lines, key=lambda one: one[0].confidence)
    if _hides_a_number(row, line, ours) or (
        _may_be_one(row, line, ours) and _beside_the_words(grey, row, per_mm, read, upside_down)
    ):
        yield MyNumber(_with_what_is_missing(box, row, grey.shape), False, False)


def _around(row: DigitRow, shape: tuple[int, ...]) -> Area:
    """What is read of a row, and painted over where that does not succeed."""
    room, beside = max(2, row.h // 6), int(BESIDE * min(row.h, row.w / 8))
    top, left = max(0, row.y - room), max(0, row.x - beside)
    right, bottom = min(shape[1], row.x + row.w + beside), min(shape[0], row.y + row.h + room)
    return Area(left, top, right - left, bottom - top)


def _with_what_is_missing(box: Area, row: DigitRow, shape: tuple[int, ...]) -> Area:
    """To both sides as far as the digits would reach that are not in the row."""
    seen = max(1, sum(row.groups))
    more = 0 if row.joined else max(0, NUMBER_DIGITS - seen) * row.w // seen
    left, right = max(0, box.x - more), min(shape[1], box.x + box.w + more)
    return box._replace(x=left, w=right - left)


def _spot(box: Area, line: Line, spot: tuple[int, int, bool], upside_down: bool) -> MyNumber:
    """The place of a number in a line that was read; a place of a character is its middle."""
    first, last, sure = spot
    a, b = line.places[first], line.places[last]
    if upside_down:
        a, b = 1 - b, 1 - a
    half = 0.6 * box.h / box.w
    x0, x1 = max(0.0, a - half), min(1.0, b + half)
    return MyNumber(Area(box.x + int(x0 * box.w), box.y, int((x1 - x0) * box.w), box.h), sure)


def _hides_a_number(row: DigitRow, line: Line, ours: Collection[str]) -> bool:
    """By its groups alone, read or drawn: nearly 4-4-4, and no other number that is known."""
    plain = unicodedata.normalize("NFKC", line.text)
    if _other_number(plain, ours):
        return False
    sizes = [b - a for groups in _digit_groups(plain) for a, b in groups]
    if _nearly_grouped(tuple(sizes)) and len(sizes) == 3:
        return True
    unsure = line.confidence < SURE_TEXT or sum(sizes) in SOME_DIGITS
    return unsure and _nearly_grouped(row.groups)


def _nearly_grouped(sizes: tuple[int, ...]) -> bool:
    """4-4-4 of which one group lost some of its digits, or gained one."""
    return (
        len(sizes) == 3 and max(sizes) <= 5 and 9 <= sum(sizes) <= 13 and sizes.count(4) >= 2 and sizes[2] < 5
    )


def _may_be_one(row: DigitRow, line: Line, ours: Collection[str]) -> bool:
    """Whether it is worth while to look for the words beside it."""
    digits = sum(letter.isdecimal() for letter in line.text)
    if _other_number(unicodedata.normalize("NFKC", line.text), ours):
        return False
    broken = digits >= 4 and (line.confidence < SURE_TEXT or _BROKEN.search(line.text) is not None)
    return row.lined or row.joined or row.stamped or digits in SOME_DIGITS or broken


def _other_number(plain: str, ours: Collection[str]) -> bool:
    """A telephone number, one of our numbers or a 法人番号, however it is grouped."""
    digits = "".join(letter for letter in plain if letter in "0123456789")
    if digits in ours or (digits[:1] == "0" and len(digits) in (10, 11)):
        return True
    return len(digits) in (13, 17) and (case_number_valid(digits[:13]) or corporate_number_valid(digits))


def _beside_the_words(grey: Grey, row: DigitRow, per_mm: float, read: DigitReader, upside_down: bool) -> bool:
    """Whether 個人番号 or マイナンバー stands in the row or before it, or in the line above."""
    far, room = int(WORDS_MM * per_mm), row.h // 2
    before = (row.x, row.x + row.w + far) if upside_down else (row.x - far, row.x + row.w)
    above = (row.y + row.h, row.y + 3 * row.h) if upside_down else (row.y - 2 * row.h, row.y)
    for (left, right), (top, bottom) in (
        (before, (row.y - room, row.y + row.h + room)),
        ((row.x, row.x + row.w), above),
    ):
        part = grey[max(0, top) : bottom, max(0, left) : right]
        if min(part.shape) < row.h:
            continue
        if _WORDS.search(read(np.ascontiguousarray(part[::-1, ::-1] if upside_down else part)).text):
            return True
    return False


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
