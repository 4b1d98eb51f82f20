"""異動: what happened to people of open cases after the base date, what the terms rule, and what waits for the municipality.

Shows the list and one change with its facts, the office's question about it and the line of the table. An officer decides: as
the ruling that answers the question, or by the number of a decision of its own. Names stand here: each page is a recorded look.
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
from todoku.programme.vocabulary import CHANGE_OUTCOMES
from todoku.review.answer_change import answer_change
from todoku.review.tables import Question
from todoku.web.municipality.frame import frame
from todoku.web.office.change_page import (
    ANOTHER_CONFIRMS,
    AtTheCity,
    changes_of,
    changes_table,
    question_of,
    settle,
    shown,
    successors,
)
from todoku.web.office.frame import programme_of
from todoku.web.office.payee_page import answer_payee, payee_of
from todoku.web.office.question_evidence import shown_evidence
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Empty

NONE_WAIT = Empty(
    "判断を待つ異動はありません。", "制度の定めで決まらない死亡・転出などがあると、ここに並びます。"
)


@require_GET
@asks("roll.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """What waits for a decision first, then what was done."""
    programme, context = frame(request, slug, "changes", "基準日の後の異動")
    context["table"] = changes_table(request, programme, base=f"/p/{slug}/changes/", empty=NONE_WAIT)
    return render(request, "municipality/changes.html", context)


@require_GET
@asks("roll.view")
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One change: facts, evidence, the line of the table, and for an officer the decision."""
    return _show(request, slug, pk, None)


def _show(
    request: HttpRequest, slug: str, pk: int, form: AtTheCity | None, sentence: str = "", status: int = 200
) -> HttpResponse:
    programme, context = frame(request, slug, "changes", "異動の判断")
    change, actor = get_object_or_404(changes_of(programme), pk=pk), actor_of(request)
    record_look(
        actor=actor, action="roll.view", subject_kind="case", subject_id=change.case_id, at=timezone.now(),
        programme_slug=slug, reason="異動の内容を表示",
    )  # fmt: skip
    question = _sent(question_of(change))
    answers = question is not None and question.state == "sent"
    may_decide = may(actor.roles, "question.answer" if answers else "change.decide")
    if form is None and may_decide and change.state == "waiting" and change.waits_for != "payee":
        form = AtTheCity(successors(change), auto_id="decide_%s", answers=answers)
    context |= shown(change, form, sentence) | {
        "question": question, "answers": answers, "evidence": shown_evidence(question) if question else {},
        "payee": payee_of(change, actor, f"/p/{slug}/changes/{pk}/payee/"), "payee_why": request.POST.get("why", ""),
    }  # fmt: skip
    return render(request, "municipality/change.html", context, status=status)


def _sent(question: Question | None) -> Question | None:
    """Nothing of a question is shown before the office's manager has sent it."""
    return question if question is not None and question.forwarded_at is not None else None


@require_POST
@asks("change.decide")
def decide(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The officer's decision; where the office has asked, it is the ruling that answers."""
    change = get_object_or_404(changes_of(programme_of(request, slug)), pk=pk)
    question = question_of(change)
    answers = question is not None and question.state == "sent"
    form = AtTheCity(successors(change), request.POST, auto_id="decide_%s", answers=answers)
    if not form.is_valid():
        return _show(request, slug, pk, form, status=422)
    try:
        if question and answers:
            told = _answer(request, question, form)
        else:
            told = settle(request, change, form)
    except Refusal as refusal:
        return _show(request, slug, pk, form, refusal.sentence, status=422)
    messages.success(request, told)
    return redirect("changes", slug=slug)


@require_POST
@asks("change.decide")
def payee(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Another person's word on who was named to receive instead, by the office or by another officer."""
    change = get_object_or_404(changes_of(programme_of(request, slug)), pk=pk)
    try:
        told = answer_payee(request, change)
    except Refusal as refusal:
        return _show(request, slug, pk, None, refusal.sentence, status=422)
    messages.success(request, told)
    return redirect("changes", slug=slug)


def _answer(request: HttpRequest, question: Question, form: AtTheCity) -> str:
    said = form.cleaned_data
    made = answer_change(
        question, then=said["then"], text=said["why"], like=said["scope"] == "like", words=said["words"],
        payee=form.successor(), heir=form.heir(), actor=actor_of(request), at=timezone.now(),
    )  # fmt: skip
    told = f"{question.case.printed_number} に「{CHANGE_OUTCOMES[said['then']]}」と回答しました（{made.title}）。"
    named = LaterChange.objects.filter(questions=question, waits_for="payee").exists()
    return told + (ANOTHER_CONFIRMS if named else "")


urlpatterns = [
    path("", index, name="changes"),
    path("<int:pk>/", show, name="change"),
    path("<int:pk>/decide/", decide, name="change-decide"),
    path("<int:pk>/payee/", payee, name="change-payee"),
]
