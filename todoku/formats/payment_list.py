"""Pure. A payment list (支払一覧) as an office keeps it in, rows that can stand in a bank file and the problems out.

For who has nothing but a list and wants a bank file of it. Headings are found by their usual names. What a spreadsheet
has spoiled (zeros lost in front, 1.2E+06) is named and never guessed: a code that was made up pays a stranger.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from todoku.formats import bank_master, yucho
from todoku.formats.csv_list import ERROR, WARNING, Kind, Problem, Record, plain, read_table, yen
from todoku.formats.kana import KanaRefused, bank_kana
from todoku.formats.zengin_layout import AMOUNT_MAX, NAME_BYTES

COLUMNS = {
    "number": ("管理番号", "申請番号", "受付番号", "整理番号", "案件番号", "依頼番号", "顧客コード1", "NO"),
    "holder": (
        "口座名義カナ", "受給者氏名カナ", "口座名義(カナ)", "受給者氏名(カナ)", "口座名義人カナ", "口座名義人(カナ)",
        "受取人名カナ", "受取人名(カナ)", "名義カナ", "名義人カナ", "氏名カナ", "カナ氏名", "フリガナ", "受取人名",
        "口座名義", "口座名義人",
    ),
    "bank": ("銀行コード", "金融機関コード", "銀行番号", "金融機関番号", "被仕向銀行番号"),
    "branch": ("支店コード", "店番", "支店番号", "店番号", "店舗コード", "被仕向支店番号"),
    "kind": ("預金種目", "口座種別", "預金種別", "口座種目", "種目", "種別", "科目"),
    "account_number": ("口座番号",),
    "symbol": ("ゆうちょ記号", "通帳記号", "記号"),
    "symbol_number": ("ゆうちょ番号", "通帳番号", "番号"),
    "amount": ("金額", "支給額", "支払金額", "振込金額", "支給金額", "支払額", "給付額"),
    "same_account": ("同一口座の確認", "重複確認"),
}  # fmt: skip
"""Our field → headings, the usual one first. `same_account`: why two payments of one amount go to one account."""
_REQUIRED = (
    ("number",),
    ("holder",),
    ("bank", "symbol"),
    ("branch", "symbol"),
    ("kind", "symbol"),
    ("account_number", "symbol"),
    ("amount",),
)

KINDS = {
    "1": 1, "2": 2, "4": 4, "9": 9, "普通": 1, "普通預金": 1, "総合": 1, "総合口座": 1, "当座": 2, "当座預金": 2,
    "貯蓄": 4, "貯蓄預金": 4, "その他": 9,
}  # fmt: skip

NO_NUMBER = Kind("番号がありません", "1から10桁までの数字を付けてください。振込不能の照合に使います。")
BAD_NUMBER = Kind(
    "10桁までの数字ではありません", "数字だけの番号にしてください。振込データの顧客コード1に入ります。"
)
SPOILED = Kind(
    "表計算ソフトで桁が失われています",
    "元のシステムから出力し直し、表計算ソフトで開かずに(または列を文字列にして)使ってください。",
)
SHORT_BANK = Kind("4桁ありません(先頭の0が失われた可能性)", "0も含めた4桁のコードに直してください。")
SHORT_BRANCH = Kind("3桁ありません(先頭の0が失われた可能性)", "0も含めた3桁のコードに直してください。")
SHORT_ACCOUNT = Kind(
    "7桁ありません(先頭の0が失われた可能性)", "通帳を確認し、先頭に0を付けた7桁に直してください。"
)
SHORT_SYMBOL = Kind("5桁ありません(先頭の0が失われた可能性)", "通帳の記号(5桁)を0も含めて書いてください。")
NOT_A_CODE = Kind("数字のコードではありません", "金融機関・支店のコードを数字で書いてください。")
BAD_ACCOUNT = Kind("7桁の数字ではありません", "通帳の口座番号(7桁)を書いてください。")
STILL_YUCHO = Kind(
    "ゆうちょ銀行の番号(8桁)のままです", "記号と番号の列に書くか、振込用の店番と7桁の番号に直してください。"
)
NO_KIND = Kind("預金種目ではありません", "普通は1、当座は2、貯蓄は4、その他は9と書いてください。")
NO_ACCOUNT = Kind("振込先がありません", "銀行コードからの4項目か、ゆうちょの記号と番号を書いてください。")
TWO_ACCOUNTS = Kind("ゆうちょの記号・番号と口座の列が違う口座です", "正しいほうだけを残してください。")
BAD_YUCHO = Kind("ゆうちょの記号・番号として正しくありません", "通帳の1ページ目を確認してください。")
ODD_YUCHO = Kind("記号の検査数字が合いません", "写し間違いがないか、通帳を確認してください。", WARNING)
UNKNOWN_BANK = Kind(
    "金融機関一覧にない銀行コードです", "統廃合がないか、金融機関に確認してください。", WARNING
)
UNKNOWN_BRANCH = Kind(
    "金融機関一覧にない支店コードです", "統廃合がないか、金融機関に確認してください。", WARNING
)
NO_HOLDER = Kind("口座名義のカナがありません", "通帳に書かれたカナの名義を書いてください。")
BAD_HOLDER = Kind("口座名義に銀行へ書けない文字があります", "通帳に書かれたカナの名義に直してください。")
LONG_HOLDER = Kind(
    "口座名義が30桁を超えます", "先頭の30桁を書きます。金融機関の登録と合うか確認してください。", WARNING
)
NO_AMOUNT = Kind("金額として読めません", "1円以上の整数にしてください。")
BAD_AMOUNT = Kind("金額が1円から9,999,999,999円までではありません", "支払う金額を確認してください。")
SAME_NUMBER = Kind("同じ番号の行があります", "二重払いでないか確認し、番号を一つずつにしてください。")
SAME_PAYMENT = Kind(
    "同じ口座に同じ金額の行があります",
    "二重払いなら1行を消し、正しい支払なら「同一口座の確認」の列に理由を書いてください。",
)

_SPOILED = re.compile(r"[0-9]+(?:\.[0-9]+)?E\+?[0-9]+|[0-9]+\.[0-9]+|#+|.*[0-9]月[0-9].*", re.IGNORECASE)


class PaymentRow(NamedTuple):
    """One payment: line of the list, number (10 digits, 顧客コード1), account, holder as written, amount in yen."""

    line: int
    number: str
    account: yucho.Account
    holder: str
    amount_yen: int

    def __repr__(self) -> str:
        return f"PaymentRow(line={self.line}, number={self.number!r})"


class PaymentList(NamedTuple):
    """The rows without an error, in the order of the list; every problem by line; how many lines were read."""

    rows: list[PaymentRow]
    problems: list[Problem]
    lines: int


def read(data: bytes) -> PaymentList:
    """The payments of a CSV list (CP932 or UTF-8, with headings).

    A row with an error is left out; a warning leaves it in. Raises ListRefused for what is no such list.
    """
    table = read_table(data, COLUMNS, _REQUIRED, "支払一覧")
    reader = _Reader(table.headings)
    rows = [row for record in table.records if (row := reader.take(record)) is not None]
    problems = sorted(table.problems + reader.problems, key=lambda problem: problem.line)
    spoiled = {problem.line for problem in problems if problem.severity == ERROR}
    lines = len(table.records) + len(table.problems)
    return PaymentList([row for row in rows if row.line not in spoiled], problems, lines)


class _Reader:
    """What was seen before in the same list: numbers, and payments of an amount to an account, by line."""

    def __init__(self, headings: Mapping[str, str]) -> None:
        self.headings = headings
        self.problems: list[Problem] = []
        self.errors = 0
        self.numbers: dict[str, int] = {}
        self.payments: dict[tuple[yucho.Account, int], int] = {}

    def take(self, record: Record) -> PaymentRow | None:
        """The row of one line; None with the problems noted where it has an error."""
        before = self.errors
        number = self._number(record)
        account = self._account(record)
        self._holder(record)
        amount = self._amount(record)
        if account is not None and amount:
            self._same_payment(record, account, amount)
        if self.errors > before:
            return None
        assert account is not None
        return PaymentRow(record.line, number, account, record.cells["holder"], amount)

    def _say(self, kind: Kind, record: Record, field: str, more: str = "") -> None:
        problem = kind.at(record.line, self.headings.get(field, COLUMNS[field][0]))
        self.problems.append(problem._replace(kind=problem.kind + more))
        self.errors += kind.severity == ERROR

    def _number(self, record: Record) -> str:
        text = plain(record.cells["number"])
        if not text.strip("0"):
            self._say(NO_NUMBER, record, "number")
        elif not re.fullmatch("[0-9]{1,10}", text):
            self._say(SPOILED if _SPOILED.fullmatch(text) else BAD_NUMBER, record, "number")
        elif (first := self.numbers.setdefault(text.zfill(10), record.line)) != record.line:
            self._say(SAME_NUMBER, record, "number", f"({first}行目)")
        return text.zfill(10)

    def _account(self, record: Record) -> yucho.Account | None:
        cells = record.cells
        by_codes = any(cells[field] for field in ("bank", "branch", "account_number"))
        if cells["symbol"] or cells["symbol_number"]:
            account = self._by_symbol(record)
            if by_codes and account is not None and self._by_codes(record) not in (account, None):
                self._say(TWO_ACCOUNTS, record, "symbol")
            return account
        if not by_codes:
            self._say(NO_ACCOUNT, record, "bank")
            return None
        return self._by_codes(record)

    def _by_symbol(self, record: Record) -> yucho.Account | None:
        symbol, number = plain(record.cells["symbol"]), plain(record.cells["symbol_number"])
        for field, text in (("symbol", symbol), ("symbol_number", number)):
            if _SPOILED.fullmatch(text):
                self._say(SPOILED, record, field)
                return None
        if re.fullmatch("[0-9]{4}", symbol):
            self._say(SHORT_SYMBOL, record, "symbol")
            return None
        try:
            account = yucho.transfer_account(symbol, number)
            if not yucho.check_digit_agrees(symbol, number):
                self._say(ODD_YUCHO, record, "symbol")
        except yucho.YuchoRefused:
            self._say(BAD_YUCHO, record, "symbol")
            return None
        return account

    def _by_codes(self, record: Record) -> yucho.Account | None:
        before = self.errors
        bank = self._code(record, "bank", 4, SHORT_BANK)
        branch = self._code(record, "branch", 3, SHORT_BRANCH)
        kind = KINDS.get(plain(record.cells["kind"]), 0)
        if not kind:
            self._say(NO_KIND, record, "kind")
        number = self._account_number(record, bank)
        if self.errors > before:
            return None
        if bank_master.bank(bank) is None:
            self._say(UNKNOWN_BANK, record, "bank")
        elif bank_master.branch(bank, branch) is None:
            self._say(UNKNOWN_BRANCH, record, "branch")
        return yucho.Account(bank, branch, kind, number)

    def _code(self, record: Record, field: str, size: int, short: Kind) -> str:
        text = plain(record.cells[field])
        if _SPOILED.fullmatch(text):
            self._say(SPOILED, record, field)
        elif not re.fullmatch("[0-9]+", text) or len(text) > size:
            self._say(NOT_A_CODE, record, field)
        elif len(text) < size:
            self._say(short, record, field)
        return text

    def _account_number(self, record: Record, bank: str) -> str:
        text = plain(record.cells["account_number"])
        if _SPOILED.fullmatch(text):
            self._say(SPOILED, record, "account_number")
        elif bank == bank_master.YUCHO and re.fullmatch("[0-9]{7}1", text):
            self._say(STILL_YUCHO, record, "account_number")
        elif not re.fullmatch("[0-9]{1,7}", text):
            self._say(BAD_ACCOUNT, record, "account_number")
        elif len(text) < 7:
            self._say(SHORT_ACCOUNT, record, "account_number")
        return text

    def _holder(self, record: Record) -> None:
        holder = record.cells["holder"]
        if not holder:
            self._say(NO_HOLDER, record, "holder")
            return
        try:
            half = bank_kana(holder)
        except KanaRefused as refused:
            self._say(BAD_HOLDER, record, "holder", f"({refused.position + 1}文字目)")
            return
        if len(half) > NAME_BYTES:
            self._say(LONG_HOLDER, record, "holder")

    def _amount(self, record: Record) -> int:
        amount = yen(record.cells["amount"])
        if amount is None:
            spoiled = _SPOILED.fullmatch(plain(record.cells["amount"]))
            self._say(SPOILED if spoiled else NO_AMOUNT, record, "amount")
        elif not 1 <= amount <= AMOUNT_MAX:
            self._say(BAD_AMOUNT, record, "amount")
            return 0
        return amount or 0

    def _same_payment(self, record: Record, account: yucho.Account, amount: int) -> None:
        """A second payment of one amount to one account, unless the office wrote why (a guardian, a facility)."""
        first = self.payments.setdefault((account, amount), record.line)
        if first != record.line and not record.cells["same_account"]:
            self._say(SAME_PAYMENT, record, "account_number", f"({first}行目)")
