"""Places seeded errors (埋込み) in second reviewers' work and keeps what they made of them.

Takes the share of the terms and a stock of made-up cases in the programme's rehearsal; leaves one of them held like any
other second look, and after the verdict whether the error was found. Moves no case, decides nothing, writes to nobody.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from todoku.intake.tables import Submission
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.review.quality_tables import SeededLook
from todoku.review.sampling import is_sampled
from todoku.review.tables import Task, Verdict

ARRIVED_DAYS_AGO = 2  # as old as the work of an office that keeps up


def at_desk(programme: Programme) -> Q:
    """The condition on a row with `programme` that is met at this programme's desk: its own rows and its rehearsal's."""
    return Q(programme=programme) | Q(programme__rehearsal_of=programme)


def held_seed(programme: Programme, actor: Actor) -> Task | None:
    """The seeded look that this person holds."""
    if not programme.terms.review.quality.seeded.percent:
        return None
    return Task.objects.filter(
        programme__rehearsal_of=programme, state="held", claimed_by_id=actor.id
    ).first()


def place_seed(
    programme: Programme, queues: list[str], *, actor: Actor, seed: str, at: datetime, after: int = 0
) -> Task | None:
    """A seeded look held by this person in place of the next one, where it is its turn and the stock has one.

    Like any work it waits while it is put aside, and `after` passes over one that was put back just now.

    Which of a person's second looks are seeded is drawn like the sample (sampling.py): nobody can count them out.
    """
    percent = programme.terms.review.quality.seeded.percent
    if not percent:
        return None
    assert actor.id is not None, "only a person reviews"
    mine = SeededLook.objects.filter(programme=programme, staff_id=actor.id)
    # Whose account the person put right judges it no more: it is dealt to nobody, and bars nothing.
    waiting = (
        mine.filter(judged_at__isnull=True)
        .exclude(task__submission__accounts__staff_id=actor.id)
        .select_related("task")
        .first()
    )
    if waiting is not None:
        # Put back or forgotten, it comes again to the same person, as any work would.
        task = waiting.task
        aside = task.not_before is not None and task.not_before > at
        return _hold(task, actor, at) if task.state == "open" and not aside and task.pk != after else None
    looks = Verdict.objects.filter(task__programme=programme, staff_id=actor.id, step=2).aggregate(
        count=Count("pk"), last=Max("at")
    )
    # Only who takes second looks at all, and at most one between two of them.
    if not looks["count"] or not is_sampled(f"{actor.id}:{looks['count']}", seed=seed, percent=percent):
        return None
    if mine.filter(placed_at__gte=looks["last"]).exists():
        return None
    with transaction.atomic():
        one = (
            SeededLook.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("task")
            .filter(programme=programme, staff__isnull=True, task__queue__in=queues, task__state="open")
            .order_by("pk")
            .first()
        )
        if one is None:
            return None
        SeededLook.objects.filter(pk=one.pk).update(staff_id=actor.id, placed_at=at)
        return _hold(_as_of_today(one.task, at), actor, at)


def _as_of_today(task: Task, at: datetime) -> Task:
    """The made-up case arrived when real ones did that are looked at now."""
    day = timezone.localdate(at) - timedelta(days=ARRIVED_DAYS_AGO)
    due = day + timedelta(days=task.programme.terms.review.due_days)
    Submission.objects.filter(pk=task.submission_id).update(arrived_on=day, applied_on=day)
    Task.objects.filter(pk=task.pk).update(arrived_on=day, due_on=due, opened_at=at)
    return task


def _hold(task: Task, actor: Actor, at: datetime) -> Task:
    Task.objects.filter(pk=task.pk).update(
        state="held", claimed_by_id=actor.id, claimed_at=at, not_before=None
    )
    return Task.objects.get(pk=task.pk)


def keep_seeded(task: Task, verdict: Verdict) -> bool:
    """True where the task was a seeded error; what the reviewer made of it is kept. Whatever agrees with the wrong first
    verdict has missed it."""
    if task.programme.rehearsal_of_id is None:
        return False
    looks: QuerySet[SeededLook] = SeededLook.objects.filter(pk=task.pk, judged_at__isnull=True)
    first = looks.values_list("first_outcome", flat=True).get()
    looks.update(
        outcome=verdict.outcome, codes=verdict.codes, detected=verdict.outcome != first, judged_at=verdict.at
    )
    return True
