"""Money that came back is put where it belongs (返納金の整理): 戻入 until the year's closing, 過年度収入 after it.

Takes what stands at `back`, case by case; leaves it available again, or as revenue. The day of the booking decides,
since closed books take no more entries. It moves no money and asks nobody for any.
"""

from datetime import date, datetime

from django.db import connection, transaction
from django.utils.timezone import localdate

from todoku.formats.fiscal_year import PRIOR_REVENUE, RESTORED, booking_of_return, first_day, year_name
from todoku.ground.step import Refusal, Report
from todoku.ledger.appropriate import ask_treasurer
from todoku.ledger.post import Rows, post
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.tables import Programme

_BACK = """
select case_id, fiscal_year, sum(case when debit = 'back' then amount_yen else -amount_yen end)::bigint as yen
  from todoku_ledgerentry
 where programme_id = %s and (debit = 'back' or credit = 'back')
 group by 1, 2
having sum(case when debit = 'back' then amount_yen else -amount_yen end) > 0
"""
_YEARS = f"select distinct fiscal_year from ({_BACK}) b order by 1"
_OF_YEAR = f"select b.case_id, b.case_id, b.yen, b.fiscal_year from ({_BACK}) b where b.fiscal_year = %s"
_IN_ALL = f"select count(*), coalesce(sum(b.yen), 0)::bigint from ({_BACK}) b"


class NothingCameBack(Refusal):
    """No money waits to be settled."""


class NeedsOrder(Refusal):
    """The order of the books (戻入命令・調定) was not named."""


def waiting_back(programme: Programme) -> tuple[int, int]:
    """How much stands at `back`, as settle_back would book it: how many cases, and yen."""
    with connection.cursor() as cursor:
        cursor.execute(_IN_ALL, [programme.pk])
        cases, yen = cursor.fetchone()
    return int(cases), int(yen)


def settle_back(*, programme: Programme, order: str, actor: Actor, at: datetime) -> Report:
    """Books all that stands at `back` under one order; gives the entries made and, as note, the yen of each way."""
    ask_treasurer(actor)
    order = order.strip()[:60]
    if not order:
        raise NeedsOrder(
            "戻入命令または調定の番号を入力してください。帳簿と証拠書類を突き合わせるために使います。"
        )
    today, done, yen = localdate(at), 0, {RESTORED: 0, PRIOR_REVENUE: 0}
    with transaction.atomic():
        Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
        for year in _years(programme):
            kind, words = _way(year, today)
            posted = post(
                kind, Rows(_OF_YEAR, [programme.pk, year]), programme=programme, subject_kind="case", actor=actor,
                at=at, reason=f"{order}{words}",
            )  # fmt: skip
            done, yen[kind] = done + posted.entries, yen[kind] + posted.yen
        if not done:
            raise NothingCameBack("整理を待っている返納金はありません。")
        note = f"戻入 {yen[RESTORED]:,}円、過年度収入 {yen[PRIOR_REVENUE]:,}円"
        record_look(
            actor=actor, action="ledger.settle_back", subject_kind="ledger", subject_id=None, at=at,
            programme_slug=programme.slug, reason=f"{note}（{order}）",
        )  # fmt: skip
    return Report(done=done, note=note)


def _years(programme: Programme) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_YEARS, [programme.pk])
        return [row[0] for row in cursor.fetchall()]


def _way(year: int, today: date) -> tuple[str, str]:
    """The kind of entry for money of a year that is settled today, and what its reason adds."""
    if today < first_day(year):
        return RESTORED, ""  # a batch of a year that has not begun came back before its first day
    booking = booking_of_return(year, today)
    if booking.kind == RESTORED:
        return RESTORED, ""
    return PRIOR_REVENUE, f"（{year_name(booking.fiscal_year)}の歳入）"
