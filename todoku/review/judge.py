"""One reviewer's verdict on one submission: writes it and moves the case on. Two different persons approve paper.

Takes a task held by the actor; leaves a verdict and either a second look, a proposal for the municipality's decision,
a returned case, or a question. Never decides (支給・不支給 is the municipality's).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from todoku.case import stages
from todoku.case.move import move
from todoku.case.tables import CaseStage
from todoku.ground.step import Refusal
from todoku.intake.tables import AccountVersion
from todoku.people.actor import Actor
from todoku.review.codes import CODES
from todoku.review.tables import Finding, Proposal, Question, Screening, Task, Verdict

UNDO_SECONDS = 60


class NotYourTask(Refusal):
    """The task is not held by this person (any more)."""


class NeedsReason(Refusal):
    """The verdict needs a code or a comment."""


class TooLate(Refusal):
    """The verdict can no longer be undone."""


def judge(
    task: Task, *, outcome: str, codes: Sequence[str] = (), comment: str = "", actor: Actor, at: datetime
) -> Verdict:
    """Records a verdict: approve, return (codes), refer (comment) or refuse (one code); raises a named refusal.

    A first approval or refusal opens a second look where two persons are needed. A second reviewer who disagrees sends
    the case to the municipality with both views: the office does not outvote itself.
    """
    _ask_reason(outcome, codes, comment)
    with transaction.atomic():
        task = Task.objects.select_for_update().select_related("submission", "programme").get(pk=task.pk)
        if task.state != "held" or task.claimed_by_id != actor.id:
            raise NotYourTask(
                "この申請は、ほかの担当者が扱っているか、すでに判定されています。次の申請へ進んでください。"
            )
        verdict = Verdict.objects.create(
            task=task, case_id=task.case_id, submission=task.submission, step=task.step, round=task.round,
            staff_id=actor.id, outcome=outcome, codes=list(codes), comment=comment, at=at,
        )  # fmt: skip
        Task.objects.filter(pk=task.pk).update(state="done", closed_at=at)
        _follow(task, verdict, actor, at)
    return verdict


def _ask_reason(outcome: str, codes: Sequence[str], comment: str) -> None:
    unknown = [code for code in codes if code not in CODES]
    assert not unknown, f"unknown deficiency codes {unknown}"
    if outcome == "return" and not codes:
        raise NeedsReason("返戻には不備の項目を1つ以上選んでください。手紙にその文章が入ります。")
    if outcome == "refuse" and len(codes) != 1:
        raise NeedsReason("不支給相当とするときは、理由を1つ選んでください。")
    if outcome == "refer" and not comment.strip():
        raise NeedsReason("自治体への照会には、確認したいことを書いてください。")


def _follow(task: Task, verdict: Verdict, actor: Actor, at: datetime) -> None:
    outcome = verdict.outcome
    if outcome == "return":
        _return(task, verdict, actor, at)
    elif outcome == "refer":
        ask(task, verdict.comment, actor, at)
    elif task.step == 1 and Screening.objects.get(pk=task.submission_id).persons > 1:
        Task.objects.create(
            submission=task.submission, case_id=task.case_id, programme=task.programme, step=2, round=task.round,
            reason=task.reason, opened_at=at, arrived_on=task.arrived_on,
        )  # fmt: skip
    else:
        first = Verdict.objects.filter(
            submission=task.submission, round=task.round, step=1, undone_at__isnull=True
        ).exclude(pk=verdict.pk).first()  # fmt: skip
        if first and (first.outcome, first.codes) != (outcome, verdict.codes):
            ask(task, _split_words(first, verdict), actor, at)
        else:
            propose(task, "grant" if outcome == "approve" else "refuse", verdict, actor, at)


def _return(task: Task, verdict: Verdict, actor: Actor, at: datetime) -> None:
    """The case waits for the resident; every code of the verdict stands as a finding that the letter will quote."""
    stand = set(
        Finding.objects.filter(submission=task.submission, severity="return").values_list("code", flat=True)
    )
    Finding.objects.bulk_create(
        Finding(submission=task.submission, case_id=task.case_id, code=code, severity="return", found_by=actor.name, at=at)
        for code in verdict.codes
        if code not in stand
    )  # fmt: skip
    move(
        [task.case_id], programme=task.programme, to=stages.RETURNED, why="不備のため返戻", actor=actor, at=at
    )


def ask(task: Task, text: str, actor: Actor, at: datetime) -> Question:
    """Puts a question to the municipality (疑義照会) and lets the case wait for its answer."""
    move(
        [task.case_id],
        programme=task.programme,
        to=stages.WITH_MUNICIPALITY,
        why="疑義照会",
        actor=actor,
        at=at,
    )
    return Question.objects.create(
        case_id=task.case_id, submission=task.submission, programme=task.programme, asked=text,
        asked_by=actor.name, asked_at=at,
    )  # fmt: skip


def propose(task: Task, outcome: str, verdict: Verdict, actor: Actor, at: datetime) -> None:
    """Puts the reviewed case forward for the decision with the account that the reviewers saw."""
    account = AccountVersion.objects.filter(submission=task.submission).order_by("-version").first()
    Proposal.objects.update_or_create(
        case_id=task.case_id,
        defaults={
            "submission": task.submission, "account": account, "outcome": outcome,
            "reason": verdict.codes[0] if outcome == "refuse" else "",
            "via": "two_persons" if task.step == 2 else "one_person", "at": at,
        },
    )  # fmt: skip
    move([task.case_id], programme=task.programme, to=stages.PASSED, why="審査終了", actor=actor, at=at)


def undo(verdict: Verdict, *, actor: Actor, at: datetime) -> Task:
    """Takes back one's own verdict within a minute, as long as nobody has gone on from it; gives the task back."""
    with transaction.atomic():
        verdict = Verdict.objects.select_for_update().select_related("task__programme").get(pk=verdict.pk)
        task = verdict.task
        if (
            verdict.staff_id != actor.id
            or verdict.undone_at
            or at - verdict.at > timedelta(seconds=UNDO_SECONDS)
        ):
            raise TooLate("1分を過ぎたため、ここでは取り消せません。業務責任者に取消しを依頼してください。")
        _take_back(verdict, task, actor, at)
        Verdict.objects.filter(pk=verdict.pk).update(undone_at=at)
        Task.objects.filter(pk=task.pk).update(
            state="held", claimed_by_id=actor.id, claimed_at=at, closed_at=None
        )
    return task


def _take_back(verdict: Verdict, task: Task, actor: Actor, at: datetime) -> None:
    later = Task.objects.filter(submission=task.submission, round=task.round, step__gt=task.step)
    if later.exclude(state__in=["open", "void"]).exists():
        raise TooLate("次の担当者がすでに見ているため、取り消せません。業務責任者に連絡してください。")
    later.filter(state="open").update(state="void", closed_at=at)
    Finding.objects.filter(submission=task.submission, found_by=actor.name, at=verdict.at).update(
        severity="note"
    )
    stage = CaseStage.objects.get(pk=task.case_id).stage
    if stage in (stages.PASSED, stages.RETURNED, stages.WITH_MUNICIPALITY):
        if Proposal.objects.filter(pk=task.case_id, case__decisions__isnull=False).exists():
            raise TooLate("決定の一覧に載っているため、取り消せません。業務責任者に連絡してください。")
        Question.objects.filter(submission=task.submission, answered_at__isnull=True).update(
            answered_at=at, answered_by=actor.name, answer="照会の取消し"
        )
        move(
            [task.case_id],
            programme=task.programme,
            to=stages.IN_REVIEW,
            why="判定の取消し",
            actor=actor,
            at=at,
        )


def _split_words(first: Verdict, second: Verdict) -> str:
    views = f"一次は「{first.get_outcome_display()}」、二次は「{second.get_outcome_display()}」"
    return f"{views}で判定が分かれました。{second.comment}"
