"""The day's list of cash (現金支給日計): what was drawn for released lists, paid out, sent, brought back. Reads only.

Drawn = paid out + on its way by mail + back + still to be collected, list by list: a yen that is in none of them is
missing from the cash box.
"""

from datetime import date, datetime
from typing import NamedTuple

from django.db import connection

from todoku.programme.tables import Programme

_LISTS = """
select b.id, t.rail, b.value_date, count(*), sum(t.amount_yen)::bigint,
       coalesce(sum(t.amount_yen) filter (where t.state = 'settled'), 0)::bigint,
       coalesce(sum(t.amount_yen) filter (where t.state = 'sent' and c.transfer_id is not null), 0)::bigint,
       coalesce(sum(t.amount_yen) filter (where t.state = 'returned'), 0)::bigint,
       coalesce(sum(t.amount_yen) filter (where t.state = 'sent' and c.transfer_id is null), 0)::bigint
  from todoku_transfer t join todoku_batch b on b.id = t.batch_id
  left join todoku_cashpayment c on c.transfer_id = t.id
 where t.programme_id = %s and t.rail in ('cash', 'registered_mail') and t.state in ('sent', 'settled', 'returned')
 group by 1, 2, 3 order by 1 desc
"""
_PAID = """
select c.at, k.number, t.amount_yen, c.receipt_number, c.mail_number, c.identity_seen, p.name, w.name, t.state
  from todoku_cashpayment c
  join todoku_transfer t on t.id = c.transfer_id
  join todoku_case k on k.id = t.case_id
  join todoku_staff p on p.id = c.paid_by_id
  join todoku_staff w on w.id = c.witness_id
 where t.programme_id = %s and (c.at at time zone 'Asia/Tokyo')::date = %s
 order by c.at, c.receipt_number
"""


class CashList(NamedTuple):
    """One released list: its batch, rail, value date, payments, and where its yen are."""

    batch: int
    rail: str
    value_date: date
    payments: int
    drawn_yen: int
    paid_yen: int
    on_its_way_yen: int
    back_yen: int
    waiting_yen: int

    @property
    def balances(self) -> bool:
        return self.drawn_yen == self.paid_yen + self.on_its_way_yen + self.back_yen + self.waiting_yen


class Paid(NamedTuple):
    """One payment of a day: when, whose case, yen, receipt, mail number, document seen, both officers, state."""

    at: datetime
    number: str
    amount_yen: int
    receipt_number: str
    mail_number: str
    identity_seen: str
    paid_by: str
    witness: str
    state: str


class CashDay(NamedTuple):
    """The lists as they stand, and the payments of one day with their sum."""

    lists: list[CashList]
    paid: list[Paid]
    paid_yen: int


def cash_day(programme: Programme, day: date) -> CashDay:
    """What was paid in cash on a day, beside every list released so far; two queries."""
    with connection.cursor() as cursor:
        cursor.execute(_LISTS, [programme.pk])
        lists = [CashList(*row) for row in cursor.fetchall()]
        cursor.execute(_PAID, [programme.pk, day])
        paid = [Paid(*row) for row in cursor.fetchall()]
    return CashDay(lists, paid, sum(one.amount_yen for one in paid))
