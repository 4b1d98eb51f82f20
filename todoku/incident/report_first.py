"""Sends the first report of an incident (第一報): to the municipality's door, where it is acknowledged."""

from datetime import datetime

from django.db import transaction

from todoku.ground.step import Refusal, Report
from todoku.incident.first_report import lacking
from todoku.incident.tables import Incident
from todoku.people.access import may
from todoku.people.actor import Actor


class CannotReport(Refusal):
    """The first report cannot be sent as it is, or not by this person."""


def report_first(incident: Incident, text: str, *, actor: Actor, at: datetime) -> Report:
    """The report stands at the municipality's door from now on, word for word; later words are notes.

    Raises CannotReport for a text that lacks a line, for who may not, and for a report sent before with another text.
    """
    if not may(actor.roles, "incident.manage"):
        raise CannotReport("第一報を送れるのは、業務責任者だけです。")
    if sentence := lacking(text):
        raise CannotReport(sentence)
    plain = text.replace("\r\n", "\n").strip()
    with transaction.atomic():
        held = Incident.objects.select_for_update().get(pk=incident.pk)
        if held.reported_at is not None:
            if held.first_report == plain:
                return Report(note="この第一報は送信済みです。")
            raise CannotReport("第一報は送信済みです。書き足すことは、続報として記録してください。")
        held.first_report, held.state = plain, "reported"
        held.reported_at, held.reported_by = at, actor.name
        held.save(update_fields=["first_report", "state", "reported_at", "reported_by"])
    return Report(done=1, note="第一報を自治体に送りました。")
