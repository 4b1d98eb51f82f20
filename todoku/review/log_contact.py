"""Keeps one try to reach an applicant (確認連絡の記録) and goes on from it: call again, write a letter, or complete.

Takes an open contact; leaves a log line and a note on the case. An answer that a call settles completes the application
(answer_by_phone); any other stands beside the case and the look comes back. After so many tries a letter is written.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from todoku.formats.codes import plain_number
from todoku.intake.add_note import NoteForm, add_note
from todoku.people.actor import Actor
from todoku.people.tables import Staff
from todoku.review.answer_by_phone import PhoneAnswer, answer_by_phone, known_numbers
from todoku.review.asked import by_phone
from todoku.review.comment import comment
from todoku.review.desk_tables import Contact, ContactTry
from todoku.review.hand_on import judgeable
from todoku.review.judge import judge
from todoku.review.open_contact import CannotContact, ask_time
from todoku.review.seeded import is_made_up
from todoku.review.tables import Task


@dataclass(frozen=True)
class Tried:
    """One try: its outcome (a key of ContactTry.OUTCOMES), which number was called, what came of it, when to call again."""

    outcome: str
    called_number: str
    answer: PhoneAnswer | None = None
    said: str = ""
    next_at: datetime | None = None


def log_contact(contact: Contact, tried: Tried, *, actor: Actor, at: datetime) -> Contact:
    """Keeps the try. The contact's state says what followed. Raises CannotContact or NotByPhone; then nothing is kept."""
    assert actor.id is not None, "only a person calls"
    with transaction.atomic():
        contact = (
            Contact.objects.select_for_update(of=("self",))
            .select_related("programme", "case__recipient__head", "case__recipient__reached_at", "task")
            .get(pk=contact.pk)
        )
        _ask(contact, tried, at)
        _log(contact, tried, actor, at)
        tries = contact.tries + 1
        if tried.outcome == "answered":
            assert tried.answer is not None
            _close(contact, "answered", tries, at)
            _answered(contact, tried.answer, actor, at)
        elif tries >= contact.programme.terms.review.contact_tries:
            _close(contact, "letter", tries, at)
            _write_letter(contact, tries, actor, at)
        else:
            assert tried.next_at is not None
            Contact.objects.filter(pk=contact.pk).update(tries=tries, next_at=tried.next_at)
    contact.refresh_from_db()
    return contact


def _ask(contact: Contact, tried: Tried, at: datetime) -> None:
    if contact.state != "open":
        raise CannotContact("この確認連絡は終わっています。連絡の一覧を開き直してください。")
    known = {plain_number(number) for number in known_numbers(contact.case)}
    if not tried.called_number.strip() or known and plain_number(tried.called_number) not in known:
        raise CannotContact(
            "申請書か名簿にある番号へ、こちらからかけてください。かけた番号を選んでください。"
        )
    if tried.outcome == "answered":
        answer = tried.answer
        if answer is None or not (
            answer.spoken_with.strip() and answer.identity_checked.strip() and answer.said.strip()
        ):
            raise CannotContact(
                "だれと話したか、どうやってご本人と確かめたか、お答えの内容を入力してください。"
            )
    elif contact.tries + 1 < contact.programme.terms.review.contact_tries:
        if tried.next_at is None:
            raise CannotContact("次に連絡する日時を入れてください。")
        ask_time(tried.next_at, at)


def _log(contact: Contact, tried: Tried, actor: Actor, at: datetime) -> None:
    assert actor.id is not None, "only a person calls"
    answer = tried.answer if tried.outcome == "answered" else None
    ContactTry.objects.create(
        contact=contact, outcome=tried.outcome, called_number=tried.called_number.strip(), staff_id=actor.id, at=at,
        spoken_with=answer.spoken_with.strip() if answer else "",
        identity_checked=answer.identity_checked.strip() if answer else "",
        said=(answer.said if answer else tried.said).strip()[:300],
    )  # fmt: skip


def _close(contact: Contact, state: str, tries: int, at: datetime) -> None:
    """The contact has ended; its look comes back to the desk."""
    Contact.objects.filter(pk=contact.pk).update(state=state, tries=tries, closed_at=at)
    Task.objects.filter(pk=contact.task_id, state="open").update(not_before=None)


def _answered(contact: Contact, answer: PhoneAnswer, actor: Actor, at: datetime) -> None:
    """What a call settles completes the application as an answer to a return; the rest is for the reviewer's eyes."""
    if by_phone(contact.codes) and _take(contact, actor, at):
        judge(
            contact.task,
            outcome="return",
            codes=contact.codes,
            comment="確認連絡で回答あり",
            actor=actor,
            at=at,
        )
        # Of a made-up case nothing is answered: its verdict was the end of it.
        if not is_made_up(contact.case):
            answer_by_phone(contact.case, answer, actor=actor, at=at)
        return
    _note(contact, f"確認連絡で回答あり: {answer.said.strip()}", answer, actor, at)


def _write_letter(contact: Contact, tries: int, actor: Actor, at: datetime) -> None:
    """Nobody was reached: the letter of a return asks the same in writing."""
    words = f"{tries}回連絡してつながらないため、手紙でお願いする。"
    if _take(contact, actor, at):
        judge(contact.task, outcome="return", codes=contact.codes, comment=words, actor=actor, at=at)
    else:
        comment(contact.task, f"{words}返戻にしてください。", kind="contact", actor=actor, at=at)


def _take(contact: Contact, actor: Actor, at: datetime) -> bool:
    """Holds the contact's look for the caller, where the caller may judge it; another look of the caller's goes back."""
    assert actor.id is not None, "only a person calls"
    staff = (
        Staff.objects.select_for_update(no_key=True, of=("self",))
        .select_related("organisation")
        .get(pk=actor.id)
    )
    if contact.task_id not in judgeable([contact.task_id], staff, contact.programme):
        return False
    task = Task.objects.select_for_update(of=("self",)).get(pk=contact.task_id)
    if task.state != "open" or Task.objects.filter(case_id=task.case_id, state="held").exists():
        return False
    Task.objects.filter(programme=contact.programme, state="held", claimed_by_id=actor.id).update(
        state="open", claimed_by=None, claimed_at=None
    )
    Task.objects.filter(pk=task.pk).update(
        state="held", claimed_by_id=actor.id, claimed_at=at, reserved_by=None, reserved_at=None
    )
    return True


def _note(contact: Contact, words: str, answer: PhoneAnswer, actor: Actor, at: datetime) -> None:
    """The words stand beside the case for the next reviewer, and in the case's own story of calls."""
    comment(contact.task, words, kind="contact", actor=actor, at=at)
    add_note(
        NoteForm(
            asked=words, number=contact.case.number, caller=answer.spoken_with.strip(), channel="outbound",
            identity_checked=answer.identity_checked,
        ),
        programme=contact.case.programme, actor=actor, at=at,
    )  # fmt: skip


def end_contact(contact: Contact, *, words: str, actor: Actor, at: datetime) -> None:
    """Gives a contact up without an answer (取りやめ), with the reason beside the case; the look comes back at once."""
    with transaction.atomic():
        held = Contact.objects.select_for_update(of=("self",)).select_related("task").get(pk=contact.pk)
        if held.state != "open":
            raise CannotContact("この確認連絡は終わっています。連絡の一覧を開き直してください。")
        comment(held.task, words, kind="contact", actor=actor, at=at)
        _close(held, "closed", held.tries, at)
