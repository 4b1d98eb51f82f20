"""Pure. The 67 bars of a customer barcode in, the postal code and the characters of the address out.

カスタマバーコード, read by the table of Japan Post's manual. It shares nothing with what makes the bars
(`post_barcode`), so that one can be held against the other.
"""

from typing import NamedTuple

# The manual's table 3 in its order: digits, hyphen, control codes 1–8; a symbol's place is its value for the check digit.
_SHAPES = "144 114 132 312 123 141 321 213 231 411 414 324 342 234 432 243 423 441 111".split()
_VALUE = {shape: value for value, shape in enumerate(_SHAPES)}
_HYPHEN, _CC1, _CC3, _FILL = 10, 11, 13, 14  # _FILL: CC4, after the address's end
_START, _STOP = "13", "31"
BARS, POSTAL, ADDRESS = 67, 7, 13


class BarcodeSays(NamedTuple):
    """What a customer barcode says: 7 digits, and up to 13 symbols of the address as digits, hyphens and letters."""

    postal_code: str
    address: str


def read_bars(bars: str) -> BarcodeSays | None:
    """Read bars (1 long, 2 upper, 3 lower, 4 timing), or None where they are no whole barcode with a right check digit."""
    if len(bars) != BARS or not bars.startswith(_START) or not bars.endswith(_STOP):
        return None
    values = [_VALUE.get(bars[at : at + 3], -1) for at in range(2, BARS - 2, 3)]
    if min(values) < 0 or sum(values) % 19:
        return None
    postal, inner = values[:POSTAL], values[POSTAL : POSTAL + ADDRESS]
    if max(postal) > 9:
        return None
    while inner and inner[-1] == _FILL:
        inner.pop()
    address = _address(inner)
    return None if address is None else BarcodeSays("".join(map(str, postal)), address)


def cut_address(address: str) -> str:
    """An address as far as its symbols go into a barcode: a letter takes two, and half of one is written …"""
    cut, left = "", ADDRESS
    for letter in address:
        size = 2 if letter.isalpha() else 1
        if left < size:
            return cut + "…" * left
        cut, left = cut + letter, left - size
    return cut


def _address(values: list[int]) -> str | None:
    """Digits and hyphens as they are; a control code 1–3 and a digit are a letter, and alone at the end its first half."""
    read, rest = "", iter(values)
    for value in rest:
        if value < _HYPHEN:
            read += str(value)
        elif value == _HYPHEN:
            read += "-"
        elif _CC1 <= value <= _CC3:
            digit = next(rest, None)
            if digit is None:  # the letter's digit did not fit any more
                return read + "…"
            letter = (value - _CC1) * 10 + digit
            if digit > 9 or letter > 25:
                return None
            read += chr(ord("A") + letter)
        else:
            return None
    return read
