"""審査 desk: what waits, one task after the other, the verdict by one key, undo for a minute.

Takes a reviewer's request; gives the queue or one task with picture, data beside what the roll says, and the criteria
that need eyes. Judging is review/judge.py; this file translates.
"""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from todoku.custody import files
from todoku.ground.step import Refusal
from todoku.intake.tables import Document
from todoku.people.look import record_look
from todoku.review.claim import NothingWaits, claim_next, put_back
from todoku.review.judge import judge
from todoku.review.tables import Task, Verdict
from todoku.review.undo import UNDO_SECONDS, undo
from todoku.web.office.frame import frame, programme_of
from todoku.web.office.review_task import queue_counts, queue_table, task_context
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Undo


@require_GET
@asks("review.view")
def queue(request: HttpRequest, slug: str) -> HttpResponse:
    """What waits, by look and age, and the last verdicts of this person."""
    programme, context = frame(request, slug, "review", "審査")
    context |= queue_counts(programme, actor_of(request)) | {"table": queue_table(request, programme)}
    return render(request, "office/review_queue.html", context)


@require_POST
@asks("review.judge")
def take_next(request: HttpRequest, slug: str) -> HttpResponse:
    """Holds the next task for this person and opens it."""
    programme = programme_of(request, slug)
    after = int(request.POST.get("after") or 0)
    try:
        task = claim_next(programme=programme, actor=actor_of(request), at=timezone.now(), after=after)
    except NothingWaits as nothing:
        messages.info(request, nothing.sentence)
        return redirect("review", slug=slug)
    return redirect("review-task", slug=slug, pk=task.pk)


def _task(request: HttpRequest, slug: str, pk: int) -> Task:
    programme = programme_of(request, slug)
    return get_object_or_404(
        Task.objects.select_related("programme", "submission", "case"), pk=pk, programme=programme
    )


@require_GET
@asks("review.judge")
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One task on one screen; only for the person who holds it, and every look is recorded."""
    programme, context = frame(request, slug, "review", "審査")
    task = _task(request, slug, pk)
    actor = actor_of(request)
    if task.state != "held" or task.claimed_by_id != actor.id:
        messages.warning(request, "この申請は扱い中ではありません。「次の一件」で始めてください。")
        return redirect("review", slug=slug)
    record_look(
        actor=actor, action="review.judge", subject_kind="case", subject_id=task.case_id, at=timezone.now(),
        programme_slug=slug, reason=f"審査（{'一次' if task.step == 1 else '二次'}）",
    )  # fmt: skip
    context |= task_context(task, programme)
    context |= {"wide": True, "undo": _undo(request, slug)}
    return render(request, "office/review_task.html", context)


def _undo(request: HttpRequest, slug: str) -> Undo | None:
    """The chance to take back the verdict given a moment ago."""
    last = (
        Verdict.objects.filter(staff_id=request.user.pk, undone_at__isnull=True)
        .select_related("case")
        .order_by("-id")
        .first()
    )
    if last is None:
        return None
    left = UNDO_SECONDS - int((timezone.now() - last.at).total_seconds())
    if left <= 0:
        return None
    words = f"{last.case.printed_number} を「{last.get_outcome_display()}」にしました。"
    return Undo(sentence=words, url=f"/p/{slug}/review/undo/{last.pk}/", seconds=left)


@require_POST
@asks("review.judge")
def give_verdict(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """Takes the verdict and goes straight to the next task."""
    task = _task(request, slug, pk)
    outcome = request.POST.get("outcome", "")
    if outcome not in dict(Verdict.OUTCOMES):
        raise Http404("outcome")
    codes = request.POST.getlist("code") if outcome == "return" else request.POST.getlist("refuse_code")
    try:
        judge(
            task, outcome=outcome, codes=codes if outcome in ("return", "refuse") else (),
            comment=request.POST.get("comment", ""), actor=actor_of(request), at=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("review-task", slug=slug, pk=pk)
    return take_next(request, slug=slug)


@require_POST
@asks("review.judge")
def give_back(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Puts the task back to the pile (保留にせず戻す) and returns to the queue."""
    put_back(_task(request, slug, pk), actor=actor_of(request), at=timezone.now())
    messages.info(request, "申請を審査待ちに戻しました。")
    return redirect("review", slug=slug)


@require_POST
@asks("review.judge")
def take_back(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Undoes one's own verdict of the last minute and opens the task again."""
    programme = programme_of(request, slug)
    verdict = get_object_or_404(Verdict, pk=pk, task__programme=programme)
    try:
        task = undo(verdict, actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("review", slug=slug)
    messages.success(request, "判定を取り消しました。もう一度判定してください。")
    return redirect("review-task", slug=slug, pk=task.pk)


@require_GET
@asks("case.view_account")
def document(request: HttpRequest, slug: str, pk: int) -> HttpResponse | FileResponse:
    """One picture of a submission, for the person at the desk; the look is recorded."""
    programme = programme_of(request, slug)
    found: Any = get_object_or_404(
        Document.objects.select_related("submission"), pk=pk, submission__programme=programme
    )
    record_look(
        actor=actor_of(request), action="document.view", subject_kind="case", subject_id=found.submission.case_id,
        at=timezone.now(), programme_slug=slug, reason=found.get_kind_display(),
    )  # fmt: skip
    response = FileResponse(files.inside(found.path).open("rb"), content_type="image/jpeg")
    response["Content-Disposition"] = "inline"
    return response


urlpatterns = [
    path("", queue, name="review"),
    path("next/", take_next, name="review-next"),
    path("task/<int:pk>/", show, name="review-task"),
    path("task/<int:pk>/verdict/", give_verdict, name="review-verdict"),
    path("task/<int:pk>/back/", give_back, name="review-back"),
    path("undo/<int:pk>/", take_back, name="review-undo"),
    path("document/<int:pk>/", document, name="review-document"),
]
