"""Places seeded errors (埋込み) in second reviewers' work and keeps what they made of them.

Takes the share of the terms and a stock of made-up cases in the programme's rehearsal; leaves one of them in the pile like
any other second look of the programme, and after the verdict whether the error was found. The look alone changes sides while
it is at the desk: application and case stay in the rehearsal, from which the database lets nothing on. Decides nothing.
"""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from todoku.case import stages
from todoku.case.tables import Case, CaseEvent
from todoku.intake.tables import Submission
from todoku.programme.tables import Programme
from todoku.review.quality_tables import SeededLook
from todoku.review.sampling import is_sampled
from todoku.review.tables import Task, Verdict

ARRIVED_DAYS_AGO = 2  # as old as the work of an office that keeps up
ARRIVED_AT = time(20, 14)  # most people apply in the evening
SCREENED_AFTER = timedelta(minutes=6)


def at_desk(programme: Programme) -> Q:
    """The condition on a row with `programme` that is met at this programme's desk: its own rows and its rehearsal's."""
    return Q(programme=programme) | Q(programme__rehearsal_of=programme)


def cases_at_desk(programme: Programme) -> set[str]:
    """The numbers of the made-up cases whose look is in the pile or in somebody's hands."""
    looks = SeededLook.objects.filter(programme=programme, placed_at__isnull=False, judged_at__isnull=True)
    return set(looks.values_list("task__case__number", flat=True))


def place_seed(
    programme: Programme, queues: list[str], *, staff_id: int, seed: str, at: datetime
) -> Task | None:
    """Puts a seeded look into the pile where it is this person's turn and the stock has one; the caller deals it.

    Which of a person's second looks are seeded is drawn like the sample (sampling.py): nobody can count them out. From
    then on it is work as any other: put back, put aside, handed on or moved, it goes where that would go.
    """
    percent = programme.terms.review.quality.seeded.percent
    given = Verdict.objects.filter(task__programme=programme, staff_id=staff_id, step=2)
    looks, last = given.count(), given.aggregate(last=Max("at"))["last"]
    # Only who takes second looks at all, and at most one between two of them.
    if last is None or not is_sampled(f"{staff_id}:{looks}", seed=seed, percent=percent):
        return None
    if SeededLook.objects.filter(programme=programme, staff_id=staff_id, placed_at__gte=last).exists():
        return None
    with transaction.atomic():
        one = (
            SeededLook.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("task")
            .filter(programme=programme, placed_at__isnull=True, task__queue__in=queues, task__state="open")
            .order_by("pk")
            .first()
        )
        if one is None:
            return None
        SeededLook.objects.filter(pk=one.pk).update(staff_id=staff_id, placed_at=at)
        _as_of_today(one.task, programme, at)
    return Task.objects.get(pk=one.pk)


def _as_of_today(task: Task, programme: Programme, at: datetime) -> None:
    """The made-up case arrived and was screened when real ones did that are looked at now."""
    day = timezone.localdate(at) - timedelta(days=ARRIVED_DAYS_AGO)
    due = day + timedelta(days=programme.terms.review.due_days)
    arrived = timezone.make_aware(datetime.combine(day, ARRIVED_AT))
    Submission.objects.filter(pk=task.submission_id).update(
        arrived_on=day, applied_on=day, registered_at=arrived
    )
    Task.objects.filter(pk=task.pk).update(programme=programme, arrived_on=day, due_on=due, opened_at=at)


def keep_seeded(task: Task, verdict: Verdict) -> bool:
    """True where the task was a seeded error; what the reviewer made of it is kept, and the look leaves the desk. Whatever
    agrees with the wrong first verdict has missed it."""
    if task.submission.programme_id == task.programme_id:
        return False
    look = SeededLook.objects.get(pk=task.pk, judged_at__isnull=True)
    # Measured is who judged it, whoever it was first dealt to.
    SeededLook.objects.filter(pk=task.pk).update(
        staff_id=verdict.staff_id, outcome=verdict.outcome, codes=verdict.codes,
        detected=verdict.outcome != look.first_outcome, judged_at=verdict.at,
    )  # fmt: skip
    Task.objects.filter(pk=task.pk).update(programme=task.submission.programme_id)
    return True


def is_made_up(case: Case) -> bool:
    """Whether nobody is behind this case."""
    return case.programme.rehearsal_of_id is not None


def twin_of(case: Case) -> Case | None:
    """The real case whose letters and days a made-up one is shown with, so that its story is like any other; None of a real
    one, and where none has come so far yet."""
    if not is_made_up(case):
        return None
    look = SeededLook.objects.filter(task__case=case).first()
    real = Task.objects.filter(programme=case.programme.rehearsal_of_id, submission__programme=F("programme"))
    if look is not None and look.placed_at is not None:
        real = real.filter(opened_at__lte=look.placed_at)
    before = real.filter(submission__channel="web").order_by("-pk").first() or real.order_by("-pk").first()
    return before.case if before else None


def stands_since(case: Case) -> datetime:
    """Since when the case stands where it does; a made-up one since the day that its application bears."""
    if not is_made_up(case):
        return case.standing.since
    return case.submissions.latest("pk").registered_at + SCREENED_AFTER


def story_of(case: Case) -> list[CaseEvent]:
    """The moves that the case's story tells: its own, or of a made-up one those of its twin up to the review."""
    twin = twin_of(case)
    events = list(CaseEvent.objects.filter(case=twin or case).select_related("move"))
    if twin is None:
        return events
    came = case.submissions.latest("pk").registered_at
    told = []
    for stage in (stages.LISTED, stages.INVITED, stages.RECEIVED, stages.IN_REVIEW):
        one = next((event for event in events if event.to_stage == stage), None)
        if one is not None:
            own = {stages.RECEIVED: came, stages.IN_REVIEW: came + SCREENED_AFTER}
            one.at = own.get(stage, min(one.at, came))
            told.append(one)
    return told
