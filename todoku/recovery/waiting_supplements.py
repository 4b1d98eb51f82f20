"""Reads which supplements (追給) of a programme wait: for the decision, or to be put forward again. Writes nothing."""

from datetime import date
from typing import NamedTuple

from django.db import connection

from todoku.programme.tables import Programme

UNDECIDED = """
select c.number, d.part, d.amount_yen, l.id, l.made_by, l.made_at at time zone 'Asia/Tokyo'
  from todoku_decision d
  join todoku_decisionlist l on l.id = d.decision_list_id and l.kind = 'supplement' and l.state = 'open'
  join todoku_case c on c.id = d.case_id
 where l.programme_id = %s and d.outcome <> 'sent_back'
 order by l.made_at, c.number, d.part
"""
# Due, and neither paid nor decided nor on an open list: as supplement.waits asks of one.
AGAIN = """
select c.number, e.part, e.amount_yen, (back.at at time zone 'Asia/Tokyo')::date,
       back.at is not null and exists (
         select 1 from todoku_submission s join todoku_accountversion a on a.submission_id = s.id
          where s.case_id = c.id and s.registered_at > back.at)
  from todoku_entitlement e
  join todoku_case c on c.id = e.case_id
  left join lateral (
    select r.at from todoku_transfer t join todoku_result r on r.transfer_id = t.id
     where t.case_id = e.case_id and t.part = e.part and t.state = 'returned' order by t.id desc limit 1) back on true
 where e.programme_id = %s and e.part > 1 and e.superseded_by_order = ''
   and not exists (select 1 from todoku_transfer t where t.case_id = e.case_id and t.part = e.part
                    and t.state in ('ready', 'sealed', 'sending', 'sent', 'settled'))
   and not exists (select 1 from todoku_decision d join todoku_decisionlist l on l.id = d.decision_list_id
                    where d.case_id = e.case_id and d.part = e.part
                      and (d.in_force or l.state = 'open' and d.outcome <> 'sent_back'))
 order by back.at nulls last, c.number, e.part
"""


class Undecided(NamedTuple):
    """A supplement on an open list: case, part, yen, the list, who proposed it and when."""

    case_number: str
    part: int
    yen: int
    made: int
    proposer: str
    proposed_at: date


class Again(NamedTuple):
    """A supplement to put forward again: the day on which it came back (None where its list was given up), and whether
    an account has been named since."""

    case_number: str
    part: int
    yen: int
    back_on: date | None
    has_account: bool


def undecided(programme: Programme) -> list[Undecided]:
    """What waits for the municipality's decision, the oldest list first."""
    with connection.cursor() as cursor:
        cursor.execute(UNDECIDED, [programme.pk])
        return [Undecided(*row) for row in cursor.fetchall()]


def to_put_forward(programme: Programme) -> list[Again]:
    """What has to be put forward again, what came back first before the rest."""
    with connection.cursor() as cursor:
        cursor.execute(AGAIN, [programme.pk])
        return [Again(*row) for row in cursor.fetchall()]
