"""Plans a confirmation with the applicant (確認連絡) from the desk: what to ask, and when to call.

Takes a task held by the actor; leaves a Contact and the look aside until the contact is closed. Calls nobody.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from todoku.formats.codes import contains_my_number
from todoku.ground.step import Refusal
from todoku.people.actor import Actor
from todoku.review.asked import ASKS
from todoku.review.codes import CODES
from todoku.review.desk_tables import Contact
from todoku.review.held import held_by
from todoku.review.tables import Task

# A contact that nobody makes does not hide its case for ever: the look comes back to the desk by itself.
WAITS_DAYS_MAX = 14
# What a resident can be asked for at all.
ASKABLE = tuple(code for code in CODES if ASKS[code])


class CannotContact(Refusal):
    """What is to be asked is missing, or the time is past."""


def open_contact(
    task: Task, *, codes: Sequence[str], next_at: datetime, words: str = "", actor: Actor, at: datetime
) -> Contact:
    """Keeps what to ask (codes, own words) and when to call. Raises CannotContact or NotYourTask."""
    assert actor.id is not None, "only a person plans a contact"
    codes = [code for code in ASKABLE if code in set(codes)]
    if not codes:
        raise CannotContact("確かめる不備の項目を1つ以上選んでください。台本は、その項目の文章から作ります。")
    if contains_my_number(words):
        raise CannotContact(
            "マイナンバーと思われる12桁の数字があります。マイナンバーは記録できません。消してから保存してください。"
        )
    ask_time(next_at, at)
    with transaction.atomic():
        task = held_by(task, actor)
        Task.objects.filter(pk=task.pk).update(
            state="open", claimed_by=None, claimed_at=None, not_before=at + timedelta(days=WAITS_DAYS_MAX)
        )
        return Contact.objects.create(
            programme=task.programme, case_id=task.case_id, submission_id=task.submission_id, task=task, codes=codes,
            words=words.strip()[:300], next_at=next_at, opened_by_id=actor.id, opened_at=at,
        )  # fmt: skip


def ask_time(next_at: datetime, at: datetime) -> None:
    """A call is planned for now or later, within the days that the look waits."""
    # A minute of grace: "now" was read off the page.
    if not at - timedelta(minutes=1) <= next_at <= at + timedelta(days=WAITS_DAYS_MAX):
        raise CannotContact(f"連絡する日時を、今から{WAITS_DAYS_MAX}日以内で入れてください。")
