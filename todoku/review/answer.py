"""The municipality answers a question (疑義照会の回答); the case goes back to review with the ruling beside it."""

from datetime import datetime

from django.db import transaction

from todoku.case import stages
from todoku.case.move import move
from todoku.ground.step import Refusal
from todoku.people.access import ACTIONS
from todoku.people.actor import Actor
from todoku.review.reopen import open_round
from todoku.review.tables import Question


class AlreadyAnswered(Refusal):
    """Somebody has answered this question."""


class NeedsAnswer(Refusal):
    """A ruling needs a choice and a reason."""


class NotTheOfficer(Refusal):
    """Only an officer of the municipality answers."""


def answer(question: Question, *, ruling: str, text: str, actor: Actor, at: datetime) -> Question:
    """Records an officer's ruling (grant, return or refuse) and its reason; opens a new round of review by two persons."""
    if not actor.roles & ACTIONS["question.answer"]:
        raise NotTheOfficer("照会に回答できるのは自治体の担当課職員だけです。")
    if ruling not in dict(Question.ANSWERS) or not text.strip():
        raise NeedsAnswer("回答の区分を選び、理由を書いてください。審査担当者はこの文章のとおりに扱います。")
    with transaction.atomic():
        question = (
            Question.objects.select_for_update(of=("self",)).select_related("programme").get(pk=question.pk)
        )
        if question.answered_at:
            raise AlreadyAnswered(f"この照会には{question.answered_by}さんが回答済みです。")
        question.ruling, question.answer = ruling, text.strip()
        question.answered_by, question.answered_at = actor.name, at
        question.save(update_fields=["ruling", "answer", "answered_by", "answered_at"])
        cases, programme = [question.case_id], question.programme
        move(cases, programme=programme, to=stages.IN_REVIEW, why="照会の回答", actor=actor, at=at)
        open_round(cases, programme=programme, reason="answered", at=at)
    return question
