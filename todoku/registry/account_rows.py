"""Pure. The known accounts (既知口座一覧) as a municipality hands them over: text in, rows and problems out.

Columns by heading, in any order: 宛名番号, 口座名義, 口座番号, 支店コード, 金融機関コード, 預金種別, 取込元種別. Every
account is held against the bank master, so that a closed branch is found before the bank finds it.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from todoku.formats import bank_master, kana
from todoku.formats.refused import FormatRefused

HEADINGS = {
    "number": "宛名番号", "holder": "口座名義", "account": "口座番号", "branch": "支店コード",
    "bank": "金融機関コード", "kind": "預金種別", "source": "取込元種別",
}  # fmt: skip
KINDS = frozenset("1249")  # 普通, 当座, 貯蓄, その他


# Where an account is known from (programme.vocabulary.ACCOUNT_SOURCES), by a word in the municipality's own 取込元種別.
_SOURCES = {
    "公金": "public_account", "児童扶養": "single_parent_allowance", "児童": "child_allowance", "保護": "public_assistance",
}  # fmt: skip


def source_of(words: str) -> str:
    """The source of a known account by its 取込元種別: an earlier payment unless it says otherwise."""
    return next((key for word, key in _SOURCES.items() if word in words), "earlier_payment")


class AccountsRefused(FormatRefused):
    """The file as a whole is not a list of known accounts."""


class AccountRow(NamedTuple):
    """One line: the person's 宛名番号 and the account as the bank file needs it."""

    line: int
    number: str
    bank: str
    branch: str
    kind: int
    account: str
    holder_kana: str
    source: str


class AccountProblem(NamedTuple):
    """What is wrong in one line: line from 1 with the headings, the column's heading, the remedy; never the value."""

    line: int
    column: str
    remedy: str


def read_accounts(lines: Iterable[str]) -> Iterator[AccountRow | AccountProblem]:
    """Every line as a row, or as the first problem found in it. Raises AccountsRefused when a column is missing."""
    reader = csv.reader(lines)
    headings = [heading.strip() for heading in next(reader, [])]
    missing = [heading for heading in HEADINGS.values() if heading not in headings]
    if missing:
        raise AccountsRefused(
            f"既知口座の一覧に列「{'」「'.join(missing)}」がありません。"
            "見出しを含めて出力し直したファイルを受け取ってください。"
        )
    at = {name: headings.index(heading) for name, heading in HEADINGS.items()}
    for row in reader:
        if not row:
            continue
        if len(row) != len(headings):
            yield AccountProblem(reader.line_num, "行全体", "列の数を見出しの数に合わせてください。")
            continue
        yield _row(reader.line_num, {name: row[place].strip() for name, place in at.items()})


def _row(line: int, cells: dict[str, str]) -> AccountRow | AccountProblem:
    for name, is_good, remedy in _RULES:
        if not is_good(cells):
            return AccountProblem(line, HEADINGS[name], remedy)
    try:
        holder = kana.bank_kana(cells["holder"])
    except kana.KanaRefused as refused:
        return AccountProblem(line, HEADINGS["holder"], refused.sentence)
    return AccountRow(
        line, cells["number"], cells["bank"].zfill(4), cells["branch"].zfill(3), int(cells["kind"]),
        cells["account"].zfill(7), holder, cells["source"],
    )  # fmt: skip


def _digits(text: str, most: int) -> bool:
    return 0 < len(text) <= most and text.isascii() and text.isdigit()


# In this order: a branch can only be looked up in a bank that exists.
_RULES: tuple[tuple[str, Callable[[dict[str, str]], bool], str], ...] = (
    ("number", lambda c: _digits(c["number"], 15), "名簿と同じ宛名番号を数字で入れてください。"),
    ("bank", lambda c: _digits(c["bank"], 4), "4桁の金融機関コードを入れてください。"),
    (
        "bank",
        lambda c: bank_master.bank(c["bank"].zfill(4)) is not None,
        "金融機関の一覧にないコードです。統合や廃止の後のコードを確かめてください。",
    ),
    ("branch", lambda c: _digits(c["branch"], 3), "3桁の支店コードを入れてください。"),
    (
        "branch",
        lambda c: bank_master.branch(c["bank"].zfill(4), c["branch"].zfill(3)) is not None,
        "支店の一覧にないコードです。統合や廃止の後の支店を確かめてください。",
    ),
    (
        "kind",
        lambda c: c["kind"] in KINDS,
        "1（普通）・2（当座）・4（貯蓄）・9（その他）のどれかを入れてください。",
    ),
    ("account", lambda c: _digits(c["account"], 7), "口座番号を7桁までの数字で入れてください。"),
)
