"""Hands cases over to another payee (受給者の変更). Takes cases with the person who receives from now on; leaves the head of
the recipient, a new issue of the letter's key, the new birth date at the door, and the cohort that fits.

A letter printed for the one before is pulled before posting, since its issue has passed; the next one goes to the new payee.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection

from todoku.case import door_keys
from todoku.case.due import judge
from todoku.case.members import members_of
from todoku.formats import names
from todoku.programme.tables import Programme
from todoku.programme.terms import Terms
from todoku.registry.account_names import misnamed
from todoku.registry.account_rows import source_of


class Handing(NamedTuple):
    """One case and the person who receives from now on."""

    case: int
    payee: int


_HEADS = """
update todoku_recipient r set head_id = q.payee
  from unnest(%s::bigint[], %s::bigint[]) as q(case_id, payee) join todoku_case c on c.id = q.case_id
 where r.id = c.recipient_id
"""
# Whoever was counted in the same household is reached where the order says; an heir or another guardian lives elsewhere.
_STILL_THERE = """
update todoku_reachedat x set payee_id = q.payee
  from unnest(%s::bigint[], %s::bigint[]) as q(case_id, payee) join todoku_case c on c.id = q.case_id
  join todoku_recipient r on r.id = c.recipient_id
 where x.recipient_id = r.id and x.payee_id = r.head_id and exists (
   select 1 from todoku_member m
    where m.recipient_id = r.id and m.person_id = q.payee and m.superseded_by_order = '')
"""
_PAYEES = """
select c.id, c.recipient_id, c.number, c.cohort, k.issue + 1, h.kana, h.latin_name, h.name, h.birth_date,
       case when h.id <> all(%s) then a.source end
  from todoku_case c join todoku_doorkey k on k.case_id = c.id
  join todoku_recipient r on r.id = c.recipient_id join todoku_person h on h.id = r.head_id
  left join todoku_knownaccount a on a.programme_id = c.programme_id and a.person_id = h.id
 where c.id = any(%s) order by c.id
"""
_DOORS = """
update todoku_doorkey k set issue = q.issue, lookup_token = q.lookup, key_token = q.key, initials = q.initials
  from unnest(%s::bigint[], %s::smallint[], %s::text[], %s::text[], %s::text[])
       as q(case_id, issue, lookup, key, initials) where k.case_id = q.case_id
"""
_COHORTS = """
update todoku_case c set cohort = q.cohort from unnest(%s::bigint[], %s::text[]) as q(case_id, cohort)
 where c.id = q.case_id and c.cohort <> q.cohort
"""


def hand_over(handings: Sequence[Handing], *, programme: Programme) -> int:
    """Hands these cases over, in the caller's transaction; gives how many. What is due stays as it is."""
    if not handings:
        return 0
    with connection.cursor() as cursor:
        cases_and_payees = [[one.case for one in handings], [one.payee for one in handings]]
        cursor.execute(_STILL_THERE, cases_and_payees)
        cursor.execute(_HEADS, cases_and_payees)
        changed = cursor.rowcount
        rows = renew_keys([one.case for one in handings], programme=programme)
        cohorts = _cohorts(rows, programme)
        cursor.execute(_COHORTS, [list(cohorts), list(cohorts.values())])
    assert changed == len(rows) == len(handings), f"{len(handings)} cases to hand over, {changed} handed"
    return changed


def renew_keys(cases: Sequence[int], *, programme: Programme) -> list[tuple[Any, ...]]:
    """The next issue of these cases' keys, for whoever receives now; a letter of the issue before is pulled. In the caller's
    transaction; gives the rows of _PAYEES."""
    assert connection.in_atomic_block, "payee and key of a case change together"
    if not cases:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_PAYEES, [list(misnamed(programme)), list(cases)])
        rows = cursor.fetchall()
        cursor.execute(_DOORS, list(map(list, zip(*map(_door, rows), strict=True))))
    return rows


def _door(row: tuple[Any, ...]) -> tuple[Any, ...]:
    case, _, number, _, issue, kana, latin, name, born, _ = row
    number, lookup = str(number), settings.LOOKUP_SECRET
    key = door_keys.letter_key(number, issue, letter_key_secret=settings.LETTER_KEY_SECRET)
    return (
        case, issue,
        door_keys.lookup_token(number, born, lookup_secret=lookup) if born else None,
        door_keys.key_token(number, key, lookup_secret=lookup), names.initials(str(kana or latin or name))[:20],
    )  # fmt: skip


def _cohorts(rows: Sequence[tuple[Any, ...]], programme: Programme) -> dict[int, str]:
    """The cohort of each case under its new payee; the one it has where nothing would be due by the rules alone.

    A notice that pays unasked went to another person: whoever is new is asked, unless nothing but a notice is agreed.
    """
    terms = programme.terms
    by_payout: dict[int, list[tuple[Any, ...]]] = {}
    for row in rows:
        by_payout.setdefault(terms.cohort(str(row[3])).payout, []).append(row)
    return {
        case: cohort for payout, own in by_payout.items() for case, cohort in _of_payout(own, payout, terms)
    }


def _of_payout(
    rows: Sequence[tuple[Any, ...]], payout: int, terms: Terms
) -> Iterator[tuple[int, str]]:  # fmt: skip
    """The same for cases of one payout: each has cohorts of its own."""
    members = members_of([int(row[1]) for row in rows])
    recipients = [
        ([line.rule for line in members.get(row[1], [])], source_of(str(row[9])) if row[9] else "")
        for row in rows
    ]
    own = [one for one in terms.cohorts if one.payout == payout]
    asked = next((one.name for mode in ("apply", "confirm") for one in own if one.mode == mode), "")
    for row, due in zip(rows, judge(recipients, terms, payout, paid_before=payout > 1), strict=True):
        cohort = due.cohort or str(row[3])
        yield row[0], asked if asked and terms.cohort(cohort).mode == "push" else cohort
