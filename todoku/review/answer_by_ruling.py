"""The manager answers a question by a ruling that stands already (既存の裁定による回答): the municipality is not asked twice.

Takes a question WITH_MANAGER and a ruling for cases like it; leaves the case in review with the ruling beside it.
"""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from todoku.case import stages
from todoku.case.move import move
from todoku.ground.step import Refusal
from todoku.people.actor import Actor
from todoku.review.case_locks import hold_stages
from todoku.review.forward import with_manager
from todoku.review.reopen import open_round
from todoku.review.ruling_tables import Ruling, RulingUse
from todoku.review.similar_cases import fits
from todoku.review.tables import Question, Verdict


class RulingDoesNotFit(Refusal):
    """The ruling is for another case alone, has ended, or is for cases of another kind."""


class YourOwnApplication(Refusal):
    """Who judged an application asks about it, and does not answer."""


def answer_by_ruling(question: Question, *, ruling: Ruling, actor: Actor, at: datetime) -> Question:
    """Answers with the ruling's outcome and reason, cited by its number; a new round of review by two persons opens."""
    with transaction.atomic():
        hold_stages([question.case_id])
        question = with_manager(question, actor=actor)
        assert ruling.programme_id == question.programme_id, "a ruling of another programme"
        assert actor.id is not None and question.submission_id is not None, "a manager, and an application"
        judged = Verdict.objects.filter(submission_id=question.submission_id, undone_at__isnull=True)
        if judged.filter(staff_id=actor.id).exists():
            raise YourOwnApplication(
                "この申請はあなたが審査したものです。裁定で答えるのは、審査していないほかの業務責任者です。自治体へ送ることはできます。"
            )
        ended = ruling.ended_on is not None and ruling.ended_on <= localdate(at)
        if ruling.scope != "like" or ended or not fits(ruling, question.submission_id):
            raise RulingDoesNotFit(
                f"{ruling.title}は、この案件には及びません。自治体へ送るか、別の裁定を選んでください。"
            )
        question.state, question.ruling, question.by_ruling = "answered", ruling.outcome, ruling
        question.answer = f"{ruling.title}による。{ruling.reason}"
        question.answerer_id, question.answered_by, question.answered_at = actor.id, actor.name, at
        question.save()
        RulingUse.objects.get_or_create(
            ruling=ruling, submission_id=question.submission_id,
            defaults={"case_id": question.case_id, "staff_id": actor.id, "way": "question", "at": at},
        )  # fmt: skip
        cases, programme = [question.case_id], question.programme
        move(cases, programme=programme, to=stages.IN_REVIEW, why="裁定による回答", actor=actor, at=at)
        open_round(cases, programme=programme, reason="answered", at=at)
    return question
