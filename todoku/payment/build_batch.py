"""Ready transfers → an open batch (振込データの作成): rows reserved for one value date, nothing written yet.

Takes ready transfers of applications received by a day of the payment calendar; leaves a batch that preflight can
question and seal can freeze. Two builders at once never share a row: each claims its rows in one UPDATE.
"""

from datetime import date, datetime

from django.db import connection, transaction
from django.utils.timezone import localdate

from todoku.formats.bank_days import is_bank_day
from todoku.formats.fiscal_year import fiscal_year as fiscal_year_of
from todoku.ground.copy_rows import refresh_if_many
from todoku.ground.step import Refusal
from todoku.payment.count_again import count_again
from todoku.payment.late_facts import find_late_facts
from todoku.payment.rails import RAILS
from todoku.payment.tables import Batch
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.tables import Programme


class NotABankDay(Refusal):
    """The value date is not a day on which banks transfer, or has gone by."""


class NoOrder(Refusal):
    """The municipality's numbers for this payment are missing, too long, or come too late."""


class NothingToPay(Refusal):
    """No ready transfer waits."""


# A city's batch; more waits for the next one, so that a seal and its proof stay within memory.
BATCH_ROWS_MAX = 800_000
BUDGET_ITEM_MAX, PAYMENT_ORDER_MAX = 60, 40
# The claim stands in a query of its own: inside IN (…) a limit with skipped locks may be evaluated more than once.
CLAIM = """
with claimed as (
  select t.id from todoku_transfer t
    join todoku_decision d on d.id = t.decision_id
    left join todoku_accountversion a on a.id = d.account_id
    left join todoku_submission s on s.id = a.submission_id
   where t.programme_id = %s and t.rail = %s and t.state = 'ready' and t.batch_id is null
     and not exists (select 1 from todoku_hold h where h.case_id = t.case_id and h.closed_at is null)
     and (%s::date is null or coalesce(s.arrived_on, (
           select min(x.arrived_on) from todoku_submission x
            where x.case_id = t.case_id and x.state in ('received', 'screened'))) <= %s::date)
   order by t.id limit %s for update of t skip locked)
update todoku_transfer t set batch_id = %s from claimed where t.id = claimed.id
"""


def build_batch(
    *, programme: Programme, value_date: date, received_by: date | None, actor: Actor, at: datetime, rail: str = "bank",
    budget_item: str = "", payment_order: str = "", fiscal_year: int | None = None,
) -> Batch:  # fmt: skip
    """Reserves every ready transfer whose application arrived by `received_by` (None: all) for one value date.

    Held cases are left out. The municipality's budget item (科目) and payment-order number (支出命令番号) may follow
    later (set_order), before the seal; the fiscal year is that of the value date unless the books are those of the year
    before (出納整理期間). Raises NotABankDay or NothingToPay.
    """
    assert rail in RAILS, f"no rail {rail}"
    if not is_bank_day(value_date) or value_date <= localdate(at):
        raise NotABankDay(
            f"{value_date:%Y年%m月%d日}は振込日にできません。明日以降の銀行営業日を指定してください"
            "（土日・祝日・12月31日〜1月3日を除く）。"
        )
    assert actor.id is not None, "a batch is made by a person"
    find_late_facts(programme=programme, actor=actor, at=at)
    with transaction.atomic(), connection.cursor() as cursor:
        # Two who build at the same moment wait for each other: otherwise each would reserve a part of the rows.
        Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
        batch = Batch.objects.create(
            programme=programme, rail=rail, value_date=value_date, maker_id=actor.id, made_at=at,
            fiscal_year=fiscal_year or fiscal_year_of(value_date), budget_item=budget_item.strip(),
            payment_order=payment_order.strip(),
        )  # fmt: skip
        cursor.execute(CLAIM, [programme.pk, rail, received_by, received_by, BATCH_ROWS_MAX, batch.pk])
        if cursor.rowcount == 0:
            raise NothingToPay(
                "振込を待っている案件はありません。支給の決定が済むと、ここで振込データを作成できます。"
            )
        count_again(batch)
        batch.refresh_from_db(fields=["count"])
        record_look(
            actor=actor, action="batch.make", subject_kind="batch", subject_id=batch.pk, at=at,
            programme_slug=programme.slug,
        )  # fmt: skip
    refresh_if_many(batch.count, "todoku_transfer")
    batch.refresh_from_db()
    return batch


def set_order(
    batch: Batch, *, budget_item: str, payment_order: str, fiscal_year: int, actor: Actor, at: datetime
) -> Batch:
    """Writes 会計年度・科目・支出命令番号 on an open batch; raises NoOrder where one is missing or the batch is sealed."""
    item, order = budget_item.strip(), payment_order.strip()
    if not item or not order or len(item) > BUDGET_ITEM_MAX or len(order) > PAYMENT_ORDER_MAX:
        raise NoOrder(
            f"科目（{BUDGET_ITEM_MAX}文字まで）と支出命令番号（{PAYMENT_ORDER_MAX}文字まで）を入力してください。"
        )
    if fiscal_year not in (fiscal_year_of(batch.value_date), fiscal_year_of(batch.value_date) - 1):
        raise NoOrder("会計年度は、振込日の年度か、その前の年度（出納整理期間）にしてください。")
    with transaction.atomic():
        batch = Batch.objects.select_for_update(of=("self",)).select_related("programme").get(pk=batch.pk)
        if batch.state != "open":
            raise NoOrder(
                "確定した振込データの科目と支出命令番号は変えられません。取り消して作り直してください。"
            )
        batch.budget_item, batch.payment_order, batch.fiscal_year = item, order, fiscal_year
        batch.save(update_fields=["budget_item", "payment_order", "fiscal_year"])
        record_look(
            actor=actor, action="batch.order", subject_kind="batch", subject_id=batch.pk, at=at,
            programme_slug=batch.programme.slug, reason=f"{fiscal_year}年度 {item} {order}",
        )  # fmt: skip
    return batch
