"""Withdraws a verdict after its minute (判定の取消し), with a reason, until the decision; what it caused is stopped.

Takes a verdict of the reviewer's own, or anybody's for the lead; leaves it marked with who and why, and a new round of
review by two persons. After the decision only the municipality's order goes back.
"""

from datetime import datetime

from django.db import transaction

from todoku.case import stages
from todoku.case.move import move
from todoku.case.tables import Case, CaseStage
from todoku.formats.codes import contains_my_number
from todoku.ground.step import Refusal
from todoku.letters.pull_list import list_pulls
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.tables import Programme
from todoku.review.case_locks import hold_cases, hold_stages
from todoku.review.consequences import Caused, consequences, letters_of
from todoku.review.desk_tables import Contact
from todoku.review.reopen import open_round, reopen
from todoku.review.tables import Question, Task, Verdict

WHY_MAX = 300


class CannotWithdraw(Refusal):
    """The verdict is not this person's to withdraw, or what followed cannot be stopped any more."""


def withdraw(verdict: Verdict, *, why: str, actor: Actor, at: datetime) -> list[Caused]:
    """Withdraws the verdict and gives what was stopped with it. Raises CannotWithdraw; then nothing changed."""
    assert actor.id is not None, "only a person withdraws a verdict"
    _ask(verdict, why, actor)
    with transaction.atomic():
        _hold(verdict)
        verdict = (
            Verdict.objects.select_for_update(of=("self",))
            .select_related("task__programme")
            .get(pk=verdict.pk)
        )
        if verdict.task.programme.rehearsal_of_id is not None:
            raise CannotWithdraw(
                "質を確かめるための架空の案件の判定です。何も起きていないため、取り消すものはありません。"
            )
        caused = consequences(verdict)
        for one in caused:
            if not one.stops:
                raise CannotWithdraw(f"取り消せません。{one.what}{one.then}")
        programme = verdict.task.programme
        _stop_work(verdict, actor, at)
        Verdict.objects.filter(pk=verdict.pk).update(
            undone_at=at, withdrawn_by_id=actor.id, withdrawn_why=why.strip()[:WHY_MAX]
        )
        _bring_back(verdict, programme, actor, at)
        _pull_letters(verdict, actor, at)
        record_look(
            actor=actor, action="verdict.withdraw", subject_kind="case", subject_id=verdict.case_id, at=at,
            programme_slug=programme.slug, reason="判定の取消し",
        )  # fmt: skip
    return caused


def _ask(verdict: Verdict, why: str, actor: Actor) -> None:
    if verdict.staff_id != actor.id and not may(actor.roles, "review.lead"):
        raise CannotWithdraw(
            "判定を取り消せるのは、判定した本人か業務責任者です。業務責任者に依頼してください。"
        )
    if not why.strip():
        raise CannotWithdraw("取消しの理由を書いてください。次に審査する人と、監査のために残ります。")
    if contains_my_number(why):
        raise CannotWithdraw(
            "マイナンバーと思われる12桁の数字があります。マイナンバーは記録できません。消してから保存してください。"
        )


def _hold(verdict: Verdict) -> None:
    """The case behind its locks (case_locks.py), then the looks at this application, until the end. Raises CannotWithdraw where
    somebody moved the case while they were waited for: decided, answered or reopened, it is no longer what was told of."""
    case = Case.objects.select_related("standing").get(pk=verdict.case_id)
    hold_cases([case.pk], case.programme_id)
    hold_stages([case.pk])
    if CaseStage.objects.get(pk=case.pk).stage != case.standing.stage:
        raise CannotWithdraw(
            "取り消せません。この案件は、たった今ほかの処理で先へ進みました。画面を開き直して、今の状態を確かめてください。"
        )
    looks = Task.objects.select_for_update().filter(
        submission_id=verdict.submission_id, state__in=["open", "held"]
    )
    list(looks.order_by("pk").values_list("pk"))


def _stop_work(verdict: Verdict, actor: Actor, at: datetime) -> None:
    """Looks that wait or are under way end, with the calls and questions that hang on the application."""
    Task.objects.filter(submission_id=verdict.submission_id, state__in=["open", "held"]).update(
        state="void", closed_at=at, claimed_by=None, reserved_by=None, reserved_at=None
    )
    Contact.objects.filter(task__submission_id=verdict.submission_id, state="open").update(
        state="closed", closed_at=at
    )
    Question.objects.filter(
        case_id=verdict.case_id, submission_id=verdict.submission_id, state__in=Question.OPEN
    ).update(state="withdrawn", answered_at=at, answered_by=actor.name, answer="判定の取消し")


def _bring_back(verdict: Verdict, programme: Programme, actor: Actor, at: datetime) -> None:
    """The case stands in review with an open first look of a new round, on no list."""
    cases = [verdict.case_id]
    if reopen(cases, programme=programme, reason="withdrawn", actor=actor, at=at):
        return
    if CaseStage.objects.get(pk=verdict.case_id).stage != stages.IN_REVIEW:
        move(cases, programme=programme, to=stages.IN_REVIEW, why="判定の取消し", actor=actor, at=at)
    open_round(cases, programme=programme, reason="withdrawn", at=at)


def _pull_letters(verdict: Verdict, actor: Actor, at: datetime) -> None:
    """A letter that is printed and not posted goes on the pull list: its case is not returned any more."""
    letters = letters_of(verdict)
    if letters:
        list_pulls(letters[-1].run, actor=actor, at=at)
