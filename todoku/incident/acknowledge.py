"""The municipality acknowledges the first report of an incident (第一報の受領)."""

from datetime import datetime

from django.db import transaction

from todoku.ground.step import Refusal, Report
from todoku.incident.tables import Incident
from todoku.people.access import may
from todoku.people.actor import Actor


class CannotAcknowledge(Refusal):
    """There is no first report yet, or this person is no officer of the municipality."""


def acknowledge(incident: Incident, *, actor: Actor, at: datetime) -> Report:
    """Records that the officer has received the first report. Safe to call twice. Raises CannotAcknowledge."""
    if actor.organisation != "municipality" or not may(actor.roles, "incident.acknowledge"):
        raise CannotAcknowledge("第一報を受領できるのは、自治体の担当課職員だけです。")
    with transaction.atomic():
        held = Incident.objects.select_for_update().get(pk=incident.pk)
        if held.reported_at is None:
            raise CannotAcknowledge("第一報がまだ届いていません。")
        if held.acknowledged_at is not None:
            return Report(note=f"{held.acknowledged_by}さんが受領済みです。")
        held.acknowledged_at, held.acknowledged_id, held.acknowledged_by = at, actor.id, actor.name
        held.save(update_fields=["acknowledged_at", "acknowledged_id", "acknowledged_by"])
    return Report(done=1, note="第一報を受領しました。")
