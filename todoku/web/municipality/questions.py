"""照会: the questions (疑義照会) that the office's manager sent, with the evidence he chose; the answer is a ruling.

Nothing of a question is shown before it was sent. The answer goes to the manager's organisation, to no reviewer.
"""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localdate, localtime
from django.views.decorators.http import require_GET, require_POST

from todoku.custody import files
from todoku.ground.step import Refusal
from todoku.intake.tables import Document
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.programme.tables import Programme
from todoku.review.accounts_in_use import in_use
from todoku.review.answer import Scope, answer
from todoku.review.forward import PICTURES, SCAN
from todoku.review.tables import Finding, Question
from todoku.scan.tables import ScanPage
from todoku.web.municipality.frame import frame
from todoku.web.office.cells import page_number
from todoku.web.office.frame import programme_of
from todoku.web.office.question_clocks import clock_badge, clock_of
from todoku.web.office.question_evidence import pictures_of, shown_evidence
from todoku.web.office.ruling_words import tier_words, why_words
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Filter, Row, Table

RULED = {
    "grant": Badge("支給相当", "ok"),
    "return": Badge("返戻して確認", "warn"),
    "refuse": Badge("不支給相当", "stop"),
}


WAITS, WITHDRAWN = Badge("未回答", "wait"), Badge("取消し", "none")


def sent_questions(programme: Programme) -> Any:
    """The questions that the municipality may see at all."""
    return Question.objects.filter(programme=programme, forwarded_at__isnull=False)


@require_GET
@asks("question.view")
def questions(request: HttpRequest, slug: str) -> HttpResponse:
    """Questions, unanswered first, the soonest due first."""
    programme, context = frame(request, slug, "questions", "疑義照会")
    state, page = request.GET.get("state", "open"), page_number(request)
    found = sent_questions(programme).select_related("case", "forwarder", "made")
    if state in ("open", "answered"):
        found = found.filter(state="sent" if state == "open" else "answered")
    context["table"] = Table(
        caption="疑義照会", total=found.count(), page=page,
        columns=[
            Column("number", "案件", fixed=True), Column("asked", "照会の内容"), Column("by", "照会した人"),
            Column("at", "届いた日時", fixed=True), Column("due", "回答の期限", fixed=True), Column("ruling", "回答"),
            Column("answered", "回答した人"),
        ],
        rows=[_row(one, slug) for one in found.order_by("due_on", "pk")[(page - 1) * 50 : page * 50]],
        filters=[Filter("state", "状態", state, [("open", "未回答"), ("answered", "回答済")])],
        empty=Empty("回答を待っている照会はありません。", "事務局の業務責任者が判断を求めると、ここに届きます。"),
    )  # fmt: skip
    return render(request, "municipality/questions.html", context)


def _row(one: Question, slug: str) -> Row:
    assert one.forwarded_at and one.due_on and one.forwarder, "a sent question has its forwarder"
    late = one.state == "sent" and one.due_on < localdate()
    reminded = f"督促 {one.reminders}回" if one.reminders and one.state == "sent" else ""
    return Row(
        key=str(one.pk),
        cells=[
            Cell(one.case.printed_number, href=_place(one, slug)), Cell(one.wording[:60]),
            Cell(one.forwarder.name), Cell(f"{localtime(one.forwarded_at):%m/%d %H:%M}"),
            Cell(f"{one.due_on:%m/%d}", note=reminded), Cell("", badge=badge_of(one)), Cell(one.answered_by),
        ],
        name=one.case.printed_number,
        marked=late,
    )  # fmt: skip


def _place(one: Question, slug: str) -> str:
    """What is asked about a change after the base date is answered on the change's own page."""
    return f"/p/{slug}/changes/{one.change_id}/" if one.change_id else f"/p/{slug}/questions/{one.pk}/"


def badge_of(one: Question) -> Badge:
    """Where a sent question stands, as a word."""
    if one.change_id and one.ruling:
        return Badge(one.get_ruling_display(), "ok")
    return WITHDRAWN if one.state == "withdrawn" else RULED.get(one.ruling, WAITS)


def _question(programme: Programme, pk: int) -> Question:
    wanted = sent_questions(programme).select_related(
        "case__recipient__reached_at", "case__recipient__head", "submission", "forwarder", "made"
    ).prefetch_related("case__entitlements")  # fmt: skip
    return get_object_or_404(wanted, pk=pk)


@require_GET
@asks("question.view")
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One question with what may be seen of its application; the look is recorded."""
    programme, context = frame(request, slug, "questions", "疑義照会")
    question = _question(programme, pk)
    if question.change_id:
        return redirect("change", slug=slug, pk=question.change_id)
    return _show(request, question, programme, context)


def _show(
    request: HttpRequest,
    question: Question,
    programme: Programme,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    actor, submission = actor_of(request), question.submission_id
    assert submission is not None, "what is asked about a change has a page of its own"
    record_look(
        actor=actor, action="question.view", subject_kind="case", subject_id=question.case_id, at=timezone.now(),
        programme_slug=programme.slug, reason="疑義照会の確認",
    )  # fmt: skip
    may_answer = may(actor.roles, "question.answer") and question.state == "sent"
    evidence = shown_evidence(question)
    pictures = evidence.pop("pictures")
    typed = request.POST
    context |= {
        "page_title": f"照会 {question.case.printed_number}",
        "question": question,
        "badge": badge_of(question),
        "clock": clock_of(question), "clock_badge": clock_badge(question),
        "shared": in_use([submission]).get(submission)
        if "D15" in question.shown_findings
        else None,
        "may_answer": may_answer,
        "documents": pictures if may(actor.roles, "question.answer") else None,
        "scan": SCAN,
        "rulings": Question.ANSWERS,
        "scopes": _scopes(submission, question) if may_answer else None,
        "text": typed.get("text", ""), "chosen": typed.get("ruling", ""), "words": typed.get("words", ""),
        "like": typed.get("scope") == "like", "typed": {name: typed.getlist(name) for name in ("code", "tier", "why")},
        **evidence,
    }  # fmt: skip
    return render(request, "municipality/question.html", context, status=status)


def _scopes(submission: int, question: Question) -> dict[str, list[tuple[str, str]]]:
    """By what cases like this one can be known: the shown findings, the tier of the name and the evidence they tell of."""
    shown = Finding.objects.filter(submission_id=submission, code__in=question.shown_findings)
    found = shown.order_by("code")
    how = [one.evidence for one in found]
    tiers = dict.fromkeys(one["tier"] for one in how if one.get("tier"))
    whys = dict.fromkeys(one["why"] for one in how if one.get("why"))
    return {
        "tiers": [(tier, tier_words(tier)) for tier in tiers],
        "whys": [(why, why_words(why)) for why in whys],
    }


@require_GET
@asks("question.answer")
def document(request: HttpRequest, slug: str, pk: int, document: int) -> FileResponse:
    """One picture that the manager chose to show, for who answers; the look is recorded."""
    question = _question(programme_of(request, slug), pk)
    found = get_object_or_404(
        Document, pk=document, submission_id=question.submission_id, kind__in=question.shown_pictures
    )
    return _picture(request, slug, question, found.get_kind_display(), found.path)


@require_GET
@asks("question.answer")
def scanned(request: HttpRequest, slug: str, pk: int, page: int) -> FileResponse:
    """One scanned page, where the manager chose to show them."""
    question = _question(programme_of(request, slug), pk)
    shown = [one.pk for one in pictures_of(question) if one.kind == SCAN and SCAN in question.shown_pictures]
    found = get_object_or_404(ScanPage, pk=page, pk__in=shown)
    return _picture(request, slug, question, PICTURES[SCAN], found.path)


def _picture(request: HttpRequest, slug: str, question: Question, words: str, place: str) -> FileResponse:
    record_look(
        actor=actor_of(request), action="document.view", subject_kind="case", subject_id=question.case_id,
        at=timezone.now(), programme_slug=slug, reason=f"疑義照会 {words}",
    )  # fmt: skip
    return FileResponse(files.inside(place).open("rb"), content_type="image/jpeg")


@require_POST
@asks("question.answer")
def give_answer(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Records the ruling, its reason and scope; the case goes back to review."""
    programme, typed = programme_of(request, slug), request.POST
    question = _question(programme, pk)
    if question.change_id:
        return redirect("change", slug=slug, pk=question.change_id)
    scope = Scope(
        like=typed.get("scope") == "like",
        codes=[code for code in typed.getlist("code") if code in question.shown_findings],
        tiers=typed.getlist("tier"), whys=typed.getlist("why"), words=typed.get("words", ""),
    )  # fmt: skip
    try:
        made = answer(
            question, ruling=typed.get("ruling", ""), text=typed.get("text", ""), scope=scope, actor=actor_of(request),
            at=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        _, context = frame(request, slug, "questions", "疑義照会")
        context["errors"] = [{"target": "text", "sentence": refusal.sentence}]
        return _show(request, question, programme, context, status=422)
    messages.success(
        request,
        f"{question.case.printed_number} に回答しました（{made.title}）。事務局の業務責任者に返り、案件は審査に戻りました。",
    )
    return redirect("questions", slug=slug)


urlpatterns = [
    path("", questions, name="questions"),
    path("<int:pk>/", show, name="question"),
    path("<int:pk>/document/<int:document>/", document, name="question-document"),
    path("<int:pk>/scan/<int:page>/", scanned, name="question-scan"),
    path("<int:pk>/answer/", give_answer, name="question-answer"),
]
