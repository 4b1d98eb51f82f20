"""What would break a batch's bank file, or should be looked at, record by record (事前確認).

Takes an open batch; leaves a list that names transfers. Changes nothing: seal asks it again and refuses what blocks.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from todoku.formats import zengin
from todoku.formats.zengin_problems import problems
from todoku.formats.zengin_read import read
from todoku.payment.bank_file import header_of, numbers_by_line, profile_of, render, rows_of
from todoku.payment.tables import Batch, Transfer

Account = tuple[str, str, int, str]


class Doubt(NamedTuple):
    """One thing to see to: the transfer's number ("" for the whole batch), a sentence, whether it stops the seal."""

    number: str
    sentence: str
    blocks: bool = True


def preflight(batch: Batch, *, on: date) -> list[Doubt]:
    """Every doubt about an open batch on a day; it may be sealed when none of them blocks."""
    found = [*_of_batch(batch, on), *_of_caps(batch)]
    if not found:
        found = list(_of_file(batch))
    return sorted(found, key=lambda doubt: (not doubt.blocks, doubt.number))


def _of_batch(batch: Batch, on: date) -> Iterator[Doubt]:
    if batch.value_date <= on:
        yield Doubt(
            "",
            "振込指定日が今日か、過ぎています。この振込データを取り消し、新しい振込日で作り直してください。",
        )
    amounts = list(Transfer.objects.filter(batch=batch, state="ready").values_list("amount_yen", flat=True))
    if (len(amounts), sum(amounts)) != (batch.count, batch.total_yen):
        yield Doubt(
            "",
            "件数または合計額が、作成した時点から変わっています。この振込データを取り消して作り直してください。",
        )


def _of_caps(batch: Batch) -> Iterator[Doubt]:
    """The programme's upper limits: for one transfer, and for all that goes to one account."""
    payment = batch.programme.terms.payment
    rows = list(
        Transfer.objects.filter(batch=batch, state="ready").values_list(
            "number", "amount_yen", "bank", "branch", "kind", "account_number"
        )
    )
    by_account: dict[Account, int] = defaultdict(int)
    for _number, amount, *account in rows:
        by_account[_key(account)] += amount
    for number, amount, *account in rows:
        if amount > payment.cap_per_transfer_yen:
            yield Doubt(
                number, f"{amount:,}円は1件の上限（{payment.cap_per_transfer_yen:,}円）を超えています。"
            )
        if by_account[_key(account)] > payment.cap_per_account_yen:
            yield Doubt(
                number, f"同じ口座への合計が上限（{payment.cap_per_account_yen:,}円）を超えています。"
                "口座を確認し、誤りがあれば審査へ戻してください。",
            )  # fmt: skip


def _key(account: list[object]) -> Account:
    bank, branch, kind, number = account
    assert isinstance(kind, int), "the kind of an account is a number"
    return str(bank), str(branch), kind, str(number)


def _of_file(batch: Batch) -> Iterator[Doubt]:
    """What the format refuses, or else what a careful clerk would question in the finished file."""
    try:
        data, numbers = render(batch)
    except zengin.ZenginRefused as refused:
        yield from _refused(batch, refused)
        return
    for one in problems(read(data), batch.value_date):
        yield Doubt(numbers.get(one.line, ""), one.sentence, one.severity == "error")


def _refused(batch: Batch, first: zengin.ZenginRefused) -> Iterator[Doubt]:
    """Each record that the format refuses; the writer itself stops at the first one."""
    header, rows, profile = header_of(batch), rows_of(batch), profile_of(batch)
    if first.line not in numbers_by_line(rows):
        yield Doubt("", first.sentence)
        return
    for row in rows:
        try:
            zengin.general_transfer(header, [row], profile)
        except zengin.ZenginRefused as refused:
            # The line that the writer names is that of its own trial, not of the batch's file.
            remedy = refused.sentence.rpartition("」: ")[2]
            yield Doubt(row.customer_code_1, f"「{refused.field}」: {remedy}")
