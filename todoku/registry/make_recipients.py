"""Makes the recipients of a programme that does not pay households (個人・児童・納税義務者), with payees and members.

Takes persons and the facts of the lists; leaves a Recipient for each person or taxpayer, or for whoever receives for
children, and a Member row for each who counts. All in SQL, once over everybody. Nobody whose case is open is touched:
a child that comes later to such a payee becomes a recipient of its own.
"""

from datetime import date
from typing import Any

from django.db import connection, transaction

from todoku.ground.copy_rows import refresh_if_many
from todoku.ground.step import Report
from todoku.programme.contents import Ground
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
# Who is one of those whom the programme is for, before any condition is asked.
MEANT = {
    "person": f"{_LISTED} and not p.outside",
    "taxpayer": f"""{_LISTED} and exists (
        select 1 from todoku_taxfact t where t.programme_id = p.programme_id and t.person_id = p.id)""",
    "child": f"""{_LISTED} and (exists (
        select 1 from todoku_allowancefact a where a.programme_id = p.programme_id and a.person_id = p.id)
        or not p.outside and p.birth_date >= %(born_from)s::date)""",
}
_WANTED = """
create temporary table wanted on commit drop as
select p.id as person_id, p.number, p.household_number, p.relation, {payee} as payee_id
  from todoku_person p
  left join lateral (
    select q.id from todoku_person q where q.programme_id = p.programme_id and q.household_number = p.household_number
       and q.is_head and q.in_latest_roll order by q.id limit 1) h on true
  left join lateral (
    select a.receiver_id from todoku_allowancefact a
     where a.programme_id = p.programme_id and a.person_id = p.id and a.receiver_id is not null
     order by array_position(array['regular', 'reduced', 'employer', 'single_parent', 'public_pension', 'disabled'],
                             a.allowance::text) limit 1) w on true
  left join todoku_carefact g on g.programme_id = p.programme_id and g.person_id = p.id and g.care = 'guardian'
       and {holds_g}
  left join todoku_carefact f on f.programme_id = p.programme_id and f.person_id = p.id and f.care = 'facility'
       and {holds_f}
 where {meant}
   and not exists (
     select 1 from todoku_member m join todoku_fixedmembers x on x.recipient_id = m.recipient_id
      where m.programme_id = p.programme_id and m.payout = %(payout)s and m.person_id = p.id
        and m.superseded_by_order = '')
"""
_HOLDS = "(({0}.since is null or {0}.since <= %(base_date)s) and ({0}.until is null or {0}.until >= %(base_date)s))"

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
insert into todoku_recipient (programme_id, payout, municipality_code, household_number, unit_number, head_id)
select distinct on (unit_number) %(programme)s, %(payout)s, %(municipality)s, unit_household, unit_number, payee_id
  from wanted order by unit_number, person_id
on conflict (programme_id, payout, unit_number) where not (unit_number = '') do update
   set head_id = excluded.head_id, household_number = excluded.household_number
 where (todoku_recipient.head_id, todoku_recipient.household_number)
       is distinct from (excluded.head_id, excluded.household_number)
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


def make_recipients(*, programme: Programme, payout: int = 1) -> Report:
    """Brings the recipients up to date; `done` counts those made new. Safe to run twice; a household programme has its own
    from the roll (take_roll), and nothing is done for it."""
    terms = programme.terms
    unit = terms.programme.unit
    if unit == "household":
        return Report()
    values: dict[str, Any] = {
        "programme": programme.pk, "payout": payout, "municipality": programme.municipality_id,
        "base_date": terms.programme.base_date, "born_from": born_from(terms), "by_payee": unit == "child",
    }  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        Programme.objects.select_for_update().get(pk=programme.pk)
        before = _count(cursor, values)
        cursor.execute(_wanted(terms), values)
        for statement in (*_UNITS.split(";"), _LATE):
            cursor.execute(statement, values)
        cursor.execute("analyze wanted")
        for statement in (_RECIPIENTS, _MEMBERS, _NO_LONGER):
            cursor.execute(statement, values)
        made = _count(cursor, values) - before
        cursor.execute("drop table wanted")
    refresh_if_many(made, "todoku_recipient", "todoku_member")
    return Report(done=made)


def born_from(terms: Terms) -> date:
    """From which birthday on somebody may be a child of this programme; far off where only a list says who is."""
    rules = terms.eligibility
    days = [rules.born_on_or_after, rules.disabled_born_on_or_after]
    days += [ground.born_on_or_after for ground in rules.grounds]
    return min((day for day in days if day is not None), default=date.max)


def _born_for(ground: Ground, terms: Terms) -> str:
    """For whom a ground is that asks for births: the one condition on a ground that the roll alone can tell."""
    rules = terms.eligibility
    first = ground.born_on_or_after or rules.born_on_or_after or date.min
    last = ground.born_on_or_before or rules.born_on_or_before or date.max
    return f"p.birth_date between '{first.isoformat()}' and '{last.isoformat()}'"


def _wanted(terms: Terms) -> str:
    payee = PAYEES[terms.programme.payee]
    for ground in reversed(terms.eligibility.grounds):
        if ground.payee and "born_in_range" in ground.predicates:
            payee = f"case when {_born_for(ground, terms)} then {PAYEES[ground.payee]} else {payee} end"
    if terms.payees.in_facility:
        payee = f"case when f.id is not null then {PAYEES[terms.payees.in_facility]} else {payee} end"
    return _WANTED.format(
        payee=payee, meant=MEANT[terms.programme.unit], holds_g=_HOLDS.format("g"), holds_f=_HOLDS.format("f")
    )


def _count(cursor: Any, values: dict[str, Any]) -> int:
    cursor.execute(
        "select count(*) from todoku_recipient where programme_id = %(programme)s and payout = %(payout)s",
        values,
    )
    (count,) = cursor.fetchone()
    return int(count)
