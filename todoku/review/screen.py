"""Runs the checks on what arrived: takes submissions whose case stands at RECEIVED; leaves findings and moves the case.

Clean applications pass without a person where the terms say so, except a sample; everything else becomes a task.
Asks nobody and decides nothing. Safe to run twice, or twice at once: a screened submission is not taken again.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache, partial
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction

from todoku.case import stages
from todoku.case.move import move
from todoku.ground.copy_rows import bigints, copy_rows, has_doubled, refresh_statistics
from todoku.ground.long_work import Telling
from todoku.ground.step import Report
from todoku.intake.forms import BANK
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.programme.terms import Terms
from todoku.review import checks, findings
from todoku.review.facts import CHUNK_ROWS, Gathered, gather
from todoku.review.find_shared import find_shared
from todoku.review.outcome import outcome_of
from todoku.review.queues import due_on, queue_of
from todoku.review.raise_rates import risen_rates
from todoku.review.reopen import OPEN_ROUND
from todoku.review.sample_rates import Raised, rates_for
from todoku.review.sampled_cases import Caught, keep_sampled
from todoku.review.sampling import caught_by
from todoku.review.second_applications import compare_seconds
from todoku.review.tell_same import tell_others

__all__ = [
    "screen",
    "judge_facts",
    "judge_by",
    "sample_seed",
    "keep",
    "pass_on",
    "open_tasks",
    "Screened",
    "OPEN_ROUND",
]

_CHANGED = ("todoku_submission", "todoku_casestage")
READY = "s.state = 'received' and g.stage = 'received'"
PROPOSE = """
insert into todoku_proposal (case_id, submission_id, account_id, rail, outcome, reason, via, at)
select c, s, a, r, 'grant', '', %s, %s
  from unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[]) as x(c, s, a, r)
on conflict (case_id) do update set submission_id = excluded.submission_id, account_id = excluded.account_id,
  rail = excluded.rail, outcome = excluded.outcome, reason = excluded.reason, via = excluded.via, at = excluded.at
"""


class Screened(NamedTuple):
    """The outcome for one submission: clean, look or return, and how many persons must approve."""

    gathered: Gathered
    findings: tuple[findings.Finding, ...]
    outcome: str
    sampled: bool
    persons: int
    caught: Caught | None = None


NONE_RAISED: Raised = {}
# Channel, codes noted, whether it names a bank, whether it needs a document of identity → percent by criterion.
Rates = Callable[[str, tuple[str, ...], bool, bool], dict[str, float]]


def judge_facts(gathered: Gathered, terms: Terms, seed: str, raised: Raised = NONE_RAISED) -> Screened:
    """Applies every check of the terms to one submission and says who must look. Plain values in and out.

    `raised`: the sample rates that are higher by now than the terms say.
    """
    return judge_by(terms, seed, raised)(gathered)


def judge_by(terms: Terms, seed: str, raised: Raised = NONE_RAISED) -> Callable[[Gathered], Screened]:
    """The judging of many under the same terms and rates: what is the same for many of them is looked up once."""
    rates = cache(partial(_rates, terms, raised))
    return partial(_judge, terms, seed, rates)


def _judge(terms: Terms, seed: str, rates: Rates, gathered: Gathered) -> Screened:
    findings = checks.check(gathered.facts, terms.review.checks)
    outcome = outcome_of(findings)
    if outcome != "clean":
        return Screened(gathered, findings, outcome, False, 2)
    persons = max(terms.reviewers(gathered.arrived_by), 1 if gathered.is_answer else 0)
    caught = _caught(gathered, findings, seed, rates) if persons == 0 else None
    if caught:
        return Screened(gathered, findings, outcome, True, 1, caught)
    return Screened(
        gathered, findings, outcome, False, max(persons, 1) if _left_to_eyes(gathered) else persons
    )


def _left_to_eyes(gathered: Gathered) -> bool:
    """Whether something stays open that no check has judged: such an application never passes by itself."""
    facts = gathered.facts
    # Terms can switch a check off; nothing passes to an account that is not there.
    if facts.rail == BANK and not gathered.account:
        return True
    # Whoever named the paper could not read its day: whether it had run out, a person sees on the copy.
    return facts.needs_identity and any(one.undated for one in facts.papers)


def _caught(
    gathered: Gathered, findings: tuple[findings.Finding, ...], seed: str, rates: Rates
) -> Caught | None:
    """By which rate this clean application is looked at all the same; None: it passes without a person."""
    channel, noted = gathered.arrived_by, tuple(finding.code for finding in findings)
    percents = rates(channel, noted, gathered.facts.rail == BANK, gathered.facts.needs_identity)
    by = caught_by(gathered.number, seed=seed, rates=percents)
    return None if by is None else Caught(channel, by, noted, percents[by])


def _rates(
    terms: Terms, raised: Raised, channel: str, noted: tuple[str, ...], by_bank: bool, identity: bool
) -> dict[str, float]:
    return rates_for(terms.review, raised, channel, noted, by_bank=by_bank, identity=identity)


def screen(
    *, programme: Programme, actor: Actor, at: datetime, progress: Telling | None = None, chunk_rows: int = CHUNK_ROWS
) -> Report:  # fmt: skip
    """Screens every submission that waits; gives how many passed (done) and how many wait for a person."""
    # What the sample showed so far counts for everything that comes now.
    raised = risen_rates(programme=programme, actor=actor, at=at)
    judged = judge_by(programme.terms, sample_seed(programme), raised)
    done = waiting = last = chunks = 0
    others: set[str] = set()
    while True:
        with transaction.atomic():
            chunk = gather(programme, READY, held="g", limit=chunk_rows, after=last)
            if not chunk:
                break
            last = max(one.case for one in chunk)
            results = [judged(one) for one in chunk]
            keep(results, programme, actor, at)
        others |= _others_named(results)
        passed = sum(1 for result in results if result.persons == 0)
        done, waiting, chunks = done + passed, waiting + len(results) - passed, chunks + 1
        if len(chunk) == chunk_rows and has_doubled(chunks):
            refresh_statistics(*_CHANGED)
        if progress:
            progress(done + waiting, None)
    looked = compare_seconds(programme=programme, actor=actor, at=at)
    shared = find_shared(programme=programme, actor=actor, at=at)
    shared += tell_others(others, programme=programme, actor=actor, at=at)
    return Report(done=done, waiting=waiting + looked + shared)


def _others_named(results: list[Screened]) -> set[str]:
    """The cases in which somebody of these applications stands too."""
    return {number for one in results for number in one.gathered.facts.same_person_cases}


def sample_seed(programme: Programme) -> str:
    """The seed of the random sample: the same for every run, known to the office's processes alone (64 characters)."""
    return hashlib.sha256(f"{settings.LETTER_KEY_SECRET}|sample|{programme.slug}".encode()).hexdigest()


def keep(results: list[Screened], programme: Programme, actor: Actor, at: datetime) -> None:
    """Writes one chunk: screenings, findings, stages, then proposals or tasks; all or nothing."""
    _write_findings(results, programme, at)
    straight = [result for result in results if result.persons == 0]
    to_people = [result for result in results if result.persons > 0]
    with connection.cursor() as cursor:
        cursor.execute(
            "update todoku_submission set state = 'screened' where id = any(%s::bigint[])",
            [bigints(result.gathered.submission for result in results)],
        )
    pass_on(straight, programme, actor, at)
    move(
        [result.gathered.case for result in to_people], programme=programme, to=stages.IN_REVIEW,
        why="点検により審査へ", actor=actor, at=at,
    )  # fmt: skip
    open_tasks(to_people, programme, at)


def _write_findings(results: Iterable[Screened], programme: Programme, at: datetime) -> None:
    """COPYs screenings and findings of one chunk into their narrow tables."""
    version, rules = programme.version.pk, checks.RULES_VERSION
    copy_rows(
        "todoku_screening",
        ("submission_id", "case_id", "outcome", "sampled", "persons", "version_id", "rules", "came_from", "at"),
        (
            (one.gathered.submission, one.gathered.case, one.outcome, one.sampled, one.persons, version, rules,
             one.gathered.came_from, at)
            for one in results
        ),
    )  # fmt: skip
    copy_rows(
        "todoku_finding",
        ("submission_id", "case_id", "code", "field", "severity", "evidence", "found_by", "at"),
        (
            (one.gathered.submission, one.gathered.case, found.code, found.field, found.severity,
             json.dumps(found.evidence, default=str, ensure_ascii=False), "screening", at)
            for one in results
            for found in one.findings
        ),
    )  # fmt: skip


def pass_on(
    results: list[Screened], programme: Programme, actor: Actor, at: datetime, *,
    via: str = "straight", why: str = "不備なし（自動）",
) -> None:  # fmt: skip
    """Moves clean applications to PASSED with their proposals: nobody has to look, or all who had to have approved."""
    cases = [result.gathered.case for result in results]
    moved = move(cases, programme=programme, to=stages.PASSED, why=why, actor=actor, at=at)
    with connection.cursor() as cursor:
        cursor.execute(
            PROPOSE,
            [
                via, at, bigints(cases), bigints(r.gathered.submission for r in results),
                bigints(r.gathered.account for r in results), [r.gathered.facts.rail for r in results],
            ],
        )  # fmt: skip
        assert cursor.rowcount == moved, f"{moved} cases passed, {cursor.rowcount} proposals"


def open_tasks(results: list[Screened], programme: Programme, at: datetime) -> None:
    """Opens a first look at each, in the words of what the checks found; keeps of the sample how each was caught."""
    keep_sampled(
        [(one.gathered.submission, one.gathered.case, one.caught) for one in results if one.caught],
        programme=programme, at=at,
    )  # fmt: skip
    copy_rows(
        "todoku_task",
        ("submission_id", "case_id", "programme_id", "step", "round", "state", "reason", "opened_at", "arrived_on",
         "queue", "due_on"),
        (_task(one, programme.pk, programme.terms.review.due_days, at) for one in results),
    )  # fmt: skip


def _task(one: Screened, programme: int, due_days: int, at: datetime) -> tuple[object, ...]:
    """The first look at one submission, in the queue of what was found."""
    arrived_on = one.gathered.facts.arrived_on
    assert arrived_on is not None, "what was received has its day"
    found = (finding.code for finding in one.findings if finding.severity != findings.NOTE)
    return (
        one.gathered.submission, one.gathered.case, programme, 1, 1, "open", "sample" if one.sampled else one.outcome,
        at, arrived_on, queue_of(found, step=1, sampled=one.sampled), due_on(arrived_on, due_days),
    )  # fmt: skip
