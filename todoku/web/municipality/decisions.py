"""決定: the lists that wait for 支給・不支給; the official looks into one, sends single cases back, and decides its digest.

Deciding is a page of its own that shows what the digest covers. Who only views sees the same pages without the buttons.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from todoku.ground.step import Refusal
from todoku.payment.kept_files import kept_bytes
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.programme.tables import Programme
from todoku.review.decide import decide, send_back
from todoku.review.decision_lists import file_name
from todoku.review.tables import Decision, DecisionList
from todoku.web.municipality.frame import frame
from todoku.web.office.cells import page_number
from todoku.web.office.frame import programme_of
from todoku.web.office.list_changes import changes, list_csv
from todoku.web.office.list_page import (
    STATES,
    amounts_of,
    differences,
    drawn,
    list_digest,
    lists_table,
    rails_of,
    reasons_of,
    rows_table,
    sample_table,
    ways_of,
)
from todoku.web.shared.doors import actor_of, asks

TURNS_MAX = 1_000


@require_GET
@asks("decision.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """Every list, those that wait first."""
    programme, context = frame(request, slug, "decisions", "支給の決定")
    context["table"] = lists_table(programme, slug, page_number(request))
    return render(request, "municipality/decisions.html", context)


def list_of(programme: Programme, pk: int) -> DecisionList:
    return get_object_or_404(DecisionList.objects.select_related("programme"), pk=pk, programme=programme)


def _look(request: HttpRequest, made: DecisionList, slug: str, reason: str) -> None:
    record_look(
        actor=actor_of(request), action="decision.view", subject_kind="decision_list", subject_id=made.pk,
        at=timezone.now(), programme_slug=slug, reason=reason,
    )  # fmt: skip


def _turn(request: HttpRequest) -> int:
    asked = request.GET.get("sample", "")
    return min(int(asked), TURNS_MAX) if asked.isdecimal() and len(asked) < 5 else 1


@require_GET
@asks("decision.view")
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One list: totals beside the last one, reasons, ten cases at random, every row."""
    programme, context = frame(request, slug, "decisions", "支給の決定")
    made, turn = list_of(programme, pk), _turn(request)
    _look(request, made, slug, "決定一覧の確認")
    may_decide = may(actor_of(request).roles, "decision.decide") and made.state == "open"
    chosen, others = drawn(made, turn)
    context |= {
        "made": made,
        "page_title": f"決定一覧 {made.pk}",
        "badge": STATES[made.state],
        "figures": differences(made),
        "reasons": reasons_of(made),
        "ways": ways_of(made),
        "rails": rails_of(made),
        "amounts": amounts_of(made),
        "sample": sample_table(chosen, slug),
        "next_sample": turn + 1 if others else None,
        "rows": rows_table(request, made, slug, may_send_back=may_decide),
        "digest": list_digest(made),
        "may_decide": may_decide,
        "may_save": made.file_id is not None and may(actor_of(request).roles, "decision.decide"),
        **changes(made, slug),
    }
    return render(request, "municipality/decision_list.html", context)


@require_GET
@asks("decision.view")
def csv_file(request: HttpRequest, slug: str, pk: int) -> StreamingHttpResponse:
    """The list to read and print elsewhere: every case with its reason and how it differs from the lists before."""
    made = list_of(programme_of(request, slug), pk)
    _look(request, made, slug, "決定一覧のCSVの保存")
    answer = StreamingHttpResponse(list(list_csv(made)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="decisions-{made.pk}.csv"'
    return answer


@require_GET
@asks("decision.decide")
def file(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The list as it was decided, whole accounts and all: for the officer alone, each saving on record."""
    made = get_object_or_404(
        DecisionList.objects.select_related("file"), pk=pk, programme=programme_of(request, slug)
    )
    if made.file is None:
        messages.info(request, "一覧のファイルは、決定した後に保存できます。")
        return redirect("decision-list", slug=slug, pk=pk)
    try:
        data = kept_bytes(made.file, made.sha256)
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("decision-list", slug=slug, pk=pk)
    _look(request, made, slug, "決定一覧のファイルの保存")
    answer = HttpResponse(data, content_type="text/tab-separated-values; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{file_name(made)}"'
    return answer


@require_http_methods(["GET", "POST"])
@asks("decision.decide")
def decide_it(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The decision itself: what the digest covers, a tick that it was looked at, one button."""
    programme, context = frame(request, slug, "decisions", "支給の決定")
    made = list_of(programme, pk)
    if made.state != "open":
        messages.info(request, "この一覧の手続きは終わっています。")
        return redirect("decision-list", slug=slug, pk=pk)
    status = 200
    if request.method == "POST":
        answer = _decide(request, made, slug)
        if not isinstance(answer, str):
            return answer
        context["errors"] = [{"target": "sure", "sentence": answer}]
        status = 422
        made.refresh_from_db()
    _look(request, made, slug, "決定内容の確認")
    context |= {"made": made, "digest": list_digest(made), "figures": differences(made)}
    return render(request, "municipality/decide.html", context, status=status)


def _decide(request: HttpRequest, made: DecisionList, slug: str) -> HttpResponse | str:
    """Decides the digest that the page showed; gives a sentence where it cannot."""
    if not request.POST.get("sure"):
        return "内容を確かめたら、チェックを入れてください。"
    try:
        report = decide(
            made, sha256=request.POST.get("sha256", ""), actor=actor_of(request), at=timezone.now()
        )
    except Refusal as refusal:
        return refusal.sentence
    messages.success(
        request, f"{report.done:,}件の支給・不支給を決定しました。事務局が振込の準備を始めます。"
    )
    return redirect("decision-list", slug=slug, pk=made.pk)


@require_http_methods(["GET", "POST"])
@asks("decision.decide")
def back(request: HttpRequest, slug: str, pk: int, decision: int) -> HttpResponse:
    """Takes one case off an open list and back to review, with a reason."""
    programme, context = frame(request, slug, "decisions", "審査へ差し戻す")
    made = list_of(programme, pk)
    one: Any = get_object_or_404(Decision.objects.select_related("case"), pk=decision, decision_list=made)
    reason, status = request.POST.get("reason", ""), 200
    if request.method == "POST":
        try:
            made = send_back(one, reason=reason, actor=actor_of(request), at=timezone.now())
        except Refusal as refusal:
            context["errors"], status = [{"target": "reason", "sentence": refusal.sentence}], 422
        else:
            messages.success(
                request, f"案件 {one.case.printed_number} を審査へ差し戻しました。指紋も変わりました。"
            )
            return redirect("decision-list", slug=slug, pk=made.pk)
    context |= {"made": made, "one": one, "reason": reason}
    return render(request, "municipality/send_back.html", context, status=status)


urlpatterns = [
    path("", index, name="decisions"),
    path("<int:pk>/", show, name="decision-list"),
    path("<int:pk>/file/", file, name="decision-file"),
    path("<int:pk>/csv/", csv_file, name="decision-csv"),
    path("<int:pk>/decide/", decide_it, name="decision-decide"),
    path("<int:pk>/back/<int:decision>/", back, name="decision-back"),
]
