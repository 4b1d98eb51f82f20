"""Pure. Decisions and bank lines as plain rows in, the three texts that prove a payment out.

The decision list (支給決定一覧) says what the official decided, the line file (明細) which decision each bank record
pays, the manifest (振込データ明細書) what the approvals cover. A verifier that shares no code reads the same three,
so their shape is fixed here and stands in docs/reference/files.md. Nothing is judged, nobody is paid here.

All text is UTF-8 with LF, values between tabs, never quoted. A value that would break a line is refused by name.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from todoku.formats.kana import BANK_NAME, PARTY_NAME, PARTY_NAME_WITH_WO, bank_kana, cut_to
from todoku.formats.refused import FormatRefused
from todoku.formats.zengin_layout import BANK_NAME_BYTES, CLIENT_NAME_BYTES, Header, Profile

BANK, GIFT, CASH, REGISTERED_MAIL = "bank", "gift", "cash", "registered_mail"
RAILS = (BANK, GIFT, CASH, REGISTERED_MAIL)
GRANT, REFUSE = "grant", "refuse"

_BLOCK_LINES = 10_000  # encoded together: a city's list never stands in memory twice as text


class Decision(NamedTuple):
    """One line of a decision list: case number (13 digits), part (1 first entitlement, 2… 追給), what was decided.

    `amount_yen` is 0 for a refusal. `bank` (4), `branch` (3), `kind` (1 2 4 9), `account_number` (7) and `holder`
    (any written kana, as reviewed) are "" and 0 where no account was decided on. `reason` is a code or "".
    """

    case_number: str
    part: int
    outcome: str
    reason: str
    amount_yen: int
    rail: str
    bank: str = ""
    branch: str = ""
    kind: int = 0
    account_number: str = ""
    holder: str = ""


class Line(NamedTuple):
    """One line of a line file: which file and data record (both from 1) pays which decision.

    `transfer_number` (10 digits) is customer code 1 of the record. The names are half-width kana as written there,
    "" where the profile leaves them blank. `retry_of` is the transfer number of the returned transfer, or "".
    """

    file_number: int
    line: int
    transfer_number: str
    decision_list: int
    case_number: str
    part: int
    amount_yen: int
    bank_name: str = ""
    branch_name: str = ""
    retry_of: str = ""


class ListSum(NamedTuple):
    """A decision list that the manifest names: its number, SHA-256, number of grants and their total in yen."""

    number: int
    sha256: str
    grants: int
    total_yen: int


class FileSum(NamedTuple):
    """A bank file that the manifest names: number from 1, file name, SHA-256, data records, total in yen."""

    number: int
    name: str
    sha256: str
    row_count: int
    total_yen: int


class LinesSum(NamedTuple):
    """The line file that the manifest names: file name and SHA-256."""

    name: str
    sha256: str


class Order(NamedTuple):
    """What a batch is in the municipality's books: its number, value date, fiscal year, budget item (科目) and
    payment-order number (支出命令番号); the last two may be "" where the office does not know them."""

    batch: int
    value_date: date
    fiscal_year: int
    budget_item: str = ""
    payment_order: str = ""
    rail: str = BANK


class BundleRefused(FormatRefused):
    """A row that no line can hold. `line` counts the rows from 1; `field` is its name in this module."""

    def __init__(self, sentence: str, line: int = 0, field: str = "") -> None:
        super().__init__(sentence)
        self.line = line
        self.field = field


_NO_BREAK = (
    r"[^\x00-\x1f\x7f\x80-\x9f\u2028\u2029]*"  # nothing that any reader takes for the end of a value or line
)
_CASE, _PART, _YEN = "[0-9]{13}", "[1-9][0-9]{0,3}", "(?:0|[1-9][0-9]{0,9})"
_NUMBER = "[1-9][0-9]{0,9}"

# The shape of each value, in the order of the line; a verifier has its own copy of this table.
DECISION_SHAPES = (
    ("case_number", _CASE),
    ("part", _PART),
    ("outcome", f"(?:{GRANT}|{REFUSE})"),
    ("reason", r"[0-9A-Za-z_.\-]*"),
    ("amount_yen", _YEN),
    ("rail", "(?:" + "|".join(RAILS) + ")"),
    ("bank", "(?:[0-9]{4}|)"),
    ("branch", "(?:[0-9]{3}|)"),
    ("kind", "[01249]"),
    ("account_number", "(?:[0-9]{7}|)"),
    ("holder", _NO_BREAK),
)
LINE_SHAPES = (
    ("file_number", _NUMBER),
    ("line", _NUMBER),
    ("transfer_number", "[0-9]{10}"),
    ("decision_list", _NUMBER),
    ("case_number", _CASE),
    ("part", _PART),
    ("amount_yen", "[1-9][0-9]{0,9}"),
    ("bank_name", _NO_BREAK),
    ("branch_name", _NO_BREAK),
    ("retry_of", "(?:[0-9]{10}|)"),
)
_DECISION = re.compile("\t".join(shape for _, shape in DECISION_SHAPES))
_LINE = re.compile("\t".join(shape for _, shape in LINE_SHAPES))
_HEAD = re.compile(r"[0-9]{6}\t[a-z0-9][a-z0-9_\-]*\t[1-9][0-9]*")

LABELS = {
    "case_number": "案件番号",
    "part": "支給の回",
    "outcome": "決定",
    "reason": "理由コード",
    "amount_yen": "金額",
    "rail": "支給手段",
    "bank": "金融機関コード",
    "branch": "支店コード",
    "kind": "預金種目",
    "account_number": "口座番号",
    "holder": "口座名義",
    "file_number": "ファイル番号",
    "line": "行番号",
    "transfer_number": "振込番号",
    "decision_list": "決定一覧の番号",
    "bank_name": "金融機関名",
    "branch_name": "支店名",
    "retry_of": "再振込の元の番号",
}


def decisions_name(number: int) -> str:
    """The file name of a decision list."""
    return f"decisions-{number}.tsv"


def lines_name(batch: int) -> str:
    """The file name of a batch's line file."""
    return f"lines-{batch}.tsv"


def manifest_name(batch: int) -> str:
    """The file name of a batch's manifest."""
    return f"manifest-{batch}.json"


def bank_file_name(value_date: date, batch: int, number: int) -> str:
    """The file name of a batch's bank file, `number` from 1: the day with its year, which the file itself lacks."""
    return f"sougou-{value_date:%Y%m%d}-{batch}-{number}.txt"


def decision_lines(municipality: str, programme: str, number: int, decisions: Iterable[Decision]) -> bytes:
    """The decision list file, whose SHA-256 is what the official decided.

    In: municipality code (6 digits), programme slug, list number from 1, the decisions ordered by case number and
    part, each (case, part) once; plain tuples of the same order serve as well. Out: UTF-8 bytes; the holder without
    outer blanks. Raises BundleRefused naming row and field for a value that no line can hold, for an amount that
    does not fit the outcome, and for a bank payment granted without an account.
    """
    return b"".join(_encoded(_head("todoku-decisions", municipality, programme, number), _decided(decisions)))


def line_rows(municipality: str, programme: str, batch: int, lines: Iterable[Line]) -> bytes:
    """The line file of a batch, in the order of file and line; plain tuples of the same order serve as well.

    Out: UTF-8 bytes. Raises BundleRefused naming row and field for a value that no line can hold.
    """
    return b"".join(_encoded(_head("todoku-lines", municipality, programme, batch), _paid(lines)))


def manifest(
    municipality: str,
    programme: str,
    order: Order,
    header: Header,
    profile: Profile,
    *,
    decision_lists: Sequence[ListSum],
    files: Sequence[FileSum],
    lines: LinesSum,
) -> bytes:
    """The manifest of a batch as canonical JSON, whose SHA-256 is what the approvals cover.

    `header` is what the bank file was made from; its names are written as the bank reads them: half-width, cut to
    the field, the bank's and the branch's blank where the profile leaves them blank. Count and total are those of
    the files. `decision_lists`: every list that a line names.
    """
    assert [file.number for file in files] == list(range(1, len(files) + 1)), "files are numbered from 1"
    text = {
        "format": "todoku-manifest/1",
        "municipality": municipality,
        "programme": programme,
        "batch": order.batch,
        "rail": order.rail,
        "value_date": order.value_date.isoformat(),
        "fiscal_year": order.fiscal_year,
        "budget_item": order.budget_item,
        "payment_order": order.payment_order,
        "payer": _payer(header, profile),
        "layout": _layout(profile),
        "count": sum(file.row_count for file in files),
        "total_yen": sum(file.total_yen for file in files),
        "decision_lists": [one._asdict() for one in sorted(decision_lists)],
        "files": [_file(one) for one in files],
        "lines": lines._asdict(),
    }
    return (json.dumps(text, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()


def sha256(data: bytes) -> str:
    """The digest by which the manifest names a file, as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def list_sum(number: int, data: bytes, decisions: Iterable[Decision]) -> ListSum:
    """What the manifest says of a decision list: its bytes' digest, its grants and their total."""
    grants = [one.amount_yen for one in decisions if one.outcome == GRANT]
    return ListSum(number, sha256(data), len(grants), sum(grants))


def _payer(header: Header, profile: Profile) -> dict[str, str | int]:
    allowed = PARTY_NAME if profile.strict_wo else PARTY_NAME_WITH_WO
    return {
        "client_code": header.client_code.zfill(10),
        "client_name": cut_to(bank_kana(header.client_name, allowed), CLIENT_NAME_BYTES),
        "bank": header.bank,
        "bank_name": _payer_bank_name(header.bank_name, profile),
        "branch": header.branch,
        "branch_name": _payer_bank_name(header.branch_name, profile),
        "account_kind": header.account_kind,
        "account_number": header.account_number.zfill(7),
    }


def _payer_bank_name(name: str, profile: Profile) -> str:
    return cut_to(bank_kana(name, BANK_NAME), BANK_NAME_BYTES) if name and profile.fill_names else ""


def _file(file: FileSum) -> dict[str, str | int]:
    return {
        "number": file.number,
        "name": file.name,
        "sha256": file.sha256,
        "count": file.row_count,
        "total_yen": file.total_yen,
    }


def _layout(profile: Profile) -> dict[str, str | bool]:
    """The profile's choices that show in the bytes; blanks stand as the blanks that the file holds."""
    return {
        "eol": "crlf" if profile.eol else "none",
        "eof": profile.eof,
        "clearing_house": profile.clearing_house,
        "new_code": profile.new_code,
        "transfer_category": profile.transfer_category,
        "names": "filled" if profile.fill_names else "blank",
        "wo": not profile.strict_wo,
    }


def _head(kind: str, municipality: str, programme: str, number: int) -> str:
    head = f"{municipality}\t{programme}\t{number}"
    if _HEAD.fullmatch(head) is None:
        raise BundleRefused(
            "団体コード(6桁)、事業の略称(英小文字・数字)、番号(1以上)のいずれかが正しくありません。設定を確認してください。"
        )
    return f"{kind}\t1\t{head}"


def _encoded(head: str, rows: Iterator[str]) -> Iterator[bytes]:
    block = [head]
    for row in rows:
        block.append(row)
        if len(block) == _BLOCK_LINES:
            yield ("\n".join(block) + "\n").encode()
            block = []
    if block:
        yield ("\n".join(block) + "\n").encode()


def _decided(decisions: Iterable[Decision]) -> Iterator[str]:
    fits = _DECISION.fullmatch
    before = ("", 0)
    for number, row in enumerate(decisions, 1):
        case, part, outcome, reason, amount, rail, bank, branch, kind, account, holder = row
        holder = holder.strip()
        text = f"{case}\t{part}\t{outcome}\t{reason}\t{amount}\t{rail}\t{bank}\t{branch}\t{kind}\t{account}\t{holder}"
        if fits(text) is None:
            raise _refusal(row, number, DECISION_SHAPES)
        if (amount > 0) != (outcome == GRANT):
            raise _wrong(number, "amount_yen", "支給は1円以上、不支給は0円です。決定を確認してください。")
        if rail == BANK and outcome == GRANT and not (bank and branch and kind and account and holder):
            raise _wrong(
                number, "account_number", "振込と決定したのに口座がそろっていません。口座を確認してください。"
            )
        assert before < (case, part), "decisions come by case number and part, each once"
        before = case, part
        yield text


def _paid(lines: Iterable[Line]) -> Iterator[str]:
    fits = _LINE.fullmatch
    before = (0, 0)
    for number, row in enumerate(lines, 1):
        file, line, transfer, listed, case, part, amount, bank, branch, retry = row
        text = f"{file}\t{line}\t{transfer}\t{listed}\t{case}\t{part}\t{amount}\t{bank}\t{branch}\t{retry}"
        if fits(text) is None:
            raise _refusal(row, number, LINE_SHAPES)
        assert before < (file, line), "lines come by file and line, each once"
        before = file, line
        yield text


def _refusal(row: Sequence[object], number: int, shapes: Sequence[tuple[str, str]]) -> BundleRefused:
    """The slow way, for a row known to be wrong: which field it is. The value itself is never repeated."""
    field = next(
        name for (name, shape), value in zip(shapes, row, strict=True) if not re.fullmatch(shape, str(value))
    )
    return _wrong(number, field, "書ける値になっていません。元のデータを確認してください。")


def _wrong(number: int, field: str, remedy: str) -> BundleRefused:
    return BundleRefused(f"{number}件目「{LABELS[field]}」: {remedy}", number, field)
