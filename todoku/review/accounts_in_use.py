"""Which accounts are named by the applications of several households (同じ口座を複数の世帯が使用), for many at once.

Takes submissions; gives, for each whose account other households of the programme name too, how many, and which cases.
One statement over an index, whatever the number; linear also where hundreds name one account. Writes nothing.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection

from todoku.case import stages

NUMBERS_MAX = 20  # so many case numbers are named: more than that is one incident, and the count says so
DECIDED = (stages.DECIDED, stages.PAYING, stages.PAID, stages.FAILED)

# The account that a submission would be paid to: its last version, bank and number filled in. The entry has put ゆうちょ's
# symbol and number into bank, branch and number already.
LAST_ACCOUNT = """
  v.bank <> '' and v.number <> ''
  and not exists (select 1 from todoku_accountversion w where w.submission_id = v.submission_id and w.version > v.version)
"""
# Applications that count, whatever their channel. One household has a recipient for each payout (支給回) and shares nothing
# with itself. The list of accounts that may receive for many (代理受領口座) is kept by the payment room downstream: read by
# its table's name, since this room imports nothing from there.
IN_USE = f"""
with mine as materialized (
  select s.id, s.programme_id, r.household_number, v.bank, v.branch, v.kind, v.number
    from todoku_submission s
    join todoku_case c on c.id = s.case_id
    join todoku_recipient r on r.id = c.recipient_id
    join todoku_accountversion v on v.submission_id = s.id and {LAST_ACCOUNT}
   where s.id = any(%(submissions)s) and s.rail = 'bank'
), users as materialized (
  select k.programme_id, k.bank, k.branch, k.kind, k.number, r.household_number,
         min(c.number) as case_number, bool_or(g.stage = any(%(decided)s)) as decided
    from (select distinct programme_id, bank, branch, kind, number from mine) k
    join todoku_accountversion v on (v.number, v.branch, v.bank, v.kind) = (k.number, k.branch, k.bank, k.kind)
     and {LAST_ACCOUNT}
    join todoku_submission s on s.id = v.submission_id and s.programme_id = k.programme_id and s.rail = 'bank'
     and s.state in ('received', 'screened')
    join todoku_case c on c.id = s.case_id
    join todoku_recipient r on r.id = c.recipient_id
    join todoku_casestage g on g.case_id = c.id
   group by k.programme_id, k.bank, k.branch, k.kind, k.number, r.household_number
), totals as (
  select programme_id, bank, branch, kind, number, count(*) as households, count(*) filter (where decided) as decided,
         (array_agg(case_number order by case_number))[1:%(numbers)s] as cases
    from users group by programme_id, bank, branch, kind, number
)
select m.id, t.households - (u.household_number is not null)::int,
       t.decided - coalesce(u.decided, false)::int, array_remove(t.cases, u.case_number),
       exists (select 1 from todoku_sharedpayee p
                where p.programme_id = m.programme_id and p.approved_at is not null and p.ended_at is null
                  and (p.bank, p.branch, p.account_kind, p.account_number) = (m.bank, m.branch, m.kind, m.number))
  from mine m
  join totals t using (programme_id, bank, branch, kind, number)
  left join users u using (programme_id, bank, branch, kind, number, household_number)
 where t.households - (u.household_number is not null)::int > 0
"""


class InUse(NamedTuple):
    """An account that other households name: how many, how many of them decided already, some of their case numbers
    (at most NUMBERS_MAX), and whether the municipality approved it as receiving for many."""

    households: int
    decided: int
    cases: tuple[str, ...]
    approved: bool


def in_use(submissions: Sequence[int]) -> dict[int, InUse]:
    """By submission, those of the submissions whose account other households name; the rest is not in the answer."""
    if not submissions:
        return {}
    values: dict[str, Any] = {
        "submissions": list(submissions),
        "decided": list(DECIDED),
        "numbers": NUMBERS_MAX + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(IN_USE, values)
        return {
            submission: InUse(households, decided, tuple(cases[:NUMBERS_MAX]), approved)
            for submission, households, decided, cases, approved in cursor.fetchall()
        }
