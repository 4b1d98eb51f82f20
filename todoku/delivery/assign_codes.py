"""Gift codes for the payments of an open batch (ギフトコードの割当): each gets exactly its amount, or none gets any.

Takes an open batch of the gift rail; leaves codes assigned, one transfer to a code for good. Runs before the seal, which
refuses a batch whose codes do not add up. Safe to run twice: what has its codes already is passed over.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.utils.timezone import localdate

from todoku.delivery.gift_values import Plan, plan
from todoku.ground.step import Refusal, Report
from todoku.payment.tables import Batch
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look

# A resident has at least so long to use a code, counted from the day of assignment: the letter takes a week of it.
USABLE_DAYS = 60
_WITHOUT = """
select t.id, t.amount_yen from todoku_transfer t
 where t.batch_id = %s and t.state = 'ready' and not exists (
   select 1 from todoku_giftcode g where g.transfer_id = t.id and g.state in ('assigned', 'delivered', 'redeemed'))
 order by t.id
"""
_STOCK = """
select value_yen, count(*) from todoku_giftcode
 where programme_id = %s and state = 'stock' and expires_on >= %s group by 1
"""
# What another assignment holds is left to it; what expires first goes first.
_TAKE = """
select id from todoku_giftcode
 where programme_id = %s and state = 'stock' and value_yen = %s and expires_on >= %s
 order by expires_on, id limit %s for update skip locked
"""
_ASSIGN = """
update todoku_giftcode g set state = 'assigned', transfer_id = x.transfer, assigned_at = %s
  from unnest(%s::bigint[], %s::bigint[]) as x(code, transfer) where g.id = x.code and g.state = 'stock'
"""


class CannotAssign(Refusal):
    """No code was assigned: the batch is not an open one of gift codes, or the stock does not do."""


def assign_codes(batch: Batch, *, actor: Actor, at: datetime) -> Report:
    """Assigns codes to every payment of the batch that has none. Report: done = payments, note = codes.

    Raises CannotAssign naming how many codes of which value are missing.
    """
    if not may(actor.roles, "batch.make"):
        raise CannotAssign("ギフトコードを割り当てる権限がありません。")
    usable = localdate(at) + timedelta(days=USABLE_DAYS)
    with transaction.atomic():
        batch = Batch.objects.select_for_update(of=("self",)).select_related("programme").get(pk=batch.pk)
        terms = batch.programme.terms.payment.gift
        if batch.rail != "gift" or batch.state != "open" or terms is None:
            raise CannotAssign("ギフトコードを割り当てられるのは、確定前のデジタルギフトの支払だけです。")
        with connection.cursor() as cursor:
            cursor.execute(_WITHOUT, [batch.pk])
            waiting = cursor.fetchall()
            cursor.execute(_STOCK, [batch.programme_id, usable])
            stock = dict(cursor.fetchall())
        made = plan(Counter(amount for _, amount in waiting), stock, terms.values_yen)
        if made.lacking:
            raise CannotAssign(_lacking_words(made.lacking, terms.values_yen, usable))
        codes = _assign(batch, waiting, made, usable, at)
        if waiting:
            record_look(
                actor=actor, action="gift.assign", subject_kind="batch", subject_id=batch.pk, at=at,
                programme_slug=batch.programme.slug, reason=f"{len(waiting):,}件に{codes:,}枚",
            )  # fmt: skip
    return Report(done=len(waiting), note=f"{len(waiting):,}件に{codes:,}枚のコードを割り当てました。")


def _lacking_words(lacking: Mapping[int, int], values: tuple[int, ...], usable: date) -> str:
    odd = [amount for amount in lacking if amount not in values]
    if odd:
        return (
            f"{odd[0]:,}円をちょうどにする券の組合せがありません。"
            "実施要綱の values_yen に額面を加え、発行元に注文してください。"
        )
    named = "、".join(f"{value:,}円券があと{count:,}枚" for value, count in lacking.items())
    return (
        f"在庫が足りないため、1件も割り当てていません。{named}必要です"
        f"（有効期限が{usable:%Y年%m月%d日}より前の券は使いません）。発行元に注文し、一覧を受け入れてください。"
    )


def _assign(batch: Batch, waiting: list[tuple[int, int]], made: Plan, usable: date, at: datetime) -> int:
    """Locks the codes of the plan and writes them by one UPDATE; gives how many."""
    needed: Counter[int] = Counter()
    for share in made.shares:
        needed.update({value: count * share.payments for value, count in share.codes})
    with connection.cursor() as cursor:
        taken: dict[int, Iterator[int]] = {}
        for value, count in sorted(needed.items()):
            cursor.execute(_TAKE, [batch.programme_id, value, usable, count])
            found = [pk for (pk,) in cursor.fetchall()]
            if len(found) < count:
                raise CannotAssign(
                    "ほかの人が同時に割り当てています。少し待ってから、もう一度実行してください。"
                )
            taken[value] = iter(found)
        pairs = list(_pairs(waiting, made, taken))
        cursor.execute(_ASSIGN, [at, [code for code, _ in pairs], [transfer for _, transfer in pairs]])
        assert cursor.rowcount == len(pairs) == sum(needed.values()), f"batch {batch.pk}: {len(pairs)} codes"
    return len(pairs)


def _pairs(
    waiting: list[tuple[int, int]], made: Plan, taken: Mapping[int, Iterator[int]]
) -> Iterator[tuple[int, int]]:
    """(code, transfer) for every code of the plan."""
    by_amount: dict[int, list[int]] = {}
    for transfer, amount in reversed(waiting):
        by_amount.setdefault(amount, []).append(transfer)
    for share in made.shares:
        for _ in range(share.payments):
            transfer = by_amount[share.amount_yen].pop()
            for value, count in share.codes:
                for _ in range(count):
                    yield next(taken[value]), transfer
