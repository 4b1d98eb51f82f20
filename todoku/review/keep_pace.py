"""Notes a verdict that was given in a much shorter time than usual (短時間の判定).

Takes a verdict just given; leaves a row where it was fast, and says whether somebody else looks once more. Judges nobody:
a clear case is quickly seen, and a wrong key is quickly pressed.
"""

from todoku.review.desk_tables import ContactTry
from todoku.review.pace import NEVER_FAST_SECONDS, USUAL_OF_LAST, least_seconds, usual_seconds
from todoku.review.quality_tables import FastVerdict
from todoku.review.tables import Task, Verdict


def keep_pace(task: Task, verdict: Verdict) -> bool:
    """True where the verdict was fast and the terms ask for another look. The task is the one claimed for this verdict."""
    assert task.claimed_at is not None, "a task is judged by who holds it"
    seconds = (verdict.at - task.claimed_at).total_seconds()
    if seconds >= NEVER_FAST_SECONDS:
        return False
    rule, usual = task.programme.terms.review.quality.fast, _usual(task, verdict)
    least = least_seconds(rule, usual)
    # Given with a call that has just ended: the call was the look.
    if seconds >= least or ContactTry.objects.filter(contact__task_id=task.pk, at=verdict.at).exists():
        return False
    FastVerdict.objects.create(
        verdict=verdict, programme_id=task.programme_id, staff_id=verdict.staff_id, queue=task.queue,
        seconds=round(max(seconds, 0.0), 1), usual_seconds=usual, least_seconds=least, looked_again=rule.again,
        at=verdict.at,
    )  # fmt: skip
    return rule.again


def _usual(task: Task, verdict: Verdict) -> float | None:
    """The person's usual time in this queue, from the last looks before this one."""
    last = (
        Verdict.objects.filter(
            staff_id=verdict.staff_id, undone_at__isnull=True, task__programme_id=task.programme_id,
            task__queue=task.queue, task__claimed_at__isnull=False,
        )
        .exclude(pk=verdict.pk)
        .order_by("-id")
        .values_list("at", "task__claimed_at")[:USUAL_OF_LAST]
    )  # fmt: skip
    return usual_seconds([(at - claimed).total_seconds() for at, claimed in last if claimed is not None])
