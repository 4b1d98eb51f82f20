"""Gifts that nobody used (未受取): the payment comes back, and the resident is asked for another way of receiving.

Takes payments whose every code is revoked or expired, unused and not given anew; leaves them returned and their cases
FAILED. A payment of which some codes were used stays as it is and is named, since a part of it was received.
"""

from datetime import datetime

from django.db import connection, transaction

from todoku.delivery.reached import came_back
from todoku.ground.step import Refusal, Report
from todoku.payment.tables import Batch
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.tables import Programme

_BY_PAYMENT = """
select t.id, t.number, t.batch_id, bool_or(g.state = 'redeemed') as used,
       coalesce(sum(g.value_yen) filter (where g.state = 'redeemed'), 0)::bigint as yen
  from todoku_transfer t join todoku_giftcode g on g.transfer_id = t.id
 where t.programme_id = %s and t.rail = 'gift' and t.state in ('sent', 'settled')
 group by t.id
having not bool_or(g.state in ('assigned', 'delivered')) and sum(g.value_yen) filter (where g.state = 'redeemed')
       is distinct from t.amount_yen
 order by t.id
"""


class CannotReturn(Refusal):
    """Who may not take codes back does not return their payments either."""


def return_unclaimed(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """Returns every payment of which no code can be used any more. Report: done, refused = received in part only."""
    if not may(actor.roles, "gift.revoke"):
        raise CannotReturn(
            "未受取のギフトを戻す権限がありません。振込データの作成・承認の担当に依頼してください。"
        )
    with transaction.atomic():
        Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
        with connection.cursor() as cursor:
            cursor.execute(_BY_PAYMENT, [programme.pk])
            rows = cursor.fetchall()
        back: dict[int, list[int]] = {}
        for transfer, _, batch, used, _ in rows:
            if not used:
                back.setdefault(batch, []).append(transfer)
        for batch, transfers in sorted(back.items()):
            came_back(
                Batch.objects.get(pk=batch), transfers, why="デジタルギフトの未受取", actor=actor, at=at
            )
        done = sum(map(len, back.values()))
        if done:
            record_look(
                actor=actor, action="gift.unclaimed", subject_kind="programme", subject_id=programme.pk, at=at,
                programme_slug=programme.slug, reason=f"{done:,}件",
            )  # fmt: skip
    partly = tuple(
        (number, f"{yen:,}円分だけ利用されています。残額は、自治体が「ギフト残額」の画面で整理します。")
        for _, number, _, used, yen in rows
        if used
    )
    return Report(done=done, refused=partly)
