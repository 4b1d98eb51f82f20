"""Transfers that came back (資金返却): lines on record, rows returned, cases failed, decisions out of force, recalls ended.

Takes lines matched to their transfers of one batch, in the transaction of a report; pays nothing again. A supplement
(追給) moves no case: what becomes of it is the municipality's order.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.utils.timezone import localdate

from todoku.bank.match_returns import Match
from todoku.bank.tables import Recall
from todoku.case import stages
from todoku.case.move import move
from todoku.formats.bank_report import OTHER
from todoku.payment.tables import BankReport, Result, Transfer
from todoku.people.actor import Actor

RECALLED = "RECALLED"


def take_back(report: BankReport, matches: Sequence[Match], *, actor: Actor, at: datetime) -> None:
    """Takes back every transfer of the report's batch that a line names; the caller has locked the batch."""
    ids = [match.transfer for match in matches]
    recalled = set(
        Recall.objects.filter(transfer__in=ids, state="sent").values_list("transfer_id", flat=True)
    )
    Result.objects.bulk_create(
        Result(
            report=report, transfer_id=match.transfer, returned_on=match.row.returned_on, at=at,
            # The bank gives its own words, or none, for what it sends back because we asked.
            reason=RECALLED if match.transfer in recalled and match.row.reason == OTHER else match.row.reason,
        )
        for match in matches
    )  # fmt: skip
    assert Transfer.objects.filter(pk__in=ids).update(state="returned") == len(ids), "each line is a transfer"
    first = list(Transfer.objects.filter(pk__in=ids, part=1).values_list("case_id", flat=True))
    move(
        first, programme=report.batch.programme, to=stages.FAILED, why=f"振込結果{report.batch_id}", actor=actor, at=at,
    )  # fmt: skip
    with connection.cursor() as cursor:
        # A decision whose money came back is no longer in force: another account needs another decision.
        cursor.execute(
            "update todoku_decision set in_force = false where id in "
            "(select decision_id from todoku_transfer where id = any(%s))",
            [ids],
        )
    _end_recalls(ids, at)


def _end_recalls(transfers: Sequence[int], at: datetime) -> None:
    """What was recalled is back; what was only to be recalled need not be."""
    open_ones = Recall.objects.filter(transfer__in=transfers)
    words = f"{localdate(at):%Y/%m/%d} 資金の返却を取り込み"
    open_ones.filter(state="sent").update(state="returned", ended_at=at, outcome=words)
    open_ones.filter(state="asked").update(
        state="withdrawn", ended_at=at, outcome=f"{words}（依頼の前に返却）"
    )
