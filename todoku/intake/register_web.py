"""Takes in what the public door added: submissions that are "sent"; leaves them received or not counted, cases moved.

A correction that holds only what was missing is completed first.
Runs every few seconds as the office's role, since the public role may only add. Safe to run twice or twice at once.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from todoku.ground.step import Report
from todoku.intake.complete_web import complete_web
from todoku.intake.first_counts import Counted, count_first
from todoku.intake.take_matched import take_matched
from todoku.people.actor import Actor
from todoku.programme.tables import Programme

CHUNK_CASES = 10_000


def register_web(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """Settles every application sent by web, and what was matched to the roll a minute ago.

    Report: done = counting, waiting = kept but not counting.
    """
    take_matched(programme=programme, actor=actor, at=at)
    received = not_counted = 0
    while cases := _cases_with_sent(programme):
        complete_web(cases)
        counted = count_first(cases, programme=programme, actor=actor, at=at)
        received, not_counted = received + counted.received, not_counted + counted.not_counted
        if counted.received + counted.not_counted == 0:
            break  # another process settled these between our two looks
    return Report(done=received, waiting=not_counted)


def register_answers(cases: Sequence[int], *, programme: Programme, actor: Actor, at: datetime) -> Counted:
    """Settles what is "sent" for these cases alone, completed as what comes by web: an answer by telephone."""
    complete_web(cases)
    return count_first(cases, programme=programme, actor=actor, at=at)


def _cases_with_sent(programme: Programme) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct case_id from todoku_submission where programme_id = %s and state = 'sent' limit %s",
            [programme.pk, CHUNK_CASES],
        )
        return [case for (case,) in cursor.fetchall()]
