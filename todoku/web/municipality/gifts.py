"""ギフト残額: gifts used in part whose codes are past their last day, and what an officer says of what is left."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_http_methods

from todoku.delivery.gift_remainders import remainders
from todoku.delivery.settle_remainder import DOCUMENT_MAX, LAPSED, REFUNDED, settle_remainder
from todoku.delivery.tables import GiftRemainder
from todoku.formats.codes import printed_number
from todoku.ground.step import Refusal
from todoku.payment.tables import Transfer
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.web.municipality.frame import frame
from todoku.web.office.frame import programme_of
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.gift_remainders_table import remainders_table


class Settle(forms.Form):
    """What became of what was left."""

    outcome = forms.ChoiceField(
        label="残額の扱い", choices=GiftRemainder.OUTCOMES, widget=forms.RadioSelect,
        help_text="失効は、実施要綱のとおり残額が使えなくなり、返金もないときです。返金は、発行元からの入金を確かめてから選びます。",
        error_messages={"required": "残額の扱いを選んでください。", "invalid_choice": "残額の扱いを選んでください。"},
    )  # fmt: skip
    refunded_yen = forms.IntegerField(
        label="発行元から返金された額", required=False, min_value=0,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}), help_text="返金のときだけ入力します。",
        error_messages={"invalid": "額は数字で入力してください。", "min_value": "額は0円以上で入力してください。"},
    )  # fmt: skip
    document = forms.CharField(
        label="根拠とする文書", max_length=DOCUMENT_MAX, help_text="実施要綱の条項か、発行元の返金の通知の番号。",
        error_messages={"required": "根拠とする文書を入力してください。"},
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        values["refunded_yen"] = values.get("refunded_yen") or 0
        if values.get("outcome") == LAPSED and values["refunded_yen"]:
            self.add_error("refunded_yen", "失効のときは、返金された額を空欄にしてください。")
        if values.get("outcome") == REFUNDED and not values["refunded_yen"] and not self.errors:
            self.add_error("refunded_yen", "発行元から返金された額を入力してください。")
        return values


@require_GET
@asks("batch.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """Every payment with something left."""
    programme, context = frame(request, slug, "gifts", "ギフトの残額")
    found = remainders(programme, on=localdate())
    may_settle = may(actor_of(request).roles, "gift.settle")
    waiting = [one for one in found if not one.outcome]
    context |= {
        "table": remainders_table(found, settle_at=f"/p/{slug}/gifts/" if may_settle else ""),
        "waiting": len(waiting), "waiting_yen": sum(one.left_yen for one in waiting),
        "refunded_yen": sum(one.refunded_yen for one in found),
    }  # fmt: skip
    return render(request, "municipality/gifts.html", context)


@require_http_methods(["GET", "POST"])
@asks("gift.settle")
def settle(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """One payment: what is left, and what the officer says of it."""
    programme, actor, now = programme_of(request, slug), actor_of(request), timezone.now()
    transfer = get_object_or_404(Transfer, programme=programme, number=number, rail="gift")
    form = Settle(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = settle_remainder(transfer, **form.cleaned_data, actor=actor, at=now)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
        else:
            booked = f"{made.refunded_yen:,}円を返納金に記帳しました。" if made.refunded_yen else ""
            messages.success(request, f"残額{made.left_yen:,}円を整理しました。{booked}")
            return redirect("gift-remainders", slug=slug)
    found = remainders(programme, on=localdate(), transfer=transfer.pk)
    if not found:
        raise Http404("nothing is left of this payment")
    record_look(
        actor=actor, action="gift.settle", subject_kind="case", subject_id=transfer.case_id, at=now, programme_slug=slug,
        reason="ギフトの残額の画面",
    )  # fmt: skip
    _, context = frame(request, slug, "gifts", "ギフトの残額の整理")
    context |= {"one": found[0], "case_number": printed_number(found[0].case), "form": form}
    return render(request, "municipality/gift_settle.html", context, status=422 if form.is_bound else 200)


urlpatterns = [
    path("", index, name="gift-remainders"),
    path("<str:number>/", settle, name="gift-settle"),
]
