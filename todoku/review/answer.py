"""The municipality answers a question (疑義照会の回答) with a ruling (裁定); the case goes back to review with it.

Takes a question that the office's manager sent; leaves a numbered Ruling with its scope. It goes to the manager's
organisation: no reviewer is named in it, and none is instructed by it.
"""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.timezone import localdate

from todoku.case import stages
from todoku.case.move import move
from todoku.ground.step import Refusal
from todoku.people.access import ACTIONS
from todoku.people.actor import Actor
from todoku.review.case_locks import hold_cases, hold_stages
from todoku.review.reopen import open_round
from todoku.review.ruling_tables import Ruling, RulingUse
from todoku.review.tables import Finding, Question


class AlreadyAnswered(Refusal):
    """Somebody has answered this question."""


class NeedsAnswer(Refusal):
    """A ruling needs a choice and a reason."""


class NotTheOfficer(Refusal):
    """Only an officer of the municipality answers."""


class NotForwarded(Refusal):
    """The office's manager has not sent this question."""


class NeedsScope(Refusal):
    """A ruling for cases like this one says how such a case is known."""


class Scope(NamedTuple):
    """Which cases a ruling is for: this one alone, or those with these codes, tiers of the name, kinds of evidence."""

    like: bool = False
    codes: Collection[str] = ()
    tiers: Collection[str] = ()
    whys: Collection[str] = ()
    words: str = ""


THIS_CASE = Scope()


def answer(
    question: Question, *, ruling: str, text: str, scope: Scope = THIS_CASE, actor: Actor, at: datetime
) -> Ruling:
    """Records an officer's ruling (grant, return or refuse), its reason and scope; opens a round of review by two persons."""
    if not actor.roles & ACTIONS["question.answer"]:
        raise NotTheOfficer("照会に回答できるのは自治体の担当課職員だけです。")
    if ruling not in dict(Question.ANSWERS) or not text.strip():
        raise NeedsAnswer("回答の区分を選び、理由を書いてください。事務局はこの理由のとおりに扱います。")
    if scope.like and not scope.codes:
        raise NeedsScope("同様の案件にも及ぼすときは、どの指摘の案件かを1つ以上選んでください。")
    with transaction.atomic():
        hold_cases([question.case_id], question.programme_id)
        hold_stages([question.case_id])
        question = (
            Question.objects.select_for_update(of=("self",)).select_related("programme").get(pk=question.pk)
        )
        assert question.change_id is None, "a change after the base date is answered by answer_change"
        if question.state == "answered":
            raise AlreadyAnswered(f"この照会には{question.answered_by}さんが回答済みです。")
        if question.state != "sent":
            raise NotForwarded("この照会は、事務局の業務責任者から送られていません。一覧に戻ってください。")
        question.state, question.ruling, question.answer = "answered", ruling, text.strip()
        question.answerer_id, question.answered_by, question.answered_at = actor.id, actor.name, at
        question.save()
        made = _rule(question, scope, actor, at)
        cases, programme = [question.case_id], question.programme
        move(cases, programme=programme, to=stages.IN_REVIEW, why="照会の回答", actor=actor, at=at)
        open_round(cases, programme=programme, reason="answered", at=at)
    return made


def _rule(question: Question, scope: Scope, actor: Actor, at: datetime) -> Ruling:
    """The numbered ruling, and its first use: beside the case that was asked about."""
    assert actor.id is not None and question.submission_id is not None, "an officer, and an application"
    # Two officers who answer at once would give one number twice: the second waits for the programme (hold_cases).
    last = Ruling.objects.filter(programme=question.programme).order_by("-number").first()
    of_case = set(Finding.objects.filter(submission_id=question.submission_id).values_list("code", flat=True))
    unknown = set(scope.codes) - of_case if scope.like else set()
    if unknown:
        raise NeedsScope("この案件にない指摘は、適用の範囲に選べません。この案件の指摘から選んでください。")
    made = Ruling.objects.create(
        programme=question.programme, number=last.number + 1 if last else 1, question=question,
        outcome=question.ruling, reason=question.answer, scope="like" if scope.like else "case",
        codes=sorted(scope.codes if scope.like else of_case), tiers=sorted(scope.tiers) if scope.like else [],
        whys=sorted(scope.whys) if scope.like else [], words=scope.words.strip()[:200], ruled_on=localdate(at),
        ruled_by_id=actor.id, at=at,
    )  # fmt: skip
    RulingUse.objects.create(
        ruling=made, case_id=question.case_id, submission_id=question.submission_id, staff_id=actor.id, way="question",
        at=at,
    )  # fmt: skip
    return made
