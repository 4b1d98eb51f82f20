"""Marks a promised call-back (折り返し) as done: once, by whom, when. Changes nothing else of the note."""

from datetime import datetime

from todoku.ground.step import Refusal, Report
from todoku.intake.tables import ContactNote
from todoku.people.actor import Actor


class NothingToCallBack(Refusal):
    """The note promised no call-back, or it has been made already."""


def call_back_done(note: int, *, actor: Actor, at: datetime) -> Report:
    """Marks the note's call-back. Raises NothingToCallBack, so that two people do not call the same resident."""
    waiting = ContactNote.objects.filter(pk=note, call_back_on__isnull=False, call_back_done_at__isnull=True)
    if not waiting.update(call_back_done_at=at, call_back_done_by=actor.name):
        raise NothingToCallBack(
            "この折り返しは、すでに済んでいるか、約束されていません。画面を更新して確かめてください。"
        )
    return Report(done=1)
