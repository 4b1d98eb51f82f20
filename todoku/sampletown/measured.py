"""The sample office as it measures its own review: reviewers who passed the training cases, seeded errors lying ready.

Takes a programme whose terms ask for it; leaves queues opened by training and a small rehearsal. Where the terms are silent
it does nothing.
"""

from datetime import datetime, timedelta

from todoku.people.actor import SYSTEM, Actor
from todoku.programme.tables import Programme
from todoku.review.queues import QUEUES
from todoku.review.train import answer, begin, next_case
from todoku.sampletown.rehearsal import make_rehearsal

# What the demo's terms say of it: shown in a small town, so that few looks already tell something.
TABLES = """
[review.sample]
looked_least = 10
limit_percent = 30
[review.sample.channels]
web = 30
[review.training]
required = true
cases = 3
[review.seeded]
percent = 4
"""
SEEDED_CASES = 24


def get_ready(programme: Programme, reviewers: list[Actor], *, at: datetime) -> None:
    """Each reviewer passes the cases of each queue; the seeded errors are made up."""
    quality = programme.terms.review.quality
    if quality.training.required:
        for reviewer in reviewers:
            for queue in QUEUES:
                _pass(programme, queue, reviewer, at)
    if quality.seeded.percent:
        make_rehearsal(programme=programme, cases=SEEDED_CASES, actor=SYSTEM, at=at)


def _pass(programme: Programme, queue: str, reviewer: Actor, at: datetime) -> None:
    training = begin(queue, programme=programme, actor=reviewer, at=at)
    while case := next_case(training):
        at += timedelta(seconds=40)
        answer(training, case=case.name, outcome=case.outcome, codes=case.codes, actor=reviewer, at=at)
