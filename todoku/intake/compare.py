"""Pure. Two keyings of one account and its papers are compared: the same digits and kana, however they were typed.

Gives the fields that differ. Full and half width, hyphens, blanks and leading zeros of a number are no difference.
"""

import unicodedata
from collections.abc import Mapping

from todoku.formats.kana import KanaRefused, bank_kana
from todoku.intake.forms import plain_digits, plain_symbol
from todoku.intake.keyed_values import AGAIN, PAPERS, UNCLEAR

# Numbers are written at the right of their boxes: what is missing at the left are zeros.
_LENGTHS = {"account_number": 7, "yucho_number": 8}


def differences(first: Mapping[str, str], second: Mapping[str, str]) -> tuple[str, ...]:
    """Names of the fields keyed twice in which the two do not agree, in the order of the paper."""
    return tuple(
        name for name in AGAIN if _plain(name, first.get(name, "")) != _plain(name, second.get(name, ""))
    )


def _plain(name: str, typed: str) -> str:
    if name == "holder_kana":
        return _kana(typed)
    if name == "yucho_symbol":
        return plain_symbol(typed)
    if name in PAPERS:
        return typed.replace(UNCLEAR, "")
    digits = plain_digits(typed)
    if name == "kind":
        return digits or "1"
    return digits.zfill(_LENGTHS.get(name, 0)) if digits else ""


def _kana(typed: str) -> str:
    """As a bank writes it; what cannot be written so, letter by letter."""
    plain = unicodedata.normalize("NFKC", typed)
    try:
        written = bank_kana(plain)
    except KanaRefused:
        written = plain.upper()
    return "".join(written.split())
