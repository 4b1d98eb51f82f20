"""審査 desk: what waits, one task after the other, the verdict by one key, undo for a minute.

Takes a reviewer's request; gives the queue or one task with picture, data beside what the roll says, and the criteria
that need eyes. Judging is review/judge.py; this file translates.
"""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from todoku.custody import files
from todoku.ground.step import Refusal
from todoku.intake.correct_account import correct_account
from todoku.intake.tables import Document
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.review.claim import put_back
from todoku.review.judge import judge
from todoku.review.tables import Task, Verdict
from todoku.review.undo import undo
from todoku.scan.tables import ScanPage
from todoku.web.office import (
    review_acts,
    review_ahead,
    review_contacts,
    review_lead,
    review_shift,
    review_verdicts,
)
from todoku.web.office.frame import frame, programme_of
from todoku.web.office.kept_from import kept_from
from todoku.web.office.paper_form import AccountEntry
from todoku.web.office.paper_page import told
from todoku.web.office.review_ahead import record_picture, record_seen_ahead
from todoku.web.office.review_day import desk_day
from todoku.web.office.review_held import held_task, take_next_task, tell_seeded, to_queue, undo_chance
from todoku.web.office.review_queue import queue_counts, queue_table
from todoku.web.office.review_task import task_context
from todoku.web.shared.doors import actor_of, asks, refuse


@require_GET
@asks("review.view")
def queue(request: HttpRequest, slug: str) -> HttpResponse:
    """What waits, by look and age, and the way to the next task."""
    programme, context = frame(request, slug, "review", "審査")
    context |= (
        queue_counts(programme, actor_of(request))
        | desk_day(programme, actor_of(request))
        | {
            "table": queue_table(request, programme),
            "may_judge": may(actor_of(request).roles, "review.judge"),
            "may_lead": may(actor_of(request).roles, "review.lead"),
            "undo": undo_chance(request, programme),
        }
    )
    return render(request, "office/review_queue.html", context)


@require_POST
@asks("review.judge")
def take_next(request: HttpRequest, slug: str) -> HttpResponse:
    """Holds the next task for this person and opens it."""
    return take_next_task(request, programme_of(request, slug))


@require_GET
@asks("review.judge")
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One task on one screen; only for the person who holds it, and every look is recorded."""
    programme = programme_of(request, slug)
    task = held_task(request, programme, pk)
    if task is None:
        return redirect("review", slug=slug)
    record_look(
        actor=actor_of(request), action="review.judge", subject_kind="case", subject_id=task.case_id, at=timezone.now(),
        programme_slug=slug, reason=f"審査（{'一次' if task.step == 1 else '二次'}）",
    )  # fmt: skip
    record_seen_ahead(request, task)
    return _page(request, slug, task)


def _page(request: HttpRequest, slug: str, task: Task, sentence: str = "", status: int = 200) -> HttpResponse:
    programme, context = frame(request, slug, "review", "審査")
    context |= task_context(task, actor_of(request).roles)
    context |= {
        "wide": True, "undo": undo_chance(request, programme), "typed_codes": request.POST.getlist("code"),
        "typed_refusal": request.POST.get("refuse_code", ""), "typed_comment": request.POST.get("comment", ""),
    }  # fmt: skip
    if sentence:
        context["errors"] = [{"target": "verdict", "sentence": sentence}]
    else:
        context["typed_codes"] = sorted(context["found_codes"])
    return render(request, "office/review_task.html", context, status=status)


@require_POST
@asks("review.judge")
def give_verdict(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Takes the verdict and goes straight to the next task; what is refused stands on the page with all that was typed."""
    task = held_task(request, programme_of(request, slug), pk)
    if task is None:
        return to_queue(request, slug)
    outcome = request.POST.get("outcome", "")
    if outcome not in dict(Verdict.OUTCOMES):
        raise Http404("outcome")
    codes = request.POST.getlist("refuse_code" if outcome == "refuse" else "code")
    try:
        judge(
            task, outcome=outcome, codes=codes, comment=request.POST.get("comment", "")[:300], actor=actor_of(request),
            at=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        return _page(request, slug, task, refusal.sentence, status=422)
    tell_seeded(request, task.pk, made_up=task.submission.programme_id != task.programme_id)
    return take_next_task(request, task.programme)


@require_POST
@asks("review.judge")
def give_back(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Puts the task back to the pile and returns to the queue."""
    task = get_object_or_404(Task, programme=programme_of(request, slug), pk=pk)
    put_back(task, actor=actor_of(request), at=timezone.now())
    messages.info(request, "申請を審査待ちに戻しました。")
    return redirect("review", slug=slug)


@require_POST
@asks("review.judge")
def take_back(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Undoes one's own verdict of the last minute and opens the task again."""
    verdict = get_object_or_404(Verdict, pk=pk, task__programme=programme_of(request, slug))
    try:
        task = undo(verdict, actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("review", slug=slug)
    messages.success(request, "判定を取り消しました。もう一度判定してください。")
    return redirect("review-task", slug=slug, pk=task.pk)


@require_http_methods(["GET", "POST"])
@asks("review.judge")
def account(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The account put right from passbook and master. Who corrects does not judge: the task goes to somebody else."""
    task = held_task(request, programme_of(request, slug), pk)
    if task is None:
        return redirect("review", slug=slug)
    form = AccountEntry(request.POST or None, initial=_written(task))
    if request.method == "POST" and form.is_valid():
        try:
            correct_account(task.submission_id, form.account(), actor=actor_of(request), at=timezone.now())
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
        else:
            put_back(task, actor=actor_of(request), at=timezone.now())
            messages.success(
                request, f"{task.case.printed_number} の口座を直しました。審査はほかの担当者が行います。"
            )
            return take_next_task(request, task.programme)
    _, context = frame(request, slug, "review", "口座を直す")
    context |= task_context(task, actor_of(request).roles)
    context |= {
        "page_title": f"口座を直す {task.case.printed_number}", "form": form, "wide": True,
        "live": f"/p/{slug}/review/task/{pk}/account/",
    }  # fmt: skip
    return render(request, "office/review_account.html", context, status=422 if form.is_bound else 200)


def _written(task: Task) -> dict[str, str]:
    """The account as it stands, for the boxes; a ゆうちょ account by its symbol and number alone."""
    last = task.submission.accounts.order_by("-version").first()
    if last is None:
        return {}
    written = {"kind": str(last.kind), "holder_kana": last.holder_kana}
    if last.yucho_symbol:
        return written | {"yucho_symbol": last.yucho_symbol, "yucho_number": last.yucho_number}
    return written | {"bank": last.bank, "branch": last.branch, "account_number": last.number}


@require_POST
@asks("review.judge")
def account_told(request: HttpRequest, slug: str, pk: int, what: str) -> HttpResponse:
    """Reads one field of the account back while it is typed."""
    task = held_task(request, programme_of(request, slug), pk)
    typed: dict[str, str] = {name: str(value) for name, value in request.POST.items()}
    answer = told(what, typed, case=task.case, today=localdate()) if task else None
    return render(request, "office/told.html", {"told": answer})


@require_GET
@asks("case.view_account")
def document(request: HttpRequest, slug: str, pk: int) -> HttpResponse | FileResponse:
    """One picture of a submission, for the person at the desk; the look is recorded."""
    programme = programme_of(request, slug)
    found: Any = get_object_or_404(
        Document.objects.select_related("submission__case__recipient__head"),
        Q(submission__programme=programme) | Q(submission__programme__rehearsal_of=programme),
        pk=pk,
    )
    if kept_from(request, found.submission.case):
        return refuse(request, "case.view_protected")
    record_picture(request, slug, found.submission.case_id, found.get_kind_display())
    response = FileResponse(files.inside(found.path).open("rb"), content_type="image/jpeg")
    response["Content-Disposition"] = "inline"
    return response


@require_GET
@asks("case.view_account")
def scanned(request: HttpRequest, slug: str, pk: int) -> HttpResponse | FileResponse:
    """One scanned page of a keyed form, for the person at the desk; the look is recorded."""
    programme = programme_of(request, slug)
    pages: Any = ScanPage.objects.select_related("case__recipient__head")
    page = get_object_or_404(pages, pk=pk, programme=programme, case__isnull=False)
    if kept_from(request, page.case):
        return refuse(request, "case.view_protected")
    record_picture(request, slug, page.case_id, "スキャン画像")
    response = FileResponse(files.inside(page.path).open("rb"), content_type="image/jpeg")
    response["Content-Disposition"] = "inline"
    return response


urlpatterns = [
    *review_acts.urlpatterns,
    *review_ahead.urlpatterns,
    *review_contacts.urlpatterns,
    *review_lead.urlpatterns,
    *review_shift.urlpatterns,
    *review_verdicts.urlpatterns,
    path("", queue, name="review"),
    path("next/", take_next, name="review-next"),
    path("task/<int:pk>/", show, name="review-task"),
    path("task/<int:pk>/verdict/", give_verdict, name="review-verdict"),
    path("task/<int:pk>/back/", give_back, name="review-back"),
    path("task/<int:pk>/account/", account, name="review-account"),
    path("task/<int:pk>/account/<slug:what>/", account_told, name="review-account-told"),
    path("undo/<int:pk>/", take_back, name="review-undo"),
    path("document/<int:pk>/", document, name="review-document"),
    path("scan/<int:pk>/", scanned, name="review-scan"),
]
