"""Approvals of a sealed batch: one other person of the office, and the municipality's treasurer; neither the maker.

The database refuses the rest: another digest, the maker, the wrong side, twice by one person.
"""

from datetime import datetime

from django.db import transaction

from todoku.ground.step import Refusal
from todoku.payment.seal import file_bytes
from todoku.payment.tables import Approval, Batch
from todoku.people.access import may
from todoku.people.actor import Actor

SIDE_ACTION = {"office": "batch.approve_office", "municipality": "batch.approve_city"}


class CannotApprove(Refusal):
    """This person may not approve this batch, or it is not what they saw."""


def approve(batch: Batch, *, sha256: str, actor: Actor, at: datetime) -> Batch:
    """Records the actor's approval of this digest; the second one makes the batch approved."""
    action = SIDE_ACTION.get(actor.organisation)
    if action is None or not may(actor.roles, action) or actor.id is None:
        raise CannotApprove("この振込データを承認する権限がありません。")
    with transaction.atomic():
        batch = Batch.objects.select_for_update().select_related("file").get(pk=batch.pk)
        if batch.state != "sealed" or batch.sha256 != sha256:
            raise CannotApprove(
                "承認を待っている振込データではないか、内容が変わっています。画面を開き直してください。"
            )
        if batch.maker_id == actor.id:
            raise CannotApprove("作成した本人は承認できません。別の承認者に依頼してください。")
        if batch.approvals.filter(side=actor.organisation).exists():
            raise CannotApprove("この側の承認は済んでいます。")
        file_bytes(batch)
        Approval.objects.create(batch=batch, side=actor.organisation, staff_id=actor.id, sha256=sha256, at=at)
        if batch.approvals.count() == len(SIDE_ACTION):
            Batch.objects.filter(pk=batch.pk).update(state="approved")
    batch.refresh_from_db()
    return batch
