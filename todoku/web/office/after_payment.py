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

from todoku.bank.bank_query import propose_answer
from todoku.bank.inquire_accounts import to_ask
from todoku.bank.recall import end_recall
from todoku.bank.tables import BankQuery, Recall
from todoku.ground.step import Refusal
from todoku.payment.make_transfers import count_unconfirmed
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.programme.tables import Programme
from todoku.web.office.after_forms import ProposedAnswer
from todoku.web.office.after_new import patterns
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
from todoku.web.office.watch_door import PAYMENT
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
        "unmatched": unmatched_table(programme, base + "unmatched/{}/" if may(roles, "batch.result") else ""),
    }
    if programme.terms.payment.account_inquiry:
        context |= inquiry_context(programme, slug, roles)
    return render(request, "office/after.html", context)


def inquiry_context(programme: Programme, slug: str, roles: frozenset[str]) -> dict[str, Any]:
    """The account inquiry of this programme: what was asked, what was answered, what is still to be asked."""
    waiting = len(to_ask(programme))
    return {
        "asks_accounts": True,
        "to_ask": waiting,
        "strip": inquiry_strip(programme),
        "figures": inquiry_figures(programme, waiting, count_unconfirmed(programme)),
        "inquiries": inquiries_table(
            programme, answer=f"/p/{slug}/after/accounts/{{}}/" if may(roles, "account.answer") else ""
        ),
    }


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
    *patterns(PAYMENT),
    path("query/<int:pk>/", query, name="after-query"),
    path("recall/<int:pk>/", recall, name="after-recall"),
]
