"""支給 desk: decisions become transfers, transfers a batch for one value date; what cannot be paid goes back to review.

Shows counts, the payment calendar and batches. One batch and what is done with it: batches.py.
"""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from todoku.formats.fiscal_year import accounts_open, fiscal_year
from todoku.ground.step import Refusal
from todoku.payment.build_batch import build_batch
from todoku.payment.hand_back import hand_back
from todoku.payment.make_transfers import make_transfers
from todoku.payment.rails import RAILS
from todoku.payment.tables import Batch
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.programme.tables import Programme
from todoku.progress.hand_overs import hand_overs
from todoku.web.office.batch_page import batches_table
from todoku.web.office.cases import case_of
from todoku.web.office.cells import page_number
from todoku.web.office.frame import frame, programme_of
from todoku.web.office.order_form import OrderFields, last_order
from todoku.web.office.payment_page import (
    calendar_table,
    days_to_pay_on,
    money_state,
    ready_by_rail,
    received_by_for,
    refused_table,
)
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Empty, Strip

REFUSALS_TOLD = 3


OTHER = "other"


class NewBatch(OrderFields):
    """A value date, offered or typed, whether applications after the calendar's day are taken along, over which rail,
    and the municipality's order."""

    day = forms.ChoiceField(
        label="振込日",
        widget=forms.RadioSelect,
        error_messages={
            "required": "振込日を選んでください。",
            "invalid_choice": "振込日を選び直してください。",
        },
    )
    other_day = forms.DateField(
        label="別の日（金融機関の営業日）",
        required=False,
        error_messages={"invalid": "振込日は 2026-12-04 のように入力してください。"},
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    all_waiting = forms.BooleanField(
        label="支給カレンダーの締切日より後に届いた申請も、この振込に入れる", required=False
    )

    rail = forms.ChoiceField(
        label="支給手段", required=False, widget=forms.RadioSelect,
        error_messages={"invalid_choice": "支給手段を選び直してください。"},
    )  # fmt: skip

    def __init__(
        self, programme: Programme, days: list[tuple[date, str]], *values: Any, **named: Any
    ) -> None:
        super().__init__(*values, **named)
        self._offer_days(days)
        offered = programme.terms.payment.rails
        rail = self.fields["rail"]
        assert isinstance(rail, forms.ChoiceField), "a choice of rails"
        rail.choices, rail.initial = [(code, RAILS[code].name) for code in offered], offered[0]
        self.fields["budget_item"].initial, order = last_order(programme)
        # The number of an order is never the last one again: it is shown, not filled in.
        self.fields["payment_order"].help_text = (
            f"前回は {order}。" if order else ""
        ) + "後から入力することもできます。"

    def _offer_days(self, days: list[tuple[date, str]]) -> None:
        self.offer_years([day for day, _ in days])
        choices = [(day.isoformat(), words) for day, words in days] + [(OTHER, "別の日を指定する")]
        field = self.fields["day"]
        assert isinstance(field, forms.ChoiceField), "a choice of days"
        field.choices, field.initial = choices, choices[0][0]

    def clean(self) -> dict[str, Any]:
        """Puts the one day meant under `value_date`."""
        cleaned = super().clean() or {}
        day = cleaned.get("day")
        if day == OTHER and "other_day" in cleaned and cleaned["other_day"] is None:
            self.add_error("other_day", "振込日を入力してください。")
        elif day:
            cleaned["value_date"] = cleaned.get("other_day") if day == OTHER else date.fromisoformat(day)
        value_date, year = cleaned.get("value_date"), cleaned.get("fiscal_year")
        if value_date and year and year != fiscal_year(value_date) and not _still_open(year, value_date):
            self.add_error(
                "fiscal_year", f"{value_date:%Y年%m月%d日}の振込は、{fiscal_year(value_date)}年度です。"
                "前の年度は、出納整理期間（5月31日まで）の振込だけに選べます。",
            )  # fmt: skip
        return cleaned


def _still_open(year: int, value_date: date) -> bool:
    """Whether a payment of this day can still be one of the year before."""
    return year == fiscal_year(value_date) - 1 and accounts_open(year, value_date)


@require_GET
@asks("batch.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """What waits for money, when it is promised, and every batch."""
    return _index(request, slug, None)


def _index(request: HttpRequest, slug: str, form: NewBatch | None, status: int = 200) -> HttpResponse:
    programme, context = frame(request, slug, "payment", "支給")
    roles, today, page = actor_of(request).roles, localdate(), page_number(request)
    batches = Batch.objects.filter(programme=programme)
    may_make, days = may(roles, "batch.make"), days_to_pay_on(programme, timezone.now())
    shown = batches.select_related("maker").prefetch_related("approvals").order_by("-pk")
    context |= money_state(programme)
    several = len(programme.terms.payment.rails) > 1
    context["offers_gift"] = "gift" in programme.terms.payment.rails
    context |= {
        "rail_hints": ready_by_rail(programme) if several else {},
        "strips": _strips(programme, slug),
        "may_make": may_make,
        "form": form or NewBatch(programme, days),
        "calendar": calendar_table(programme, today),
        "refused": refused_table(programme, slug, may_hand_back=may_make),
        "batches": batches_table(
            shown[(page - 1) * 50 : page * 50], f"/p/{slug}/payment/batch/{{}}/", caption="振込データ", page=page,
            total=batches.count(), empty=Empty("振込データはまだありません。", "振込待ちができると、上で作成できます。"),
        ),
    }  # fmt: skip
    return render(request, "office/payment.html", context, status=status)


def _strips(programme: Programme, slug: str) -> list[Strip]:
    """The two hand-overs of this desk, each in counts."""
    return [
        Strip(one.came_in, one.done, one.waiting, one.set_aside, one.name, f"/p/{slug}/progress/", one.words, one.unit)
        for one in hand_overs(programme)
        if one.key in ("sent", "paid")
    ]  # fmt: skip


@require_POST
@asks("batch.make")
def make(request: HttpRequest, slug: str) -> HttpResponse:
    """Makes the transfers that are due."""
    report = make_transfers(programme=programme_of(request, slug), actor=actor_of(request), at=timezone.now())
    if report.done:
        messages.success(request, f"{report.done:,}件の振込を作成しました。")
    if report.refused:
        messages.warning(
            request, f"{len(report.refused):,}件は振込にできません。下の一覧で理由を確認してください。"
        )
    if report.waiting:
        messages.info(request, f"{report.note}「照会・組戻し」で照会できます。")
    if not report.came_in:
        messages.info(request, "作成する振込はありません。支給の決定が済むと、ここで作成できます。")
    return redirect("payment", slug=slug)


@require_POST
@asks("batch.make")
def build(request: HttpRequest, slug: str) -> HttpResponse:
    """Reserves waiting transfers for a value date and opens the batch."""
    programme = programme_of(request, slug)
    form = NewBatch(programme, days_to_pay_on(programme, timezone.now()), request.POST)
    if not form.is_valid():
        return _index(request, slug, form, status=422)
    said, value_date = form.cleaned_data, form.cleaned_data["value_date"]
    received_by = None if said["all_waiting"] else received_by_for(programme, value_date)
    try:
        batch = build_batch(
            programme=programme, value_date=value_date, received_by=received_by, actor=actor_of(request),
            at=timezone.now(), rail=said["rail"] or programme.terms.payment.rails[0], budget_item=said["budget_item"],
            payment_order=said["payment_order"], fiscal_year=said["fiscal_year"],
        )  # fmt: skip
    except Refusal as refusal:
        form.add_error("other_day" if said["day"] == OTHER else "day", refusal.sentence)
        return _index(request, slug, form, status=422)
    messages.success(
        request, f"{batch.count:,}件の振込データを作成しました。内容を確認して確定してください。"
    )
    return redirect("batch", slug=slug, pk=batch.pk)


@require_http_methods(["GET", "POST"])
@asks("batch.make")
def back(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """Sends one decided case back to review before its transfer is sealed, with a reason."""
    programme, context = frame(request, slug, "payment", "審査へ戻す")
    case: Any = case_of(programme, number)
    reason = request.POST.get("reason", "")
    if request.method == "POST":
        try:
            hand_back(case, reason=reason, actor=actor_of(request), at=timezone.now())
        except Refusal as refusal:
            context["errors"] = [{"target": "reason", "sentence": refusal.sentence}]
        else:
            messages.success(request, f"案件 {case.printed_number} を審査へ戻しました。")
            return redirect("payment", slug=slug)
    record_look(
        actor=actor_of(request), action="payment.hand_back", subject_kind="case", subject_id=case.pk, at=timezone.now(),
        programme_slug=slug, reason="審査へ戻す画面",
    )  # fmt: skip
    context |= {"case": case, "reason": reason}
    return render(
        request, "office/payment_back.html", context, status=422 if request.method == "POST" else 200
    )


urlpatterns = [
    path("", index, name="payment"),
    path("make/", make, name="payment-make"),
    path("build/", build, name="payment-build"),
    path("back/<str:number>/", back, name="payment-back"),
]
