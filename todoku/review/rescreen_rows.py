"""Reads what a re-screening judges: open applications with the result that stands and where their cases stand. Writes nothing.

Takes a programme and a Version; gives Before rows. Whatever is decided, paying or paid is not among them.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection

from todoku.case import stages
from todoku.ground.copy_rows import bigints
from todoku.programme.tables import Programme
from todoku.review.differences import Found, Result, Standing
from todoku.review.reopen import REASONS

# What stands at RECEIVED was not judged yet: the screening takes it, under the new terms by itself.
JUDGED = (stages.IN_REVIEW, stages.WITH_MUNICIPALITY, stages.RETURNED, stages.PASSED)

# Where a chunk begins is said of each table: joined in the order of cases, each would be read from its first row again.
# The application that counts, judged under other terms than these; a decision in force is changed by an order alone.
BEHIND = """
  from todoku_submission s
  join todoku_screening x on x.submission_id = s.id and x.version_id <> %(version)s
  join todoku_casestage g on g.case_id = s.case_id and g.stage = any(%(judged)s) and g.case_id > %(after)s
 where s.programme_id = %(programme)s and s.case_id > %(after)s and s.state = 'screened'
   and (%(only)s::bigint[] is null or s.id = any(%(only)s))
   and not exists (select 1 from todoku_submission y
                    where y.case_id = s.case_id and y.case_id > %(after)s and y.state = 'screened' and y.id > s.id)
   and not exists (select 1 from todoku_decision d where d.case_id = s.case_id and d.case_id > %(after)s and d.in_force)
"""
NOT_HELD = " and not exists (select 1 from todoku_task t where t.submission_id = s.id and t.state = 'held')"
# Nobody is waited for here: an answer that arrives at this moment holds the stage and wants the submission.
HOLD = " for no key update of s skip locked"
HOLD_TASKS = """
select submission_id, state from todoku_task where submission_id = any(%s::bigint[]) and state in ('open', 'held')
 order by id for update
"""
STANDING = """
select s.id, s.case_id, g.stage, x.outcome, x.sampled, x.persons, x.version_id, x.came_from, t.step, t.round, t.reason,
       first.outcome, coalesce(a.entered_at > first.at, false),
       coalesce(a.version > 1, false) or exists (
         select 1 from todoku_verdict v where v.submission_id = s.id and v.undone_at is null),
       p.via, p.outcome, p.reason,
       case when g.stage = 'returned' then (
         select v.codes from todoku_verdict v
          where v.submission_id = s.id and v.outcome = 'return' and v.undone_at is null order by v.id desc limit 1) end
  from todoku_submission s
  join todoku_screening x on x.submission_id = s.id
  join todoku_casestage g on g.case_id = s.case_id
  left join todoku_task t on t.submission_id = s.id and t.state in ('open', 'held')
  left join todoku_verdict first on first.submission_id = s.id and first.round = t.round and first.step = 1
   and first.undone_at is null
   -- One given very fast is enough for nothing where somebody else is to look once more.
   and not exists (select 1 from todoku_fastverdict h where h.verdict_id = first.id and h.looked_again)
  left join todoku_proposal p on p.case_id = s.case_id and g.stage = 'passed'
  left join lateral (select v.version, v.entered_at from todoku_accountversion v where v.submission_id = s.id
                      order by v.version desc limit 1) a on true
 where s.id = any(%s::bigint[])
"""
FOUND = """
select submission_id, code, field, severity, coalesce(evidence ->> 'why', evidence ->> 'tier', '')
  from todoku_finding where submission_id = any(%s::bigint[]) and found_by = 'screening'
"""


class Before(NamedTuple):
    """One application as it stands: its result, by which Version, how it came in, and where its case stands."""

    submission: int
    case: int
    version: int
    came_from: str
    result: Result
    standing: Standing


def values_of(programme: Programme, version: int, **more: Any) -> dict[str, Any]:
    return {
        "programme": programme.pk, "version": version, "judged": list(JUDGED), "after": 0, "only": None, **more
    }  # fmt: skip


def count_behind(programme: Programme, version: int) -> int:
    """How many open applications were judged under other terms than this Version's."""
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) {BEHIND}", values_of(programme, version))
        return int(cursor.fetchone()[0])


def left_behind(programme: Programme, version: int, *, only: Sequence[int] | None = None) -> list[int]:
    """What a run had to leave, by submission: held by a person, or moved by somebody at that moment."""
    values = values_of(programme, version, only=list(only) if only is not None else None)
    with connection.cursor() as cursor:
        cursor.execute(f"select s.id {BEHIND} order by s.id", values)
        return [submission for (submission,) in cursor.fetchall()]


def choose(
    programme: Programme,
    version: int,
    *,
    after: int,
    limit: int,
    only: Sequence[int] | None = None,
    hold: bool,
) -> list[tuple[int, int]]:
    """The next (submission, case) behind a case; with `hold` kept from others, and without what a person holds."""
    values = values_of(
        programme, version, after=after, limit=limit, only=list(only) if only is not None else None
    )
    end = " order by s.case_id limit %(limit)s"
    with connection.cursor() as cursor:
        cursor.execute(
            f"select s.id, s.case_id {BEHIND}{NOT_HELD if hold else ''}{end}{HOLD if hold else ''}", values
        )
        return cursor.fetchall()


def held_now(submissions: Sequence[int]) -> frozenset[int]:
    """Keeps the open tasks of these submissions from being dealt; gives those that a person took in the meantime."""
    with connection.cursor() as cursor:
        cursor.execute(HOLD_TASKS, [bigints(submissions)])
        return frozenset(submission for submission, state in cursor.fetchall() if state == "held")


def before(submissions: Sequence[int]) -> dict[int, Before]:
    """What stands for these submissions, by submission."""
    with connection.cursor() as cursor:
        cursor.execute(FOUND, [bigints(submissions)])
        found: dict[int, list[Found]] = {}
        for submission, *one in cursor.fetchall():
            found.setdefault(submission, []).append(Found(*one))
        cursor.execute(STANDING, [bigints(submissions)])
        return {row[0]: _before(row, found) for row in cursor.fetchall()}


def _before(row: Sequence[Any], found: Mapping[int, list[Found]]) -> Before:
    (
        submission, case, stage, outcome, sampled, persons, version, came_from, step, round_, reason,
        first, account_after_first, by_hand, via, proposal, refused_for, returned_for,
    ) = row  # fmt: skip
    result = Result(outcome, sampled, persons, frozenset(found.get(submission, ())))
    standing = Standing(
        stage, step or 0, round_ or 0, reason in REASONS, first or "", by_hand, account_after_first, via or "",
        proposal or "", refused_for or "", tuple(_codes(returned_for)),
    )  # fmt: skip
    return Before(submission, case, version, came_from, result, standing)


def _codes(kept: Any) -> list[str]:
    """The codes of a verdict, which a bare cursor gives as JSON's text."""
    return list(json.loads(kept) if isinstance(kept, str) else kept or ())
