"""判定の記録: the verdicts of the last days, one's own or for the lead everybody's, and withdrawing one with a reason.

Takes a request; gives the list, or what one verdict caused by now. Withdrawing is review/withdraw.py.
"""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET, require_http_methods

from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.programme.tables import Programme
from todoku.review.codes import code_words
from todoku.review.consequences import consequences
from todoku.review.tables import Verdict
from todoku.review.withdraw import withdraw
from todoku.web.office.cells import case_cell, page_number
from todoku.web.office.frame import frame
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Row, Table

DAYS = 14
OUTCOMES = {"approve": "ok", "return": "warn", "refer": "info", "refuse": "stop", "decline": "info"}


@require_GET
@asks("review.judge")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """The verdicts of the last days, the latest first."""
    programme, context = frame(request, slug, "review", "判定の記録")
    context["table"] = verdicts_table(request, programme)
    return render(request, "office/verdicts.html", context)


def verdicts_table(request: HttpRequest, programme: Programme) -> Table:
    """One's own verdicts; the lead sees everybody's."""
    actor, page = actor_of(request), page_number(request)
    leads = may(actor.roles, "review.lead")
    found = Verdict.objects.filter(task__programme=programme, at__gte=timezone.now() - timedelta(days=DAYS))
    if not leads:
        assert actor.id is not None, "a reviewer is a person"
        found = found.filter(staff_id=actor.id)
    shown = found.select_related("case", "staff").order_by("-id")[(page - 1) * 50 : page * 50]
    return Table(
        id="verdicts", caption="みんなの判定" if leads else "あなたの判定", total=found.count(), page=page,
        columns=[
            Column("at", "判定", fixed=True), Column("outcome", "区分"), Column("case", "案件", fixed=True),
            Column("step", "審査"), Column("who", "担当"), Column("words", "不備・メモ"),
        ],
        rows=[_row(one, programme.slug) for one in shown],
        empty=Empty(f"この{DAYS}日間の判定はありません。", "判定は、1分以内なら画面の下から、そのあとはここから取り消せます。"),
    )  # fmt: skip


def _row(one: Verdict, slug: str) -> Row:
    words = code_words(one.codes)
    return Row(
        key=str(one.pk),
        cells=[
            Cell(f"{localtime(one.at):%m/%d %H:%M}", href=f"/p/{slug}/review/verdicts/{one.pk}/"),
            Cell("", badge=Badge("取消し", "none") if one.undone_at
                 else Badge(one.outcome_words, OUTCOMES[one.outcome])),
            case_cell(one.case.number, slug), "一次" if one.step == 1 else "二次", one.staff.name,
            Cell(words, note=one.withdrawn_why or one.comment),
        ],
        name=f"判定 {one.pk}",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@asks("review.judge")
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One verdict, what it caused by now, and withdrawing it with a reason."""
    programme, context = frame(request, slug, "review", "判定の取消し")
    actor = actor_of(request)
    verdict = get_object_or_404(
        Verdict.objects.select_related("case", "staff", "task__programme", "withdrawn_by"),
        pk=pk,
        task__programme=programme,
    )
    if verdict.staff_id != actor.id and not may(actor.roles, "review.lead"):
        raise Http404("verdict")
    sentence, why = "", request.POST.get("why", "")
    if request.method == "POST":
        try:
            stopped = withdraw(verdict, why=why, actor=actor, at=timezone.now())
        except Refusal as refusal:
            sentence = refusal.sentence
        else:
            number = verdict.case.printed_number
            messages.success(
                request,
                f"{number} の判定を取り消しました。止めたもの: {len(stopped)}件。もう一度、二人で審査します。",
            )
            return redirect("verdicts", slug=slug)
    record_look(
        actor=actor, action="review.judge", subject_kind="case", subject_id=verdict.case_id, at=timezone.now(),
        programme_slug=slug, reason="判定の記録",
    )  # fmt: skip
    caused = consequences(verdict)
    context |= {
        "page_title": f"判定の取消し {verdict.case.printed_number}", "verdict": verdict, "caused": caused, "why": why,
        "codes": code_words(verdict.codes),
        "outcome": Badge(verdict.outcome_words, OUTCOMES[verdict.outcome]),
        "possible": all(one.stops for one in caused),
    }  # fmt: skip
    if sentence:
        context["errors"] = [{"target": "why", "sentence": sentence}]
    return render(request, "office/verdict.html", context, status=422 if sentence else 200)


urlpatterns = [
    path("verdicts/", index, name="verdicts"),
    path("verdicts/<int:pk>/", show, name="verdict"),
]
