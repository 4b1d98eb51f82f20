"""Pure. Bank and branch codes in, their names out; or a few typed letters in, candidates out.

Reads the list that the zengin-code package carries (金融機関・支店の一覧), each bank's branches when first
asked. It is the state of one day: what was there before or is announced is told by bank_changes.py.
"""

import json
import unicodedata
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple, TypeVar

from todoku.formats.kana import BANK_NAME, bank_kana

YUCHO = "9900"
CANDIDATES_MAX = 20  # more than a phone screen of choices helps nobody choose


class Bank(NamedTuple):
    """A bank (金融機関): 4-digit code, Japanese name, half-width kana of at most 15 bytes."""

    code: str
    name: str
    kana: str


class Branch(NamedTuple):
    """A branch (支店): its bank's code, 3-digit code, Japanese name, half-width kana of at most 15 bytes."""

    bank_code: str
    code: str
    name: str
    kana: str


@lru_cache(maxsize=1)
def folder() -> Path:
    # The package loads all 1,146 files when imported; its data folder is read here file by file instead.
    spec = find_spec("zengin_code")
    assert spec is not None and spec.submodule_search_locations, "zengin-code is a declared dependency"
    return Path(spec.submodule_search_locations[0]) / "source-data" / "data"


@lru_cache(maxsize=1)
def issued_on() -> str:
    """The day of the list as yyyymmdd, to be shown where a code is not found."""
    return (folder() / "updated_at").read_text("utf-8").strip()


@lru_cache(maxsize=1)
def _banks() -> dict[str, Bank]:
    listed = json.loads((folder() / "banks.json").read_text("utf-8"))
    return {code: Bank(code, row["name"], _field_kana(row["kana"])) for code, row in sorted(listed.items())}


@cache
def _branches(bank_code: str) -> dict[str, Branch]:
    if bank_code not in _banks():
        return {}
    listed = json.loads((folder() / "branches" / f"{bank_code}.json").read_text("utf-8"))
    return {
        code: Branch(bank_code, code, row["name"], _field_kana(row["kana"]))
        for code, row in sorted(listed.items())
    }


def _field_kana(kana: str) -> str:
    # A few foreign banks hold a full stop, which the bank-name class of the bank file does not have.
    half = bank_kana(kana.replace("．", " "), BANK_NAME)
    assert len(half) <= 15, f"a bank field holds 15 bytes: {half}"
    return half


def bank(code: str) -> Bank | None:
    """The bank of a 4-digit code, or None where the list has none."""
    return _banks().get(code)


def branch(bank_code: str, branch_code: str) -> Branch | None:
    """The branch of a 4-digit and a 3-digit code, or None where the list has none."""
    return _branches(bank_code).get(branch_code)


def find_banks(text: str) -> list[Bank]:
    """Banks for typed text: a code's first digits, the beginning of the reading, or a part of the name.

    Best match first, at most 20. 「銀行」「信用金庫」 and the like may be typed or left out.
    """
    return _found(text, _bank_keys())


def find_branches(bank_code: str, text: str) -> list[Branch]:
    """Branches of one bank for typed text; an empty text gives the first 20. 「支店」 may be left out."""
    return _found(text, _branch_keys(bank_code))


@lru_cache(maxsize=1)
def _bank_keys() -> tuple[tuple[Bank, str, str], ...]:
    return tuple((b, name_key(b.name), b.kana) for b in _banks().values())


@lru_cache(maxsize=64)
def _branch_keys(bank_code: str) -> tuple[tuple[Branch, str, str], ...]:
    return tuple((b, name_key(b.name), b.kana) for b in _branches(bank_code).values())


_Entry = TypeVar("_Entry", Bank, Branch)


def _found(text: str, keyed: tuple[tuple[_Entry, str, str], ...]) -> list[_Entry]:
    name, kana = name_key(text), _kana_key(text)
    ranked = []
    for entry, entry_name, entry_kana in keyed:
        rank = _rank(name, kana, entry.code, entry_name, entry_kana)
        if rank is not None:
            ranked.append((rank, len(entry_name), entry.code, entry))
    ranked.sort(key=lambda one: one[:3])
    return [one[3] for one in ranked[:CANDIDATES_MAX]]


def _rank(name: str, kana: str, code: str, entry_name: str, entry_kana: str) -> int | None:
    if name in (code, entry_name) or (kana and kana == entry_kana):
        return 0
    if entry_name.startswith(name) or code.startswith(name) or (kana and entry_kana.startswith(kana)):
        return 1
    return 2 if name in entry_name else None


# What people write in full, as the list writes it; what they may leave out altogether.
_SHORTER = (
    ("信用金庫", "信金"),
    ("信用組合", "信組"),
    ("労働金庫", "労金"),
    ("農業協同組合", "農協"),
    ("漁業協同組合", "漁協"),
)
_LEFT_OUT = ("銀行", "支店")


def name_key(text: str) -> str:
    """A name as it is compared: one width, without 銀行, 支店 and the like."""
    key = "".join(unicodedata.normalize("NFKC", text).upper().split())
    for written, listed in _SHORTER:
        key = key.replace(written, listed)
    key = key.removeprefix("JA")  # ＪＡ横浜 is listed as 横浜農協
    for ending in _LEFT_OUT:
        if key.endswith(ending) and key != ending:
            key = key.removesuffix(ending)
    return key


def _kana_key(text: str) -> str:
    """The reading as the list has it, or nothing where the text is not a reading."""
    try:
        half = bank_kana(text, BANK_NAME)
    except ValueError:
        return ""
    return half.removesuffix("ｷﾞﾝｺｳ").removesuffix("ｼﾃﾝ").rstrip()
