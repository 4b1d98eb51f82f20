"""Finds deaths, moves and changes of household or custody after the base date in the cases that are open. Reads only.

Takes a programme whose later roll or list was taken; gives one flat row per case, person and event that nobody has found
before, with the one who would receive instead. All in one query; judged in apply_changes.py.
"""

from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from todoku.case import stages
from todoku.programme.tables import Programme


class FoundChange(NamedTuple):
    """One person of a case to whom something happened, in the order of the query."""

    case: int
    number: str
    cohort: str
    stage: str
    stage_then: str
    by_silence: bool
    person: int
    roll: int
    event: str
    happened_on: date | None
    is_payee: bool
    is_member: bool
    members: int
    payee: int
    successor: int | None


# Where nothing can follow any more, nobody looks.
_ENDED = (stages.REFUSED, stages.DECLINED, stages.LAPSED, stages.PAID)
# Who lived in one house with those who are counted and is its head now; of a child whoever the last list says receives,
# unless the child receives itself or through the facility that it lives in.
_FIND = """
with people as (
  select c.id as case_id, m.person_id, true as is_member from todoku_case c
    join todoku_member m on m.recipient_id = c.recipient_id and m.superseded_by_order = ''
   where c.programme_id = %(programme)s
  union
  select c.id, r.head_id, exists (
           select 1 from todoku_member m
            where m.recipient_id = r.id and m.person_id = r.head_id and m.superseded_by_order = '')
    from todoku_case c join todoku_recipient r on r.id = c.recipient_id where c.programme_id = %(programme)s
), found as (
  select q.case_id, q.is_member, p.id as person_id, p.roll_import_id, p.left_on,
         case when p.left_reason = 'death' then 'died'
              when p.left_reason <> '' then 'moved_out'
              when r.unit_number = '' and q.is_member and p.household_number <> r.household_number
                   and r.household_number ~ '^[0-9A-Za-z]' then 'household_changed'
              when %(unit)s = 'child' and q.is_member and w.receiver_id <> r.head_id then 'custody_changed' end as event,
         w.receiver_id
    from people q
    join todoku_person p on p.id = q.person_id
    join todoku_case c on c.id = q.case_id
    join todoku_recipient r on r.id = c.recipient_id
    left join lateral (
      select a.receiver_id from todoku_allowancefact a
       where %(unit)s = 'child' and a.programme_id = c.programme_id and a.person_id = p.id and a.receiver_id is not null
         and r.head_id <> p.id and not exists (
           select 1 from todoku_carefact f where f.programme_id = c.programme_id and f.person_id = p.id
              and f.care = 'facility' and f.payee_id = r.head_id
              and (f.until is null or f.until >= (now() at time zone 'Asia/Tokyo')::date))
       order by array_position(array['regular', 'reduced', 'employer'], a.allowance::text) limit 1) w on true
   where p.left_reason <> '' or r.unit_number = '' and p.household_number <> r.household_number
      or w.receiver_id <> r.head_id
)
select c.id, c.number, c.cohort, s.stage, coalesce(e.to_stage, 'listed'),
       s.stage = 'passed' and s.previous = 'invited', f.person_id, f.roll_import_id, f.event, f.left_on,
       r.head_id = f.person_id, f.is_member,
       (select count(*) from todoku_member m where m.recipient_id = r.id and m.superseded_by_order = ''), r.head_id,
       case when f.event = 'custody_changed' then f.receiver_id else n.id end
  from found f
  join todoku_case c on c.id = f.case_id
  join todoku_casestage s on s.case_id = c.id and s.stage <> all(%(ended)s)
  join todoku_recipient r on r.id = c.recipient_id
  left join lateral (
    select v.to_stage from todoku_caseevent v where v.case_id = c.id
       and (f.left_on is null or (v.at at time zone 'Asia/Tokyo')::date <= f.left_on) order by v.id desc limit 1) e on true
  left join lateral (
    select h.id from todoku_member m join todoku_person p on p.id = m.person_id
      join todoku_person h on h.programme_id = p.programme_id and h.household_number = p.household_number
     where m.recipient_id = r.id and m.superseded_by_order = '' and h.is_head and h.in_latest_roll and h.left_reason = ''
       and h.id <> r.head_id and p.left_reason = ''
     order by (p.id = h.id) desc, p.id limit 1) n on true
 where f.event is not null and not exists (
   select 1 from todoku_laterchange l where l.case_id = c.id and l.person_id = f.person_id and l.event = f.event)
 order by c.id, f.person_id
"""


def find_changes(programme: Programme) -> list[FoundChange]:
    """What nobody has found before, by case."""
    values: dict[str, Any] = {
        "programme": programme.pk,
        "unit": programme.terms.programme.unit,
        "ended": list(_ENDED),
    }
    with connection.cursor() as cursor:
        cursor.execute(_FIND, values)
        return [FoundChange(*row) for row in cursor.fetchall()]
