"""Pure. A bank's list of transfers that came back (振込不能・資金返却) in, one plain row for each out.

There is no standard file for it: banks give a CSV, a screen or paper. Columns, dates and the bank's words for a reason
are data, a `ReportMapping` (see `bank_report_mapping`). It matches nothing: whether the transfer was ever sent is the
payment room's question.
"""

import csv
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from todoku.formats.encoding import Encoding, EncodingRefused, decode_lines, sniff
from todoku.formats.refused import FormatRefused
from todoku.formats.wareki import ERAS, parse_date

NO_ACCOUNT = "NO_ACCOUNT"
NAME_MISMATCH = "NAME_MISMATCH"
CLOSED = "CLOSED"
BLOCKED = "BLOCKED"
BRANCH_ABOLISHED = "BRANCH_ABOLISHED"
TYPE_MISMATCH = "TYPE_MISMATCH"
OTHER = "OTHER"

REASONS = {
    NO_ACCOUNT: "該当口座なし",
    NAME_MISMATCH: "受取人名相違",
    CLOSED: "解約済",
    BLOCKED: "入金停止",
    BRANCH_ABOLISHED: "店舗統廃合",
    TYPE_MISMATCH: "預金種目相違",
    OTHER: "その他",
}
"""Why a transfer came back (不能事由), in our words."""

# The banks' words, the first that occurs decides: 「店舗統廃合により該当店なし」 is about the branch.
_WORDS = (
    (BRANCH_ABOLISHED, ("統廃合", "店舗廃止", "該当店", "支店なし")),
    (TYPE_MISMATCH, ("種目", "科目")),
    (CLOSED, ("解約",)),
    (BLOCKED, ("停止", "凍結", "制限")),
    (NAME_MISMATCH, ("名義", "受取人名", "氏名相違")),
    (NO_ACCOUNT, ("口座なし", "口座無", "該当なし", "該当口座", "番号相違")),
)

COLUMNS: dict[str, tuple[str, ...] | int] = {
    "number": ("依頼番号", "顧客コード1", "振込番号", "整理番号"),
    "amount": ("金額", "振込金額", "返却金額"),
    "reason": ("資金返却理由", "返却理由", "不能事由", "不能理由", "事由", "理由"),
    "returned_on": ("返却日", "資金返却日", "処理日"),
}
"""Our field → headings that banks use. A bank with other headings gets a mapping of its own."""
FIELDS = {"number": "依頼番号", "amount": "金額", "reason": "資金返却理由", "returned_on": "返却日"}
REQUIRED = ("number", "amount", "reason")
DATES = {
    "auto": "2026/12/04、20261204、令和8年12月4日、R8.12.4など",
    "wareki6": "081204（和暦の年月日6桁）",
    "western6": "261204（西暦の下2桁と月日）",
    "none": "1204など、年のない日付",
}
"""How a bank writes the day. A day without a year is left out: a year is not guessed."""
HEADING_LINES_MAX = 10  # above the headings stand at most a title, a day, a client's name
_TOTAL = re.compile("[【(〈<*※■]*(?:合計|総合計|総計|小計|計$)")


class ReportMapping(NamedTuple):
    """How one bank's report is to be read; the operator sets it once.

    `columns`: our field (FIELDS) → its headings, or its column's position from 1. Without `headings` all columns
    are positions. `encoding` "auto", "cp932" or "utf-8". `dates`: a key of DATES. `words`: the bank's own words
    or codes → a key of REASONS, asked before those that all banks use.
    """

    name: str
    columns: Mapping[str, tuple[str, ...] | int]
    headings: bool = True
    encoding: str = "auto"
    separator: str = ","
    dates: str = "auto"
    words: tuple[tuple[str, str], ...] = ()


STANDARD = ReportMapping("standard", COLUMNS)
"""For a CSV whose headings are among those that banks use."""


class ReturnedTransfer(NamedTuple):
    """A transfer that came back: line of the file, our 10-digit number (顧客コード1), amount in yen, reason.

    `reason` is a key of REASONS, `reason_text` the bank's words. `returned_on` is None where the bank gives
    no year: a year is not guessed.
    """

    line: int
    number: str
    amount: int
    reason: str
    reason_text: str
    returned_on: date | None


class BankReportRefused(FormatRefused):
    """A report that cannot be read. `line` from 1, 0 for the whole file."""

    def __init__(self, sentence: str, line: int = 0) -> None:
        super().__init__(sentence)
        self.line = line


def read(data: bytes, mapping: ReportMapping = STANDARD) -> list[ReturnedTransfer]:
    """The returned transfers of a CSV in the order of the file; blank lines and lines of totals are no transfers.

    A file with headings alone means that nothing came back. A total that the file states must be the total of its
    lines. Raises BankReportRefused naming the line.
    """
    lines = records(data, mapping.encoding, mapping.separator)
    places, start = _begin(lines, mapping)
    found: list[ReturnedTransfer] = []
    for line, record in lines[start:]:
        if not any(map(str.strip, record)):
            continue
        if _is_total(record, places):
            _ask_total(record, places, line, found)
        else:
            found.append(_row(record, places, line, mapping))
    return found


def records(data: bytes, encoding: str = "auto", separator: str = ",") -> list[tuple[int, list[str]]]:
    """Every record of a CSV with the line on which it ends; raises BankReportRefused."""
    try:
        kind: Encoding = (
            sniff(data) if encoding == "auto" or data[:3] == b"\xef\xbb\xbf" else _named(encoding)
        )
        reader = csv.reader(decode_lines(data.rstrip(b"\x1a"), kind), strict=True, delimiter=separator)
        return [(reader.line_num, record) for record in reader]
    except EncodingRefused as refused:
        raise BankReportRefused(refused.sentence, refused.line) from refused
    except csv.Error as broken:
        raise BankReportRefused(
            "CSVの引用符が閉じていません。金融機関から受け取ったファイルをそのまま選んでください。"
        ) from broken


def _named(encoding: str) -> Encoding:
    return "cp932" if encoding == "cp932" else "utf-8"


def _begin(lines: Sequence[tuple[int, list[str]]], mapping: ReportMapping) -> tuple[dict[str, int], int]:
    """The place of each column from 0, and how many records stand before the first transfer."""
    if not mapping.headings:
        places = {field: at - 1 for field, at in mapping.columns.items() if isinstance(at, int)}
        assert set(REQUIRED) <= set(places), "a mapping without headings has positions"
        return places, 0
    missing: list[str] = []
    for number, (_, record) in enumerate(lines[:HEADING_LINES_MAX], 1):
        places = _places(record, mapping.columns)
        lacking = [_first(mapping.columns[field], field) for field in REQUIRED if field not in places]
        if not lacking:
            return places, number
        if not missing or len(lacking) < len(missing):
            missing = lacking
    missing = missing or [_first(mapping.columns[field], field) for field in REQUIRED]
    raise BankReportRefused(
        f"振込結果のファイルに「{'」「'.join(missing)}」の列がありません。"
        "見出しのあるCSVを選ぶか、列の対応を設定してください。"
    )


def _first(column: tuple[str, ...] | int, field: str) -> str:
    return FIELDS[field] if isinstance(column, int) else column[0]


def _places(record: Sequence[str], columns: Mapping[str, tuple[str, ...] | int]) -> dict[str, int]:
    """Where a line of headings has our fields: by heading, or by the position that the mapping gives."""
    headings = [plain(heading) for heading in record]
    places = {}
    for field, column in columns.items():
        if isinstance(column, int):
            found = [column - 1] if column <= len(headings) else []
        else:
            known = set(map(plain, column))
            found = [place for place, heading in enumerate(headings) if heading in known]
        if found:
            places[field] = found[0]
    return places


def _cell(record: Sequence[str], place: int | None) -> str:
    return record[place] if place is not None and place < len(record) else ""


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 10


def _is_total(record: Sequence[str], places: Mapping[str, int]) -> bool:
    if _is_number(plain(_cell(record, places["number"]))):
        return False
    return any(_TOTAL.match(plain(cell)) for cell in record)


def _ask_total(
    record: Sequence[str], places: Mapping[str, int], line: int, found: Sequence[ReturnedTransfer]
) -> None:
    """A grand total, where it stands as a number in its place, agrees with the lines before it."""
    if any("小計" in plain(cell) for cell in record):
        return
    stated = _digits(_cell(record, places["amount"]))
    if stated and int(stated) != sum(row.amount for row in found):
        raise BankReportRefused(
            f"{line}行目の合計金額が、明細の合計と違います。行が欠けていないか、金融機関に確認してください。",
            line,
        )
    counts = [match[1] for cell in record if (match := re.fullmatch(r"\D*?(\d+)件\D*", plain(cell)))]
    if counts and int(counts[0]) != len(found):
        raise BankReportRefused(
            f"{line}行目の合計件数が、明細の件数と違います。行が欠けていないか、金融機関に確認してください。",
            line,
        )


def _row(
    record: Sequence[str], places: Mapping[str, int], line: int, mapping: ReportMapping
) -> ReturnedTransfer:
    if len(record) <= max(places[field] for field in REQUIRED):
        raise BankReportRefused(f"{line}行目の列が足りません。元のファイルを確認してください。", line)
    number = plain(record[places["number"]])
    if not _is_number(number):
        raise BankReportRefused(
            f"{line}行目の依頼番号が10桁までの数字ではありません。確認してください。", line
        )
    amount = _digits(record[places["amount"]])
    if not amount:
        raise BankReportRefused(
            f"{line}行目の金額が数字ではありません。元のファイルを確認してください。", line
        )
    text = record[places["reason"]].strip()
    day = parse_day(_cell(record, places.get("returned_on")), mapping.dates)
    return ReturnedTransfer(line, number.zfill(10), int(amount), reason_of(text, mapping.words), text, day)


def _digits(text: str) -> str:
    """An amount's digits, or nothing where it is no plain amount of yen."""
    bare = plain(text).replace(",", "").removeprefix("¥").removeprefix("\\").removesuffix("円")
    return bare if bare.isascii() and bare.isdigit() else ""


def parse_day(text: str, dates: str = "auto") -> date | None:
    """The day a bank writes, by a key of DATES; None where it gives no year or no day."""
    bare = plain(text)
    if dates == "none":
        return None
    if dates != "auto":
        match = re.fullmatch(r"(\d\d)[./-]?(\d\d)[./-]?(\d\d)", bare)
        if match is None:
            return None
        year = int(match[1]) + (ERAS[-1].begins.year - 1 if dates == "wareki6" else 2000)
        bare = f"{year}{match[2]}{match[3]}"
    return parse_date(bare).date


def reason_of(text: str, words: Sequence[tuple[str, str]] = ()) -> str:
    """A key of REASONS for a bank's words (or the key itself); OTHER where they say nothing known.

    `words`: a bank's own, each with its reason; a code of digits must be the whole text, words may stand in it.
    """
    bare = plain(text)
    own = [(plain(word), reason) for word, reason in words]
    for word, reason in own:
        if word == bare:
            return reason
    for word, reason in own:
        if not word.isdigit() and word in bare:
            return reason
    if bare.upper() in REASONS:
        return bare.upper()
    return next((reason for reason, known in _WORDS if any(word in bare for word in known)), OTHER)


def plain(text: str) -> str:
    """A cell as it is compared: width and blanks do not count."""
    return "".join(unicodedata.normalize("NFKC", text).split())
