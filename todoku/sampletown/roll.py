"""Pure. The roll (対象者名簿) as a municipality hands it over: CSV in CP932, CRLF, one line for each person.

Goes in: households. Comes out: lines in one of two layouts. "benefit42" is the import file of a benefit system
(42 columns); "extract" is what comes straight from the resident register (住基, headings ＦＯ－) and the tax
register (税, ＦＩ－), with the three columns that a municipality adds so that nothing protective is lost.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import lru_cache
from typing import TextIO

from todoku.sampletown import specials
from todoku.sampletown.household import (
    CITY_LEVY_YEN,
    LEVY_ONLY,
    PREFECTURE_LEVY_YEN,
    TAXED,
    UNFILED,
    UNKNOWN,
    UNTAXED,
    Household,
    Person,
)

ENCODING = "cp932"

BENEFIT42_HEADINGS = tuple(
    """
    宛名番号 受給者宛名番号 氏名 氏名フリガナ 生年月日 性別 電話番号 郵便番号 住所 方書
    異動元郵便番号 異動元住所 異動元方書 世帯番号 世帯主宛名番号 続柄 郵送対象者フラグ 通称名 通称名カナ
    フォーマット種別 課税区分 住民カスタム属性 転入日 賦課期日居住者フラグ 照会対象フラグ 賦課無フラグ
    課税保留フラグ 租税条約免除フラグ 生活扶助非課税フラグ
    対象者_課税フラグ 対象者_市減免後均等割額 対象者_県減免後均等割額
    扶養主_宛名番号 扶養主_課税フラグ 扶養主_市免除後均等割額 扶養主_県免除後均等割額
    専従主_宛名番号 専従主_課税フラグ 専従主_市減免後均等割額 専従主_県減免後均等割額
    生活扶助認定年月日 生活扶助廃止年月日
    """.split()
)

REGISTER_HEADINGS = tuple(
    """
    宛名番号 世帯番号 漢字氏名 カナ氏名 英字氏名 外国人通称名 外国人カナ通称名 生年月日 性別
    続柄１ 続柄２ 続柄３ 続柄４ 電話番号 現住所郵便番号 現住所 現住所方書
    異動日 届出日 異動事由コード 住民日 住民届出日 住民事由コード 現住所住定日 現住所届出日
    消除日 消除届出日 消除事由コード 転入元都道府県市区町村コード 住民票コード
    """.split()
)
TAX_HEADINGS = ("所得割額", "均等割額", "更正事由", "生年月日")
ADDED_HEADINGS = ("扶養主_宛名番号", "支援措置", "施設コード")

EXTRACT_HEADINGS = (
    *(f"ＦＯ－{heading}" for heading in REGISTER_HEADINGS),
    *(f"ＦＩ－{heading}" for heading in TAX_HEADINGS),
    *ADDED_HEADINGS,
)

TAX_KEYS = {TAXED: "3", LEVY_ONLY: "2", UNTAXED: "1", UNFILED: "4", UNKNOWN: ""}
"""課税区分 of the household: 1 非課税, 2 均等割のみ, 3 課税, 4 未申告, blank where not yet known."""

_SEX = {1: "男性", 2: "女性"}
_FOUR_BLANKS = ("", "", "", "")
_RELATION_CODES = {
    "世帯主": "02",
    "夫": "11",
    "妻": "12",
    "夫（未届）": "13",
    "妻（未届）": "14",
    "子": "20",
    "父": "51",
    "母": "52",
    "弟": "74",
    "縁故者": "96",
    "同居人": "99",
}
_REMOVAL_CODES = {specials.DIED: "C21", specials.MOVED_OUT: "C11"}


def benefit42_rows(household: Household) -> list[tuple[str, ...]]:
    """Return one line for each member, 42 columns each, head first."""
    head, address, former = household.head, household.address, household.former
    tax_key = TAX_KEYS[household.tax]
    assisted = "1" if household.assisted_since else "0"
    where = (
        address.postal_code,
        address.street,
        address.building,
        *(former or ("", "", "")),
        household.number,
        head.number,
    )
    rows: list[tuple[str, ...]] = []
    for person in household.members:
        is_head = person is head
        rows.append(
            (
                person.number,
                "" if is_head else head.number,
                person.name,
                person.kana,
                person.birth,
                _SEX[person.sex],
                household.phone if is_head else "",
                *where,
                person.relation,
                "1" if is_head else "",
                person.alias,
                person.alias_kana,
                "1",
                tax_key,
                "、".join(_marked(person, mark) for mark in person.marks),
                household.moved_in,
                "0" if person.tax == UNKNOWN else "1",
                "1" if person.tax == UNKNOWN else "0",
                "1" if person.tax in (UNKNOWN, UNFILED) else "0",
                "1" if person.tax == UNFILED else "0",
                "0",
                assisted,
                *_levies(person),
                *((person.supporter, "1", *_FULL_LEVY) if person.supporter else _FOUR_BLANKS),
                *_FOUR_BLANKS,
                household.assisted_since,
                "",
            )
        )
    return rows


def _marked(person: Person, mark: str) -> str:
    """Return one word of 住民カスタム属性, with the day or the name that belongs to it (死亡：2026/10/12)."""
    if mark == person.removed_for:
        return f"{mark}：{person.removed_on}"
    return f"{mark}：{specials.FACILITY_NAME}" if mark == specials.FACILITY else mark


_FULL_LEVY = (str(CITY_LEVY_YEN), str(PREFECTURE_LEVY_YEN))


def _levies(person: Person) -> tuple[str, str, str]:
    """Return 課税フラグ and both 均等割額; blank amounts where nothing was assessed."""
    if person.levied:
        return ("1", *_FULL_LEVY)
    return ("0", "0", "0") if person.tax == UNTAXED else ("", "", "")


def extract_rows(household: Household) -> list[tuple[str, ...]]:
    """Return one line for each member in the columns of the registers themselves."""
    address = household.address
    moved_in = _digits(household.moved_in)
    return [
        (
            person.number,
            household.number,
            person.name,
            person.kana,
            person.latin,
            person.alias,
            person.alias_kana,
            _digits(person.birth),
            str(person.sex),
            *relation_codes(person.relation),
            household.phone if person is household.head else "",
            address.postal_code,
            address.street,
            address.building,
            *((_digits(person.removed_on),) * 2 if person.removed_on else (moved_in, moved_in)),
            _REMOVAL_CODES.get(person.removed_for, "A11" if moved_in else ""),
            *(moved_in, moved_in, "A11" if moved_in else "", moved_in, moved_in),
            *(
                _digits(person.removed_on),
                _digits(person.removed_on),
                _REMOVAL_CODES.get(person.removed_for, ""),
            ),
            "13113" if moved_in else "",
            "",
            *_assessment(person),
            person.supporter,
            "1" if specials.SUPPORT_MEASURES in person.marks else "",
            specials.FACILITY_NAME if specials.FACILITY in person.marks else "",
        )
        for person in household.members
    ]


def _assessment(person: Person) -> tuple[str, str, str, str]:
    """Return 所得割額, 均等割額, 更正事由 (03… for 未申告) and the birthday of the tax register."""
    if person.tax == UNKNOWN:
        return _FOUR_BLANKS
    levy = CITY_LEVY_YEN + PREFECTURE_LEVY_YEN if person.levied else 0
    return (str(person.income_levy), str(levy), "031" if person.tax == UNFILED else "", _digits(person.birth))


def _digits(day: str) -> str:
    return day.replace("/", "")


@lru_cache(maxsize=64)
def relation_codes(relation: str) -> tuple[str, str, str, str]:
    """Return 続柄１–４ for a 続柄 in words: 子の妻 becomes 20 12."""
    codes = [_RELATION_CODES[part] for part in relation.split("の")]
    assert len(codes) <= 4, "a register joins at most four relations"
    return (*codes, *_FOUR_BLANKS)[:4]  # type: ignore[return-value]


LAYOUTS = {
    "benefit42": (BENEFIT42_HEADINGS, benefit42_rows),
    "extract": (EXTRACT_HEADINGS, extract_rows),
}


def write_roll(file: TextIO, households: Iterable[Household], layout: str = "benefit42") -> int:
    """Write the roll with its headings and return the number of persons.

    `file` is a text file opened with encoding=ENCODING and newline="".
    """
    headings, rows_of = LAYOUTS[layout]
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(headings)
    persons = 0
    for household in households:
        writer.writerows(rows_of(household))
        persons += len(household.members)
    return persons
