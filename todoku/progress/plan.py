"""What the payment calendar promises, day by day, beside what was paid: the ground of the burn-up.

Reads only. Promised by a day: cases whose first counted application had arrived by the last date of a slot that pays
up to that day (an application without deficiencies is paid then). Paid: cases moved to PAID.
"""

from datetime import date
from typing import NamedTuple

from django.db import connection

from todoku.programme.contents import PaymentSlot
from todoku.programme.tables import Programme


class PaidByDay(NamedTuple):
    """(day, so many in all by its end), days with a change only, for what was promised and for what was paid."""

    promised: list[tuple[date, int]]
    paid: list[tuple[date, int]]


def paid_by_day(programme: Programme) -> PaidByDay:
    """Promised and paid cases in all, by day, from the applications so far and the history."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select first_on, count(*) from (
              select s.case_id, min(s.arrived_on) as first_on from todoku_submission s
               where s.programme_id = %s and s.state <> 'not_counted' and not s.declines group by s.case_id) firsts
             group by first_on order by first_on
            """,
            [programme.pk],
        )
        arrived: list[tuple[date, int]] = cursor.fetchall()
        cursor.execute(
            """
            select (m.at at time zone 'Asia/Tokyo')::date, sum(m.count)::bigint from todoku_move m
             where m.programme_id = %s and m.to_stage = 'paid' group by 1 order by 1
            """,
            [programme.pk],
        )
        paid: list[tuple[date, int]] = cursor.fetchall()
    return PaidByDay(promised(arrived, programme.terms.payment.calendar), _summed(paid))


def promised(arrived: list[tuple[date, int]], calendar: tuple[PaymentSlot, ...]) -> list[tuple[date, int]]:
    """What has been promised in all by each day of payment that has any application behind it."""
    reached: list[tuple[date, int]] = []
    for slot in calendar:
        total = sum(count for day, count in arrived if day <= slot.received_by)
        if total and (not reached or total > reached[-1][1]):
            reached.append((slot.pays_on, total))
    return reached


def _summed(days: list[tuple[date, int]]) -> list[tuple[date, int]]:
    total, summed = 0, []
    for day, count in days:
        total += int(count)
        summed.append((day, total))
    return summed
