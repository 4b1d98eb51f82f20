"""Pure. Rolls that are wrong on purpose, one fault each, and what whoever reads them ought to say.

Goes in: nothing but a municipality. Comes out: the bytes of a small roll (benefit42) and the expectation. Used
by tests and by the demo's page of bad input; no person in it is real, and the My Number is an arithmetic one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import NamedTuple

from todoku.sampletown import roll, town
from todoku.sampletown.places import YOKOHAMA, Municipality

ERROR, WARNING, FINE = "error", "warning", "fine"
ANOTHER_TOWN = Municipality("122327", "白井市")
ARITHMETIC_MY_NUMBER = "123456789018"
"""Twelve digits whose check digit agrees: the textbook example of the rule, not anybody's number."""

MY_NUMBER_HEADING = "個人番号"

HOUSEHOLDS = 12
_SEED = 20_200_427


class Broken(NamedTuple):
    """A roll with one fault.

    `severity`: what the reader should make of it ("error", "warning", "fine"); `line` counts from 1 with the
    headings, 0 where the whole file is meant; `column` is the heading; `persons` how many people stand in it.
    """

    data: bytes
    severity: str
    line: int
    column: str
    persons: int
    about: str


Rows = list[list[str]]


def _rows(municipality: Municipality) -> Rows:
    """Return headings and lines of a sound little roll; its first household has at least two members."""
    households = list(town.build(_SEED, HOUSEHOLDS, municipality))
    households.sort(key=lambda household: len(household.members) < 2)
    lines = [list(row) for household in households for row in roll.benefit42_rows(household)]
    return [list(roll.BENEFIT42_HEADINGS), *lines]


def _at(heading: str) -> int:
    return roll.BENEFIT42_HEADINGS.index(heading)


def _bytes(rows: Rows) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode(roll.ENCODING)


def _one_cell(municipality: Municipality, heading: str, value: str, severity: str, about: str) -> Broken:
    """Change one cell of the third line."""
    rows = _rows(municipality)
    rows[2][_at(heading)] = value
    return Broken(_bytes(rows), severity, 3, heading, len(rows) - 1, about)


def broken_encoding(municipality: Municipality = YOKOHAMA) -> Broken:
    """The first character of the name in line 3 is two bytes that are no character of CP932."""
    rows = _rows(municipality)
    lines = _bytes(rows).split(b"\r\n")
    first_character = rows[2][_at("氏名")][0].encode(roll.ENCODING)
    lines[2] = lines[2].replace(first_character, b"\x81\x20", 1)
    return Broken(b"\r\n".join(lines), ERROR, 3, "氏名", len(rows) - 1, "文字コードが途中で壊れている")


def missing_column(municipality: Municipality = YOKOHAMA) -> Broken:
    """The column of birthdays is not there."""
    rows = _rows(municipality)
    at = _at("生年月日")
    cut = [row[:at] + row[at + 1 :] for row in rows]
    return Broken(_bytes(cut), ERROR, 0, "生年月日", len(rows) - 1, "列が足りない")


def two_heads(municipality: Municipality = YOKOHAMA) -> Broken:
    """The second member of the first household is a head (世帯主) too."""
    rows = _rows(municipality)
    rows[2][_at("続柄")] = "世帯主"
    rows[2][_at("受給者宛名番号")] = ""
    rows[2][_at("世帯主宛名番号")] = rows[2][_at("宛名番号")]
    return Broken(_bytes(rows), ERROR, 3, "続柄", len(rows) - 1, "一つの世帯に世帯主が二人いる")


def unknown_postal_code(municipality: Municipality = YOKOHAMA) -> Broken:
    """A postal code that does not exist; the address itself is good."""
    return _one_cell(municipality, "郵便番号", "9999999", WARNING, "存在しない郵便番号")


def impossible_era_year(municipality: Municipality = YOKOHAMA) -> Broken:
    """平成32年 never came: it is 2020, to be taken and flagged."""
    return _one_cell(municipality, "生年月日", "平成32年5月1日", WARNING, "存在しない和暦の年")


def quoted_commas(municipality: Municipality = YOKOHAMA) -> Broken:
    """A comma and a quotation mark inside a quoted field: a good file that a careless reader breaks."""
    return _one_cell(municipality, "方書", 'コーポ"緑",101号室', FINE, "引用符の中のカンマ")


def wrong_municipality(municipality: Municipality = YOKOHAMA) -> Broken:
    """The roll of another municipality."""
    other = ANOTHER_TOWN if municipality != ANOTHER_TOWN else YOKOHAMA
    rows = _rows(other)
    return Broken(_bytes(rows), ERROR, 0, "住所", len(rows) - 1, "別の自治体の名簿")


def duplicate_number(municipality: Municipality = YOKOHAMA) -> Broken:
    """The last line carries the 宛名番号 of line 2."""
    rows = _rows(municipality)
    rows[-1][_at("宛名番号")] = rows[1][_at("宛名番号")]
    return Broken(_bytes(rows), ERROR, len(rows), "宛名番号", len(rows) - 1, "宛名番号の重複")


def my_number(municipality: Municipality = YOKOHAMA) -> Broken:
    """A My Number stands where the telephone number should."""
    about = "項目の中に個人番号が入っている"
    return _one_cell(municipality, "電話番号", ARITHMETIC_MY_NUMBER, ERROR, about)


def my_number_column(municipality: Municipality = YOKOHAMA) -> Broken:
    """A column of My Numbers (個人番号) follows the others; such a file may not be taken at all."""
    headings, *lines = _rows(municipality)
    rows = [[*headings, MY_NUMBER_HEADING], *([*line, ARITHMETIC_MY_NUMBER] for line in lines)]
    return Broken(_bytes(rows), ERROR, 0, MY_NUMBER_HEADING, len(lines), "個人番号の列がある")


CASES: dict[str, Callable[[Municipality], Broken]] = {
    "broken_encoding": broken_encoding,
    "missing_column": missing_column,
    "two_heads": two_heads,
    "unknown_postal_code": unknown_postal_code,
    "impossible_era_year": impossible_era_year,
    "quoted_commas": quoted_commas,
    "wrong_municipality": wrong_municipality,
    "duplicate_number": duplicate_number,
    "my_number": my_number,
    "my_number_column": my_number_column,
}
