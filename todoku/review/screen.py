"""Runs the checks on what arrived: takes submissions whose case stands at RECEIVED; leaves findings and moves the case.

Clean applications pass without a person where the terms say so, except a sample; everything else becomes a task.
Asks nobody and decides nothing. Safe to run twice: a screened submission is not taken again.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction

from todoku.case import stages
from todoku.case.move import move
from todoku.ground.long_work import Progress
from todoku.ground.step import Report
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.programme.terms import Terms
from todoku.review import checks
from todoku.review.facts import Gathered, gather
from todoku.review.sampling import is_sampled

READY = "s.state = 'received' and g.stage = 'received'"
# Of two valid applications the first to arrive counts; the other is looked at once, for its account.
SECOND = (
    "s.state = 'not_counted' and not exists (select 1 from todoku_screening x where x.submission_id = s.id) "
    "and g.stage in ('in_review', 'passed', 'received')"
)


class Screened(NamedTuple):
    """The outcome for one submission: clean, look or return, and how many persons must approve."""

    gathered: Gathered
    findings: tuple[checks.Finding, ...]
    outcome: str
    sampled: bool
    persons: int


def judge_facts(gathered: Gathered, terms: Terms, seed: str) -> Screened:
    """Applies every check of the terms to one submission and says who must look. Plain values in and out."""
    findings = tuple(checks.check(gathered.facts, terms.review.checks))
    severities = {finding.severity for finding in findings}
    outcome = "return" if checks.RETURN in severities else "look" if checks.LOOK in severities else "clean"
    persons = terms.reviewers(gathered.facts.channel)
    in_sample = False
    if outcome != "clean":
        persons = 2
    elif persons == 0 and is_sampled(gathered.number, seed=seed, percent=terms.review.sample_percent):
        in_sample, persons = True, 1
    return Screened(gathered, findings, outcome, in_sample, persons)


def screen(*, programme: Programme, actor: Actor, at: datetime, progress: Progress | None = None) -> Report:
    """Screens every submission that waits; gives how many passed (done) and how many wait for a person."""
    terms, seed = programme.terms, sample_seed(programme)
    done = waiting = 0
    while True:
        with transaction.atomic():
            chunk = next(gather(programme, READY), [])
            if not chunk:
                break
            results = [judge_facts(one, terms, seed) for one in chunk]
            _keep(results, programme, actor, at)
        passed = sum(1 for result in results if result.persons == 0)
        done, waiting = done + passed, waiting + len(results) - passed
        if progress:
            progress(done + waiting)
    looked = _screen_seconds(programme, actor, at)
    return Report(done=done, waiting=waiting + looked)


def sample_seed(programme: Programme) -> str:
    """The seed of the random sample: the same for every run, known to the office's processes alone (64 characters)."""
    return hashlib.sha256(f"{settings.LETTER_KEY_SECRET}|sample|{programme.slug}".encode()).hexdigest()


def _keep(results: list[Screened], programme: Programme, actor: Actor, at: datetime) -> None:
    """Writes one chunk: screenings, findings, stages, then proposals or tasks; all or nothing."""
    write_findings(results, at)
    straight = [result for result in results if result.persons == 0]
    to_people = [result for result in results if result.persons > 0]
    with connection.cursor() as cursor:
        cursor.execute(
            "update todoku_submission set state = 'screened' where id = any(%s)",
            [[result.gathered.submission for result in results]],
        )
    _pass_straight(straight, programme, actor, at)
    move(
        [result.gathered.case for result in to_people], programme=programme, to=stages.IN_REVIEW,
        why="点検により審査へ", actor=actor, at=at,
    )  # fmt: skip
    _open_tasks(to_people, programme, at)


def write_findings(results: Iterable[Screened], at: datetime) -> None:
    """COPYs screenings and findings of one chunk into their narrow tables."""
    results = list(results)
    with connection.cursor() as cursor:
        with cursor.copy(
            "copy todoku_screening (submission_id, case_id, outcome, sampled, persons, at) from stdin"
        ) as copy:
            for result in results:
                one = result.gathered
                copy.write_row((one.submission, one.case, result.outcome, result.sampled, result.persons, at))
        with cursor.copy(
            "copy todoku_finding (submission_id, case_id, code, field, severity, evidence, found_by, at) from stdin"
        ) as copy:
            for result in results:
                for finding in result.findings:
                    copy.write_row(
                        (
                            result.gathered.submission, result.gathered.case, finding.code, finding.field,
                            finding.severity, json.dumps(finding.evidence, default=str, ensure_ascii=False),
                            "screening", at,
                        )
                    )  # fmt: skip


def _pass_straight(results: list[Screened], programme: Programme, actor: Actor, at: datetime) -> None:
    cases = [result.gathered.case for result in results]
    moved = move(cases, programme=programme, to=stages.PASSED, why="不備なし（自動）", actor=actor, at=at)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into todoku_proposal (case_id, submission_id, account_id, outcome, reason, via, at)
            select * from unnest(%s::bigint[], %s::bigint[], %s::bigint[]) as x(c, s, a)
              cross join (select 'grant', '', 'straight', %s::timestamptz) as y
            on conflict (case_id) do update set submission_id = excluded.submission_id,
              account_id = excluded.account_id, outcome = excluded.outcome, reason = excluded.reason,
              via = excluded.via, at = excluded.at
            """,
            [cases, [r.gathered.submission for r in results], [r.gathered.account for r in results], at],
        )
        assert cursor.rowcount == moved, f"{moved} cases passed, {cursor.rowcount} proposals"


def _open_tasks(results: list[Screened], programme: Programme, at: datetime) -> None:
    with connection.cursor() as cursor, cursor.copy(
        "copy todoku_task (submission_id, case_id, programme_id, step, round, state, reason, opened_at, arrived_on)"
        " from stdin"
    ) as copy:  # fmt: skip
        for result in results:
            one = result.gathered
            reason = "sample" if result.sampled else result.outcome
            copy.write_row(
                (one.submission, one.case, programme.pk, 1, 1, "open", reason, at, one.facts.arrived_on)
            )


def _screen_seconds(programme: Programme, actor: Actor, at: datetime) -> int:
    """Second applications: where the account differs and nothing is decided, a person looks at the first one again."""
    with transaction.atomic():
        chunk = [one for rows in gather(programme, SECOND) for one in rows]
        results = [
            Screened(one, tuple(f for f in checks.check(one.facts, programme.terms.review.checks) if f.code == "D40"),
                     "look" if not one.facts.earlier_same_account else "clean", False, 2)
            for one in chunk
        ]  # fmt: skip
        write_findings(results, at)
        differ = [result.gathered.case for result in results if result.outcome == "look"]
        return reopen(differ, programme=programme, reason="second_account", actor=actor, at=at)


def reopen(cases: list[int], *, programme: Programme, reason: str, actor: Actor, at: datetime) -> int:
    """Brings PASSED cases back to review and opens a new round on their counted submission; gives how many."""
    if not cases:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "select case_id from todoku_casestage where case_id = any(%s) and stage = 'passed' for update",
            [cases],
        )
        passed = [row[0] for row in cursor.fetchall()]
        move(passed, programme=programme, to=stages.IN_REVIEW, why="再確認", actor=actor, at=at)
        cursor.execute(
            """
            update todoku_screening x set persons = 2 from todoku_submission s
             where s.id = x.submission_id and s.case_id = any(%s) and s.state = 'screened'
            """,
            [cases],
        )
        cursor.execute(OPEN_ROUND, [reason, at, programme.pk, passed])
    return len(passed)


# The counted submission of a case is the last one screened; a new round is one above its last task.
OPEN_ROUND = """
insert into todoku_task (submission_id, case_id, programme_id, step, round, state, reason, opened_at, arrived_on)
select s.id, s.case_id, s.programme_id, 1,
       1 + coalesce((select max(t.round) from todoku_task t where t.submission_id = s.id), 0),
       'open', %s, %s, s.arrived_on
  from (select distinct on (case_id) * from todoku_submission
         where programme_id = %s and case_id = any(%s) and state = 'screened' order by case_id, id desc) s
"""
