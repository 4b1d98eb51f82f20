"""The municipality answers a question (疑義照会の回答); the case goes back to review with the ruling beside it."""

from datetime import datetime

from django.db import connection, transaction

from todoku.case import stages
from todoku.case.move import move
from todoku.ground.step import Refusal
from todoku.people.actor import Actor
from todoku.review.screen import OPEN_ROUND
from todoku.review.tables import Question


class AlreadyAnswered(Refusal):
    """Somebody has answered this question."""


class NeedsAnswer(Refusal):
    """A ruling needs a choice and a reason."""


def answer(question: Question, *, ruling: str, text: str, actor: Actor, at: datetime) -> Question:
    """Records an officer's ruling (grant, return or refuse) and its reason; opens a new round of review."""
    if ruling not in dict(Question.ANSWERS) or not text.strip():
        raise NeedsAnswer("回答の区分を選び、理由を書いてください。審査担当者はこの文章のとおりに扱います。")
    with transaction.atomic():
        question = Question.objects.select_for_update().select_related("programme").get(pk=question.pk)
        if question.answered_at:
            raise AlreadyAnswered(f"この照会には{question.answered_by}さんが回答済みです。")
        question.ruling, question.answer = ruling, text.strip()
        question.answered_by, question.answered_at = actor.name, at
        question.save(update_fields=["ruling", "answer", "answered_by", "answered_at"])
        programme = question.programme
        move(
            [question.case_id], programme=programme, to=stages.IN_REVIEW, why="照会の回答", actor=actor, at=at
        )
        with connection.cursor() as cursor:
            cursor.execute(OPEN_ROUND, ["answered", at, programme.pk, [question.case_id]])
    return question
