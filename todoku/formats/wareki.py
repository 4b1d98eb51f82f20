"""Pure. Dates as offices write them (和暦, 西暦, with unknown parts) in, a date or an honest nothing out.

It keeps the text as it came and says what was doubtful; it refuses nothing, since an odd birth date is a
fact about a person, to be looked at by a person.
"""

import re
import unicodedata
from datetime import date
from typing import NamedTuple

UNKNOWN = "unknown"
NOT_A_DATE = "not_a_date"
ERA_MISMATCH = "era_mismatch"

WARNINGS = {
    UNKNOWN: "日付の全部または一部が不詳です。",
    NOT_A_DATE: "日付として読めません。",
    ERA_MISMATCH: "元号にその年月日はありません。西暦に直して取り込みました。",
}


class Era(NamedTuple):
    """An era (元号): its name, letter, number in registers (1–5), first day; Gregorian since 1873."""

    name: str
    letter: str
    number: str
    begins: date


ERAS = (
    Era("明治", "M", "1", date(1868, 1, 25)),
    Era("大正", "T", "2", date(1912, 7, 30)),
    Era("昭和", "S", "3", date(1926, 12, 25)),
    Era("平成", "H", "4", date(1989, 1, 8)),
    Era("令和", "R", "5", date(2019, 5, 1)),
)
_BY_MARK = {mark: era for era in ERAS for mark in (era.name, era.letter, era.number, era.name[0])}


class ParsedDate(NamedTuple):
    """`date` (None where not known or not a date), the `text` as it came, `warnings`: keys of WARNINGS."""

    date: date | None
    text: str
    warnings: tuple[str, ...]


_PART = r"(\d{1,2}|元|不詳|\*+|\?+)"
_WESTERN = re.compile(r"(\d{4})(?:年|[-/.])" + _PART + r"(?:月|[-/.])" + _PART + "日?")
_WESTERN_8 = re.compile(r"(\d{4})(\d\d)(\d\d)")
_ERA = re.compile(
    r"(明治|大正|昭和|平成|令和|[MTSHR明大昭平令])[-.]?"
    + _PART
    + r"(?:年|[-/.])"
    + _PART
    + r"(?:月|[-/.])"
    + _PART
    + "日?"
)
_ERA_SHORT = re.compile(r"([MTSHR1-5])[-.]?(\d\d)(\d\d)(\d\d)")
_ERA_NUMBER = re.compile(r"([1-5])-(\d{1,2})-(\d{1,2})-(\d{1,2})")
_NOTHING = re.compile(r"0*|[9]{8}|[-/.]*|.*(不詳|不明).*")


def parse_date(text: str) -> ParsedDate:
    """A written date to a ParsedDate; never raises.

    Reads yyyymmdd, yyyy/mm/dd, 2026年11月21日, 昭和元年12月25日, S50.1.2, S500102, 3500102, 3-50-01-02 of any
    width. Month or day 00, 不詳 or blank give no date and the warning UNKNOWN. A year that the era never
    had (平成32年) is converted and marked ERA_MISMATCH.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).split()).upper()
    for shape in (_WESTERN_8, _WESTERN):
        match = shape.fullmatch(plain)
        if match is not None and match[1] not in ("0000", "9999"):
            return _western(text, match[1], match[2], match[3])
    for shape in (_ERA, _ERA_SHORT, _ERA_NUMBER):
        match = shape.fullmatch(plain)
        if match is not None:
            return _japanese(text, _BY_MARK[match[1]], match[2], match[3], match[4])
    if _NOTHING.fullmatch(plain):
        return ParsedDate(None, text, (UNKNOWN,))
    return ParsedDate(None, text, (NOT_A_DATE,))


def _number(part: str) -> int:
    """元 is the first; 不詳 and the like are 0."""
    return 1 if part == "元" else int(part) if part.isdigit() else 0


def _western(text: str, year: str, month: str, day: str) -> ParsedDate:
    if not _number(month) or not _number(day):
        return ParsedDate(None, text, (UNKNOWN,))
    try:
        return ParsedDate(date(int(year), _number(month), _number(day)), text, ())
    except ValueError:
        return ParsedDate(None, text, (NOT_A_DATE,))


def _japanese(text: str, era: Era, year: str, month: str, day: str) -> ParsedDate:
    if not _number(year):
        return ParsedDate(None, text, (UNKNOWN,))
    parsed = _western(text, str(era.begins.year + _number(year) - 1), month, day)
    if parsed.date is not None and _era_of(parsed.date) != era:
        return parsed._replace(warnings=(ERA_MISMATCH,))
    return parsed


def _era_of(day: date) -> Era | None:
    return next((era for era in reversed(ERAS) if era.begins <= day), None)


def format_wareki(day: date) -> str:
    """令和8年11月21日; the first year is 元年; days before 明治 stay Western."""
    era = _era_of(day)
    if era is None:
        return f"{day.year}年{day.month}月{day.day}日"
    year = day.year - era.begins.year + 1
    return f"{era.name}{'元' if year == 1 else year}年{day.month}月{day.day}日"
