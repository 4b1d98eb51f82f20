"""振込後の照会・組戻し: what the bank asks, what is asked back from it, and returns that fit nothing; each with its clock.

The office writes down, asks and proposes; the municipality's treasurer sends and answers at their own door.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_http_methods

from todoku.bank.bank_query import open_query, propose_answer
from todoku.bank.inquire_accounts import to_ask
from todoku.bank.keyed_returns import transfer_named
from todoku.bank.recall import ask_recall, end_recall
from todoku.bank.resolve_return import resolve_return
from todoku.bank.tables import BankQuery, Recall
from todoku.ground.step import Refusal
from todoku.payment.make_transfers import count_unconfirmed
from todoku.payment.side_tables import UnmatchedReturn
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.programme.tables import Programme
from todoku.web.office.after_forms import NewQuery, NewRecall, ProposedAnswer, Resolution
from todoku.web.office.after_page import (
    RECALL_BADGES,
    due_badge,
    inquiries_table,
    inquiry_figures,
    inquiry_strip,
    queries_table,
    query_badge,
    recalls_table,
    unmatched_table,
)
from todoku.web.office.batch_page import masked
from todoku.web.office.frame import frame
from todoku.web.shared.doors import actor_of, asks


@require_GET
@asks("batch.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything that waits for the bank, for the treasurer or for this desk."""
    programme, context = frame(request, slug, "payment", "振込後の照会・組戻し")
    roles, today, base = actor_of(request).roles, localdate(), f"/p/{slug}/after/"
    context |= {
        "may_open": may(roles, "query.open"),
        "may_recall": may(roles, "recall.ask"),
        "may_inquire": may(roles, "account.inquire"),
        "queries": queries_table(programme, slug, base + "query/{}/", today),
        "recalls": recalls_table(programme, slug, base + "recall/{}/", today),
        "unmatched": unmatched_table(programme, base + "unmatched/{}/"),
    }
    if programme.terms.payment.account_inquiry:
        context |= inquiry_context(programme, slug)
    return render(request, "office/after.html", context)


def inquiry_context(programme: Programme, slug: str) -> dict[str, Any]:
    """The account inquiry of this programme: what was asked, what was answered, what is still to be asked."""
    waiting = len(to_ask(programme))
    return {
        "asks_accounts": True,
        "to_ask": waiting,
        "strip": inquiry_strip(programme),
        "figures": inquiry_figures(programme, waiting, count_unconfirmed(programme)),
        "inquiries": inquiries_table(programme, answer=f"/p/{slug}/after/accounts/{{}}/"),
    }


@require_http_methods(["GET", "POST"])
@asks("query.open")
def new_query(request: HttpRequest, slug: str) -> HttpResponse:
    """Writes down what the bank asked."""
    programme, context = frame(request, slug, "payment", "口座相違の照会を記録する")
    form = NewQuery(request.POST or None, initial={"number": request.GET.get("number", "")})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            made = open_query(
                transfer_named(programme, values["number"]), question=values["question"], asked_on=values["asked_on"],
                actor=actor_of(request), at=timezone.now(),
            )  # fmt: skip
        except Refusal as refusal:
            form.add_error("number", refusal.sentence)
        else:
            messages.success(
                request, f"照会を記録しました。回答の期限は{made.due_on:%m月%d日}（翌々営業日）です。"
            )
            return redirect("after-query", slug=slug, pk=made.pk)
    context |= {
        "form": form,
        "lead": "金融機関から電話や画面で照会を受けたら、すぐに記録します。",
        "main": "記録する",
    }
    return render(request, "office/after_new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@asks("recall.ask")
def new_recall(request: HttpRequest, slug: str) -> HttpResponse:
    """Asks the treasurer to take one transfer back."""
    programme, context = frame(request, slug, "payment", "組戻しを依頼する")
    form = NewRecall(request.POST or None, initial={"number": request.GET.get("number", "")})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            made = ask_recall(
                transfer_named(programme, values["number"]), reason=values["reason"], actor=actor_of(request),
                at=timezone.now(),
            )  # fmt: skip
        except Refusal as refusal:
            form.add_error("number", refusal.sentence)
        else:
            messages.success(request, "組戻しを依頼しました。自治体の出納が金融機関へ依頼します。")
            return redirect("after-recall", slug=slug, pk=made.pk)
    context |= {
        "form": form,
        "lead": "誤って振り込んだ資金を、金融機関に戻してもらいます。入金された後は受取人の同意が要り、戻らないことがあります。",
        "main": "出納へ依頼する",
    }
    return render(request, "office/after_new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@asks("batch.view")
def query(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One query of the bank: its clock, and the answer to propose."""
    programme, context = frame(request, slug, "payment", "口座相違の照会")
    one = get_object_or_404(_queries(programme), pk=pk)
    actor, today = actor_of(request), localdate()
    open_still = one.answered_at is None and one.transfer.state in ("sent", "settled")
    may_propose = open_still and may(actor.roles, "query.propose")
    form = ProposedAnswer(
        request.POST or None,
        initial={"answer": one.answer or "amend", "bank": one.transfer.bank, "branch": one.transfer.branch,
                 "kind": one.transfer.kind, "why": one.why},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            propose_answer(
                one, answer=form.cleaned_data["answer"], amendment=form.amendment(), why=form.cleaned_data["why"],
                actor=actor, at=timezone.now(),
            )  # fmt: skip
        except Refusal as refusal:
            form.add_error("answer", refusal.sentence)
        else:
            messages.success(request, "起案しました。自治体の出納が確かめて、金融機関へ回答します。")
            return redirect("after-query", slug=slug, pk=pk)
    _look(request, slug, one.transfer.case_id, "口座相違の照会の閲覧")
    context |= query_context(one, today) | {"form": form if may_propose else None}
    return render(request, "office/after_query.html", context, status=422 if form.errors else 200)


def query_context(one: BankQuery, today: Any) -> dict[str, Any]:
    """What both doors show of a query, accounts masked."""
    transfer = one.transfer
    proposed = masked(one.bank, one.branch, one.kind, one.account_number) if one.answer == "amend" else ""
    return {
        "query": one,
        "transfer": transfer,
        "badge": query_badge(one, today),
        "overdue": one.answered_at is None and one.due_on < today and transfer.state in ("sent", "settled"),
        "sealed_account": masked(transfer.bank, transfer.branch, transfer.kind, transfer.account_number),
        "proposed_account": proposed,
    }


@require_http_methods(["GET", "POST"])
@asks("batch.view")
def recall(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One recall; whoever may ask for one may withdraw it until it is sent."""
    programme, context = frame(request, slug, "payment", "組戻し")
    one = get_object_or_404(_recalls(programme), pk=pk)
    actor, words, errors = actor_of(request), request.POST.get("words", ""), []
    if request.method == "POST":
        try:
            end_recall(one, outcome="withdrawn", words=words, actor=actor, at=timezone.now())
        except Refusal as refusal:
            errors = [{"target": "words", "sentence": refusal.sentence}]
        else:
            messages.success(request, "組戻しの依頼を取りやめました。")
            return redirect("after", slug=slug)
    _look(request, slug, one.transfer.case_id, "組戻しの閲覧")
    context |= recall_context(one, localdate())
    context |= {
        "errors": errors,
        "words": words,
        "may_withdraw": one.state == "asked" and may(actor.roles, "recall.ask"),
    }
    return render(request, "office/after_recall.html", context, status=422 if errors else 200)


def recall_context(one: Recall, today: Any) -> dict[str, Any]:
    """What both doors show of a recall, its account masked."""
    transfer = one.transfer
    return {
        "recall": one,
        "transfer": transfer,
        "badge": RECALL_BADGES[one.state],
        "clock": due_badge(one.due_on, today) if one.ended_at is None else None,
        "sealed_account": masked(transfer.bank, transfer.branch, transfer.kind, transfer.account_number),
    }


@require_http_methods(["GET", "POST"])
@asks("batch.result")
def unmatched(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One line that fits no transfer: what was found out about it."""
    programme, context = frame(request, slug, "payment", "照合できない返却")
    one = get_object_or_404(UnmatchedReturn, pk=pk, programme=programme)
    form = Resolution(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            resolve_return(
                one, outcome=values["outcome"], words=values["words"], actor=actor_of(request), at=timezone.now()
            )  # fmt: skip
        except Refusal as refusal:
            form.add_error("outcome", refusal.sentence)
        else:
            messages.success(
                request, "解決を記録しました。ほかに未解決がなければ、振込データを確定できます。"
            )
            return redirect("after", slug=slug)
    context |= {"one": one, "form": form}
    return render(request, "office/after_unmatched.html", context, status=422 if form.errors else 200)


def _queries(programme: Programme) -> Any:
    return BankQuery.objects.filter(transfer__programme=programme).select_related(
        "transfer__case", "transfer__batch", "opened_by", "proposed_by", "answered_by"
    )


def _recalls(programme: Programme) -> Any:
    return Recall.objects.filter(transfer__programme=programme).select_related(
        "transfer__case", "transfer__batch", "asked_by", "sent_by"
    )


def _look(request: HttpRequest, slug: str, case: int, words: str) -> None:
    record_look(
        actor=actor_of(request), action="after.view", subject_kind="case", subject_id=case, at=timezone.now(),
        programme_slug=slug, reason=words,
    )  # fmt: skip


urlpatterns = [
    path("", index, name="after"),
    path("query/new/", new_query, name="after-query-new"),
    path("query/<int:pk>/", query, name="after-query"),
    path("recall/new/", new_recall, name="after-recall-new"),
    path("recall/<int:pk>/", recall, name="after-recall"),
    path("unmatched/<int:pk>/", unmatched, name="after-unmatched"),
]
