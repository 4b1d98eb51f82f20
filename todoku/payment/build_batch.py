"""Ready transfers → an open batch (振込データの作成): rows reserved for one value date, nothing written yet.

Takes ready transfers of applications received by a day of the payment calendar; leaves a batch that preflight can
question and seal can freeze. Two builders at once never share a row: each claims its rows in one UPDATE.
"""

from datetime import date, datetime

from django.db import connection, transaction
from django.utils.timezone import localdate

from todoku.formats.bank_days import is_bank_day
from todoku.ground.step import Refusal
from todoku.payment.bank_file import profile_of
from todoku.payment.tables import Batch
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.tables import Programme


class NotABankDay(Refusal):
    """The value date is not a day on which banks transfer, or has gone by."""


class NothingToPay(Refusal):
    """No ready transfer waits."""


# The claim stands in a query of its own: inside IN (…) a limit with skipped locks may be evaluated more than once.
CLAIM = """
with claimed as (
  select t.id from todoku_transfer t
    join todoku_decision d on d.id = t.decision_id
    join todoku_accountversion a on a.id = d.account_id
    join todoku_submission s on s.id = a.submission_id
   where t.programme_id = %s and t.state = 'ready' and t.batch_id is null
     and (%s::date is null or s.arrived_on <= %s::date)
   order by t.id limit %s for update of t skip locked)
update todoku_transfer t set batch_id = %s from claimed where t.id = claimed.id
"""
COUNT = """
update todoku_batch set count = x.n, total_yen = x.yen
  from (select count(*) n, coalesce(sum(amount_yen), 0) yen from todoku_transfer where batch_id = %s and state = 'ready') x
 where id = %s
"""


def build_batch(
    *, programme: Programme, value_date: date, received_by: date | None, actor: Actor, at: datetime
) -> Batch:
    """Reserves every ready transfer whose application arrived by `received_by` (None: all) for one value date.

    The batch takes at most what the bank's profile carries in one file. Raises NotABankDay or NothingToPay.
    """
    if not is_bank_day(value_date) or value_date <= localdate(at):
        raise NotABankDay(
            f"{value_date:%Y年%m月%d日}は振込日にできません。明日以降の銀行営業日を指定してください"
            "（土日・祝日・12月31日〜1月3日を除く）。"
        )
    assert actor.id is not None, "a batch is made by a person"
    with transaction.atomic(), connection.cursor() as cursor:
        batch = Batch.objects.create(
            programme=programme, value_date=value_date, maker_id=actor.id, made_at=at
        )
        limit = profile_of(batch).max_records
        cursor.execute(CLAIM, [programme.pk, received_by, received_by, limit, batch.pk])
        if cursor.rowcount == 0:
            raise NothingToPay(
                "振込を待っている案件はありません。支給の決定が済むと、ここで振込データを作成できます。"
            )
        count_again(batch)
        record_look(
            actor=actor, action="batch.make", subject_kind="batch", subject_id=batch.pk, at=at,
            programme_slug=programme.slug,
        )  # fmt: skip
    batch.refresh_from_db()
    return batch


def count_again(batch: Batch) -> None:
    """Writes an open batch's count and total from its rows."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [batch.pk, batch.pk])
