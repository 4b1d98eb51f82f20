"""What is left of gifts that were used in part (残額のある支払), past the last day of their codes. Reads only.

A payment stands here when something of it was used, something was not, and nothing of it can be used any more. What of a
code was spent is known where the issuer reports a balance; a code in use without one is taken as spent.
"""

from datetime import date
from typing import NamedTuple

from django.db import connection

from todoku.programme.tables import Programme

_LEFT = """
select t.id, t.number, k.number, t.amount_yen, x.left_yen, x.last_day, coalesce(r.outcome, ''),
       coalesce(r.refunded_yen, 0), coalesce(r.document, ''), coalesce(s.name, '')
  from (
    select g.transfer_id, max(g.expires_on) as last_day,
           sum(case when g.state = 'redeemed' then g.value_yen - coalesce(g.used_yen, g.value_yen)
                    when g.state = 'expired' or n.id is null then g.value_yen else 0 end)::bigint as left_yen
      from todoku_giftcode g left join todoku_giftcode n on n.replaces_id = g.id
     where g.programme_id = %(p)s and g.transfer_id is not null
     group by 1
    having bool_or(g.state = 'redeemed') and not bool_or(g.state in ('assigned', 'delivered'))
       and not bool_or(g.state = 'redeemed' and g.used_yen < g.value_yen and g.expires_on >= %(on)s)
  ) x
  join todoku_transfer t on t.id = x.transfer_id and t.state = 'settled'
  join todoku_case k on k.id = t.case_id
  left join todoku_giftremainder r on r.transfer_id = t.id
  left join todoku_staff s on s.id = r.settled_by_id
 where x.left_yen > 0 and (%(one)s::bigint is null or t.id = %(one)s)
 order by r.transfer_id is not null, x.last_day, t.number
"""


class Remainder(NamedTuple):
    """A payment with something left: its numbers, yen, the last day, and how it was settled ("" where it was not)."""

    transfer: int
    number: str
    case: str
    amount_yen: int
    left_yen: int
    last_day: date
    outcome: str
    refunded_yen: int
    document: str
    settled_by: str

    @property
    def used_yen(self) -> int:
        return self.amount_yen - self.left_yen


def remainders(programme: Programme, *, on: date, transfer: int | None = None) -> list[Remainder]:
    """Every such payment on that day, those that wait for an officer first; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_LEFT, {"p": programme.pk, "on": on, "one": transfer})
        return [Remainder(*row) for row in cursor.fetchall()]
