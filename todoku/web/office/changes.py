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
from todoku.case.stages import stage_name
from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.programme.vocabulary import CHANGE_OUTCOMES
from todoku.review.ask_about_changes import ask_about_change
from todoku.review.settle_change import settle_change, take_back_change
from todoku.review.tables import Question
from todoku.web.office import works
from todoku.web.office.cells import page_number
from todoku.web.office.change_page import (
    LOOKS,
    STATES,
    Decision,
    changes_of,
    changes_table,
    errors_of,
    facts_of,
    question_of,
    successors,
)
from todoku.web.office.frame import frame, programme_of
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Badge, Empty

NONE_WAIT = Empty(
    "判断を待つ異動はありません。", "後から届いた名簿を取り込んだら、「異動を反映する」を押してください。"
)


@require_GET
@asks("roll.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """What waits first, then what was done."""
    programme, context = frame(request, slug, "roll", "基準日の後の異動")
    state = request.GET.get("state", "waiting")
    state = state if state in STATES else ""
    found = LaterChange.objects.filter(programme=programme)
    waiting = found.filter(state="waiting").count()
    context |= {
        "table": changes_table(
            found.filter(state=state) if state else found,
            state=state,
            base=f"/p/{slug}/roll/changes/",
            page=page_number(request),
            empty=NONE_WAIT,
        ),
        "waiting": waiting,
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
    errors = [{"target": "decide", "sentence": sentence}] if sentence else []
    question = question_of(change)
    context |= {
        "change": change,
        "stage": stage_name(change.case.standing.stage),
        "facts": facts_of(change),
        "badge": Badge(STATES[change.state], LOOKS[change.state]),
        "question": question,
        "asked": question is not None and question.state in Question.OPEN,
        "form": form or Decision(successors(change), auto_id="decide_%s"),
        "errors": errors + (errors_of(form) if form is not None else []),
    }
    return render(request, "office/change.html", context, status=status)


@require_POST
@asks("change.decide")
def decide(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Enters the municipality's order for a change that waits."""
    change = get_object_or_404(changes_of(programme_of(request, slug)), pk=pk)
    form = Decision(successors(change), request.POST, auto_id="decide_%s")
    if not form.is_valid():
        return _show(request, slug, pk, form, status=422)
    said = form.cleaned_data
    try:
        settle_change(
            change, then=said["then"], order=said["order"], why=said["why"], payee=form.successors.get(said["payee"]),
            heir=form.heir() if said["then"] == "estate" else None, actor=actor_of(request), at=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        return _show(request, slug, pk, form, refusal.sentence, status=422)
    messages.success(request, f"「{CHANGE_OUTCOMES[said['then']]}」として記録しました。")
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
    path("<int:pk>/undo/", undo, name="roll-change-undo"),
    path("<int:pk>/ask/", ask, name="roll-change-ask"),
]
