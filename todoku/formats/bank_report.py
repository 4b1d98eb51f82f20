"""Pure. A bank's list of transfers that came back (振込不能・資金返却) in, one plain row for each out.

There is no standard file for it: banks give a CSV, a screen or paper. Headings and the bank's words for a reason are
data here. It matches nothing: whether the transfer was ever sent is the payment room's question.
"""

import csv
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from todoku.formats.encoding import EncodingRefused, decode_lines, sniff
from todoku.formats.refused import FormatRefused
from todoku.formats.wareki import parse_date

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

COLUMNS: dict[str, tuple[str, ...]] = {
    "number": ("依頼番号", "顧客コード1", "振込番号", "整理番号"),
    "amount": ("金額", "振込金額", "返却金額"),
    "reason": ("資金返却理由", "返却理由", "不能事由", "不能理由", "事由", "理由"),
    "returned_on": ("返却日", "資金返却日", "処理日"),
}
"""Our field → headings that banks use. A bank with other headings gets a mapping of its own."""

_REQUIRED = ("number", "amount", "reason")


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


def read(data: bytes, columns: Mapping[str, tuple[str, ...]] = COLUMNS) -> list[ReturnedTransfer]:
    """The returned transfers of a CSV (CP932 or UTF-8, with headings), in the order of the file.

    A file with headings alone means that nothing came back. Raises BankReportRefused naming the line.
    """
    try:
        records = csv.reader(decode_lines(data, sniff(data)), strict=True)
        headings = [_plain(heading) for heading in next(records, [])]
        places = _places(headings, columns)
        return [_row(record, places, records.line_num) for record in records if any(map(str.strip, record))]
    except EncodingRefused as refused:
        raise BankReportRefused(refused.sentence, refused.line) from refused
    except csv.Error as broken:
        raise BankReportRefused(
            "CSVの引用符が閉じていません。金融機関から受け取ったファイルをそのまま選んでください。"
        ) from broken


def _places(headings: list[str], columns: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    places = {}
    for field, names in columns.items():
        known = set(map(_plain, names))
        found = [place for place, heading in enumerate(headings) if heading in known]
        if found:
            places[field] = found[0]
    missing = [columns[field][0] for field in _REQUIRED if field not in places]
    if missing:
        raise BankReportRefused(
            f"振込結果のファイルに「{'」「'.join(missing)}」の列がありません。"
            "1行目が見出しのCSVを選ぶか、列の対応を設定してください。"
        )
    return places


def _row(record: list[str], places: dict[str, int], line: int) -> ReturnedTransfer:
    if len(record) <= max(places.values()):
        raise BankReportRefused(f"{line}行目の列が足りません。元のファイルを確認してください。", line)
    number = _plain(record[places["number"]])
    if not (number.isascii() and number.isdigit() and len(number) <= 10):
        raise BankReportRefused(
            f"{line}行目の依頼番号が10桁までの数字ではありません。確認してください。", line
        )
    text = record[places["reason"]].strip()
    day = parse_date(record[places["returned_on"]]).date if "returned_on" in places else None
    return ReturnedTransfer(
        line, number.zfill(10), _yen(record[places["amount"]], line), reason_of(text), text, day
    )


def _yen(text: str, line: int) -> int:
    plain = _plain(text).replace(",", "").removeprefix("¥").removeprefix("\\").removesuffix("円")
    if not (plain.isascii() and plain.isdigit()):
        raise BankReportRefused(
            f"{line}行目の金額が数字ではありません。元のファイルを確認してください。", line
        )
    return int(plain)


def reason_of(text: str) -> str:
    """A key of REASONS for a bank's words (or the key itself); OTHER where they say nothing known."""
    plain = _plain(text)
    if plain.upper() in REASONS:
        return plain.upper()
    return next((reason for reason, words in _WORDS if any(word in plain for word in words)), OTHER)


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())
