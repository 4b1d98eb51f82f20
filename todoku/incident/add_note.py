"""Adds a later word to an incident (経過・続報): what was found out since, for both sides to read."""

from datetime import datetime

from todoku.formats.codes import contains_my_number
from todoku.ground.step import Refusal
from todoku.incident.tables import Incident, IncidentNote
from todoku.people.actor import Actor

NOTE_MAX = 2_000


class CannotNote(Refusal):
    """There is nothing to note, or the incident is closed."""


def add_note(incident: Incident, text: str, *, actor: Actor, at: datetime) -> IncidentNote:
    """The note. Raises CannotNote."""
    plain = text.strip()
    if not plain or len(plain) > NOTE_MAX:
        raise CannotNote(f"経過を{NOTE_MAX:,}文字以内で入力してください。")
    if contains_my_number(plain):
        raise CannotNote("個人番号（12桁）と読める数字があります。番号や氏名は書かず、件数で書いてください。")
    incident.refresh_from_db(fields=["state"])
    if incident.state == "closed":
        raise CannotNote(
            "この事故は完了しています。新しいことが分かったときは、新しい事故として記録してください。"
        )
    return IncidentNote.objects.create(incident=incident, text=plain, at=at, actor_name=actor.name)
