"""An officer ends a ruling for the future (裁定の終了): later cases are asked about anew. What was ruled stays on record."""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from todoku.ground.step import Refusal
from todoku.people.access import ACTIONS
from todoku.people.actor import Actor
from todoku.review.answer import NotTheOfficer
from todoku.review.ruling_tables import Ruling


class CannotEnd(Refusal):
    """The ruling has ended, or the reason is missing."""


def end_ruling(ruling: Ruling, *, why: str, actor: Actor, at: datetime) -> Ruling:
    """Ends the ruling from today on, with the reason. Raises NotTheOfficer, CannotEnd."""
    if not actor.roles & ACTIONS["ruling.end"]:
        raise NotTheOfficer("裁定を終えられるのは自治体の担当課職員だけです。")
    if not why.strip():
        raise CannotEnd("裁定を終える理由を書いてください。これから迷う人が読みます。")
    with transaction.atomic():
        ruling = Ruling.objects.select_for_update(of=("self",)).get(pk=ruling.pk)
        if ruling.ended_on:
            raise CannotEnd(f"{ruling.title}は{ruling.ended_on:%Y/%m/%d}に終わっています。")
        ruling.ended_on, ruling.ended_by_id, ruling.ended_why = localdate(at), actor.id, why.strip()[:200]
        ruling.save(update_fields=["ended_on", "ended_by", "ended_why"])
    return ruling
