"""Pure. Cells of a roll in, values of a RollRow out, each converter by its name.

A converter takes the cells of its headings and gives its fields' values and the kinds of problem it met. Answers
are kept (Kept) where cells return often: a roll repeats its dates and codes a thousand times.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Any

from todoku.formats import postal, wareki
from todoku.formats import roll_layouts as layouts
from todoku.formats.roll_layouts import Kind

Converted = tuple[tuple[Any, ...], tuple[Kind, ...]]
Converter = Callable[[tuple[str, ...]], Converted]

_SHORT = re.compile("[0-9A-Za-z]+")


KEPT_MAX = 200_000  # more days than a century has, more codes than any roll uses


class Kept(dict[Any, Converted]):
    """A converter's answers by its cell (or tuple of cells), at most `size`, each worked out once."""

    def __init__(self, convert: Converter, size: int) -> None:
        super().__init__()
        self._convert, self._size = convert, size

    def __missing__(self, cells: str | tuple[str, ...]) -> Converted:
        converted = self._convert((cells,) if isinstance(cells, str) else cells)
        if len(self) < self._size:
            self[cells] = converted
        return converted


def number(cells: tuple[str, ...]) -> Converted:
    """宛名番号 and the like: digits (or letters), required, kept with their leading zeros."""
    text = cells[0].strip()
    if not text:
        return ("",), (layouts.EMPTY,)
    if len(text) > layouts.TEXT_MAX["number"]:
        return ("",), (layouts.TOO_LONG,)
    return (text,), (() if _SHORT.fullmatch(text) else (layouts.NOT_A_NUMBER,))


def optional_number(cells: tuple[str, ...]) -> Converted:
    """The first number of several cells; none is no problem."""
    text = next((cell.strip() for cell in cells if cell.strip()), "")
    return number((text,)) if text else (("",), ())


def relation(cells: tuple[str, ...]) -> Converted:
    """続柄 in words, and whether it is the head's."""
    text = cells[0].strip()
    return (text, text in layouts.HEAD_RELATIONS), (() if text else (layouts.EMPTY,))


def relation_codes(cells: tuple[str, ...]) -> Converted:
    """続柄１–４ as codes, joined with の; a code that is not in the table stands as ？ in the words."""
    codes = [cell.strip() for cell in cells if cell.strip()]
    if not codes:
        return ("", False), (layouts.EMPTY,)
    words = [layouts.RELATION_CODES.get(code, "？") for code in codes]
    text = "の".join(words)
    return (text, text in layouts.HEAD_RELATIONS), ((layouts.UNKNOWN_CODE,) if "？" in words else ())


def name(cells: tuple[str, ...]) -> Converted:
    """氏名, and the same as 英字氏名 where it is written in Latin letters."""
    text = cells[0].strip()
    latin = unicodedata.normalize("NFKC", text) if text[:1] in _LATIN else ""
    kinds = (
        () if 0 < len(text) <= layouts.TEXT_MAX["name"] else (layouts.TOO_LONG if text else layouts.EMPTY,)
    )
    return (text, latin if latin.isascii() else ""), kinds


def kana(cells: tuple[str, ...]) -> Converted:
    """カナ氏名; blank is a doubt."""
    text = cells[0].strip()
    if len(text) > layouts.TEXT_MAX["kana"]:
        return (text,), (layouts.TOO_LONG,)
    return (text,), (() if text else (layouts.NO_KANA,))


_LATIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ")

_DAY_KINDS = {
    wareki.UNKNOWN: layouts.NO_BIRTH_DATE,
    wareki.NOT_A_DATE: layouts.NOT_A_DATE,
    wareki.ERA_MISMATCH: layouts.ERA_MISMATCH,
}


def birth(cells: tuple[str, ...]) -> Converted:
    """生年月日 and the text it came as."""
    parsed = wareki.parse_date(cells[0])
    return (parsed.date, cells[0].strip()), tuple(_DAY_KINDS[warning] for warning in parsed.warnings)


def day(cells: tuple[str, ...]) -> Converted:
    """Any other date; blank is no problem."""
    parsed = wareki.parse_date(cells[0])
    kinds = tuple(_DAY_KINDS[warning] for warning in parsed.warnings if warning != wareki.UNKNOWN)
    return (parsed.date,), kinds


def sex(cells: tuple[str, ...]) -> Converted:
    """性別 as code or word to "1", "2" or ""."""
    text = unicodedata.normalize("NFKC", cells[0]).strip()
    known = layouts.SEX_WORDS.get(text, "")
    return (known,), ((layouts.UNKNOWN_CODE,) if text and not known else ())


def postal_code(cells: tuple[str, ...]) -> Converted:
    """郵便番号 of 7 digits, without a hyphen. One that Japan Post's table lacks is kept and said."""
    text = unicodedata.normalize("NFKC", cells[0]).replace("-", "").strip()
    if not text:
        return ("",), (layouts.NO_POSTAL_CODE,)
    if not (len(text) == 7 and text.isascii() and text.isdigit()):
        return ("",), (layouts.BAD_POSTAL_CODE,)
    return (text,), (() if postal.municipalities(text) else (layouts.UNKNOWN_POSTAL_CODE,))


def tax_flags(cells: tuple[str, ...]) -> Converted:
    """課税保留, 賦課無, 対象者_課税フラグ and 課税区分 to the person's class of taxation.

    Held back (課税保留) is undeclared; nothing assessed (賦課無) is not known; else the person's own flag, where
    a taxed one is levy_only if the household's key says that nobody pays more.
    """
    held, nothing, flag, key = (unicodedata.normalize("NFKC", cell).strip() for cell in cells)
    if held == "1":
        return ("undeclared",), ()
    if nothing == "1" or not flag:
        return ("",), ()
    known = layouts.TAX_FLAGS.get(flag, "")
    if known == "taxed" and key in layouts.LEVY_ONLY_KEYS:
        known = "levy_only"
    return (known,), (() if known else (layouts.UNKNOWN_CODE,))


def levies(cells: tuple[str, ...]) -> Converted:
    """所得割額, 均等割額 in yen and 更正事由 to a class of taxation; both blank is not known."""
    income, levy, correction = (
        unicodedata.normalize("NFKC", cell).replace(",", "").strip() for cell in cells
    )
    if correction.startswith(layouts.UNDECLARED_CORRECTIONS):
        return ("undeclared",), ()
    if not income and not levy:
        return ("",), ()
    if not all(amount.isdigit() for amount in (income or "0", levy or "0")):
        return ("",), (layouts.UNKNOWN_CODE,)
    if int(income or "0"):
        return ("taxed",), ()
    return ("levy_only" if int(levy or "0") else "untaxed",), ()


def removal(cells: tuple[str, ...]) -> Converted:
    """消除日 and 消除事由コード to the day and reason of leaving."""
    parsed = wareki.parse_date(cells[0])
    code = cells[1].strip()
    reason = layouts.REMOVAL_CODES.get(code, "")
    unknown = bool(code) and not reason
    return (parsed.date, reason), ((layouts.UNKNOWN_CODE,) if unknown else ())


def marks(cells: tuple[str, ...]) -> Converted:
    """住民カスタム属性 to day and reason of leaving, 支援措置 and facility. Words that mean nothing here are passed over."""
    left_on: date | None = None
    left_reason, protected, facility = "", False, ""
    for mark in re.split("[、,;；|]", cells[0]):
        word, _, value = mark.strip().replace("：", ":").partition(":")
        if word == layouts.PROTECTED_MARK:
            protected = True
        elif word in (layouts.DIED_MARK, layouts.MOVED_MARK):
            left_reason = "death" if word == layouts.DIED_MARK else "moved"
            left_on = wareki.parse_date(value).date
        elif word == layouts.FACILITY_MARK:
            facility = value.strip() or layouts.FACILITY_MARK
    return (left_on, left_reason, protected, facility), ()


def flag(cells: tuple[str, ...]) -> Converted:
    """A flag: anything but blank and 0 is yes."""
    return (unicodedata.normalize("NFKC", cells[0]).strip() not in ("", "0"),), ()


def mail(cells: tuple[str, ...]) -> Converted:
    """郵送対象者フラグ as it stands: "1", "0" or blank; the reader settles what it means for head and member."""
    return (unicodedata.normalize("NFKC", cells[0]).strip(),), ()


CONVERTERS: dict[str, Converter] = {
    "number": number,
    "optional_number": optional_number,
    "relation": relation,
    "relation_codes": relation_codes,
    "name": name,
    "kana": kana,
    "birth": birth,
    "day": day,
    "sex": sex,
    "postal_code": postal_code,
    "tax_flags": tax_flags,
    "levies": levies,
    "removal": removal,
    "marks": marks,
    "flag": flag,
    "mail": mail,
}

DIFFERS_EACH_ROW = frozenset({"number", "name", "kana"})
"""Converters whose cells hardly return: their answers are not kept."""
