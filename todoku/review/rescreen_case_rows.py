"""Reads the cases whose amount, cohort or ground rests on other terms than a Version's, and judges them. Writes nothing.

Takes a programme and a Version; gives, chunk by chunk in the order of the cases, what the Version makes of each. Most changes
of terms touch no amount: then there is nothing to read.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection

from todoku.case.due import Due, judge
from todoku.case.members import members_of
from todoku.programme.tables import Programme, Version
from todoku.programme.terms import Terms
from todoku.registry.account_names import misnamed
from todoku.registry.account_rows import source_of
from todoku.review.case_differences import DECIDED, UNDECIDED, Differs, Stood, difference, terms_differ

# By which Versions the amounts of this programme stand.
VERSIONS = "select distinct version_id from todoku_entitlement where programme_id = %s and version_id <> %s"
# Whether an earlier Version ended cases or brought them into another cohort, which leaves no trace in the amounts: the next
# one then looks at all, though it says what the first one said.
MOVED = """
select exists (select 1 from todoku_termschange where programme_id = %s and kind in ('lapsed', 'cohort') and state = 'done')
"""
BEHIND = """
  from todoku_case c
  join todoku_casestage g on g.case_id = c.id
  join todoku_entitlement e on e.case_id = c.id and e.part = 1 and e.superseded_by_order = '' and e.version_id = any(%(old)s)
  left join lateral (select t.stage from todoku_termschange t
                      where g.stage = 'lapsed' and t.case_id = c.id and t.kind = 'lapsed' and t.state = 'done'
                      order by t.id desc limit 1) l on true
 where c.programme_id = %(programme)s and c.id > %(after)s and (g.stage = any(%(stages)s) or l.stage is not null)
"""
ROWS = f"""
select q.*, case when h.id <> all(%(misnamed)s) then k.source end, s.last,
       exists (select 1 from todoku_decision d where d.case_id = q.id and d.part = 1 and d.in_force),
       exists (select 1 from todoku_termschange t where t.case_id = q.id and t.kind = 'cohort' and t.state = 'done'
                  and t.cohort_after = q.cohort)
  from (select c.id, c.number, c.recipient_id, c.payout, c.cohort, g.stage, e.amount_yen, e.version_id, coalesce(l.stage, '')
        {BEHIND} order by c.id limit %(limit)s) q
  join todoku_recipient r on r.id = q.recipient_id
  join todoku_person h on h.id = r.head_id
  left join todoku_knownaccount k on k.programme_id = %(programme)s and k.person_id = h.id
  left join lateral (select x.channel as last from todoku_submission x
                      where x.case_id = q.id and x.state = 'screened' order by x.id desc limit 1) s on true
 order by q.id
"""
STAND_NOW = """
select g.case_id, g.stage, exists (select 1 from todoku_decision d where d.case_id = g.case_id and d.part = 1 and d.in_force)
  from todoku_casestage g where g.case_id = any(%s) order by g.case_id for update of g
"""
SECONDS = """
select count(distinct s.id), (array_agg(distinct c.number))[1:10] from todoku_submission s
  join todoku_case c on c.id = s.case_id
  join todoku_casestage g on g.case_id = c.id and g.stage in ('in_review', 'with_municipality', 'returned', 'passed')
 where s.programme_id = %s and s.state = 'not_counted'
"""


class Judged(NamedTuple):
    """One case under the new terms; `differs` None where it stays as it is. `silent`: accepted by silence, not decided."""

    case: int
    number: str
    recipient: int
    stood: Stood
    was: Due
    now: Due
    differs: Differs | None
    silent: bool


class Chunk(NamedTuple):
    """The next cases, and the last of them (0: none was left)."""

    judged: list[Judged]
    reached: int


def older(programme: Programme, version: Version) -> dict[int, Terms]:
    """The terms, by Version, under which amounts stand that this Version may make otherwise."""
    with connection.cursor() as cursor:
        cursor.execute(VERSIONS, [programme.pk, version.pk])
        ids = [one for (one,) in cursor.fetchall()]
        cursor.execute(MOVED, [programme.pk])
        (moved,) = cursor.fetchone()
    found = {one.pk: one.terms for one in Version.objects.filter(pk__in=ids)}
    return {pk: terms for pk, terms in found.items() if moved or terms_differ(terms, version.terms)}


def count_cases(programme: Programme, old: Mapping[int, Terms], *, after: int = 0) -> int:
    """How many cases there are to look at."""
    if not old:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) {BEHIND}", _values(programme, old, after))
        return int(cursor.fetchone()[0])


def next_cases(
    programme: Programme, version: Version, old: Mapping[int, Terms], *, after: int, limit: int
) -> Chunk:
    """The next cases behind one, judged under the terms that they were opened with and under this Version's."""
    more = {"limit": limit, "misnamed": list(misnamed(programme))}
    with connection.cursor() as cursor:
        cursor.execute(ROWS, _values(programme, old, after) | more)
        rows = cursor.fetchall()
    if not rows:
        return Chunk([], 0)
    dues = _dues(rows, version.terms, old)
    return Chunk([_judged(row, *dues[row[0]]) for row in rows], int(rows[-1][0]))


def stand_now(cases: Sequence[int]) -> dict[int, tuple[str, bool]]:
    """Keeps these stages from every other step; gives stage and whether a decision is in force, by case."""
    with connection.cursor() as cursor:
        cursor.execute(STAND_NOW, [sorted(cases)])
        return {case: (stage, decided) for case, stage, decided in cursor.fetchall()}


def as_it_stands(one: Judged, stage: str, decided: bool) -> Judged:
    """The same case where it stands by now; the terms say of it what they said."""
    stood = one.stood._replace(stage=stage, decided=decided)
    return one._replace(stood=stood, differs=difference(stood, one.was, one.now))


def seconds(programme: Programme) -> tuple[int, list[str]]:
    """Applications that do not count beside an open one, with some numbers: the checks of new terms pass them over."""
    with connection.cursor() as cursor:
        cursor.execute(SECONDS, [programme.pk])
        count, numbers = cursor.fetchone()
    return int(count), list(numbers or ())


def _values(programme: Programme, old: Mapping[int, Terms], after: int) -> dict[str, Any]:
    return {
        "programme": programme.pk, "old": list(old), "after": after, "stages": sorted(UNDECIDED | DECIDED),
    }  # fmt: skip


def _judged(row: Sequence[Any], was: Due, now: Due) -> Judged:
    case, number, recipient, _, cohort, stage, yen, _, lapsed_at, _, channel, decided, by_terms = row
    stood = Stood(stage, cohort, yen, decided, lapsed_at, by_terms)
    silent = channel == "push" and stage in UNDECIDED and not decided
    return Judged(case, number, recipient, stood, was, now, difference(stood, was, now), silent)


def _dues(
    rows: Sequence[Sequence[Any]], terms: Terms, old: Mapping[int, Terms]
) -> dict[int, tuple[Due, Due]]:
    """By case, what was due under the terms of its amount and what is due now; one judgement for each payout and Version."""
    members = members_of([row[2] for row in rows])
    found: dict[int, tuple[Due, Due]] = {}
    for payout, version in sorted({(row[3], row[7]) for row in rows}):
        chosen = [row for row in rows if (row[3], row[7]) == (payout, version)]
        lines = [
            ([line.rule for line in members.get(row[2], [])], source_of(row[9]) if row[9] else "")
            for row in chosen
        ]
        before, after = (judge(lines, one, payout, paid_before=payout > 1) for one in (old[version], terms))
        found |= {row[0]: (was, now) for row, was, now in zip(chosen, before, after, strict=True)}
    return found
