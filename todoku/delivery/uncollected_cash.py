"""Cash that nobody collected (未受領の現金): back to the treasury, and the resident names another way of receiving.

Takes released payments in cash that were not handed over; leaves them returned. What is drawn is always what was paid out
and what goes back: cash_day shows it.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from todoku.delivery.pay_cash import CannotPayCash
from todoku.delivery.reached import came_back
from todoku.ground.step import Report
from todoku.payment.tables import Batch, Transfer
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look


def return_uncollected(
    batch: Batch, transfers: Sequence[int], *, reason: str, actor: Actor, at: datetime
) -> Report:
    """Takes these payments of a released cash list as not collected; raises CannotPayCash."""
    if not may(actor.roles, "cash.pay") or actor.organisation != "municipality":
        raise CannotPayCash("未受領を記録できるのは、自治体の担当課と出納の職員だけです。")
    if not reason.strip():
        raise CannotPayCash("受け取られなかった理由を書いてください。")
    with transaction.atomic():
        held = Transfer.objects.select_for_update(of=("self",)).filter(
            batch=batch, pk__in=list(transfers), rail="cash", state="sent", cash__isnull=True
        )
        chosen = list(held.values_list("pk", flat=True))
        if not chosen or len(chosen) != len(set(transfers)):
            raise CannotPayCash("受取りを待っている支払だけを選んでください。画面を開き直してください。")
        came_back(batch, chosen, why="窓口の現金が未受領", actor=actor, at=at)
        record_look(
            actor=actor, action="cash.back", subject_kind="batch", subject_id=batch.pk, at=at,
            programme_slug=batch.programme.slug, reason=f"{len(chosen):,}件 {reason.strip()}",
        )  # fmt: skip
    return Report(done=len(chosen))
