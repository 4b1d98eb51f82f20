"""Returned transfers as a person keys them from paper, a call or the bank's screen → lines like those of a file.

Takes a number or a case, yen, reason and day; leaves plain lines for a second look. It takes nothing into the books.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from todoku.bank.match_returns import AT_THE_BANK
from todoku.formats.bank_report import ReturnedTransfer
from todoku.ground.step import Refusal
from todoku.payment.tables import Batch, Result, Transfer
from todoku.programme.tables import Programme

REASONS = dict(Result.REASONS)
CASE_DIGITS = 13


class Keyed(NamedTuple):
    """One returned transfer as typed: our transfer number or the case's number, yen, reason, day."""

    number: str
    amount: int
    reason: str
    returned_on: date | None


class CannotKey(Refusal):
    """A typed line means no transfer; `line` counts from 1."""

    def __init__(self, sentence: str, line: int) -> None:
        super().__init__(f"{line}行目: {sentence}")
        self.line = line


class NotNamed(Refusal):
    """What was typed names no transfer at the bank, or more than one."""


def returned_rows(batch: Batch, keyed: Sequence[Keyed]) -> list[ReturnedTransfer]:
    """The lines with our 10-digit numbers; a case's number means its one transfer at the bank. Raises CannotKey."""
    rows = []
    for line, one in enumerate(keyed, 1):
        if one.reason not in REASONS:
            raise CannotKey("戻った理由を選んでください。", line)
        try:
            number = _number(batch.programme_id, one.number)
        except NotNamed as why:
            raise CannotKey(why.sentence, line) from why
        rows.append(
            ReturnedTransfer(line, number, one.amount, one.reason, REASONS[one.reason], one.returned_on)
        )
    return rows


def transfer_named(programme: Programme, typed: str, *, states: Sequence[str] = AT_THE_BANK) -> Transfer:
    """The transfer, in one of the `states`, that a 10-digit number or a case's number names; raises NotNamed."""
    number = _number(programme.pk, typed, states)
    found = Transfer.objects.filter(programme=programme, number=number).first()
    if found is not None and found.state in states:
        return found
    if found is not None and found.state == "sending":
        raise NotNamed("この番号の振込は結果不明です。先に、金融機関の受付を確認してください。")
    raise NotNamed(
        "この番号の振込は、金融機関へ依頼していないか、すでに戻っています。番号を確認してください。"
    )


def _number(programme: int, typed: str, states: Sequence[str] = AT_THE_BANK) -> str:
    """The 10 digits as typed, or those of the case's one transfer in these states."""
    bare = "".join(char for char in typed if char not in " -　")
    if not (bare.isascii() and bare.isdigit() and len(bare) in (10, CASE_DIGITS)):
        raise NotNamed("振込番号の10桁か、案件の番号の13桁を入れてください。")
    if len(bare) == 10:
        return bare
    found = list(
        Transfer.objects.filter(programme_id=programme, case__number=bare, state__in=states).values_list(
            "number", flat=True
        )
    )
    if len(found) == 1:
        return found[0]
    if found:
        raise NotNamed("この案件には振込が二つ以上あります。振込番号の10桁を入れてください。")
    raise NotNamed("この案件には、金融機関へ依頼した振込がありません。")
