"""Closes an incident (事故の完了): its cause and what is done so that it does not happen again.

Only after the municipality has received the first report. A print run that it stops stands free from then on.
"""

from datetime import datetime

from django.db import transaction

from todoku.ground.step import Refusal, Report
from todoku.incident.tables import Incident
from todoku.people.access import may
from todoku.people.actor import Actor

WORDS_MAX = 2_000


class CannotClose(Refusal):
    """The incident cannot be closed yet, or not by this person."""


def close_incident(incident: Incident, *, cause: str, measure: str, actor: Actor, at: datetime) -> Report:
    """Closes the incident. Raises CannotClose."""
    if not may(actor.roles, "incident.manage"):
        raise CannotClose("事故を完了にできるのは、業務責任者だけです。")
    cause, measure = cause.strip(), measure.strip()
    if not cause or not measure or max(len(cause), len(measure)) > WORDS_MAX:
        raise CannotClose(f"原因と再発防止の両方を、それぞれ{WORDS_MAX:,}文字以内で入力してください。")
    with transaction.atomic():
        held = Incident.objects.select_for_update().get(pk=incident.pk)
        if held.state == "closed":
            raise CannotClose("この事故は、すでに完了しています。")
        if held.acknowledged_at is None:
            raise CannotClose("自治体がまだ第一報を受領していません。受領を待ってから完了にしてください。")
        held.state, held.cause, held.measure, held.closed_at, held.closed_by = (
            "closed",
            cause,
            measure,
            at,
            actor.name,
        )
        held.save(update_fields=["state", "cause", "measure", "closed_at", "closed_by"])
    return Report(done=1, note="事故を完了にしました。")
