"""Keeps what was said to whom (応対記録): to a case, or to a caller whose case is not known yet.

Takes a note as a desk wrote it; leaves one ContactNote. It never keeps a My Number, and never changes a note.
"""

from dataclasses import dataclass
from datetime import date, datetime

from todoku.formats.codes import contains_my_number
from todoku.ground.step import Refusal
from todoku.intake.find_cases import UnknownNumber, find_cases
from todoku.intake.tables import ContactNote
from todoku.people.actor import Actor
from todoku.programme.tables import Programme


class NoteRefused(Refusal):
    """The note lacks something or holds what must not be kept."""


@dataclass(frozen=True)
class NoteForm:
    """A contact: `number` of the case or `caller` (who called, as far as known); what was asked and promised."""

    asked: str
    number: str = ""
    caller: str = ""
    channel: str = "call"
    identity_checked: str = ""
    promised: str = ""
    call_back_on: date | None = None


def add_note(form: NoteForm, *, programme: Programme, actor: Actor, at: datetime) -> ContactNote:
    """Keeps the note. Raises NoteRefused or UnknownNumber; then nothing is kept."""
    if not form.asked.strip():
        raise NoteRefused("問い合わせの内容が空です。何を聞かれたかを入力してください。")
    if contains_my_number(" ".join((form.asked, form.promised, form.caller, form.identity_checked))):
        raise NoteRefused(
            "マイナンバーと思われる12桁の数字があります。マイナンバーは記録できません。消してから保存してください。"
        )
    case = None
    if form.number:
        case = find_cases([form.number], programme=programme).get(form.number)
        if case is None:
            raise UnknownNumber(
                "この番号の案件はありません。番号を確かめるか、番号を空にして相手の名乗りを入力してください。"
            )
    elif not form.caller.strip():
        raise NoteRefused("案件の番号か、相手の名乗り（不明なら「不明」）を入力してください。")
    return ContactNote.objects.create(
        programme=programme, case_id=case.id if case else None, caller=form.caller.strip(), channel=form.channel,
        identity_checked=form.identity_checked.strip(), asked=form.asked.strip(), promised=form.promised.strip(),
        call_back_on=form.call_back_on, at=at, actor_name=actor.name,
    )  # fmt: skip
