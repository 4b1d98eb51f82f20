"""A decided case whose transfer must not go out → back to review (振込前の差し戻し), its decision no longer in force.

Takes a case at DECIDED, in an open batch or in none; leaves its ready transfer void, the batch's totals without it, and
a new round of review. What stands in a sealed file is not taken out of it: void the batch first.
"""

from datetime import datetime

from django.db import transaction

from todoku.case import stages
from todoku.case.move import move
from todoku.case.tables import Case
from todoku.ground.step import Refusal
from todoku.ledger.entitle import withdraw
from todoku.ledger.post import Rows
from todoku.payment.count_again import count_again
from todoku.payment.tables import LIVE, Batch, Transfer
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.review.reopen import open_round
from todoku.review.tables import Decision


class CannotHandBack(Refusal):
    """The case does not wait for payment, or nobody says why it should go back."""


def hand_back(case: Case, *, reason: str, actor: Actor, at: datetime) -> None:
    """Sends one case back to review with a reason; raises CannotHandBack once its transfer is sealed."""
    reason = reason.strip()
    if not reason:
        raise CannotHandBack("審査へ戻す理由を書いてください。審査担当者に伝わります。")
    with transaction.atomic():
        _void_transfer(case)
        withdraw(
            Rows("select id from todoku_decision where case_id = %s and part = 1 and in_force", [case.pk]),
            programme=case.programme, actor=actor, at=at, reason="振込前の差し戻し",
        )  # fmt: skip
        Decision.objects.filter(case=case, part=1, in_force=True).update(in_force=False, remark=reason[:200])
        move(
            [case.pk],
            programme=case.programme,
            to=stages.IN_REVIEW,
            why="振込前の差し戻し",
            actor=actor,
            at=at,
        )
        open_round([case.pk], programme=case.programme, reason="from_payment", at=at)
        record_look(
            actor=actor, action="payment.hand_back", subject_kind="case", subject_id=case.pk, at=at,
            programme_slug=case.programme.slug, reason=reason,
        )  # fmt: skip


def _void_transfer(case: Case) -> None:
    """Voids the ready transfer and counts its open batch again. The batch is locked first, as seal does."""
    live = Transfer.objects.filter(case=case, part=1, state__in=LIVE)
    batches = list(Batch.objects.select_for_update().filter(transfers__in=live.values("pk")))
    transfer = live.select_for_update(of=("self",)).first()
    if transfer is None:
        return
    if transfer.state != "ready":
        raise CannotHandBack(
            "この振込は確定した振込データに入っています。先に振込データを取り消してください。"
        )
    Transfer.objects.filter(pk=transfer.pk).update(state="void")
    for batch in batches:
        count_again(batch)
