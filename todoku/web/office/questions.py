"""照会 desk of the office's manager (業務責任者): what reviewers ask, edited and sent, settled by a ruling, or given back.

Takes the manager's request; gives the list and one question with all of its evidence, of which he chooses what is shown.
"""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localdate, localtime
from django.views.decorators.http import require_GET, require_http_methods

from todoku.formats.bank_days import bank_days_after
from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.programme.tables import Programme
from todoku.review.answer_by_ruling import answer_by_ruling
from todoku.review.answer_change import answer_change_by_ruling, rulings_on
from todoku.review.forward import PICTURES, NotReadyToSend, Shown, forward
from todoku.review.give_back import give_back
from todoku.review.question_clock import ANSWER_DAYS
from todoku.review.remind import remind
from todoku.review.ruling_tables import Ruling
from todoku.review.similar_cases import rulings_beside
from todoku.review.tables import Question
from todoku.web.office.cells import page_number
from todoku.web.office.change_page import facts_of
from todoku.web.office.frame import frame, programme_of
from todoku.web.office.kept_from import kept_from
from todoku.web.office.question_clocks import clock_badge, clock_of
from todoku.web.office.question_evidence import all_evidence
from todoku.web.office.watch_door import wrong
from todoku.web.shared.doors import actor_of, asks, refuse
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Filter, Row, Table

BADGES = {
    "with_manager": Badge("確認待ち", "wait"), "sent": Badge("自治体の回答待ち", "info"), "answered": Badge("回答済み", "ok"),
    "given_back": Badge("審査へ差戻し", "none"), "withdrawn": Badge("取消し", "none"),
}  # fmt: skip


@require_GET
@asks("question.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """The questions by state, what waits for the manager first."""
    programme, context = frame(request, slug, "questions", "疑義照会")
    state, page = request.GET.get("state", "with_manager"), page_number(request)
    found = Question.objects.filter(programme=programme).select_related("case", "made", "by_ruling")
    if state in BADGES:
        found = found.filter(state=state)
    order = "asked_at" if state in Question.OPEN else "-asked_at"
    context["figures"] = _figures(programme)
    context["table"] = Table(
        id="questions", caption="照会", total=found.count(), page=page,
        columns=[
            Column("number", "案件", fixed=True), Column("state", "状態"), Column("asked", "照会の内容"),
            Column("at", "審査からの日時", fixed=True), Column("office", "事務局", numeric=True),
            Column("city", "自治体", numeric=True), Column("due", "回答の期限", fixed=True), Column("ruling", "裁定"),
        ],
        rows=[_row(one, slug) for one in found.order_by(order, "pk")[(page - 1) * 50 : page * 50]],
        filters=[Filter("state", "状態", state, Question.STATES)],
        empty=Empty(
            "この状態の照会はありません。",
            "審査担当が「責任者へ照会」とした案件は、ここで業務責任者が確かめてから自治体へ送ります。",
        ),
    )  # fmt: skip
    return render(request, "office/questions.html", context)


def _figures(programme: Programme) -> list[dict[str, Any]]:
    open_now = list(Question.objects.filter(programme=programme, state__in=Question.OPEN))
    return [
        {"label": "業務責任者の確認待ち", "value": sum(one.state == "with_manager" for one in open_now), "unit": "件"},
        {"label": "自治体の回答待ち", "value": sum(one.state == "sent" for one in open_now), "unit": "件"},
        {"label": "期限を過ぎたもの", "value": sum(clock_of(one).late for one in open_now), "unit": "件"},
    ]  # fmt: skip


def _row(one: Question, slug: str) -> Row:
    passed, made = clock_of(one), getattr(one, "made", None) or one.by_ruling
    return Row(
        key=str(one.pk),
        cells=[
            Cell(one.case.printed_number, href=f"/p/{slug}/questions/{one.pk}/"), Cell("", badge=BADGES[one.state]),
            Cell((one.wording or one.asked)[:60]), Cell(f"{localtime(one.asked_at):%m/%d %H:%M}"),
            Cell(f"{passed.office_days}日"), Cell(f"{passed.city_days}日" if one.forwarded_at else "－"),
            Cell(f"{one.due_on:%m/%d}" if one.due_on else "－", badge=clock_badge(one)),
            Cell(made.title, href=f"/p/{slug}/rulings/{made.pk}/") if made else Cell(""),
        ],
        name=one.case.printed_number,
        marked=passed.late,
    )  # fmt: skip


def _question(programme: Programme, pk: int) -> Question:
    wanted = Question.objects.select_related(
        "case__recipient__reached_at", "case__recipient__head", "submission", "forwarder", "programme", "made", "by_ruling",
        "change__person", "change__case__recipient__head",
    ).prefetch_related("case__entitlements")  # fmt: skip
    return get_object_or_404(wanted, pk=pk, programme=programme)


@require_http_methods(["GET", "POST"])
@asks("question.view")
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One question: the reviewers' words, all the evidence, and the manager's choice; the look is recorded."""
    question, actor = _question(programme_of(request, slug), pk), actor_of(request)
    if kept_from(request, question.case):
        return refuse(request, "case.view_protected")
    errors: list[dict[str, str]] = []
    if request.method == "POST":
        if not may(actor.roles, "question.forward"):
            return refuse(request, "question.forward")
        try:
            messages.success(request, _act(request, question))
            return redirect("questions", slug=slug)
        except Refusal as refusal:
            errors = [wrong(FIELD.get(request.POST.get("do", ""), "wording"), refusal.sentence)]
    else:
        record_look(
            actor=actor, action="question.view", subject_kind="case", subject_id=question.case_id, at=timezone.now(),
            programme_slug=slug, reason="疑義照会の確認（事務局）",
        )  # fmt: skip
    _, context = frame(request, slug, "questions", "疑義照会")
    context |= _context(request, question) | {"errors": errors}
    return render(request, "office/question.html", context, status=422 if errors else 200)


FIELD = {"send": "wording", "back": "words", "ruling": "ruling", "remind": "remind"}


def _context(request: HttpRequest, question: Question) -> dict[str, Any]:
    evidence, typed = all_evidence(question), request.POST
    kinds = dict.fromkeys(one.kind for one in evidence["pictures"])
    waits = question.state == "with_manager" and may(actor_of(request).roles, "question.forward")
    return evidence | {
        "page_title": f"照会 {question.case.printed_number}", "question": question, "badge": BADGES[question.state],
        "clock": clock_of(question), "clock_badge": clock_badge(question), "waits": waits,
        "may_remind": question.state == "sent" and may(actor_of(request).roles, "question.forward"),
        "kinds": [(kind, PICTURES[kind]) for kind in kinds], "accounts": Question.ACCOUNTS,
        "typed": {
            "wording": typed.get("wording", question.wording or question.asked), "words": typed.get("words", ""),
            "findings": typed.getlist("finding"), "pictures": typed.getlist("picture"),
            "application": "application" in typed, "account": typed.get("account", "none"),
            "due_on": typed.get("due_on", bank_days_after(localdate(), ANSWER_DAYS).isoformat()),
        },
        "beside": _fitting(question) if waits else [], "changed": facts_of(question.change) if question.change else None,
    }  # fmt: skip


def _fitting(question: Question) -> list[Any]:
    """The rulings by which the manager may answer, without asking again."""
    if question.change:
        return rulings_on(question.change, localdate())
    assert question.submission_id is not None, "a question is about an application or a change"
    return [one for one in rulings_beside(question.submission_id) if not one.laid]


def _act(request: HttpRequest, question: Question) -> str:
    """What the pressed button asks for; gives what to tell."""
    typed, actor, at = request.POST, actor_of(request), timezone.now()
    number, do = question.case.printed_number, typed.get("do", "")
    if do == "back":
        give_back(question, words=typed.get("words", ""), actor=actor, at=at)
        return (
            f"{number} は照会しません。異動の画面で扱います。"
            if question.change_id
            else f"{number} を審査に戻しました。"
        )
    if do == "ruling":
        chosen = get_object_or_404(Ruling, pk=_number(typed.get("ruling", "")), programme=question.programme)
        if question.change_id:
            answer_change_by_ruling(question, ruling=chosen, actor=actor, at=at)
            return f"{number} の異動を{chosen.title}のとおりに扱いました。"
        answer_by_ruling(question, ruling=chosen, actor=actor, at=at)
        return f"{number} に{chosen.title}で答え、審査に戻しました。"
    if do == "remind":
        remind(question, actor=actor, at=at)
        return f"{number} の回答を自治体に督促しました。"
    shown = Shown(
        findings=typed.getlist("finding"), pictures=typed.getlist("picture"), application="application" in typed,
        account=typed.get("account", "none") if typed.get("account") in dict(Question.ACCOUNTS) else "none",
    )  # fmt: skip
    sent = forward(
        question, wording=typed.get("wording", ""), shown=shown, due_on=_day(typed.get("due_on", "")), actor=actor, at=at
    )  # fmt: skip
    return f"{number} の照会を自治体へ送りました。回答の期限は{sent.due_on:%m月%d日}です。"


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 18 else 0


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotReadyToSend("回答の期限を日付で入れてください。") from None


urlpatterns = [
    path("", index, name="questions"),
    path("<int:pk>/", show, name="question"),
]
