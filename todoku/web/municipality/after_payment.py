"""振込後の照会・組戻し at the municipality: the treasurer sends recalls, answers the bank's queries, has accounts asked about.

Here alone an account stands whole, on what is read out or handed to the bank; each such look is on record. What the bank
says by telephone is written down here as at the office (after_new.py), and its answers on accounts are read in.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_http_methods

from todoku.bank.bank_query import answer_query
from todoku.bank.recall import ENDS, end_recall, send_recall
from todoku.bank.tables import AccountInquiry, BankQuery, Recall
from todoku.formats import bank_master
from todoku.ground.step import Refusal
from todoku.payment.kept_files import kept_bytes
from todoku.payment.tables import Transfer
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.programme.tables import Programme
from todoku.web.municipality.frame import frame
from todoku.web.office import after_new
from todoku.web.office.account_inquiry import answer_page
from todoku.web.office.after_page import (
    inquiries_table,
    inquiry_strip,
    queries_table,
    recalls_table,
    returned_money,
    unmatched_table,
)
from todoku.web.office.after_payment import query_context, recall_context
from todoku.web.office.batch_page import KINDS
from todoku.web.office.cells import page_number
from todoku.web.office.frame import programme_of
from todoku.web.office.watch_door import Door
from todoku.web.shared.doors import actor_of, asks

CITY = Door(frame, "after", "shared/base_city.html", batch="approval")


@require_GET
@asks("batch.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """What waits for the treasurer, what waits for the bank, and all money that came back."""
    programme, context = frame(request, slug, "after", "振込後の照会・組戻し")
    today, base, roles = localdate(), f"/p/{slug}/after/", actor_of(request).roles
    answers = may(roles, "query.answer")
    resolves = may(roles, "batch.result")
    context |= {
        "may_open": may(roles, "query.open"),
        "may_recall": may(roles, "recall.ask"),
        "may_resolve": resolves,
        "queries": queries_table(programme, slug, base + "query/{}/" if answers else "", today),
        "recalls": recalls_table(programme, slug, base + "recall/{}/", today),
        "unmatched": unmatched_table(programme, base + "unmatched/{}/" if resolves else ""),
        "returned": returned_money(programme, slug, page_number(request)),
    }
    if programme.terms.payment.account_inquiry:
        saves, reads = may(roles, "batch.take_file"), may(roles, "account.answer")
        context |= {
            "asks_accounts": True,
            "strip": inquiry_strip(programme),
            "may_answer": reads,
            "inquiries": inquiries_table(
                programme,
                save=base + "accounts/{}/file/" if saves else "",
                answer=base + "accounts/{}/" if reads else "",
                answer_words="回答を取り込む",
            ),
        }
    _look(request, slug, None, "振込後の照会・組戻しの一覧")
    return render(request, "municipality/after.html", context)


@require_http_methods(["GET", "POST"])
@asks("query.answer")
def query(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One query: what is proposed beside what was sealed, and the answer to the bank."""
    programme, context = frame(request, slug, "after", "口座相違の照会")
    one = get_object_or_404(_queries(programme), pk=pk)
    errors: list[dict[str, str]] = []
    if request.method == "POST":
        seen = parse_datetime(request.POST.get("proposed_at", "")) or timezone.now()
        try:
            answer_query(one, proposed_at=seen, actor=actor_of(request), at=timezone.now())
        except Refusal as refusal:
            errors = [{"target": "answer", "sentence": refusal.sentence}]
        else:
            messages.success(request, "金融機関への回答を記録しました。")
            return redirect("after-query", slug=slug, pk=pk)
    _look(request, slug, one.transfer.case_id, "口座相違の照会（口座の全桁）")
    context |= query_context(one, localdate()) | {
        "errors": errors,
        "sealed": whole_account(one.transfer),
        "proposed": whole_account(one) if one.answer == "amend" else [],
        "waits": one.answered_at is None and one.transfer.state in ("sent", "settled"),
        "proposed_at": one.proposed_at.isoformat() if one.proposed_at else "",
    }
    return render(request, "municipality/after_query.html", context, status=422 if errors else 200)


@require_http_methods(["GET", "POST"])
@asks("batch.view")
def recall(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One recall: sent by the treasurer with the sheet, and ended by what the bank says, or by who asked before it is sent."""
    programme, context = frame(request, slug, "after", "組戻し")
    one = get_object_or_404(_recalls(programme), pk=pk)
    actor, errors = actor_of(request), []
    words, outcome = request.POST.get("words", ""), request.POST.get("outcome", "")
    if request.method == "POST":
        try:
            if outcome in ENDS:
                end_recall(one, outcome=outcome, words=words, actor=actor, at=timezone.now())
            else:
                send_recall(one, actor=actor, at=timezone.now())
        except Refusal as refusal:
            errors = [{"target": "words" if outcome else "send", "sentence": refusal.sentence}]
        else:
            messages.success(request, "記録しました。")
            return redirect("after-recall", slug=slug, pk=pk)
    _look(request, slug, one.transfer.case_id, "組戻しの閲覧")
    sends = may(actor.roles, "recall.send")
    context |= recall_context(one, localdate()) | {
        "errors": errors,
        "words": words,
        "may_send": one.state == "asked" and sends,
        "may_end": one.state in ("asked", "sent")
        and (sends or one.state == "asked" and may(actor.roles, "recall.ask")),
        "may_take": may(actor.roles, "batch.result"),
        "may_sheet": sends and one.state in ("asked", "sent"),
    }
    return render(request, "municipality/after_recall.html", context, status=422 if errors else 200)


@require_GET
@asks("recall.send")
def sheet(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The request to the bank on paper: one transfer, by its place in the file; no total of anything (T01)."""
    programme, context = frame(request, slug, "after", "組戻依頼書")
    one = get_object_or_404(_recalls(programme), pk=pk)
    file = one.transfer.batch.files.filter(number=one.transfer.file_number).first()
    _look(request, slug, one.transfer.case_id, "組戻依頼書（口座の全桁）")
    context |= {
        "recall": one,
        "transfer": one.transfer,
        "file": file,
        "receipt": getattr(getattr(file, "confirmation", None), "receipt", ""),
        "sealed": whole_account(one.transfer),
        "today": localdate(),
    }
    return render(request, "municipality/recall_sheet.html", context)


@require_GET
@asks("batch.take_file")
def inquiry_file(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A file of accounts to ask about, for the bank; each saving is on record."""
    programme = programme_of(request, slug)
    one = get_object_or_404(AccountInquiry.objects.select_related("parcel"), pk=pk, programme=programme)
    try:
        data = kept_bytes(one.parcel, one.parcel.sha256)
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("after", slug=slug)
    record_look(
        actor=actor_of(request), action="account.file", subject_kind="inquiry", subject_id=one.pk, at=timezone.now(),
        programme_slug=slug, reason=one.parcel.name,
    )  # fmt: skip
    answer = HttpResponse(data, content_type="text/plain; charset=shift_jis")
    answer["Content-Disposition"] = f'attachment; filename="{one.parcel.name}"'
    return answer


def whole_account(one: Transfer | BankQuery) -> list[tuple[str, str]]:
    """An account as the bank needs it, each part with its name."""
    bank, branch = bank_master.bank(one.bank), bank_master.branch(one.bank, one.branch)
    return [
        ("金融機関", f"{bank.name if bank else ''}（{one.bank}）"),
        ("支店", f"{branch.name if branch else ''}（{one.branch}）"),
        ("口座の種類", KINDS.get(one.kind, "")),
        ("口座番号", one.account_number),
        ("受取人名", one.holder_kana),
    ]


def _queries(programme: Programme) -> Any:
    return BankQuery.objects.filter(transfer__programme=programme).select_related(
        "transfer__case", "transfer__batch", "opened_by", "proposed_by", "answered_by"
    )


def _recalls(programme: Programme) -> Any:
    return Recall.objects.filter(transfer__programme=programme).select_related(
        "transfer__case", "transfer__batch", "asked_by", "sent_by"
    )


def _look(request: HttpRequest, slug: str, case: int | None, words: str) -> None:
    record_look(
        actor=actor_of(request), action="after.view", subject_kind="case" if case else "programme", subject_id=case,
        at=timezone.now(), programme_slug=slug, reason=words,
    )  # fmt: skip


urlpatterns = [
    path("", index, name="after"),
    path("query/<int:pk>/", query, name="after-query"),
    path("recall/<int:pk>/", recall, name="after-recall"),
    path("recall/<int:pk>/sheet/", sheet, name="city-recall-sheet"),
    path("accounts/<int:pk>/file/", inquiry_file, name="city-inquiry-file"),
    answer_page("accounts/<int:pk>/", CITY),
    *after_new.patterns(CITY),
]
