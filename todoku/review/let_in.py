"""A lead opens a queue to a reviewer without training, or closes one (担当の許可・取消し), with a reason that stays.

Takes a person and a queue; leaves one act. Nobody opens a queue to himself.
"""

from datetime import datetime

from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.tables import Staff
from todoku.programme.tables import Programme
from todoku.review.quality_tables import QueuePass
from todoku.review.queues import QUEUES


class NotTheLead(Refusal):
    """Only a lead does this, and not for himself."""


class NeedsWhy(Refusal):
    """The act needs its reason."""


def let_in(
    staff: Staff, queue: str, *, opened: bool, reason: str, programme: Programme, actor: Actor, at: datetime
) -> QueuePass:
    """Opens the queue to the person, or closes it; what a lead closed is opened again by a lead alone."""
    assert queue in QUEUES, f"unknown queue {queue!r}"
    if actor.id is None or not may(actor.roles, "quality.manage"):
        raise NotTheLead("担当を許可・取消しできるのは業務責任者だけです。")
    if actor.id == staff.pk:
        raise NotTheLead("自分の担当は、ほかの業務責任者が決めます。")
    if not reason.strip():
        raise NeedsWhy("許可・取消しの理由を書いてください。本人と品質の画面に残ります。")
    return QueuePass.objects.create(
        programme=programme, staff=staff, queue=queue, how="granted" if opened else "withdrawn", giver_id=actor.id,
        reason=reason.strip()[:300], at=at,
    )  # fmt: skip
