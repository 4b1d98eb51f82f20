"""What somebody begins after a file is with the bank, at both staff doors: a query written down, a recall asked for.

The bank telephones whom it knows, the office or the municipality; either writes it down. A line of a report that fits
nothing is resolved here too, by who found out what it is.
"""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from todoku.bank.bank_query import open_query
from todoku.bank.keyed_returns import transfer_named
from todoku.bank.recall import RECALLABLE, ask_recall
from todoku.bank.resolve_return import resolve_return
from todoku.ground.step import Refusal
from todoku.payment.side_tables import UnmatchedReturn
from todoku.web.office.after_forms import NewQuery, NewRecall, Resolution
from todoku.web.office.watch_door import Door
from todoku.web.shared.doors import actor_of, asks


@require_http_methods(["GET", "POST"])
@asks("query.open")
def new_query(request: HttpRequest, slug: str, door: Door) -> HttpResponse:
    """Writes down what the bank asked."""
    programme, context = door.open(request, slug, "口座相違の照会を記録する")
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
    lead = "金融機関から電話や画面で照会を受けたら、すぐに記録します。"
    return _page(request, context | {"form": form, "lead": lead, "main": "記録する"}, form)


@require_http_methods(["GET", "POST"])
@asks("recall.ask")
def new_recall(request: HttpRequest, slug: str, door: Door) -> HttpResponse:
    """Asks the treasurer to take one transfer back, also one of which the bank has said nothing yet."""
    programme, context = door.open(request, slug, "組戻しを依頼する")
    form = NewRecall(request.POST or None, initial={"number": request.GET.get("number", "")})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            made = ask_recall(
                transfer_named(programme, values["number"], states=RECALLABLE), reason=values["reason"],
                actor=actor_of(request), at=timezone.now(),
            )  # fmt: skip
        except Refusal as refusal:
            form.add_error("number", refusal.sentence)
        else:
            messages.success(request, "組戻しを依頼しました。自治体の出納が金融機関へ依頼します。")
            return redirect("after-recall", slug=slug, pk=made.pk)
    lead = "誤って振り込んだ資金を、金融機関に戻してもらいます。入金された後は受取人の同意が要り、戻らないことがあります。"
    return _page(request, context | {"form": form, "lead": lead, "main": "出納へ依頼する"}, form)


def _page(request: HttpRequest, context: dict[str, object], form: forms.Form) -> HttpResponse:
    return render(request, "office/after_new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@asks("batch.result")
def unmatched(request: HttpRequest, slug: str, pk: int, door: Door) -> HttpResponse:
    """One line that fits no transfer: what was found out about it."""
    programme, context = door.open(request, slug, "照合できない返却")
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


def patterns(door: Door) -> list[URLPattern]:
    """The pages as they stand at a door, beside its own `after`, `after-query` and `after-recall`."""
    here = {"door": door}
    return [
        path("query/new/", new_query, here, name="after-query-new"),
        path("recall/new/", new_recall, here, name="after-recall-new"),
        path("unmatched/<int:pk>/", unmatched, here, name="after-unmatched"),
    ]
