"""The manager reminds the municipality of a question (疑義照会の督促). Takes a sent question; leaves the day and the count."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.timezone import localdate

from todoku.ground.step import Refusal
from todoku.people.access import ACTIONS
from todoku.people.actor import Actor
from todoku.review.forward import NotTheManager
from todoku.review.tables import Question


class NothingToRemindOf(Refusal):
    """The question is not with the municipality, or it was reminded of today."""


def remind(question: Question, *, actor: Actor, at: datetime) -> Question:
    """Marks the question as reminded of, once a day; it stands first on the municipality's list."""
    if not actor.roles & ACTIONS["question.forward"]:
        raise NotTheManager("自治体に督促できるのは業務責任者だけです。業務責任者に依頼してください。")
    with transaction.atomic():
        question = Question.objects.select_for_update(of=("self",)).get(pk=question.pk)
        if question.state != "sent":
            raise NothingToRemindOf(f"この照会は「{question.get_state_display()}」です。督促は要りません。")
        if question.reminded_at and localdate(question.reminded_at) == localdate(at):
            raise NothingToRemindOf("今日はもう督促しました。急ぐときは自治体の担当課へ電話してください。")
        Question.objects.filter(pk=question.pk).update(reminded_at=at, reminders=F("reminders") + 1)
        question.refresh_from_db()
    return question
