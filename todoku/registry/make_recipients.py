"""Makes the recipients of a programme that does not pay households (個人・児童・納税義務者), with payees and members; of one
that does, takes out whoever receives apart because he lives in a facility.

Takes persons, the facts of the lists, and who receives for whom (a word of PAYEES, as the terms rule: case/payee_words.py);
leaves a Recipient for each person or taxpayer, or for whoever receives for children, and a Member row for each who counts.
All in SQL, once over everybody. Nobody whose case is open is touched: a child that comes later to such a payee becomes a
recipient of its own.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import connection, transaction

from todoku.ground.copy_rows import copy_rows, refresh_if_many
from todoku.ground.step import Report
from todoku.programme.tables import Programme
from todoku.programme.terms import Terms

# Who receives, by the Version's word, as an expression over the joins of _WANTED; each ends with somebody who is known.
PAYEES = {
    "self": "p.id",
    "taxpayer": "p.id",
    "head": "coalesce(h.id, p.id)",
    "guardian": "coalesce(w.receiver_id, g.payee_id, h.id, p.id)",
    "facility": "coalesce(f.payee_id, w.receiver_id, h.id, p.id)",
}
_LISTED = "p.in_latest_roll and p.programme_id = %(programme)s"
# Who is one of those whom the programme is for, before any condition is asked. Of a household's programme: who receives
# apart from the household, being placed in a facility; its head is the household's payee as long as anybody else lives there.
MEANT = {
    "household": f"""{_LISTED} and not p.outside and f.payee_id is not null and (not p.is_head or not exists (
        select 1 from todoku_person o where o.programme_id = p.programme_id and o.household_number = p.household_number
           and o.id <> p.id and o.in_latest_roll))""",
    "person": f"{_LISTED} and not p.outside",
    "taxpayer": f"""{_LISTED} and exists (
        select 1 from todoku_taxfact t where t.programme_id = p.programme_id and t.person_id = p.id)""",
    "child": f"""{_LISTED} and (exists (
        select 1 from todoku_allowancefact a where a.programme_id = p.programme_id and a.person_id = p.id)
        or not p.outside and p.birth_date >= %(born_from)s::date)""",
}
# One row at most, whatever the lists say: the placement, and of a guardian whoever is one now.
_PLACED = """left join lateral (
    select a.payee_id from todoku_carefact a
     where a.programme_id = p.programme_id and a.person_id = p.id and a.care = 'facility' and {holds} limit 1) f on true"""
_HOLDS = """exists (select 1 from unnest(%(base_dates)s::date[]) as b(day)
             where (a.since is null or a.since <= b.day) and (a.until is null or a.until >= b.day))"""
_FREE = """not exists (
     select 1 from todoku_member m join todoku_fixedmembers x on x.recipient_id = m.recipient_id
      where m.programme_id = p.programme_id and m.payout = %(payout)s and m.person_id = p.id
        and m.superseded_by_order = '')"""
# Who may receive otherwise than the programme says: whoever lives in a facility, or everybody where grounds differ.
_DIFFER = """
select p.id from todoku_person p
  {placed}
 where {meant} and ({grounds} or f.payee_id is not null) and {free} order by p.id
"""
_WANTED = """
create temporary table wanted on commit drop as
select q.*, case when q.apart and q.payee_id <> q.facility_id then q.facility_id end as care_of_id from (
select p.id as person_id, p.number, p.household_number, p.relation, f.payee_id as facility_id,
       coalesce(o.word = 'self' and %(in_facility)s = 'self', false) as apart, case o.word {words} else {payee} end as payee_id
  from todoku_person p
  left join word_of o on o.person_id = p.id
  left join lateral (
    select q.id from todoku_person q where q.programme_id = p.programme_id and q.household_number = p.household_number
       and q.is_head and q.in_latest_roll order by q.id limit 1) h on true
  left join lateral (
    select a.receiver_id from todoku_allowancefact a
     where a.programme_id = p.programme_id and a.person_id = p.id and a.receiver_id is not null
     order by array_position(array['regular', 'reduced', 'employer', 'single_parent', 'public_pension', 'disabled'],
                             a.allowance::text) limit 1) w on true
  left join lateral (
    select a.payee_id from todoku_carefact a
     where a.programme_id = p.programme_id and a.person_id = p.id and a.care in ('guardian', 'adult_guardian')
       and {holds} order by a.care desc limit 1) g on true
  {placed}
 where {meant} and {free} {of_household}) q
"""

# By whom the recipient is known: the person itself, or the payee of several children unless his case is open.
_UNITS = """
alter table wanted add column unit_number text, add column unit_household text;
update wanted w set unit_number = case when %(by_payee)s and not exists (
           select 1 from todoku_recipient r join todoku_fixedmembers x on x.recipient_id = r.id
            where r.programme_id = %(programme)s and r.payout = %(payout)s and r.unit_number = y.number)
           then y.number else w.number end,
       unit_household = case when %(by_payee)s then y.household_number else w.household_number end
  from todoku_person y where y.id = w.payee_id
"""
# Of children who came late each is a recipient of its own: another letter, another deadline.
_LATE = """
update wanted w set unit_number = w.number from todoku_person p
 where p.id = w.person_id and p.birth_date > %(base_date)s and %(by_payee)s
"""
_RECIPIENTS = """
insert into todoku_recipient (programme_id, payout, municipality_code, household_number, unit_number, head_id, care_of_id)
select distinct on (unit_number) %(programme)s, %(payout)s, %(municipality)s, unit_household, unit_number, payee_id,
       care_of_id
  from wanted order by unit_number, person_id
on conflict (programme_id, payout, unit_number) where not (unit_number = '') do update
   set head_id = excluded.head_id, household_number = excluded.household_number, care_of_id = excluded.care_of_id
 where (todoku_recipient.head_id, todoku_recipient.household_number, todoku_recipient.care_of_id)
       is distinct from (excluded.head_id, excluded.household_number, excluded.care_of_id)
   and not exists (select 1 from todoku_fixedmembers f where f.recipient_id = todoku_recipient.id)
"""
_MEMBERS = """
insert into todoku_member (programme_id, payout, recipient_id, person_id, relation, superseded_by_order)
select %(programme)s, %(payout)s, r.id, w.person_id, case when r.head_id = w.person_id then '本人' else w.relation end, ''
  from wanted w
  join todoku_recipient r on r.programme_id = %(programme)s and r.payout = %(payout)s and r.unit_number = w.unit_number
on conflict (programme_id, payout, person_id) where superseded_by_order = '' do update
   set recipient_id = excluded.recipient_id, relation = excluded.relation
 where (todoku_member.recipient_id, todoku_member.relation) is distinct from (excluded.recipient_id, excluded.relation)
"""
# Who is meant no longer (a list was put right before any case) does not count any more.
_NO_LONGER = """
update todoku_member m set superseded_by_order = '名簿・一覧の変更'
  from todoku_recipient r
 where m.programme_id = %(programme)s and m.payout = %(payout)s and m.superseded_by_order = '' and r.id = m.recipient_id
   and r.unit_number <> '' and not exists (select 1 from todoku_fixedmembers f where f.recipient_id = r.id)
   and not exists (select 1 from wanted w where w.person_id = m.person_id)
"""
# Who lives in no facility any more, before any case, counts in the household again.
_BACK_HOME = """
update todoku_member m set recipient_id = h.id, relation = p.relation
  from todoku_recipient r, todoku_person p, todoku_recipient h
 where m.programme_id = %(programme)s and m.payout = %(payout)s and m.superseded_by_order = '' and r.id = m.recipient_id
   and r.unit_number <> '' and p.id = m.person_id and h.programme_id = %(programme)s and h.payout = %(payout)s
   and h.household_number = p.household_number and h.unit_number = ''
   and not exists (select 1 from todoku_fixedmembers f where f.recipient_id in (r.id, h.id))
   and not exists (select 1 from wanted w where w.person_id = m.person_id)
"""


def make_recipients(
    *, programme: Programme, payout: int = 1, words: Mapping[int, str] | None = None
) -> Report:
    """Brings the recipients up to date; `done` counts those made new. Safe to run twice. `words`: who receives for those of whom
    the programme's own payee may not hold, a key of PAYEES. A household has its recipient from the roll (take_roll); of them
    nothing is done but for who receives apart."""
    terms = programme.terms
    unit = terms.programme.unit
    if unit == "household" and not terms.payees.in_facility:
        return Report()
    values = _values(programme, payout)
    with transaction.atomic(), connection.cursor() as cursor:
        Programme.objects.select_for_update().get(pk=programme.pk)
        before = _count(cursor, values)
        cursor.execute(
            "create temporary table word_of (person_id bigint primary key, word text) on commit drop"
        )
        copy_rows("word_of", ("person_id", "word"), (words or {}).items())
        cursor.execute("analyze word_of")
        cursor.execute(_wanted(terms), values)
        for statement in (*_UNITS.split(";"), _LATE):
            cursor.execute(statement, values)
        cursor.execute("analyze wanted")
        last = _BACK_HOME if unit == "household" else _NO_LONGER
        for statement in (_RECIPIENTS, _MEMBERS, last):
            cursor.execute(statement, values)
        made = _count(cursor, values) - before
        cursor.execute("drop table wanted, word_of")
    refresh_if_many(made, "todoku_recipient", "todoku_member")
    return Report(done=made)


def may_differ(programme: Programme, payout: int = 1) -> list[int]:
    """The persons for whom somebody else may receive than the programme says, and whose case is not open."""
    terms = programme.terms
    grounds = terms.programme.unit != "household" and any(one.payee for one in terms.eligibility.grounds)
    if not grounds and not terms.payees.in_facility:
        return []
    statement = _DIFFER.format(
        placed=_PLACED.format(holds=_HOLDS), meant=MEANT[terms.programme.unit], free=_FREE,
        grounds="true" if grounds else "false",
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(statement, _values(programme, payout))
        return [person for (person,) in cursor.fetchall()]


def _values(programme: Programme, payout: int) -> dict[str, Any]:
    terms = programme.terms
    return {
        "programme": programme.pk, "payout": payout, "municipality": programme.municipality_id,
        "base_date": terms.programme.base_date, "base_dates": list(terms.base_dates), "born_from": born_from(terms),
        "by_payee": terms.programme.unit == "child", "in_facility": terms.payees.in_facility,
    }  # fmt: skip


def born_from(terms: Terms) -> date:
    """From which birthday on somebody may be a child of this programme; far off where only a list says who is."""
    rules = terms.eligibility
    days = [rules.born_on_or_after, rules.disabled_born_on_or_after]
    days += [ground.born_on_or_after for ground in rules.grounds]
    return min((day for day in days if day is not None), default=date.max)


def _wanted(terms: Terms) -> str:
    household = terms.programme.unit == "household"
    return _WANTED.format(
        payee=PAYEES[terms.programme.payee], words=" ".join(f"when '{word}' then {who}" for word, who in PAYEES.items()),
        meant=MEANT[terms.programme.unit], free=_FREE, holds=_HOLDS, placed=_PLACED.format(holds=_HOLDS),
        # A head who lives alone and receives himself is his household's recipient already.
        of_household="and o.word <> 'head' and (not p.is_head or o.word = 'facility')" if household else "",
    )  # fmt: skip


def _count(cursor: Any, values: dict[str, Any]) -> int:
    cursor.execute(
        "select count(*) from todoku_recipient where programme_id = %(programme)s and payout = %(payout)s",
        values,
    )
    (count,) = cursor.fetchone()
    return int(count)
