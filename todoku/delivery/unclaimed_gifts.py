"""Gifts that nobody used (未受取): the payment comes back, and the resident is asked for another way of receiving.

Takes payments whose every code is revoked or expired, unused and not given anew; leaves them returned and their cases
FAILED. A payment of which some codes were used stays as it is and is named, since a part of it was received; so does one
that is claimed back, since it would be given back twice. What expired comes back only when the issuer has reported on a day
after the last one: a code used at the end is reported late.
"""

from datetime import date, datetime
from typing import NamedTuple

from django.db import connection, transaction

from todoku.delivery.reached import came_back
from todoku.ground.step import Refusal, Report
from todoku.payment.claimed_back import claimed_back
from todoku.payment.tables import Batch
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.tables import Programme

_BY_PAYMENT = """
select t.id, t.number, t.batch_id, bool_or(g.state = 'redeemed') as used,
       coalesce(sum(g.value_yen) filter (where g.state = 'redeemed'), 0)::bigint as yen,
       max(g.expires_on) filter (where g.state = 'expired' and coalesce(l.reported_on <= g.expires_on, true)) as unreported,
       max(l.order_number) filter (where g.state = 'expired' and coalesce(l.reported_on <= g.expires_on, true))
  from todoku_transfer t join todoku_giftcode g on g.transfer_id = t.id join todoku_giftlist l on l.id = g.gift_list_id
 where t.programme_id = %s and t.rail = 'gift' and t.state in ('sent', 'settled')
 group by t.id
having not bool_or(g.state in ('assigned', 'delivered')) and sum(g.value_yen) filter (where g.state = 'redeemed')
       is distinct from t.amount_yen
 order by t.id
"""
# Held before they are looked at, so that none of them is given another code meanwhile.
_HOLD = """
select t.id from todoku_transfer t
 where t.programme_id = %s and t.rail = 'gift' and t.state in ('sent', 'settled')
   and exists (select 1 from todoku_giftcode g where g.transfer_id = t.id)
   and not exists (select 1 from todoku_giftcode g where g.transfer_id = t.id
                    and g.state in ('assigned', 'delivered', 'redeemed'))
 order by t.id for update of t
"""


class CannotReturn(Refusal):
    """Who may not take codes back does not return their payments either."""


class Past(NamedTuple):
    """A payment of which nothing can be used any more: whether codes of it were, for how much, and the last day after
    which no report has come yet, with the order number of that list."""

    transfer: int
    number: str
    batch: int
    used: bool
    yen: int
    unreported: date | None
    order_number: str | None


def return_unclaimed(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """Returns every payment of which no code can be used any more.

    Report: done, refused = received in part only, not reported on since its last day, or claimed back.
    """
    if not may(actor.roles, "gift.revoke"):
        raise CannotReturn(
            "未受取のギフトを戻す権限がありません。振込データの作成・承認の担当に依頼してください。"
        )
    with transaction.atomic():
        Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
        with connection.cursor() as cursor:
            cursor.execute(_HOLD, [programme.pk])
            cursor.execute(_BY_PAYMENT, [programme.pk])
            rows = [Past(*row) for row in cursor.fetchall()]
        stay = {one.transfer: words for one in rows if (words := _why(one))}
        stay |= claimed_back([one.transfer for one in rows if one.transfer not in stay])
        back: dict[int, list[int]] = {}
        for one in rows:
            if one.transfer not in stay:
                back.setdefault(one.batch, []).append(one.transfer)
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
    refused = tuple((one.number, stay[one.transfer]) for one in rows if one.transfer in stay)
    return Report(done=done, refused=refused)


def _why(one: Past) -> str:
    """Why a payment stays as it is, and what is to be done; "" where it comes back."""
    if one.used:
        return f"{one.yen:,}円分だけ利用されています。残額は、自治体が「ギフト残額」の画面で整理します。"
    if one.unreported is None:
        return ""
    return (
        f"有効期限（{one.unreported:%Y年%m月%d日}）までに使われた分が、まだ報告されていないおそれがあります。"
        f"期限より後の日付の利用状況を発行元に求め、一覧{one.order_number}の画面で取り込んでから、返却にしてください。"
    )
