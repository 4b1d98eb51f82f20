"""Decided cases whose transfer must not go out → back to review (振込前の差し戻し), their decisions no longer in force.

Takes cases at DECIDED, in an open batch or in none; leaves their ready transfers void, the batches' totals without them,
and a new round of review. What stands in a sealed file is not taken out of it: void the batch first.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction

from todoku.case import stages
from todoku.case.move import move
from todoku.case.tables import Case
from todoku.ground.step import Refusal
from todoku.ledger.entitle import withdraw
from todoku.ledger.post import Rows
from todoku.payment.count_again import count_all_again
from todoku.payment.tables import LIVE
from todoku.people.actor import Actor
from todoku.people.look import record_looks
from todoku.programme.tables import Programme
from todoku.review.case_locks import hold_cases
from todoku.review.reopen import open_round

# Batches before transfers and both in one order, as seal does: two who meet here wait for each other.
HOLD_BATCHES = """
select id from todoku_batch
 where id in (select batch_id from todoku_transfer where case_id = any(%s) and part = 1 and state = any(%s))
 order by id for update
"""
HOLD = """
select id, case_id, batch_id, state from todoku_transfer where case_id = any(%s) and part = 1 and state = any(%s)
 order by id for update
"""
OUT_OF_FORCE = """
update todoku_decision d set in_force = false, remark = x.reason
  from unnest(%s::bigint[], %s::text[]) as x(case_id, reason)
 where d.case_id = x.case_id and d.part = 1 and d.in_force
"""


class CannotHandBack(Refusal):
    """A case does not wait for payment, or nobody says why it should go back. `case`: the one that stops it."""

    def __init__(self, sentence: str, *, case: int = 0) -> None:
        super().__init__(sentence)
        self.case = case


class Back(NamedTuple):
    """A case that goes back, by its id, and why."""

    case: int
    reason: str


def hand_back(case: Case, *, reason: str, actor: Actor, at: datetime) -> None:
    """Sends one case back to review with a reason; raises CannotHandBack once its transfer is sealed."""
    hand_all_back([Back(case.pk, reason)], programme=case.programme, actor=actor, at=at)


def hand_all_back(rows: Sequence[Back], *, programme: Programme, actor: Actor, at: datetime) -> int:
    """Sends many cases of a programme back, all or none, in the same few statements whatever their number.

    Gives how many; raises CannotHandBack naming the first case whose transfer is sealed.
    """
    if not rows:
        return 0
    reasons = [row.reason.strip()[:200] for row in rows]
    if not all(reasons):
        raise CannotHandBack("審査へ戻す理由を書いてください。審査担当者に伝わります。")
    cases = [row.case for row in rows]
    with transaction.atomic():
        # Transfers that are made at this moment are waited for, and void with the others.
        hold_cases(cases, programme.pk)
        void_ready(cases)
        withdraw(
            Rows("select id from todoku_decision where case_id = any(%s) and part = 1 and in_force", [cases]),
            programme=programme, actor=actor, at=at, reason="振込前の差し戻し",
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(OUT_OF_FORCE, [cases, reasons])
        move(cases, programme=programme, to=stages.IN_REVIEW, why="振込前の差し戻し", actor=actor, at=at)
        open_round(cases, programme=programme, reason="from_payment", at=at)
        record_looks(
            list(zip(cases, reasons, strict=True)), actor=actor, action="payment.hand_back", subject_kind="case",
            at=at, programme_slug=programme.slug,
        )  # fmt: skip
    return len(cases)


def void_ready(cases: Sequence[int]) -> None:
    """Voids the ready transfers and counts their open batches again; raises CannotHandBack where one is sealed."""
    with connection.cursor() as cursor:
        cursor.execute(HOLD_BATCHES, [list(cases), LIVE])
        batches = [row[0] for row in cursor.fetchall()]
        cursor.execute(HOLD, [list(cases), LIVE])
        held = cursor.fetchall()
        sealed = next((case for _, case, _, state in held if state != "ready"), None)
        if sealed is not None:
            raise CannotHandBack(
                "この振込は確定した振込データに入っています。先に振込データを取り消してください。",
                case=sealed,
            )
        if held:
            cursor.execute(
                "update todoku_transfer set state = 'void' where id = any(%s)", [[row[0] for row in held]]
            )
    count_all_again(batches)
