"""Opens an incident (事故を記録する): what happened, told without names, with a draft of its first report.

Takes what a person saw or what a count at the day's end shows. Tells nobody: the report is sent by report_first.
"""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localtime

from todoku.formats.codes import contains_my_number
from todoku.ground.step import Refusal
from todoku.incident.first_report import DOING, Told, first_report
from todoku.incident.tables import Incident
from todoku.people.actor import Actor
from todoku.programme.tables import Programme

WHAT_MAX = 1_000


class CannotOpenIncident(Refusal):
    """An incident needs to say what happened, and when."""


def open_incident(
    *, programme: Programme, kind: str, what: str, found_at: datetime, actor: Actor, at: datetime,
    pieces: int | None = None, persons: int | None = None, subject: tuple[str, int] | None = None, doing: str = DOING,
) -> Incident:  # fmt: skip
    """The incident, with its first report drafted. About one subject (kind, id) there is one: the same again gives it.

    Raises CannotOpenIncident.
    """
    assert kind in dict(Incident.KINDS), f"unknown kind {kind!r}"
    if not what.strip() or len(what.strip()) > WHAT_MAX:
        raise CannotOpenIncident(f"何が起きたかを{WHAT_MAX:,}文字以内で入力してください。")
    if contains_my_number(what):
        raise CannotOpenIncident(
            "個人番号（12桁）と読める数字があります。番号や氏名は書かず、件数で書いてください。"
        )
    if found_at > at:
        raise CannotOpenIncident("発生・発覚の日時が、今より後になっています。日時を確かめてください。")
    told = Told(dict(Incident.KINDS)[kind], what, localtime(found_at), pieces, persons, doing)
    values = {
        "kind": kind, "what": what.strip(), "found_at": found_at, "pieces": pieces, "persons": persons,
        "first_report": first_report(told), "opened_at": at, "opened_by": actor.name,
    }  # fmt: skip
    if subject is None:
        return Incident.objects.create(programme=programme, **values)
    with transaction.atomic():
        incident, _ = Incident.objects.get_or_create(
            programme=programme, subject_kind=subject[0], subject_id=subject[1], defaults=values
        )
    return incident
