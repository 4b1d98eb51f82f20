"""The manager gives a question back to the reviewers with words (照会の差戻し): the municipality need not be asked.

Takes a question WITH_MANAGER; leaves the case in review with a new round by two persons, the words beside it. One about a
change after the base date is not asked: the change goes on waiting at the office.
"""

from datetime import datetime

from django.db import transaction

from todoku.case import stages
from todoku.case.move import move
from todoku.ground.step import Refusal
from todoku.people.actor import Actor
from todoku.review.case_locks import hold_stages
from todoku.review.forward import with_manager
from todoku.review.reopen import open_round
from todoku.review.tables import Question


class NeedsWords(Refusal):
    """The reviewers must read what to do."""


def give_back(question: Question, *, words: str, actor: Actor, at: datetime) -> Question:
    """Gives the question back with the manager's words. Raises NeedsWords, NotTheManager, NotWithManager."""
    with transaction.atomic():
        hold_stages([question.case_id])
        question = with_manager(question, actor=actor)
        if not words.strip():
            raise NeedsWords("審査担当者へのことばを書いてください。何を見れば判断できるかが分かるように。")
        question.state, question.back_words, question.answered_at = "given_back", words.strip()[:500], at
        question.save()
        if question.change_id is not None:
            return question  # the change waits as before; no reviewer asked
        cases, programme = [question.case_id], question.programme
        move(
            cases,
            programme=programme,
            to=stages.IN_REVIEW,
            why="照会を審査へ差戻し",
            actor=actor,
            at=at,
        )
        open_round(cases, programme=programme, reason="given_back", at=at)
    return question
