"""Puts a look aside until a day (保留), with the reason beside the case; on that day it is dealt again by itself.

Takes a task held by the actor; leaves it open and waiting for its day. The due day stays: putting aside wins no time.
"""

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from todoku.ground.step import Refusal
from todoku.people.actor import Actor
from todoku.review.comment import comment
from todoku.review.held import held_by
from todoku.review.tables import Task

# Longer than a return letter's answer takes; what waits for more is a matter for the lead.
DAYS_MAX = 30


class NoSuchDay(Refusal):
    """A look is put aside until one of the next days."""


def put_aside(task: Task, *, reason: str, until: date, actor: Actor, at: datetime) -> Task:
    """Puts the look aside until the morning of `until`. Raises NoSuchDay, CommentRefused or NotYourTask."""
    today = timezone.localdate(at)
    if not today < until <= today + timedelta(days=DAYS_MAX):
        raise NoSuchDay(f"いつまで保留するかを、明日から{DAYS_MAX}日後までの日付で入れてください。")
    with transaction.atomic():
        task = held_by(task, actor)
        words = reason.strip() and f"{until.month}/{until.day}まで: {reason.strip()}"
        comment(task, words, kind="aside", actor=actor, at=at)
        Task.objects.filter(pk=task.pk).update(
            state="open", claimed_by=None, claimed_at=None, not_before=timezone.make_aware(datetime.combine(until, time()))
        )  # fmt: skip
    task.refresh_from_db()
    return task
