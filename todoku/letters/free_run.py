"""Frees a print run from the incident that stopped it (停止の解除): with a reason, which stays on the incident."""

from datetime import datetime

from django.db import transaction

from todoku.ground.step import Refusal, Report
from todoku.incident.tables import IncidentNote
from todoku.letters.tables import PrintRun
from todoku.people.access import may
from todoku.people.actor import Actor

WHY_MAX = 200


class CannotFree(Refusal):
    """The run cannot be freed now, or not by this person."""


def free_run(run: PrintRun, *, why: str, actor: Actor, at: datetime) -> Report:
    """Frees the run; a run that is not stopped is left as it is.

    Raises CannotFree without a reason, before the first report, or for who may not manage incidents.
    """
    if not may(actor.roles, "incident.manage"):
        raise CannotFree("印刷ロットの停止を解けるのは、業務責任者だけです。")
    if not why.strip() or len(why.strip()) > WHY_MAX:
        raise CannotFree(f"停止を解く理由（何を確かめたか）を{WHY_MAX}文字以内で入力してください。")
    with transaction.atomic():
        held = PrintRun.objects.select_for_update(of=("self",)).select_related("stopped_by").get(pk=run.pk)
        incident = held.stopped_by
        if incident is None:
            return Report(note="この印刷ロットは止まっていません。")
        if incident.reported_at is None:
            raise CannotFree("第一報をまだ自治体に送っていません。第一報を送ってから、停止を解いてください。")
        held.stopped_by = None
        held.save(update_fields=["stopped_by"])
        IncidentNote.objects.create(
            incident=incident, at=at, actor_name=actor.name,
            text=f"印刷ロット（管理番号{held.pk}）の停止を解きました。{why.strip()}",
        )  # fmt: skip
    return Report(done=1, note="印刷ロットの停止を解きました。")
