"""異動 at the roll desk: what happened to people of open cases after the base date, what the terms did with it, what waits.

Applying the Version's table is one button; a change that the table leaves open is decided here with the number of the
municipality's order, and what was done can be taken back. Shows names of those concerned: each page is a recorded look.
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from todoku.case.late_tables import LaterChange
from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.review.ask_about_changes import ask_about_change
from todoku.review.settle_change import take_back_change
from todoku.review.tables import Question
from todoku.web.office import works
from todoku.web.office.change_page import (
    Decision,
    changes_of,
    changes_table,
    question_of,
    settle,
    shown,
    successors,
)
from todoku.web.office.frame import frame, programme_of
from todoku.web.office.payee_page import answer_payee, payee_of
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Empty

NONE_WAIT = Empty(
    "判断を待つ異動はありません。", "後から届いた名簿を取り込んだら、「異動を反映する」を押してください。"
)


@require_GET
@asks("roll.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """What waits first, then what was done."""
    programme, context = frame(request, slug, "roll", "基準日の後の異動")
    context |= {
        "table": changes_table(request, programme, base=f"/p/{slug}/roll/changes/", empty=NONE_WAIT),
        "waiting": LaterChange.objects.filter(programme=programme, state="waiting").count(),
        "may_apply": may(actor_of(request).roles, "roll.import"),
        "works": works.latest(programme, kinds=("change.apply",), limit=1),
    }
    return render(request, "office/changes.html", context)


@require_POST
@asks("roll.import")
def apply(request: HttpRequest, slug: str) -> HttpResponse:
    """Starts applying the Version's table to what the last roll and lists say."""
    works.begin(request, programme_of(request, slug), "change.apply", "基準日の後の異動の反映")
    messages.success(request, "異動の反映を始めました。")
    return redirect("roll-changes", slug=slug)


@require_GET
@asks("change.decide")
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One change: what happened, what the terms say, and the form for the municipality's order."""
    return _show(request, slug, pk, None)


def _show(
    request: HttpRequest, slug: str, pk: int, form: Decision | None, sentence: str = "", status: int = 200
) -> HttpResponse:
    programme, context = frame(request, slug, "roll", "異動の判断")
    change = get_object_or_404(changes_of(programme), pk=pk)
    record_look(
        actor=actor_of(request), action="change.decide", subject_kind="case", subject_id=change.case_id,
        at=timezone.now(), programme_slug=slug, reason="異動の内容を表示",
    )  # fmt: skip
    question = question_of(change)
    form = form or Decision(successors(change), auto_id="decide_%s")
    asked = question is not None and question.state in Question.OPEN
    context |= shown(change, form, sentence) | {
        "question": question, "asked": asked, "payee": payee_of(change, actor_of(request), f"/p/{slug}/roll/changes/{pk}/payee/"),
        "payee_why": request.POST.get("why", ""),
        "undo_order": request.POST.get("order", ""), "undo_why": request.POST.get("why", ""),
    }  # fmt: skip
    return render(request, "office/change.html", context, status=status)


@require_POST
@asks("change.decide")
def decide(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Enters the municipality's order for a change that waits."""
    change = get_object_or_404(changes_of(programme_of(request, slug)), pk=pk)
    form = Decision(successors(change), request.POST, auto_id="decide_%s")
    if not form.is_valid():
        return _show(request, slug, pk, form, status=422)
    try:
        told = settle(request, change, form)
    except Refusal as refusal:
        return _show(request, slug, pk, form, refusal.sentence, status=422)
    messages.success(request, told)
    return redirect("roll-changes", slug=slug)


@require_POST
@asks("change.decide")
def payee(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Another person's word on who was named to receive instead."""
    change = get_object_or_404(changes_of(programme_of(request, slug)), pk=pk)
    try:
        told = answer_payee(request, change)
    except Refusal as refusal:
        return _show(request, slug, pk, None, refusal.sentence, status=422)
    messages.success(request, told)
    return redirect("roll-changes", slug=slug)


@require_POST
@asks("change.decide")
def undo(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Takes back what was done with a change, by an order."""
    change = get_object_or_404(changes_of(programme_of(request, slug)), pk=pk)
    try:
        take_back_change(
            change, order=request.POST.get("order", ""), why=request.POST.get("why", ""), actor=actor_of(request),
            at=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        return _show(request, slug, pk, None, refusal.sentence, status=422)
    messages.success(request, "取り消しました。案件は元の受給者・段階に戻っています。")
    return redirect("roll-changes", slug=slug)


@require_POST
@asks("question.forward")
def ask(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Makes the change a question, which the manager then words and sends."""
    change = get_object_or_404(changes_of(programme_of(request, slug)), pk=pk)
    try:
        question = ask_about_change(change, actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        return _show(request, slug, pk, None, refusal.sentence, status=422)
    messages.success(request, "照会にしました。文章を確かめて、自治体へ送ってください。")
    return redirect("question", slug=slug, pk=question.pk)


urlpatterns = [
    path("", index, name="roll-changes"),
    path("apply/", apply, name="roll-changes-apply"),
    path("<int:pk>/", show, name="roll-change"),
    path("<int:pk>/decide/", decide, name="roll-change-decide"),
    path("<int:pk>/payee/", payee, name="roll-change-payee"),
    path("<int:pk>/undo/", undo, name="roll-change-undo"),
    path("<int:pk>/ask/", ask, name="roll-change-ask"),
]
