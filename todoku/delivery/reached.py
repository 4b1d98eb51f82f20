"""Money over rails of which no bank reports (受取りの記録): what reached its payee is settled, what did not comes back.

Takes transfers of one released batch; leaves them settled with their cases PAID, or returned with their cases FAILED, so
that the resident names another way; the books follow in the same transaction. Settling is the last word of a rail's own
verb, which has put the proof beside the transfer before: a delivered code, a receipt.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from todoku.case import stages
from todoku.case.move import Selection, move
from todoku.ground.step import Refusal
from todoku.payment.book_batch import book_batch
from todoku.payment.claimed_back import claimed_back
from todoku.payment.tables import BankReport, Batch, Result, Transfer
from todoku.people.actor import Actor

_FIRST_CASES = "select case_id from todoku_transfer where id = any(%s) and part = 1"
_OUT_OF_FORCE = """
update todoku_decision set in_force = false where id in (select decision_id from todoku_transfer where id = any(%s))
"""
UNFINISHED = ("ready", "sealed", "sending", "sent")


class CannotComeBack(Refusal):
    """A payment is claimed back already, or what is left of it was settled: it does not come back as a whole too."""


def reached(batch: Batch, transfers: Sequence[int], *, why: str, actor: Actor, at: datetime) -> int:
    """Settles these sent transfers of the batch; gives how many. The database asks for the proof of each."""
    chosen = list(transfers)
    with transaction.atomic():
        batch = _held(batch)
        settled = Transfer.objects.filter(batch=batch, pk__in=chosen, state="sent").update(state="settled")
        assert settled == len(chosen), f"batch {batch.pk}: {len(chosen)} reached, {settled} settled"
        _move(batch, chosen, stages.PAID, why, actor, at)
        book_batch(batch, transfers=chosen, actor=actor, at=at)
        _finish(batch)
    return settled


def came_back(batch: Batch, transfers: Sequence[int], *, why: str, actor: Actor, at: datetime) -> int:
    """Takes these transfers of the batch as not received, sent or settled before; gives how many.

    There is no bank's file to it: the report that the database asks for has no parcel. The decision is no longer in
    force, since another way of receiving needs another one. Raises CannotComeBack for what is claimed back.
    """
    chosen = list(transfers)
    with transaction.atomic(), connection.cursor() as cursor:
        batch = _held(batch)
        spoken_for = claimed_back(chosen)
        if spoken_for:
            pk, words = min(spoken_for.items())
            raise CannotComeBack(f"支払番号{Transfer.objects.get(pk=pk).number}は{words}")
        report = BankReport.objects.create(
            batch=batch,
            parcel=None,
            kind="late",
            returned=len(chosen),
            settled=0,
            at=at,
            actor_name=actor.name,
        )
        Result.objects.bulk_create(
            Result(report=report, transfer_id=transfer, reason="OTHER", returned_on=None, at=at) for transfer in chosen
        )  # fmt: skip
        back = Transfer.objects.filter(batch=batch, pk__in=chosen, state__in=["sent", "settled"]).update(
            state="returned"
        )
        assert back == len(chosen), f"batch {batch.pk}: {len(chosen)} came back, {back} returned"
        _move(batch, chosen, stages.FAILED, why, actor, at)
        cursor.execute(_OUT_OF_FORCE, [chosen])
        book_batch(batch, transfers=chosen, actor=actor, at=at)
        _finish(batch)
    return back


def _held(batch: Batch) -> Batch:
    return Batch.objects.select_for_update(of=("self",)).select_related("programme").get(pk=batch.pk)


def _move(batch: Batch, chosen: list[int], to: str, why: str, actor: Actor, at: datetime) -> None:
    firsts = Transfer.objects.filter(pk__in=chosen, part=1).count()
    moved = move(
        Selection(_FIRST_CASES, [chosen]), programme=batch.programme, to=to, why=why, actor=actor, at=at
    )
    assert moved == firsts, f"batch {batch.pk}: {firsts} first payments, {moved} cases moved"


def _finish(batch: Batch) -> None:
    """A batch whose every transfer has an end is reconciled."""
    if batch.state == "sent" and not Transfer.objects.filter(batch=batch, state__in=UNFINISHED).exists():
        Batch.objects.filter(pk=batch.pk).update(state="reconciled")
