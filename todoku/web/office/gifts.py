"""ギフト在庫・割当・送付: the issuer's list taken in, codes assigned to a batch, letters printed, what nobody used.

Each post is one verb. The only page that hands out codes is the print file of a run of letters, to who delivers them.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_POST

from todoku.delivery.assign_codes import assign_codes
from todoku.delivery.gift_letters import make_gift_letters, print_file, waiting_for_letters
from todoku.delivery.gift_remainders import remainders
from todoku.delivery.gift_stock import gift_stock
from todoku.delivery.take_gift_list import take_gift_list
from todoku.delivery.unclaimed_gifts import return_unclaimed
from todoku.ground.step import Refusal
from todoku.letters.print_files import run_label
from todoku.letters.tables import PrintRun
from todoku.payment.tables import Batch
from todoku.people.access import may
from todoku.programme.vocabulary import GIFT_DELIVERIES
from todoku.web.office.frame import frame, programme_of
from todoku.web.office.gifts_page import batches_of, lists_table, runs_table, stock_table
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.gift_remainders_table import remainders_table
from todoku.web.shared.told import tell

LIST_BYTES_MAX = 20 * 1024 * 1024  # some 150,000 codes


class NewList(forms.Form):
    """The issuer's list and what was ordered: both must agree."""

    file = forms.FileField(
        label="発行元のコード一覧（CSV）",
        help_text="受け入れると、コードは暗号化して保管します。ファイルそのものは残しません。",
        error_messages={
            "required": "発行元から受け取った一覧を選んでください。",
            "empty": "ファイルが空です。",
        },
    )
    order_number = forms.CharField(
        label="注文番号", max_length=60, error_messages={"required": "発行元の注文番号を入力してください。"}
    )
    count = forms.IntegerField(
        label="注文した枚数", min_value=1, widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={"required": "注文した枚数を入力してください。", "invalid": "枚数は数字で入力してください。"},
    )  # fmt: skip
    total_yen = forms.IntegerField(
        label="注文した合計額", min_value=1, widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={"required": "注文した合計額を入力してください。", "invalid": "合計額は数字で入力してください。"},
    )  # fmt: skip

    def clean_file(self) -> Any:
        given = self.cleaned_data["file"]
        if given.size > LIST_BYTES_MAX:
            raise forms.ValidationError("ファイルが大きすぎます。発行元のコード一覧か確かめてください。")
        return given


@require_GET
@asks("gift.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """Stock, what is needed, batches that wait for codes, letters, lists."""
    return _index(request, slug, NewList())


def _index(request: HttpRequest, slug: str, form: NewList, status: int = 200) -> HttpResponse:
    programme, context = frame(request, slug, "payment", "ギフトコード")
    roles, stock = actor_of(request).roles, gift_stock(programme, on=localdate())
    waiting, gift = waiting_for_letters(programme), programme.terms.payment.gift
    context |= {
        "offered": "gift" in programme.terms.payment.rails,
        "stock": stock,
        "stock_table": stock_table(stock),
        "demand": sum(stock.demand.values()),
        "demand_yen": sum(yen * count for yen, count in stock.demand.items()),
        "batches": batches_of(programme),
        "waiting": len(waiting),
        "by_message": "・".join(GIFT_DELIVERIES[way] for way in gift.delivery if way != "letter")
        if gift
        else "",
        "runs": runs_table(programme, slug),
        "lists": lists_table(programme, slug),
        "remainders": remainders_table(remainders(programme, on=localdate())),
        "form": form,
        "may_pay": may(roles, "batch.view"),
        "may_take": may(roles, "gift.take"),
        "may_assign": may(roles, "batch.make"),
        "may_deliver": may(roles, "gift.deliver"),
        "may_return": may(roles, "gift.revoke"),
    }
    return render(request, "office/gifts.html", context, status=status)


@require_POST
@asks("gift.take")
def take(request: HttpRequest, slug: str) -> HttpResponse:
    """Takes the issuer's list; a refusal names lines and numbers, never a code, and keeps nothing."""
    programme = programme_of(request, slug)
    form = NewList(request.POST, request.FILES)
    if form.is_valid():
        values = form.cleaned_data
        try:
            made = take_gift_list(
                values["file"].read(), programme=programme, order_number=values["order_number"], count=values["count"],
                total_yen=values["total_yen"], actor=actor_of(request), at=timezone.now(),
            )  # fmt: skip
        except Refusal as refusal:
            form.add_error("file", refusal.sentence)
        else:
            messages.success(request, f"{made.count:,}枚（{made.total_yen:,}円）を受け入れました。")
            return redirect("gifts", slug=slug)
    return _index(request, slug, form, status=422)


@require_POST
@asks("batch.make")
def assign(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Gives the payments of an open batch their codes."""
    batch = get_object_or_404(Batch, pk=pk, programme=programme_of(request, slug), rail="gift")
    tell(request, lambda: assign_codes(batch, actor=actor_of(request), at=timezone.now()))
    return redirect("gifts", slug=slug)


@require_POST
@asks("gift.deliver")
def print_letters(request: HttpRequest, slug: str) -> HttpResponse:
    """Prints the letters that wait, ordinary or those under 支援措置 alone."""
    programme = programme_of(request, slug)
    try:
        run = make_gift_letters(
            programme=programme, actor=actor_of(request), at=timezone.now(),
            protected=request.POST.get("protected") == "1",
        )  # fmt: skip
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("gifts", slug=slug)
    messages.success(request, f"{run.pieces:,}通を印刷しました。別の人が確認してから差し出します。")
    return redirect("print-run", slug=slug, pk=run.pk)


@require_POST
@asks("gift.deliver")
def print_pdf(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The print file of a run of gift letters in clear: money, so it is posted for, recorded and stored nowhere."""
    run = get_object_or_404(
        PrintRun.objects.select_related("pdf", "programme"),
        pk=pk,
        programme=programme_of(request, slug),
        kind="gift",
    )
    try:
        data = print_file(run, actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("print-run", slug=slug, pk=pk)
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{run_label(run)}.pdf"'
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@asks("gift.revoke")
def unclaimed(request: HttpRequest, slug: str) -> HttpResponse:
    """Payments whose every code is past use come back, so that the resident can name an account."""
    report = return_unclaimed(
        programme=programme_of(request, slug), actor=actor_of(request), at=timezone.now()
    )
    for number, why in report.refused[:3]:
        messages.warning(request, f"支払番号{number}: {why}")
    messages.success(request, f"未受取の{report.done:,}件を返却にしました。案内の手紙を印刷してください。")
    return redirect("gifts", slug=slug)


urlpatterns = [
    path("", index, name="gifts"),
    path("take/", take, name="gift-take"),
    path("assign/<int:pk>/", assign, name="gift-assign"),
    path("letters/", print_letters, name="gift-print"),
    path("letters/<int:pk>/pdf/", print_pdf, name="gift-pdf"),
    path("unclaimed/", unclaimed, name="gift-unclaimed"),
]
