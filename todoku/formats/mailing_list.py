"""Pure. A mailing list (宛名一覧) as an office keeps it in, rows that can be written to and the problems out.

For who has nothing but a list and wants letters to it. Headings are found by their usual names. What a spreadsheet has
spoiled is named and never guessed: a postal code that was made up sends a letter to a stranger.
"""

import re
from typing import NamedTuple

from todoku.formats.codes import case_number_valid, contains_my_number, plain_number
from todoku.formats.csv_list import ERROR, WARNING, Kind, Problem, Record, plain, read_table
from todoku.formats.postal import city, split_address

COLUMNS = {
    "number": ("管理番号", "整理番号", "受付番号", "案件番号", "お問い合わせ番号", "NO"),
    "name": ("氏名", "宛名", "名前", "世帯主名", "世帯主氏名", "送付先氏名", "名称"),
    "postal_code": ("郵便番号", "送付先郵便番号", "〒"),
    "address": ("住所", "住所1", "送付先住所", "所在地", "現住所"),
    "building": ("方書", "住所2", "建物名", "アパート名", "マンション名", "送付先方書"),
}
"""Our field → headings, the usual one first."""
_REQUIRED = (("name",), ("postal_code",), ("address",))
NAME_MAX, ADDRESS_MAX, NUMBER_MAX = 60, 120, 20  # characters; the longest in a municipality's roll stay below

NO_NAME = Kind("宛名がありません", "受け取る方の氏名を書いてください。")
LONG_NAME = Kind(f"宛名が{NAME_MAX}字を超えます", "氏名だけにし、住所や肩書は別の列に移してください。")
NO_ADDRESS = Kind("住所がありません", "住所を書くか、この行を消してください。")
LONG_ADDRESS = Kind(f"住所が{ADDRESS_MAX}字を超えます", "番地までにし、建物名は方書の列に移してください。")
SHORT_CODE = Kind("郵便番号が7桁ありません(先頭の0が失われた可能性)", "先頭の0も含めた7桁に直してください。")
NOT_A_CODE = Kind("郵便番号ではありません", "7桁の数字(ハイフンがあっても可)に直してください。")
SPOILED = Kind(
    "表計算ソフトで桁が失われています",
    "元のシステムから出力し直し、表計算ソフトで開かずに(または列を文字列にして)使ってください。",
)
UNKNOWN_CODE = Kind("郵便番号簿にない郵便番号です", "新しい番号か写し間違いか、確かめてください。", WARNING)
OTHER_PLACE = Kind("住所と郵便番号の市区町村が合いません", "どちらが正しいか確かめてください。", WARNING)
LONG_NUMBER = Kind(
    f"番号が{NUMBER_MAX}字を超えます", "短い番号にするか、空にしてください(番号は自動で付けます)。"
)
MY_NUMBER = Kind("個人番号かもしれない12桁があります", "個人番号は手紙に使えません。消してください。")
SAME_NUMBER = Kind("同じ番号の行があります", "同じ方に2通送らないか確かめ、番号を一つずつにしてください。")
SAME_PERSON = Kind("同じ宛名と住所の行があります", "同じ方に2通送らないか確かめてください。", WARNING)
_SPOILED = re.compile(r"[0-9]+(?:\.[0-9]+)?E\+?[0-9]+|[0-9]+\.[0-9]+|#+|.*[0-9]月[0-9].*", re.IGNORECASE)


class MailRow(NamedTuple):
    """One addressee: line of the list, its own number or "", name, postal code of 7 digits, address, building."""

    line: int
    number: str
    name: str
    postal_code: str
    address: str
    building: str

    def __repr__(self) -> str:
        return f"MailRow(line={self.line})"

    @property
    def has_our_number(self) -> bool:
        """Whether its number is one of ours (13 digits with their check digit), and so stands on the letter itself."""
        return bool(self.number) and case_number_valid(self.number)


class MailingList(NamedTuple):
    """The rows without an error, in the order of the list; every problem by line; how many lines were read."""

    rows: list[MailRow]
    problems: list[Problem]
    lines: int


def read(data: bytes) -> MailingList:
    """The addressees of a CSV list (CP932 or UTF-8, with headings).

    A row with an error is left out; a warning leaves it in. Raises ListRefused for what is no such list.
    """
    table = read_table(data, COLUMNS, _REQUIRED, "宛名一覧")
    reading = _Reading(dict(table.headings))
    rows = [row for record in table.records if (row := reading.row(record)) is not None]
    problems = sorted([*table.problems, *reading.problems], key=lambda problem: problem.line)
    return MailingList(rows, problems, len(table.records) + len(table.problems))


class _Reading:
    """One list under way: what was said, and who was met before."""

    def __init__(self, headings: dict[str, str]) -> None:
        self._headings = headings
        self.problems: list[Problem] = []
        self._errors = 0
        self._numbers: dict[str, int] = {}
        self._people: dict[tuple[str, ...], int] = {}

    def row(self, record: Record) -> MailRow | None:
        before, cells = self._errors, record.cells
        number, code = self._number(record), self._code(record)
        name, address, building = cells["name"], cells["address"], cells["building"]
        if not name:
            self._say(NO_NAME, record, "name")
        elif len(name) > NAME_MAX:
            self._say(LONG_NAME, record, "name")
        if not address:
            self._say(NO_ADDRESS, record, "address")
        elif len(address) > ADDRESS_MAX or len(building) > ADDRESS_MAX:
            self._say(LONG_ADDRESS, record, "address")
        if self._errors > before:
            return None
        self._doubts(record, code, address)
        return MailRow(record.line, number, name, code, address, building)

    def _say(self, kind: Kind, record: Record, field: str, more: str = "") -> None:
        problem = kind.at(record.line, self._headings.get(field, COLUMNS[field][0]))
        self.problems.append(problem._replace(kind=problem.kind + more))
        self._errors += kind.severity == ERROR

    def _number(self, record: Record) -> str:
        text = plain(record.cells["number"])
        if not text:
            return ""
        if case_number_valid(text):
            text = plain_number(text)
        elif contains_my_number(text):
            self._say(MY_NUMBER, record, "number")
        elif len(text) > NUMBER_MAX:
            self._say(LONG_NUMBER, record, "number")
        if (first := self._numbers.setdefault(text, record.line)) != record.line:
            self._say(SAME_NUMBER, record, "number", f"({first}行目)")
        return text

    def _code(self, record: Record) -> str:
        text = plain(record.cells["postal_code"]).removeprefix("〒")
        digits = re.sub("[-‐‑–—―−ー]", "", text)
        if _SPOILED.fullmatch(text):
            self._say(SPOILED, record, "postal_code")
        elif re.fullmatch("[0-9]{5,6}", digits):
            self._say(SHORT_CODE, record, "postal_code")
        elif not re.fullmatch("[0-9]{7}", digits):
            self._say(NOT_A_CODE, record, "postal_code")
        return digits

    def _doubts(self, record: Record, code: str, address: str) -> None:
        cells = record.cells
        person = tuple(map(plain, (cells["name"], code, address, cells["building"])))
        if (first := self._people.setdefault(person, record.line)) != record.line:
            self._say(SAME_PERSON, record, "name", f"({first}行目)")
        towns = city(code)
        if not towns:
            self._say(UNKNOWN_CODE, record, "postal_code")
        elif not split_address(code, address)[0]:
            self._say(OTHER_PLACE, record, "address")
