"""Ready transfers → an open batch (振込データの作成): rows reserved for one value date, nothing written yet.

Takes ready transfers of applications received by a day of the payment calendar; leaves a batch that preflight can
question and seal can freeze. Two builders at once never share a row: each claims its rows in one UPDATE.
"""

from collections import defaultdict
from datetime import date, datetime

from django.db import connection, transaction
from django.utils.timezone import localdate

from todoku.formats.bank_days import is_bank_day
from todoku.formats.zengin import PROFILES
from todoku.formats.zengin_problems import problems
from todoku.formats.zengin_read import read
from todoku.ground.step import Refusal
from todoku.payment.bank_file import render
from todoku.payment.tables import Batch, Transfer
from todoku.people.actor import Actor
from todoku.programme.tables import Programme


class NotABankDay(Refusal):
    """The value date is not a day on which banks transfer, or has gone by."""


class NothingToPay(Refusal):
    """No ready transfer waits."""


def build_batch(
    *, programme: Programme, value_date: date, received_by: date | None, actor: Actor, at: datetime
) -> Batch:
    """Reserves every ready transfer whose application arrived by `received_by` (None: all) for one value date.

    The batch takes at most what the bank's profile carries in one file. Raises NotABankDay or NothingToPay.
    """
    if not is_bank_day(value_date) or value_date <= localdate(at):
        raise NotABankDay(
            f"{value_date:%Y年%m月%d日}は振込日にできません。明日以降の銀行営業日を指定してください（土日・祝日・12月31日〜1月3日を除く）。"
        )
    assert actor.id is not None, "a batch is made by a person"
    profile = PROFILES[programme.municipality.bank_profile]
    with transaction.atomic(), connection.cursor() as cursor:
        batch = Batch.objects.create(
            programme=programme, value_date=value_date, maker_id=actor.id, made_at=at
        )
        cursor.execute(
            """
            update todoku_transfer set batch_id = %s where id in (
              select t.id from todoku_transfer t
                join todoku_decision d on d.id = t.decision_id
                join todoku_accountversion a on a.id = d.account_id
                join todoku_submission s on s.id = a.submission_id
               where t.programme_id = %s and t.state = 'ready' and t.batch_id is null
                 and (%s::date is null or s.arrived_on <= %s::date)
               order by t.id limit %s for update of t skip locked)
            """,
            [batch.pk, programme.pk, received_by, received_by, profile.max_records],
        )
        if cursor.rowcount == 0:
            raise NothingToPay(
                "振込を待っている案件はありません。決定が済むと、ここで振込データを作成できます。"
            )
        cursor.execute(
            """
            update todoku_batch set count = x.n, total_yen = x.yen
              from (select count(*) n, sum(amount_yen) yen from todoku_transfer where batch_id = %s) x where id = %s
            """,
            [batch.pk, batch.pk],
        )
    batch.refresh_from_db()
    return batch


def preflight(batch: Batch) -> list[tuple[str, str]]:
    """Every record that would break the file, as (transfer number or "", sentence); empty when the batch may be sealed."""
    terms = batch.programme.terms
    rows = list(
        Transfer.objects.filter(batch=batch, state="ready").values_list(
            "number", "amount_yen", "bank", "branch", "kind", "account_number"
        )
    )
    found: list[tuple[str, str]] = []
    if (len(rows), sum(row[1] for row in rows)) != (batch.count, batch.total_yen):
        found.append(
            (
                "",
                "件数または合計額が、作成した時点から変わっています。この振込データを取り消して作り直してください。",
            )
        )
    by_account: dict[tuple[object, ...], int] = defaultdict(int)
    for number, amount, *account in rows:
        by_account[tuple(account)] += amount
        if amount > terms.payment.cap_per_transfer_yen:
            found.append((number, f"{amount:,}円は1件の上限を超えています。"))
    for number, _amount, *account in rows:
        if by_account[tuple(account)] > terms.payment.cap_per_account_yen:
            found.append(
                (number, f"同じ口座への合計が上限（{terms.payment.cap_per_account_yen:,}円）を超えています。")
            )
    if found:
        return found
    return _of_file(batch)


def _of_file(batch: Batch) -> list[tuple[str, str]]:
    """What a careful clerk would question in the file itself; errors only, since warnings do not break it."""
    data, numbers = render(batch)
    questions = [one for one in problems(read(data), batch.value_date) if one.severity == "error"]
    return [(numbers.get(one.line, ""), one.sentence) for one in questions]


def void(batch: Batch, *, actor: Actor, at: datetime) -> None:
    """Cancels a batch that is not sent. Open: its rows wait again. Sealed: its rows are void and made anew."""
    with transaction.atomic():
        batch = Batch.objects.select_for_update().get(pk=batch.pk)
        if batch.state not in ("open", "sealed", "approved"):
            raise Refusal("振込依頼後のデータは取り消せません。組戻しの手続きを金融機関に確認してください。")
        Transfer.objects.filter(batch=batch, state="ready").update(batch=None)
        Transfer.objects.filter(batch=batch, state="sealed").update(state="void")
        Batch.objects.filter(pk=batch.pk).update(state="void")
