"""Pure. Payments of a list and who pays them in, the whole bundle of one batch out: what a bank takes, what proves it.

The bank files (総合振込), the decision list (支給決定一覧), the line file (明細) and the manifest (振込データ明細書), by the
same writers that the payment room uses. The same payments give the same bytes, always.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from todoku.formats import bank_master
from todoku.formats.payer import Payer, booked_year, header
from todoku.formats.payment_bundle import (
    BANK,
    GRANT,
    Decision,
    FileSum,
    Line,
    LinesSum,
    Order,
    bank_file_name,
    decision_lines,
    decisions_name,
    line_rows,
    lines_name,
    list_sum,
    manifest,
    manifest_name,
    sha256,
)
from todoku.formats.payment_list import PaymentRow
from todoku.formats.zengin import Profile, Row, general_transfer, read, split

BATCH = DECISIONS = FIRST_PART = 1  # a bundle made alone is the first and only one of its folder


class Bundle(NamedTuple):
    """The files of a batch by name, in the order in which they are to be written: the manifest seals the others."""

    decisions: tuple[str, bytes]
    lines: tuple[str, bytes]
    bank_files: tuple[tuple[str, bytes], ...]
    manifest: tuple[str, bytes]
    files: tuple[FileSum, ...]

    @property
    def all(self) -> tuple[tuple[str, bytes], ...]:
        """Every file by name, the manifest last."""
        return self.decisions, self.lines, *self.bank_files, self.manifest


def bundle(payments: Sequence[PaymentRow], payer: Payer, profile: Profile, value_date: date) -> Bundle:
    """Bank files and what proves them. In: payments without a number twice, at least one.

    Records stand by bank, branch and number, as in a batch of the payment room. Raises FormatRefused subclasses
    naming the record for what no bank file can hold.
    """
    year = booked_year(payer, value_date)
    decided = [_decision(payment) for payment in sorted(payments, key=lambda one: one.number)]
    decisions = decision_lines(payer.municipality, payer.programme, DECISIONS, decided)
    ordered = sorted(payments, key=lambda one: (one.account.bank, one.account.branch, one.number))
    cut = split([_record(payment) for payment in ordered], profile)
    sender = header(payer, value_date)
    bank_files = tuple(
        (bank_file_name(value_date, BATCH, number), general_transfer(sender, rows, profile))
        for number, rows in enumerate(cut, 1)
    )
    lines = line_rows(payer.municipality, payer.programme, BATCH, _lines(cut, profile))
    sums = tuple(_sum(number, name, data) for number, (name, data) in enumerate(bank_files, 1))
    proof = manifest(
        payer.municipality,
        payer.programme,
        Order(BATCH, value_date, year, payer.budget_item, payer.payment_order),
        sender,
        profile,
        decision_lists=[list_sum(DECISIONS, decisions, decided)],
        files=sums,
        lines=LinesSum(lines_name(BATCH), sha256(lines)),
    )
    return Bundle(
        (decisions_name(DECISIONS), decisions),
        (lines_name(BATCH), lines),
        bank_files,
        (manifest_name(BATCH), proof),
        sums,
    )


def _decision(payment: PaymentRow) -> Decision:
    account = payment.account
    return Decision(
        payment.number.zfill(13), FIRST_PART, GRANT, "", payment.amount_yen, BANK, account.bank, account.branch,
        account.kind, account.number, payment.holder,
    )  # fmt: skip


def _record(payment: PaymentRow) -> Row:
    account = payment.account
    bank, branch = bank_master.bank(account.bank), bank_master.branch(account.bank, account.branch)
    return Row(
        account.bank, bank.kana if bank else "", account.branch, branch.kana if branch else "", account.kind,
        account.number, payment.holder, payment.amount_yen, payment.number,
    )  # fmt: skip


def _lines(cut: Sequence[Sequence[Row]], profile: Profile) -> list[Line]:
    named = profile.fill_names
    return [
        Line(
            number, place, row.customer_code_1, DECISIONS, row.customer_code_1.zfill(13), FIRST_PART, row.amount,
            row.bank_name if named else "", row.branch_name if named else "",
        )
        for number, rows in enumerate(cut, 1)
        for place, row in enumerate(rows, 1)
    ]  # fmt: skip


def _sum(number: int, name: str, data: bytes) -> FileSum:
    """Count and total as the bank reads them in the finished file, which must be those of its own records."""
    file = read(data)
    total = sum(row.amount for row in file.rows)
    assert (file.trailer.row_count, file.trailer.total) == (len(file.rows), total), "a file is its own sum"
    assert not file.warnings, "a file just written is tidy"
    return FileSum(number, name, sha256(data), len(file.rows), total)
