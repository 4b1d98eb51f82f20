"""Applies the sample rates of now to what passed without a person and is not decided yet (さかのぼっての抜取り).

Takes cases at PASSED that no person saw; leaves those of the sample back in review with a first look. Their place in the
sample is the same as on the first day, so that a raised rate only adds. Safe to run twice.
"""

from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from todoku.case import stages
from todoku.case.move import move
from todoku.ground.step import Report
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.programme.terms import Terms
from todoku.review.decision_lists import take_off
from todoku.review.facts import AS_CHANNEL
from todoku.review.queues import due_on
from todoku.review.raise_rates import rates_now
from todoku.review.sample_rates import Raised, rates_for
from todoku.review.sampled_cases import Caught, keep_sampled
from todoku.review.sampling import caught_by
from todoku.review.screen import sample_seed

CHUNK_ROWS = 5_000
WHY = "抜取り率の引上げ"
STRAIGHT = """
select p.case_id, p.submission_id, c.number, s.channel, s.rail = 'bank',
       array(select distinct f.code from todoku_finding f where f.submission_id = s.id)
  from todoku_proposal p
  join todoku_case c on c.id = p.case_id and c.programme_id = %(p)s
  join todoku_casestage g on g.case_id = p.case_id and g.stage = 'passed'
  join todoku_submission s on s.id = p.submission_id
 where p.via = 'straight' and p.case_id > %(after)s
 order by p.case_id limit %(limit)s
"""
HELD = "select case_id from todoku_casestage where case_id = any(%s) and stage = 'passed' order by case_id for update"
LOOKED_AT = "update todoku_screening set sampled = true, persons = 1 where submission_id = any(%s)"
OPEN = """
insert into todoku_task (submission_id, case_id, programme_id, step, round, state, reason, opened_at, arrived_on, queue, due_on)
select s.id, s.case_id, s.programme_id, 1,
       1 + coalesce((select max(t.round) from todoku_task t where t.submission_id = s.id), 0), 'open', 'sample',
       %s, s.arrived_on, 'sample', %s
  from todoku_submission s where s.id = any(%s)
"""


class Straight(NamedTuple):
    """A case that passed without a person, as the sample needs it."""

    case: int
    submission: int
    number: str
    channel: str
    by_bank: bool
    noted: list[str]


def sample_again(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """Brings those that the present rates catch back to review; gives how many (done) of how many that were asked (waiting)."""
    terms, seed, raised = programme.terms, sample_seed(programme), rates_now(programme)
    done = asked = after = 0
    while rows := _straight(programme, after):
        after, asked = rows[-1].case, asked + len(rows)
        caught = [(one.submission, one.case, by) for one in rows if (by := _caught(one, terms, seed, raised))]
        done += _bring_back(caught, programme, actor, at)
    return Report(done=done, waiting=asked - done)


def _straight(programme: Programme, after: int) -> list[Straight]:
    with connection.cursor() as cursor:
        cursor.execute(STRAIGHT, {"p": programme.pk, "after": after, "limit": CHUNK_ROWS})
        return [Straight(*row) for row in cursor.fetchall()]


def _caught(one: Straight, terms: Terms, seed: str, raised: Raised) -> Caught | None:
    channel = AS_CHANNEL.get(one.channel, one.channel)
    identity = terms.intake.needs(channel, "identity")
    rates = rates_for(terms.review, raised, channel, one.noted, by_bank=one.by_bank, identity=identity)
    by = caught_by(one.number, seed=seed, rates=rates)
    return None if by is None else Caught(channel, by, tuple(one.noted), rates[by])


def _bring_back(
    caught: list[tuple[int, int, Caught]], programme: Programme, actor: Actor, at: datetime
) -> int:
    """All or nothing: off open lists, back to review, one look each; what was decided meanwhile is left alone."""
    if not caught:
        return 0
    cases = [case for _, case, _ in caught]
    with transaction.atomic(), connection.cursor() as cursor:
        # Lists before stages, as the decision does: two who meet here wait, they do not lock each other out.
        take_off(cases, remark=WHY)
        cursor.execute(HELD, [cases])
        passed = {row[0] for row in cursor.fetchall()}
        kept = [one for one in caught if one[1] in passed]
        move(sorted(passed), programme=programme, to=stages.IN_REVIEW, why=WHY, actor=actor, at=at)
        keep_sampled(kept, programme=programme, at=at)
        submissions = [submission for submission, _, _ in kept]
        cursor.execute(LOOKED_AT, [submissions])
        due = due_on(timezone.localdate(at), programme.terms.review.due_days)
        cursor.execute(OPEN, [at, due, submissions])
        assert cursor.rowcount == len(kept), f"{len(kept)} cases, {cursor.rowcount} looks opened"
    return len(kept)
