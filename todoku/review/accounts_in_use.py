"""Which accounts are named by the applications of several households (同じ口座を複数の世帯が使用), for many at once.

Takes submissions; gives, for each whose account other households of the programme name too, how many, and which cases.
One statement over an index, whatever the number; linear also where hundreds name one account. Writes nothing.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection

from todoku.case import stages
from todoku.ground.copy_rows import bigints

NUMBERS_MAX = 20  # so many case numbers are named: more than that is one incident, and the count says so
DECIDED = (stages.DECIDED, stages.PAYING, stages.PAID, stages.FAILED)

# The account that a submission would be paid to: its last version, bank and number filled in. The entry has put ゆうちょ's
# symbol and number into bank, branch and number already.
LAST_ACCOUNT = """
  v.bank <> '' and v.number <> ''
  and not exists (select 1 from todoku_accountversion w where w.submission_id = v.submission_id and w.version > v.version)
"""


def of_others(account: str, representative: str) -> str:
    """SQL over a submission `s` and its recipient `r`: whether the account (an alias) is approved for a facility or guardian
    whom this recipient has not. One that is bound to nobody on a list is everybody's."""
    return f"""exists (
  select 1 from todoku_sharedpayee y
   where y.programme_id = s.programme_id and y.approved_at is not null and y.ended_at is null and y.person_id is not null
     and (y.bank, y.branch, y.account_kind, y.account_number)
       = ({account}.bank, {account}.branch, {account}.kind, {account}.number)
     and y.person_id is distinct from r.head_id and y.person_id is distinct from r.care_of_id
     and y.person_id is distinct from {representative}.guardian_id)"""


# Who keeps the accounts of recipient `r` by law, where anybody does.
REPRESENTED = "left join todoku_representative g on g.ward_id = r.head_id and g.state = 'confirmed'"
# First the accounts that anybody else's application names at all, in any programme: one look into the index each, and nearly
# always the end of it. Then, of these, their users in the programme; joined in Python, since the planner thinks both sides
# tiny and would hold each against each. Applications count whatever their channel; one household has a recipient for each
# payout (支給回) and shares nothing with itself. The list of accounts that may receive for many (代理受領口座) is kept by the
# payment room downstream: read by its table's name, since this room imports nothing from there.
IN_USE = f"""
with mine as materialized (
  select s.id, s.programme_id, v.bank, v.branch, v.kind, v.number, r.household_number, {of_others("v", "g")} as of_others
    from todoku_submission s
    join todoku_accountversion v on v.submission_id = s.id and {LAST_ACCOUNT}
    join todoku_case c on c.id = s.case_id
    join todoku_recipient r on r.id = c.recipient_id
    {REPRESENTED}
   where s.id = any(%(submissions)s::bigint[]) and s.rail = 'bank'
     and exists (select 1 from todoku_accountversion o
                  where (o.number, o.branch, o.bank, o.kind) = (v.number, v.branch, v.bank, v.kind) and o.submission_id <> s.id)
)
select m.id, m.programme_id, m.bank, m.branch, m.kind, m.number, m.household_number, '', false, m.of_others from mine m
 union all
select null, k.programme_id, k.bank, k.branch, k.kind, k.number, r.household_number, min(c.number),
       bool_or(g.stage = any(%(decided)s)),
       exists (select 1 from todoku_sharedpayee p
                where p.programme_id = k.programme_id and p.approved_at is not null and p.ended_at is null
                  and (p.bank, p.branch, p.account_kind, p.account_number) = (k.bank, k.branch, k.kind, k.number))
  from (select distinct programme_id, bank, branch, kind, number from mine) k
  join todoku_accountversion v on (v.number, v.branch, v.bank, v.kind) = (k.number, k.branch, k.bank, k.kind)
   and {LAST_ACCOUNT}
  join todoku_submission s on s.id = v.submission_id and s.programme_id = k.programme_id and s.rail = 'bank'
   and s.state in ('received', 'screened')
  join todoku_case c on c.id = s.case_id
  join todoku_recipient r on r.id = c.recipient_id
  join todoku_casestage g on g.case_id = c.id
 group by k.programme_id, k.bank, k.branch, k.kind, k.number, r.household_number
"""


class InUse(NamedTuple):
    """An account that other households name: how many, how many of them decided already, some of their case numbers
    (at most NUMBERS_MAX), whether the municipality approved it as receiving for many, and whether for others than this one."""

    households: int
    decided: int
    cases: tuple[str, ...]
    approved: bool
    of_others: bool

    @property
    def explained(self) -> bool:
        """Approved, and for this household too: nobody has to look at it."""
        return self.approved and not self.of_others


class Users(NamedTuple):
    """The households that name one account: by household its first case number and whether it is decided."""

    of: dict[str, tuple[str, bool]]
    decided: int
    first: list[str]
    approved: bool


def in_use(submissions: Sequence[int]) -> dict[int, InUse]:
    """By submission, those of the submissions whose account other households name; the rest is not in the answer."""
    if not submissions:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(IN_USE, {"submissions": bigints(submissions), "decided": list(DECIDED)})
        rows = cursor.fetchall()
    users = _by_account([row[1:] for row in rows if row[0] is None])
    found = {}
    for submission, *account, household, _, _, others in rows:
        named = users.get(tuple(account)) if submission else None
        if named and len(named.of) > (household in named.of):
            found[submission] = _others(named, household, others)
    return found


def _by_account(rows: Sequence[Sequence[Any]]) -> dict[tuple[Any, ...], Users]:
    """Each account's users, counted once however many of the submissions name it."""
    grouped: dict[tuple[Any, ...], list[Sequence[Any]]] = {}
    for row in rows:
        grouped.setdefault(tuple(row[:5]), []).append(row[5:])
    return {
        account: Users(
            {household: (number, decided) for household, number, decided, _ in of},
            sum(decided for _, _, decided, _ in of),
            sorted(number for _, number, _, _ in of)[: NUMBERS_MAX + 1],
            of[0][3],
        )
        for account, of in grouped.items()
    }


def _others(named: Users, household: str, of_others: bool) -> InUse:
    """The account's users without one's own household."""
    own, decided = named.of.get(household, ("", False))
    cases = tuple(number for number in named.first if number != own)[:NUMBERS_MAX]
    count = len(named.of) - (household in named.of)
    return InUse(count, named.decided - decided, cases, named.approved, of_others)
