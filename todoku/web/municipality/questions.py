"""照会: the office's questions (疑義照会) with the evidence an official may see; the answer is a ruling with its reason."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET, require_POST

from todoku.custody import files
from todoku.ground.step import Refusal
from todoku.intake.tables import Document
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.programme.tables import Programme
from todoku.review.accounts_in_use import in_use
from todoku.review.answer import answer
from todoku.review.codes import CODES
from todoku.review.tables import Finding, Question
from todoku.web.municipality.evidence import evidence
from todoku.web.municipality.frame import frame
from todoku.web.office.cells import page_number
from todoku.web.office.frame import programme_of
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Filter, Row, Table

RULED = {
    "grant": Badge("支給相当", "ok"),
    "return": Badge("返戻して確認", "warn"),
    "refuse": Badge("不支給相当", "stop"),
}


@require_GET
@asks("question.view")
def questions(request: HttpRequest, slug: str) -> HttpResponse:
    """Questions, unanswered first, oldest first."""
    programme, context = frame(request, slug, "questions", "疑義照会")
    state, page = request.GET.get("state", "open"), page_number(request)
    found = Question.objects.filter(programme=programme).select_related("case")
    if state in ("open", "answered"):
        found = found.filter(answered_at__isnull=state == "open")
    context["table"] = Table(
        caption="疑義照会", total=found.count(), page=page,
        columns=[
            Column("number", "案件", fixed=True), Column("asked", "照会の内容"), Column("by", "照会した人"),
            Column("at", "照会日時", fixed=True), Column("ruling", "回答"), Column("answered", "回答した人"),
        ],
        rows=[_row(one, slug) for one in found.order_by("asked_at")[(page - 1) * 50 : page * 50]],
        filters=[Filter("state", "状態", state, [("open", "未回答"), ("answered", "回答済")])],
        empty=Empty("回答を待っている照会はありません。", "事務局が判断に迷う案件があると、ここに届きます。"),
    )  # fmt: skip
    return render(request, "municipality/questions.html", context)


def _row(one: Question, slug: str) -> Row:
    return Row(
        key=str(one.pk),
        cells=[
            Cell(one.case.printed_number, href=f"/p/{slug}/questions/{one.pk}/"), Cell(one.asked[:60]), Cell(one.asked_by),
            Cell(f"{localtime(one.asked_at):%m/%d %H:%M}"), Cell("", badge=RULED.get(one.ruling, Badge("未回答", "wait"))),
            Cell(one.answered_by),
        ],
        name=one.case.printed_number,
    )  # fmt: skip


def _question(programme: Programme, pk: int) -> Question:
    wanted = Question.objects.select_related(
        "case__recipient__reached_at", "case__recipient__head", "submission"
    ).prefetch_related("case__entitlements")
    return get_object_or_404(wanted, pk=pk, programme=programme)


@require_GET
@asks("question.view")
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One question with the application beside the roll; the look is recorded."""
    programme, context = frame(request, slug, "questions", "疑義照会")
    return _show(request, _question(programme, pk), programme, context)


def _show(
    request: HttpRequest,
    question: Question,
    programme: Programme,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    actor = actor_of(request)
    record_look(
        actor=actor, action="question.view", subject_kind="case", subject_id=question.case_id, at=timezone.now(),
        programme_slug=programme.slug, reason="疑義照会の確認",
    )  # fmt: skip
    codes = (
        Finding.objects.filter(submission_id=question.submission_id)
        .order_by("code")
        .values_list("code", flat=True)
    )
    context |= {
        "page_title": f"照会 {question.case.printed_number}",
        "question": question,
        "badge": RULED.get(question.ruling, Badge("未回答", "wait")),
        "findings": [CODES[code] for code in dict.fromkeys(codes)],
        "shared": in_use([question.submission_id]).get(question.submission_id),
        "may_answer": may(actor.roles, "question.answer") and not question.answered_at,
        "documents": _documents(question) if may(actor.roles, "question.answer") else None,
        "rulings": Question.ANSWERS,
        "text": request.POST.get("text", ""),
        "chosen": request.POST.get("ruling", ""),
        **evidence(question),
    }
    return render(request, "municipality/question.html", context, status=status)


def _documents(question: Question) -> list[Document]:
    return list(Document.objects.filter(submission_id=question.submission_id).order_by("kind", "id"))


@require_GET
@asks("question.answer")
def document(request: HttpRequest, slug: str, pk: int, document: int) -> FileResponse:
    """One picture sent with the application in question, for who answers; the look is recorded."""
    question = _question(programme_of(request, slug), pk)
    found = get_object_or_404(Document, pk=document, submission_id=question.submission_id)
    record_look(
        actor=actor_of(request), action="document.view", subject_kind="case", subject_id=question.case_id,
        at=timezone.now(), programme_slug=slug, reason=f"疑義照会 {found.get_kind_display()}",
    )  # fmt: skip
    return FileResponse(files.inside(found.path).open("rb"), content_type="image/jpeg")


@require_POST
@asks("question.answer")
def give_answer(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Records the ruling and its reason; the case goes back to review."""
    programme = programme_of(request, slug)
    question = _question(programme, pk)
    try:
        answer(
            question, ruling=request.POST.get("ruling", ""), text=request.POST.get("text", ""), actor=actor_of(request),
            at=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        _, context = frame(request, slug, "questions", "疑義照会")
        context["errors"] = [{"target": "text", "sentence": refusal.sentence}]
        return _show(request, question, programme, context, status=422)
    messages.success(request, f"{question.case.printed_number} に回答しました。案件は審査に戻りました。")
    return redirect("questions", slug=slug)


urlpatterns = [
    path("", questions, name="questions"),
    path("<int:pk>/", show, name="question"),
    path("<int:pk>/document/<int:document>/", document, name="question-document"),
    path("<int:pk>/answer/", give_answer, name="question-answer"),
]
