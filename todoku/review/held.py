"""Holds the row of a task for the one who works on it; everybody else is told so. Writes nothing."""

from todoku.people.actor import Actor
from todoku.review.judge import NotYourTask
from todoku.review.tables import Task


def held_by(task: Task, actor: Actor) -> Task:
    """The task, locked to the end of the transaction. Raises NotYourTask unless this person holds it."""
    found = Task.objects.select_for_update(of=("self",)).select_related("programme").get(pk=task.pk)
    if found.state != "held" or found.claimed_by_id != actor.id:
        raise NotYourTask(
            "この申請は、ほかの担当者が扱っているか、すでに判定されています。次の申請へ進んでください。"
        )
    return found
