"""Takes back one's own verdict within a minute (判定の取消し), as long as nobody has gone on from it.

Takes a verdict; leaves it marked as undone, the case in review, and the task with its reviewer again.
"""

from datetime import datetime, timedelta

from django.db import transaction

from todoku.case import stages
from todoku.case.move import move
from todoku.case.tables import CaseStage
from todoku.ground.step import Refusal
from todoku.letters.tables import Letter
from todoku.people.actor import Actor
from todoku.review.case_locks import hold_stages
from todoku.review.reopen import FAST
from todoku.review.tables import Decision, Question, Task, Verdict

UNDO_SECONDS = 60
# Where a verdict leaves a case, as far as there is a way back.
WAY_BACK = (stages.PASSED, stages.RETURNED, stages.WITH_MUNICIPALITY)


class TooLate(Refusal):
    """The verdict can no longer be undone."""


def undo(verdict: Verdict, *, actor: Actor, at: datetime) -> Task:
    """Undoes the verdict and gives its task back to the actor; another task that the actor holds goes to the pile."""
    with transaction.atomic():
        # The case is held from here on: a round that somebody opened while we waited for it is seen below (case_locks.py).
        hold_stages([verdict.case_id])
        verdict = (
            Verdict.objects.select_for_update(of=("self",))
            .select_related("task__programme")
            .get(pk=verdict.pk)
        )
        task = verdict.task
        if task.programme.rehearsal_of_id is not None:
            raise TooLate(
                "質を確かめるための架空の案件の判定です。何も起きていないため、取り消すものはありません。"
            )
        late = at - verdict.at > timedelta(seconds=UNDO_SECONDS)
        if verdict.staff_id != actor.id or verdict.undone_at or late:
            raise TooLate(
                "1分を過ぎたため、ここでは取り消せません。審査の「あなたの判定」から、理由を書いて取り消してください。"
            )
        _void_next_look(task, at)
        _bring_back(task, actor, at)
        Verdict.objects.filter(pk=verdict.pk).update(undone_at=at)
        Task.objects.filter(programme=task.programme, state="held", claimed_by_id=actor.id).update(
            state="open", claimed_by=None, claimed_at=None
        )
        if Task.objects.filter(case_id=task.case_id, state="held").exists():
            raise TooLate("この案件の別の申請を、ほかの担当者が見ています。業務責任者に連絡してください。")
        Task.objects.filter(pk=task.pk).update(
            state="held",
            claimed_by_id=actor.id,
            claimed_at=at,
            closed_at=None,
            reserved_by=None,
            reserved_at=None,
        )
    task.refresh_from_db()
    return task


def _void_next_look(task: Task, at: datetime) -> None:
    """The look that the verdict opened goes with it, unless somebody has begun."""
    later = list(
        Task.objects.select_for_update()
        .filter(submission=task.submission, pk__gt=task.pk)
        .exclude(state="void")
    )
    # A round that a fast verdict opened by itself is part of what is undone.
    if any(one.state != "open" or one.round > task.round and one.reason != FAST for one in later):
        raise TooLate("次の担当者がすでに見ているため、取り消せません。業務責任者に連絡してください。")
    Task.objects.filter(pk__in=[one.pk for one in later]).update(state="void", closed_at=at)


def _bring_back(task: Task, actor: Actor, at: datetime) -> None:
    """The case stands in review again, unless what followed has left the reviewers' hands."""
    stage = CaseStage.objects.get(pk=task.case_id).stage
    if stage == stages.IN_REVIEW:
        return
    listed = Decision.objects.filter(case_id=task.case_id, decision_list__state="open").exclude(
        outcome="sent_back"
    )
    if stage not in WAY_BACK or listed.exists():
        raise TooLate(
            "決定の一覧に載ったか、次の段階へ進んだため、取り消せません。業務責任者に連絡してください。"
        )
    if Letter.objects.filter(case_id=task.case_id, kind="return", occasion=task.submission_id).exists():
        raise TooLate("不備のお知らせを印刷したため、取り消せません。印刷・発送の担当者に連絡してください。")
    # Held to the end: the manager may be sending it at this moment.
    asked = Question.objects.select_for_update().filter(submission=task.submission, state__in=Question.OPEN)
    if "sent" in asked.values_list("state", flat=True):
        raise TooLate("照会を自治体へ送ったため、取り消せません。業務責任者に連絡してください。")
    Question.objects.filter(submission=task.submission, state="with_manager").update(
        state="withdrawn", answered_at=at, answered_by=actor.name, answer="照会の取消し"
    )
    move(
        [task.case_id], programme=task.programme, to=stages.IN_REVIEW, why="判定の取消し", actor=actor, at=at
    )
