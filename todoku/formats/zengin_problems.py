"""Pure. A bank file as read in, everything a careful clerk would question in it out.

Asks the bank master and the calendar; changes nothing and refuses nothing. An error means that the bank will
return the file or pay wrongly; a warning means that a person should look.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from todoku.formats import bank_changes, bank_master
from todoku.formats.bank_days import is_bank_day
from todoku.formats.zengin_layout import AMOUNT_MAX, GENERAL_TRANSFER, NAME_BYTES, File, Row


class Problem(NamedTuple):
    """One doubt: record from 1 (0: the file), field, "error" or "warning", a sentence with the remedy."""

    line: int
    field: str
    severity: str
    sentence: str


def problems(file: File, pays_on: date | None = None) -> list[Problem]:
    """What is wrong or doubtful in a file, in the order of its records.

    In: a file from `zengin.read`, and the intended day, since the file holds no year. Never raises.
    """
    found = [Problem(0, "", "warning", sentence) for sentence in file.warnings]
    found += _of_header(file, pays_on)
    payments = Counter(_payment(row) for row in file.rows)
    known: dict[tuple[str, str], Problem | None] = {}
    for line, row in enumerate(file.rows, 2):
        account = (row.bank, row.branch)
        if account not in known:
            known[account] = _of_branch(row, line, pays_on)
        elsewhere = known[account]
        if elsewhere is not None:
            found.append(elsewhere._replace(line=line))
        found += _of_row(row, line, file.header.kind == GENERAL_TRANSFER, payments[_payment(row)])
    found += _of_trailer(file)
    return found


def _payment(row: Row) -> tuple[str, str, int, str, int]:
    return row.bank, row.branch, row.account_kind, row.account_number, row.amount


def _of_header(file: File, pays_on: date | None) -> Iterator[Problem]:
    if not file.header.client_name:
        yield Problem(
            1, "振込依頼人名", "error", "振込依頼人名が空欄です。銀行に届け出た名義を設定してください。"
        )
    if pays_on is None:
        return
    if file.header.value_date != f"{pays_on.month:02}{pays_on.day:02}":
        yield Problem(1, "振込指定日", "error", "振込指定日が予定の日と違います。振込日を確認してください。")
    if not is_bank_day(pays_on):
        yield Problem(
            1, "振込指定日", "error", "振込指定日が銀行の休業日です。翌営業日などに変更してください。"
        )


def _of_branch(row: Row, line: int, pays_on: date | None) -> Problem | None:
    stands = bank_changes.standing(row.bank, row.branch, pays_on or date.max)
    if stands.state == "closed":
        return Problem(line, "被仕向支店番号", "error", _closed(row, stands))
    if bank_master.bank(row.bank) is None:
        what = f"金融機関{row.bank}"
    elif bank_master.branch(row.bank, row.branch) is None:
        what = f"店番{row.bank}-{row.branch}"
    else:
        return None
    return Problem(
        line,
        "被仕向支店番号",
        "warning",
        f"{what}は金融機関一覧({bank_master.issued_on()}時点)にありません。統廃合がないか確認してください。",
    )


def _closed(row: Row, stands: bank_changes.Standing) -> str:
    """Known to be no more on that day: the bank would send the money back."""
    went = bank_changes.words(stands.to_bank, stands.to_branch)
    successor = f"いまは{went}です。" if went else ""
    return (
        f"店番{row.bank}-{row.branch}（{stands.name}）は、{stands.since:%Y年%m月%d日}までになくなりました。{successor}"
        "振込から外し、審査に戻して口座を直してください。"
    )


def _of_row(row: Row, line: int, pays: bool, same: int) -> Iterator[Problem]:
    if pays and row.amount == 0:
        yield Problem(line, "振込金額", "error", "金額が0円です。振込から外してください。")
    if row.amount == AMOUNT_MAX:
        yield Problem(line, "振込金額", "warning", "金額が書ける上限です。桁あふれがないか確認してください。")
    if not row.name:
        yield Problem(line, "受取人名", "error", "受取人名が空欄です。口座名義を確認してください。")
    if len(row.name) >= NAME_BYTES - 1:
        yield Problem(line, "受取人名", "warning", "受取人名が30桁に達し、後ろが切れている可能性があります。")
    if pays and same > 1:
        yield Problem(
            line,
            "口座番号",
            "warning",
            f"同じ口座に同じ金額の振込が{same}件あります。二重払いでないか確認してください。",
        )


def _of_trailer(file: File) -> Iterator[Problem]:
    line = len(file.rows) + 2
    if file.trailer.row_count != len(file.rows):
        yield Problem(
            line,
            "合計件数",
            "error",
            f"合計件数{file.trailer.row_count:,}件がデータ{len(file.rows):,}件と違います。ファイルを作り直してください。",
        )
    total = sum(row.amount for row in file.rows)
    if file.trailer.total is not None and file.trailer.total != total:
        yield Problem(
            line,
            "合計金額",
            "error",
            f"合計金額{file.trailer.total:,}円がデータの合計{total:,}円と違います。ファイルを作り直してください。",
        )
