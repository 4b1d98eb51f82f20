"""What the 支給 desk shows before a batch: money waiting, the payment calendar, days to pay on, cases that cannot be paid.

Reads only: four queries whatever the size of the programme.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.timezone import localdate

from todoku.formats.bank_cut_off import first_value_date
from todoku.formats.bank_days import bank_days_after, is_bank_day
from todoku.payment.bank_file import profile_of
from todoku.payment.make_transfers import cannot_be_carried, count_due, due_of
from todoku.programme.tables import Programme
from todoku.web.office.cells import case_cell, one_row
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Row, Table

DAYS_OFFERED = 4
REFUSED_SHOWN = 50
# Of the calendar: the days just gone, the ones to come; others only where money waits for them.
SLOTS_BEFORE, SLOTS_AFTER = 2, 6
# Decisions without a transfer are looked through so far for the ones that cannot be paid: the oldest come first.
DUE_LOOKED_THROUGH = 500

_STATE = """
select count(*) filter (where t.state = 'ready' and t.batch_id is null),
       coalesce(sum(t.amount_yen) filter (where t.state = 'ready' and t.batch_id is null), 0)::bigint,
       count(*) filter (where t.state = 'ready' and t.batch_id is not null or t.state = 'sealed'),
       count(*) filter (where t.state in ('sending', 'sent')),
       count(*) filter (where t.state = 'settled'),
       coalesce(sum(t.amount_yen) filter (where t.state = 'settled'), 0)::bigint,
       (select count(*) from todoku_casestage g join todoku_case c on c.id = g.case_id
         where c.programme_id = %(p)s and g.stage = 'failed')
  from todoku_transfer t where t.programme_id = %(p)s
"""
# The day of an application as build_batch takes it: of the account's, else of the first one of the case.
_WAITING_BY_DAY = """
select x.arrived_on, count(*), sum(x.amount_yen)::bigint
  from (select t.amount_yen, coalesce(s.arrived_on, (
               select min(e.arrived_on) from todoku_submission e
                where e.case_id = t.case_id and e.state in ('received', 'screened'))) as arrived_on
          from todoku_transfer t
          join todoku_decision d on d.id = t.decision_id
          left join todoku_accountversion a on a.id = d.account_id
          left join todoku_submission s on s.id = a.submission_id
         where t.programme_id = %s and t.state = 'ready' and t.batch_id is null) x
 where x.arrived_on is not null
 group by x.arrived_on order by x.arrived_on
"""
_READY_BY_RAIL = """
select rail, count(*), sum(amount_yen)::bigint from todoku_transfer
 where programme_id = %s and state = 'ready' and batch_id is null group by rail
"""


def money_state(programme: Programme) -> dict[str, Any]:
    """The numbers of the desk: what waits to be made, to be batched, to be answered; what came back."""
    with connection.cursor() as cursor:
        cursor.execute(_STATE, {"p": programme.pk})
        ready, ready_yen, held, sent, settled, settled_yen, failed = one_row(cursor)
    due, due_yen = count_due(programme)
    figures = [
        {"label": "決定済・振込未作成", "value": due, "note": f"{due_yen:,}円"},
        {"label": "振込待ち", "value": ready, "note": f"{ready_yen:,}円"},
        {"label": "振込データに入っている", "value": held},
        {"label": "結果待ち", "value": sent},
        {"label": "振込済", "value": settled, "note": f"{settled_yen:,}円"},
        {"label": "振込不能（口座の届出待ち）", "value": failed},
    ]
    return {"figures": figures, "due": due, "ready": ready, "ready_yen": ready_yen}


def ready_by_rail(programme: Programme) -> dict[str, str]:
    """What waits over each rail of the terms, in words by the rail's code."""
    with connection.cursor() as cursor:
        cursor.execute(_READY_BY_RAIL, [programme.pk])
        found = {rail: f"振込待ち {count:,}件、{total:,}円" for rail, count, total in cursor.fetchall()}
    return {rail: found.get(rail, "振込待ちはありません") for rail in programme.terms.payment.rails}


def calendar_table(programme: Programme, today: date) -> Table:
    """The payment calendar of the terms beside what waits for each of its days."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING_BY_DAY, [programme.pk])
        waiting = cursor.fetchall()
    slots = list(programme.terms.payment.calendar)
    nearest = next((n for n, slot in enumerate(slots) if slot.pays_on > today), len(slots) - 1)
    rows, before = [], date.min
    for n, slot in enumerate(slots):
        here = [(count, yen) for day, count, yen in waiting if before < day <= slot.received_by]
        count, total = sum(count for count, _ in here), sum(yen for _, yen in here)
        before = slot.received_by
        if not count and not nearest - SLOTS_BEFORE <= n < nearest + SLOTS_AFTER:
            continue
        badge = Badge("次の支給日", "info") if n == nearest else None
        if count and slot.pays_on <= today:
            badge = Badge("支給日を過ぎています", "warn")
        cells = [
            Cell(_day(slot.received_by)),
            Cell(_day(slot.pays_on), badge=badge),
            Cell(count),
            Cell(total),
        ]
        rows.append(Row(slot.pays_on.isoformat(), cells, marked=n == nearest))
    return Table(
        id="calendar", caption="支給カレンダー（前後の支給日）", total=len(slots), per_page=max(len(slots), 1), unit="回",
        columns=[
            Column("received", "この日までに届いた申請"), Column("pays", "振込予定日"),
            Column("count", "振込待ち", numeric=True), Column("total", "金額（円）", numeric=True),
        ],
        rows=rows,
    )  # fmt: skip


def days_to_pay_on(programme: Programme, now: datetime) -> list[tuple[date, str]]:
    """Days to choose from: coming days of the calendar that the bank can still meet, else the next bank days.

    The bank's days and hour are those of its profile; the file is taken at the earliest after the cancel window.
    """
    payment, today = programme.terms.payment, localdate(now)
    window = timedelta(minutes=payment.cancel_window_minutes)
    earliest = first_value_date(profile_of(programme), now + window)
    planned = [
        (slot.pays_on, f"{_day(slot.pays_on)}（{_day(slot.received_by)}までの申請）")
        for slot in payment.calendar
        if slot.pays_on >= earliest and is_bank_day(slot.pays_on)
    ]
    offered = planned[:DAYS_OFFERED]
    n = 0
    while len(offered) < DAYS_OFFERED:
        n += 1
        day = bank_days_after(today, n)
        if day >= earliest and day not in {known for known, _ in planned}:
            offered.append((day, f"{_day(day)}（{n}銀行営業日後）"))
    return offered


def received_by_for(programme: Programme, value_date: date) -> date | None:
    """The last day of arrival that the calendar promises for a value date; None for a day of nobody's promise."""
    return next(
        (slot.received_by for slot in programme.terms.payment.calendar if slot.pays_on == value_date), None
    )


def refused_table(programme: Programme, slug: str, *, may_hand_back: bool) -> Table | None:
    """Decided cases that no bank file can carry, each with its remedy; None where there is none."""
    cap = programme.terms.payment.cap_per_transfer_yen
    found = [
        (due, why)
        for due in due_of(programme, limit=DUE_LOOKED_THROUGH)
        if (why := cannot_be_carried(due, cap))
    ]
    if not found:
        return None
    rows = [
        Row(
            due.number,
            [
                case_cell(due.number, slug), Cell(due.amount), Cell(why),
                Cell("審査へ戻す", href=f"/p/{slug}/payment/back/{due.number}/") if may_hand_back else Cell(""),
            ],
        )
        for due, why in found[:REFUSED_SHOWN]
    ]  # fmt: skip
    return Table(
        id="refused", caption="振込にできない案件", total=len(found), per_page=REFUSED_SHOWN,
        columns=[
            Column("case", "案件", fixed=True), Column("amount", "金額（円）", numeric=True), Column("why", "理由と対処"),
            Column("back", "操作", fixed=True),
        ],
        rows=rows, empty=Empty("ありません。"),
    )  # fmt: skip


def _day(day: date) -> str:
    return f"{day:%Y/%m/%d}（{'月火水木金土日'[day.weekday()]}）"
