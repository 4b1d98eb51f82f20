"""Stops print runs because of an incident (印刷ロットの停止): nothing of them leaves until they are freed.

Takes runs and an open incident; leaves PrintRun.stopped_by and a note on the incident. What was posted stays posted. With a
run stop its reprints, and the run that it is a reprint of: they are pages of one file.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from todoku.ground.step import Refusal, Report
from todoku.incident.tables import Incident, IncidentNote
from todoku.letters.tables import PrintRun
from todoku.people.actor import Actor


class CannotStop(Refusal):
    """These runs cannot be stopped by this incident."""


def stop_run(runs: Iterable[PrintRun], *, incident: Incident, actor: Actor, at: datetime) -> Report:
    """Stops the runs. Safe to call twice: a run that an incident stops already is not stopped again.

    Raises CannotStop for a closed incident or a run of another programme.
    """
    chosen = list(runs)
    if incident.state == "closed":
        raise CannotStop(
            "この事故は完了しています。新しい事故として記録してから、印刷ロットを止めてください。"
        )
    if any(run.programme_id != incident.programme_id for run in chosen):
        raise CannotStop("別の給付金の印刷ロットは止められません。画面上部の給付金の名前を確かめてください。")
    with transaction.atomic():
        found = PrintRun.objects.select_for_update().filter(pk__in=_family([run.pk for run in chosen]))
        free = [run.pk for run in found if run.stopped_by_id is None]
        PrintRun.objects.filter(pk__in=free).update(stopped_by=incident)
        if free:
            numbers = "・".join(map(str, sorted(free)))
            IncidentNote.objects.create(
                incident=incident,
                text=f"印刷ロット（管理番号{numbers}）を止めました。",
                at=at,
                actor_name=actor.name,
            )
    return Report(done=len(free), note=f"{len(free)}ロットを止めました。")


def _family(chosen: list[int]) -> set[int]:
    """The runs with all that were printed from the same file: reprints, reprints of these, and the run they come from."""
    found, new = set[int](), set(chosen)
    while new:
        found |= new
        below = PrintRun.objects.filter(reprint_of__in=new).values_list("pk", flat=True)
        above = PrintRun.objects.filter(reprints__in=new).values_list("pk", flat=True)
        new = {*below, *above} - found
    return found
