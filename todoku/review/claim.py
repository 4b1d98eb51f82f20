"""Deals review work: the oldest open task that this person may judge, to one person at a time.

Takes nothing; leaves a task held. A second look never goes to the person who took the first.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction

from todoku.ground.step import Refusal
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.review.tables import Task

# A form left open for so long goes back to the pile: longer than any single look that we have seen described.
HELD_MINUTES_MAX = 30


class NothingWaits(Refusal):
    """There is no task that this person may take."""


def claim_next(*, programme: Programme, actor: Actor, at: datetime, after: int = 0) -> Task:
    """Holds the next task for the actor, or gives the one already held; raises NothingWaits.

    Second looks come first: they finish a case. `after` skips a task that the person has just put back.
    """
    held = (
        Task.objects.filter(programme=programme, state="held", claimed_by_id=actor.id)
        .exclude(pk=after)
        .first()
    )
    if held:
        return held
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            update todoku_task set state = 'held', claimed_by_id = %(who)s, claimed_at = %(at)s
             where id = (
               select t.id from todoku_task t
                where t.programme_id = %(programme)s and t.state = 'open' and t.id <> %(after)s
                  and not exists (select 1 from todoku_verdict v
                                   where v.submission_id = t.submission_id and v.round = t.round
                                     and v.staff_id = %(who)s and v.undone_at is null)
                order by t.step desc, t.arrived_on, t.id
                limit 1 for update skip locked)
            returning id
            """,
            {"who": actor.id, "at": at, "programme": programme.pk, "after": after},
        )
        row = cursor.fetchone()
    if row is None:
        raise NothingWaits("審査を待っている申請はありません。")
    return Task.objects.get(pk=row[0])


def put_back(task: Task, *, actor: Actor, at: datetime) -> None:
    """Gives a held task back to the pile."""
    Task.objects.filter(pk=task.pk, state="held", claimed_by_id=actor.id).update(
        state="open", claimed_by=None, claimed_at=None
    )


def release_forgotten(*, at: datetime) -> int:
    """Puts back tasks held longer than HELD_MINUTES_MAX; run by the sweeper. Gives how many."""
    return Task.objects.filter(state="held", claimed_at__lt=at - timedelta(minutes=HELD_MINUTES_MAX)).update(
        state="open", claimed_by=None, claimed_at=None
    )


def tasks_waiting(programme: Programme) -> dict[int, int]:
    """Open or held tasks by step, for the desk's rail."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select step, count(*) from todoku_task where programme_id = %s and state in ('open', 'held') group by step",
            [programme.pk],
        )
        return dict(cursor.fetchall())
