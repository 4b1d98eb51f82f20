"""Gift codes of a cancelled batch (取り消した支払のコード): what nobody has seen lies in stock again.

Takes codes that are assigned to a void transfer and stand in no letter and no message; leaves them in stock. What was
printed, sent or asked to be stopped stays where it is, to be revoked: somebody may know it. `void_batch` does it in the
transaction of the cancelling; the round picks up what was cancelled otherwise. Safe to run twice.
"""

from datetime import datetime

from django.db import connection, transaction

from todoku.ground.step import Refusal, Report
from todoku.payment.tables import Batch
from todoku.payment.void import void
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.tables import Programme

# The database asks for the same (a_gift_code_moves_only_forward): this only chooses.
_TAKE_BACK = """
update todoku_giftcode g set state = 'stock', transfer_id = null, assigned_at = null
  from todoku_transfer t
 where t.id = g.transfer_id and t.state = 'void' and g.programme_id = %s and g.state = 'assigned'
   and g.delivered_at is null and g.delivered_by_way = '' and g.revoked_by_id is null and g.replaces_id is null
   and not exists (select 1 from todoku_letter l join todoku_giftcode last on last.id = l.occasion
                    where l.case_id = t.case_id and l.kind = 'gift' and last.transfer_id = t.id and l.occasion >= g.id)
"""
ACTIONS_OF_VOID = ("batch.make", "batch.approve_office", "batch.approve_city")


class CannotTakeBack(Refusal):
    """Who may not cancel a batch does not put its codes back either."""


def void_batch(batch: Batch, *, reason: str, actor: Actor, at: datetime) -> Batch:
    """Cancels a batch and puts the codes of its payments back into stock, all or nothing. Raises CannotVoid."""
    with transaction.atomic():
        voided = void(batch, reason=reason, actor=actor, at=at)
        if voided.rail == "gift":
            take_back_codes(programme=voided.programme, actor=actor, at=at)
    return voided


def take_back_codes(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """Puts every unseen code of a void transfer back into stock; gives how many."""
    if not any(may(actor.roles, action) for action in ACTIONS_OF_VOID):
        raise CannotTakeBack(
            "取り消した支払のコードを在庫に戻す権限がありません。振込データの作成・承認の担当に依頼してください。"
        )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TAKE_BACK, [programme.pk])
        done = cursor.rowcount
        if done:
            record_look(
                actor=actor, action="gift.take_back", subject_kind="programme", subject_id=programme.pk, at=at,
                programme_slug=programme.slug, reason=f"{done:,}枚",
            )  # fmt: skip
    return Report(done=done)
