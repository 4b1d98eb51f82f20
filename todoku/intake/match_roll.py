"""Pure. Who on the roll somebody without a letter may be (名簿との照合): what was typed in, candidates with a score out.

Name by search key and by the tiers of the account holder's kana, birth date equal or by one slip, address by block and
number, telephone. Each part of the score is told. It decides nothing: a person confirms, always.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from todoku.formats.holder_name import tier
from todoku.formats.names import search_key
from todoku.formats.post_barcode import address_number
from todoku.formats.postal import split_address
from todoku.formats.wareki import ERAS

CANDIDATES_MAX = 5  # so many stand beside each other on a desk's screen
# Below this nothing but a shared town and a common surname speaks for somebody.
SCORE_MIN = 40

# Part → level → points of 100. What agrees in every part is 100.
POINTS: dict[str, dict[str, int]] = {
    "name": {"same": 40, "sound": 34, "order": 32, "cut": 30, "given": 18, "family": 15, "none": 0},
    "birth_date": {"same": 30, "digit": 20, "swapped": 20, "era": 20, "turned": 20, "year": 16, "unknown": 8, "none": 0},
    "address": {"same": 20, "number": 16, "town": 8, "none": 0},
    "phone": {"same": 10, "unknown": 0, "none": 0},
}  # fmt: skip
WORDS: dict[str, dict[str, str]] = {
    "name": {
        "same": "氏名が一致", "sound": "読みが同じ", "order": "姓名の順が違う", "cut": "長い名前の途中まで一致",
        "given": "名だけ一致", "family": "姓だけ一致", "none": "氏名が違う",
    },
    "birth_date": {
        "same": "生年月日が一致", "digit": "生年月日が1文字違い", "swapped": "生年月日の隣り合う数字が逆",
        "era": "元号の取り違え", "turned": "月と日が逆", "year": "月日は一致・年が違う",
        "unknown": "名簿に生年月日の記録なし", "none": "生年月日が違う",
    },
    "address": {"same": "住所が一致", "number": "番地まで一致", "town": "町まで一致", "none": "住所が違う"},
    "phone": {"same": "電話が一致", "unknown": "名簿に電話の記録なし", "none": "電話が違う"},
}  # fmt: skip
_BY_TIER = {
    "T0": "same",
    "T1": "same",
    "T4": "same",
    "T2": "sound",
    "T3": "order",
    "T5": "cut",
    "T6": "family",
}


class Typed(NamedTuple):
    """What a resident typed without a letter."""

    name: str
    kana: str
    birth_date: date
    postal_code: str
    address: str
    building: str = ""
    phone: str = ""


class OnRoll(NamedTuple):
    """A person of the roll, and the case in which that person counts (None: no case was opened)."""

    person: int
    case: int | None
    is_head: bool
    name: str
    kana: str
    latin_name: str
    alias: str
    alias_kana: str
    birth_date: date | None
    postal_code: str
    address: str
    building: str
    phone: str


class Part(NamedTuple):
    """One part of the score: which, how well it agrees, the points for it."""

    part: str
    level: str
    points: int


class Candidate(NamedTuple):
    """Somebody it may be. `exact`: name, birth date and address agree, and of nobody else."""

    person: int
    case: int | None
    is_head: bool
    score: int
    exact: bool
    parts: tuple[Part, ...]


def rank(typed: Typed, people: Iterable[OnRoll]) -> tuple[Candidate, ...]:
    """The best candidates, at most CANDIDATES_MAX, the best first; the same for the same people in any order."""
    scored = {(one.person, one.case): _candidate(typed, one) for one in people}
    found = [one for one in scored.values() if one.score >= SCORE_MIN]
    exact = {one.person for one in found if one.exact}
    if len(exact) > 1:
        found = [one._replace(exact=False) for one in found]
    found.sort(key=lambda one: (-one.score, not one.is_head, one.case is None, one.person, one.case or 0))
    return tuple(found[:CANDIDATES_MAX])


def _candidate(typed: Typed, one: OnRoll) -> Candidate:
    levels = (
        ("name", name_level(typed, one)),
        ("birth_date", birth_level(typed.birth_date, one.birth_date)),
        ("address", address_level(typed, one)),
        ("phone", phone_level(typed.phone, one.phone)),
    )
    parts = tuple(Part(part, level, POINTS[part][level]) for part, level in levels)
    exact = all(part.level == "same" for part in parts[:3])
    return Candidate(one.person, one.case, one.is_head, sum(part.points for part in parts), exact, parts)


def name_level(typed: Typed, one: OnRoll) -> str:
    """How well the name agrees: in writing by search key, else in kana by tier, else by a word of it alone."""
    written = {search_key(name) for name in (one.name, one.alias, one.latin_name) if name}
    if search_key(typed.name) in written:
        return "same"
    known = tuple(name for name in (one.kana, one.alias_kana, one.latin_name) if name)
    by_kana = _BY_TIER.get(tier(typed.kana, known).code, "none") if known else "none"
    if by_kana not in ("family", "none"):
        return by_kana
    if _shared(typed, one, last=True):
        return "given"  # another surname since, as after a marriage
    return "family" if by_kana == "family" or _shared(typed, one, last=False) else "none"


def _shared(typed: Typed, one: OnRoll, *, last: bool) -> bool:
    """Whether the last (given name) or first (surname) word is the same in kana or in writing."""
    place = -1 if last else 0
    pairs = ((typed.kana, one.kana), (typed.kana, one.alias_kana), (typed.name, one.name))
    for mine, theirs in pairs:
        own, other = _words(mine), _words(theirs)
        if len(own) > 1 and len(other) > 1 and own[place] == other[place]:
            return True
    return False


@lru_cache(maxsize=4096)
def _words(name: str) -> tuple[str, ...]:
    return tuple(search_key(word) for word in unicodedata.normalize("NFKC", name).split())


def birth_level(typed: date, known: date | None) -> str:
    """How well the birth date agrees: the same, by one slip of the hand or of the era, the day alone, or not."""
    if known is None:
        return "unknown"
    if typed == known:
        return "same"
    if (typed.year, typed.month, typed.day) == (known.year, known.day, known.month):
        return "turned"
    if known in era_slips(typed):
        return "era"
    mine, theirs = f"{typed:%Y%m%d}", f"{known:%Y%m%d}"
    places = [at for at, (a, b) in enumerate(zip(mine, theirs, strict=True)) if a != b]
    if len(places) == 1:
        return "digit"
    if len(places) == 2:
        a, b = places
        if b - a == 1 and mine[a] + mine[b] == theirs[b] + theirs[a]:
            return "swapped"
    return "year" if (typed.month, typed.day) == (known.month, known.day) else "none"


def era_slips(typed: date) -> frozenset[date]:
    """The same year number, month and day in the other eras: 昭和5年 written as 平成5年."""
    firsts = [era.begins.year for era in ERAS]
    own = max((year for year in firsts if year <= typed.year), default=typed.year)
    number = typed.year - own
    return frozenset(found for year in firsts if year != own and (found := _day(typed, year + number)))


def slips(typed: date) -> frozenset[date]:
    """Every day that one slip makes of this one, to ask an index for; some sixty."""
    digits = f"{typed:%Y%m%d}"
    wrong = {digits[:at] + sign + digits[at + 1 :] for at in range(8) for sign in "0123456789"}
    wrong |= {digits[:a] + digits[b] + digits[a] + digits[b + 1 :] for a, b in pairwise(range(8))}
    wrong.add(digits[:4] + digits[6:] + digits[4:6])
    days = {day for text in wrong if (day := _of_digits(text)) is not None}
    return frozenset(days | era_slips(typed)) - {typed}


def _day(typed: date, year: int) -> date | None:
    return _of_digits(f"{year:04d}{typed:%m%d}")


def _of_digits(text: str) -> date | None:
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:])
    if not (1868 <= year <= 2100 and 1 <= month <= 12 and 1 <= day <= _LONGEST[month - 1]):
        return None
    if (month, day) == (2, 29) and (year % 4 or year % 100 == 0 and year % 400):
        return None
    return date(year, month, day)


_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def address_level(typed: Typed, one: OnRoll) -> str:
    """How well the address agrees: block, number and room; but for the room; the town; or not."""
    mine = address_key(typed.postal_code, typed.address, typed.building)
    theirs = address_key(one.postal_code, one.address, one.building)
    in_town = mine.postal_code == theirs.postal_code or _same_town(mine.town, theirs.town)
    if not in_town:
        return "none"
    if not mine.number or not theirs.number:
        return "same" if mine == theirs else "town"
    if mine.number == theirs.number:
        return "same"
    short, long = sorted((mine.number.split("-"), theirs.number.split("-")), key=len)
    return "number" if len(short) > 1 and long[: len(short)] == short else "town"


class AddressKey(NamedTuple):
    """An address to compare: postal code, the town's text, and digits as Japan Post's barcode takes them (3-30-8-403)."""

    postal_code: str
    town: str
    number: str


@lru_cache(maxsize=4096)
def address_key(postal_code: str, address: str, building: str) -> AddressKey:
    """The key of an address; 三丁目30番8号 and ３－３０－８ are the same number."""
    code = re.sub(r"\D", "", unicodedata.normalize("NFKC", postal_code))
    _, rest = split_address(code, address)
    number = address_number(f"{rest} {building}")
    return AddressKey(code, _TOWN.sub("", search_key(address)), number)


# From the first number on it is no longer the town.
_TOWN = re.compile("(?:[0-9]|[一二三四五六七八九十]+(?:丁目|番)).*")


def _same_town(mine: str, theirs: str) -> bool:
    """One may begin with prefecture and city, the other with the town."""
    short, long = sorted((mine, theirs), key=len)
    return len(short) > 1 and long.endswith(short)


def phone_level(typed: str, known: str) -> str:
    """Whether the telephone number is the same, in whichever way it is written."""
    mine, theirs = digits_of(typed), digits_of(known)
    if not mine or not theirs:
        return "unknown"
    return "same" if mine == theirs else "none"


def digits_of(text: str) -> str:
    """A telephone number by its digits, from within the country."""
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", text))
    return "0" + digits[2:] if digits.startswith("81") and len(digits) > 10 else digits
