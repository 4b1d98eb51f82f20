"""帳簿 at the municipality: the treasurer books the budget and settles what came back; two persons correct an entry.

The numbers are those that the office sees, from the same functions.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localdate, localtime
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from todoku.formats.fiscal_year import fiscal_year, year_name
from todoku.ground.step import Refusal
from todoku.ledger.accounts import ACCOUNTS, KINDS
from todoku.ledger.appropriate import appropriate
from todoku.ledger.reverse import confirm, give_up, propose
from todoku.ledger.settle_back import settle_back
from todoku.ledger.tables import Correction, LedgerEntry
from todoku.people.access import may
from todoku.programme.tables import Programme
from todoku.web.municipality.frame import frame
from todoku.web.office.frame import programme_of
from todoku.web.office.ledger import csv_answer
from todoku.web.office.ledger_page import ledger_context
from todoku.web.shared.doors import actor_of, asks


class Budget(forms.Form):
    """A budget as the order of the municipality names it."""

    fiscal_year = forms.TypedChoiceField(label="会計年度", coerce=int)
    budget_item = forms.CharField(
        label="科目", max_length=60, help_text="款・項・目・節（例：3-1-1-18 給付金）",
        error_messages={"required": "科目を入力してください。"},
    )  # fmt: skip
    order = forms.CharField(
        label="配当番号", max_length=40, error_messages={"required": "配当番号を入力してください。"}
    )
    amount_yen = forms.IntegerField(
        label="配当額", min_value=1,
        error_messages={
            "required": "配当額を入力してください。", "invalid": "配当額は数字だけで入力してください。",
            "min_value": "配当額は1円以上で入力してください。",
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, *values: Any, **named: Any) -> None:
        super().__init__(*values, **named)
        year = fiscal_year(localdate())
        field = self.fields["fiscal_year"]
        assert isinstance(field, forms.TypedChoiceField), "a choice of years"
        field.choices = [(one, year_name(one)) for one in (year, year - 1, year + 1)]


@require_GET
@asks("ledger.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """Balances, what waits for somebody, entries."""
    return _index(request, slug, None)


def _index(
    request: HttpRequest, slug: str, form: Budget | None, *, errors: list[dict[str, str]] | None = None, status: int = 200
) -> HttpResponse:  # fmt: skip
    programme, context = frame(request, slug, "ledger", "帳簿")
    roles = actor_of(request).roles
    correct = f"/p/{slug}/ledger/correct/" if may(roles, "ledger.correct") else ""
    context |= ledger_context(request, programme, slug, correct_url=correct)
    context |= {
        "form": form or Budget(),
        "form_open": form is not None,
        "errors": errors or [],
        "may_appropriate": may(roles, "ledger.appropriate"),
        "may_correct": bool(correct),
        "waiting_corrections": _waiting(programme, actor_of(request).id),
    }
    return render(request, "municipality/ledger.html", context, status=status)


def _waiting(programme: Programme, person: int | None) -> list[dict[str, Any]]:
    """Corrections that one person proposed and no other has confirmed."""
    found = Correction.objects.filter(entry__programme=programme, confirmed_at=None, given_up_at=None)
    return [
        {
            "pk": one.pk, "entry": one.entry, "kind": KINDS[one.entry.kind].name, "reason": one.reason,
            "by": one.proposed_by.name, "at": f"{localtime(one.proposed_at):%m/%d %H:%M}",
            "own": one.proposed_by_id == person,
        }
        for one in found.select_related("entry", "proposed_by").order_by("pk")
    ]  # fmt: skip


@require_GET
@asks("ledger.view")
def save(request: HttpRequest, slug: str) -> HttpResponse:
    """The chosen entries as CSV, on record."""
    return csv_answer(request, slug)


@require_POST
@asks("ledger.appropriate")
def budget(request: HttpRequest, slug: str) -> HttpResponse:
    """Books a budget."""
    form = Budget(request.POST)
    if not form.is_valid():
        return _index(request, slug, form, status=422)
    try:
        posted = appropriate(
            programme=programme_of(request, slug),
            actor=actor_of(request),
            at=timezone.now(),
            **form.cleaned_data,
        )
    except Refusal as refusal:
        form.add_error(None, refusal.sentence)
        return _index(request, slug, form, status=422)
    messages.success(request, f"予算の配当 {posted.yen:,}円を記帳しました。")
    return redirect("ledger", slug=slug)


@require_POST
@asks("ledger.appropriate")
def settle(request: HttpRequest, slug: str) -> HttpResponse:
    """Settles what came back under an order."""
    try:
        report = settle_back(
            programme=programme_of(request, slug), order=request.POST.get("order", ""), actor=actor_of(request),
            at=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        return _index(
            request, slug, None, errors=[{"target": "order", "sentence": refusal.sentence}], status=422
        )
    messages.success(request, f"返納金を整理しました（{report.note}）。")
    return redirect("ledger", slug=slug)


@require_http_methods(["GET", "POST"])
@asks("ledger.correct")
def correct(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Proposes to take an entry back."""
    programme, context = frame(request, slug, "ledger", "仕訳の訂正")
    entry = get_object_or_404(LedgerEntry, pk=pk, programme=programme)
    reason, status = request.POST.get("reason", ""), 200
    if request.method == "POST":
        try:
            propose(entry, reason=reason, actor=actor_of(request), at=timezone.now())
        except Refusal as refusal:
            context["errors"], status = [{"target": "reason", "sentence": refusal.sentence}], 422
        else:
            messages.success(request, "訂正を起案しました。別の職員が確認すると、反対仕訳が記帳されます。")
            return redirect("ledger", slug=slug)
    context |= {
        "entry": entry, "kind": KINDS[entry.kind].name, "year": year_name(entry.fiscal_year), "reason": reason,
        "debit": ACCOUNTS[entry.debit].name, "credit": ACCOUNTS[entry.credit].name,
    }  # fmt: skip
    return render(request, "municipality/ledger_correct.html", context, status=status)


@require_POST
@asks("ledger.correct")
def decide_correction(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The second person confirms, or either lets the proposal go."""
    programme = programme_of(request, slug)
    proposal = get_object_or_404(Correction, pk=pk, entry__programme=programme)
    try:
        if request.POST.get("action") == "confirm":
            made = confirm(proposal, actor=actor_of(request), at=timezone.now())
            messages.success(request, f"訂正を確認し、反対仕訳 {made.pk} を記帳しました。")
        else:
            give_up(proposal, actor=actor_of(request), at=timezone.now())
            messages.success(request, "訂正の起案を取りやめました。")
    except Refusal as refusal:
        return _index(
            request, slug, None, errors=[{"target": "corrections", "sentence": refusal.sentence}], status=422
        )
    return redirect("ledger", slug=slug)


urlpatterns = [
    path("", index, name="ledger"),
    path("ledger.csv", save, name="ledger-csv"),
    path("budget/", budget, name="ledger-budget"),
    path("settle/", settle, name="ledger-settle"),
    path("correct/<int:pk>/", correct, name="ledger-correct"),
    path("correction/<int:pk>/", decide_correction, name="ledger-correction"),
]
