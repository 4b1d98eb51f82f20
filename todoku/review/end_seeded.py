"""Ends the measuring by made-up cases (質の確認用の終わり): takes what is not judged from the desk and out of the stock.

Takes a programme; leaves its looks void and names what lies in its rehearsal, so that whoever disposes of the programme
disposes of it too and says so. Deletes nothing, and what was measured stays.
"""

from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from todoku.case.tables import Case
from todoku.ground.step import Report
from todoku.intake.tables import Document
from todoku.programme.tables import Programme
from todoku.review.desk_tables import Contact
from todoku.review.quality_tables import SeededLook
from todoku.review.tables import Task


class MadeUp(NamedTuple):
    """What a rehearsal holds: made-up cases, and the files of their pictures with their digests."""

    cases: int
    files: tuple[tuple[str, str], ...]


def end_seeded(*, programme: Programme, at: datetime) -> Report:
    """No made-up look is dealt any more; gives how many were taken away (done). Safe to run twice."""
    rehearsal = Programme.objects.filter(rehearsal_of=programme).first()
    if rehearsal is None:
        return Report()
    with transaction.atomic():
        looks = SeededLook.objects.select_for_update().filter(programme=programme, judged_at__isnull=True)
        waiting = Task.objects.filter(pk__in=[one.pk for one in looks], state__in=["open", "held"])
        Contact.objects.filter(task__in=waiting, state="open").update(state="closed", closed_at=at)
        done = waiting.update(
            state="void",
            closed_at=at,
            programme=rehearsal,
            claimed_by=None,
            reserved_by=None,
            reserved_at=None,
        )
    return Report(done=done)


def made_up(programme: Programme) -> MadeUp:
    """What lies in the programme's rehearsal; nothing where it has none."""
    files = Document.objects.filter(submission__programme__rehearsal_of=programme).order_by("path")
    return MadeUp(
        Case.objects.filter(programme__rehearsal_of=programme).count(),
        tuple(files.values_list("path", "sha256")),
    )
