"""現金支給: cash handed over at the counter or sent by registered mail, by the municipality's officers alone.

Takes released lists; each post is one verb. The officer who stands beside signs with a password of their own, so that no
one person can pay. A receipt is printed for each payment, and the day's list for the cash box. Registered mail shows
whom it is addressed to, by the guard of addresses.
"""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from todoku.delivery.cash_day import cash_day
from todoku.delivery.pay_cash import IDENTITY_MAX, RECEIPT_MAX, pay_cash
from todoku.delivery.send_cash_mail import mail_delivered, mail_returned, send_cash_mail
from todoku.delivery.tables import CashPayment
from todoku.delivery.uncollected_cash import return_uncollected
from todoku.ground.step import Refusal
from todoku.payment.tables import Transfer
from todoku.people.access import ACTIONS, may
from todoku.people.actor import Actor
from todoku.people.entry_tries import NotConfirmed, confirm_witness
from todoku.people.look import record_look
from todoku.people.tables import Staff
from todoku.programme.tables import Programme
from todoku.web.municipality.cash_page import day_lists, day_table, mail_address, waiting_table
from todoku.web.municipality.frame import frame
from todoku.web.office.cases import is_protected
from todoku.web.office.cells import page_number
from todoku.web.office.frame import programme_of
from todoku.web.shared.doors import actor_of, asks, refuse

DOCUMENTS = (
    "マイナンバーカード",
    "運転免許証",
    "旅券",
    "在留カード",
    "健康保険の資格確認書",
    "介護保険証",
    "その他（複数で確認）",
)


class HandOver(forms.Form):
    """What the two officers write down before the cash changes hands."""

    receipt_number = forms.CharField(
        label="領収書の番号", max_length=RECEIPT_MAX,
        error_messages={"required": "領収書の番号を入力してください。"},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    identity_seen = forms.ChoiceField(
        label="確かめた本人確認書類", choices=[(one, one) for one in DOCUMENTS], widget=forms.RadioSelect,
        help_text="種類だけを記録します。番号は書き写しません。",
        error_messages={
            "required": "確かめた本人確認書類を選んでください。",
            "invalid_choice": "確かめた本人確認書類を選んでください。",
        },
    )  # fmt: skip
    mail_number = forms.CharField(
        label="引受番号", max_length=20, widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "郵便局の控えにある引受番号を入力してください。"},
    )  # fmt: skip
    witness = forms.ChoiceField(
        label="立ち会う職員",
        error_messages={
            "required": "立ち会う職員を選んでください。",
            "invalid_choice": "立ち会う職員を選んでください。",
        },
    )
    witness_password = forms.CharField(
        label="立ち会う職員のパスワード", widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="立ち会う職員が自分で入力します。",
        error_messages={"required": "立ち会う職員がパスワードを入力してください。"},
    )  # fmt: skip

    def __init__(
        self, *values: Any, rail: str, officers: dict[str, Staff], actor: Actor, at: datetime, **named: Any
    ) -> None:  # fmt: skip
        super().__init__(*values, **named)
        self._officers, self._actor, self._at = officers, actor, at
        self.fields["witness"].choices = [  # type: ignore[attr-defined]
            ("", "選んでください"), *((key, one.name) for key, one in officers.items())
        ]  # fmt: skip
        del self.fields["mail_number" if rail == "cash" else "identity_seen"]
        assert IDENTITY_MAX >= max(map(len, DOCUMENTS)), "every document's name fits"

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        witness = self._officers.get(values.get("witness", ""))
        password = values.pop("witness_password", "")
        if witness and password:
            try:
                confirm_witness(witness, password, actor=self._actor, at=self._at)
            except NotConfirmed as refusal:
                self.add_error("witness_password", refusal.sentence)
        values["witness"] = witness
        return values


def _officers(programme: Programme, besides: int) -> dict[str, Staff]:
    """The officers who may stand beside: of this municipality, not who pays."""
    found = (
        Staff.objects.filter(
            is_active=True, organisation__kind="municipality", grants__role__in=ACTIONS["cash.pay"],
            grants__municipality_code__in=["", programme.municipality_id],
        )
        .exclude(pk=besides)
        .distinct()
        .order_by("name")
    )  # fmt: skip
    return {str(one.pk): one for one in found}


@require_GET
@asks("batch.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """Payments that wait for their payee, each released list with where its yen are."""
    programme, context = frame(request, slug, "cash", "現金支給")
    may_pay = may(actor_of(request).roles, "cash.pay")
    context |= {
        "cash": programme.terms.payment.cash,
        "table": waiting_table(
            programme, slug, page=page_number(request), typed=request.GET.get("q", "").strip(), links=may_pay
        ),
        "lists": day_lists(cash_day(programme, localdate()).lists),
        "may_pay": may_pay,
    }
    return render(request, "municipality/cash.html", context)


def _transfer(programme: Programme, number: str) -> Transfer:
    found: Transfer = get_object_or_404(
        Transfer.objects.select_related("case__recipient__head", "case__recipient__reached_at", "batch"),
        programme=programme, number=number, rail__in=["cash", "registered_mail"],
    )  # fmt: skip
    return found


@require_http_methods(["GET", "POST"])
@asks("cash.pay")
def pay(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """One payment: who it is for, what was seen, who stands beside."""
    programme, actor, now = programme_of(request, slug), actor_of(request), timezone.now()
    transfer = _transfer(programme, number)
    form = HandOver(
        request.POST or None, rail=transfer.rail, officers=_officers(programme, actor.id or 0), actor=actor, at=now
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        try:
            if transfer.rail == "cash":
                pay_cash(transfer, **values, actor=actor, at=now)
            else:
                send_cash_mail(transfer, **values, actor=actor, at=now)
        except Refusal as refusal:
            form.add_error("receipt_number", refusal.sentence)
        else:
            messages.success(request, f"{transfer.amount_yen:,}円の支給を記録しました。")
            return redirect("cash-receipt", slug=slug, number=number)
    return _show(request, slug, transfer, form, at=now)


def _show(
    request: HttpRequest, slug: str, transfer: Transfer, form: HandOver, *, at: datetime, opened: str = ""
) -> HttpResponse:
    """The page of one payment. `opened`: why this officer asked for an address under 支援措置."""
    by_mail, actor = transfer.rail == "registered_mail", actor_of(request)
    _, context = frame(request, slug, "cash", "現金書留を差し出す" if by_mail else "現金を渡す")
    record_look(
        actor=actor, action="case.view_protected" if opened else "cash.pay", subject_kind="case",
        subject_id=transfer.case_id, at=at, programme_slug=slug,
        reason=opened or ("現金書留の画面" if by_mail else "現金支給の画面"),
    )  # fmt: skip
    posted = CashPayment.objects.filter(transfer=transfer).first()
    addressed = by_mail and transfer.state == "sent"
    protected = addressed and is_protected(transfer.case)
    context |= {
        "form": form, "transfer": transfer, "case": transfer.case, "head": transfer.case.recipient.head,
        "posted": posted, "waits": transfer.state == "sent" and posted is None,
        "under_way": transfer.state == "sent" and posted is not None,
        "address": mail_address(transfer.case, protected, actor.roles, bool(opened)) if addressed else "",
        "protected": protected,
        "may_open_address": protected and not opened and may(actor.roles, "case.view_protected"),
        "address_opened": bool(opened),
    }  # fmt: skip
    return render(request, "municipality/cash_pay.html", context, status=422 if form.is_bound else 200)


@require_POST
@asks("case.view_protected")
def open_address(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """Shows who posts registered mail an address under 支援措置 once, for a reason that is recorded."""
    actor, now, reason = actor_of(request), timezone.now(), request.POST.get("reason", "").strip()
    if not may(actor.roles, "cash.pay"):
        return refuse(request, "cash.pay")
    programme = programme_of(request, slug)
    transfer = _transfer(programme, number)
    if transfer.rail != "registered_mail" or transfer.state != "sent":
        messages.error(request, "差出しか配達の結果を待つ現金書留ではありません。住所は表示しません。")
        return redirect("cash-pay", slug=slug, number=number)
    if not reason:
        messages.error(request, "住所を表示する理由を入力してください。理由は閲覧の記録に残ります。")
        return redirect("cash-pay", slug=slug, number=number)
    form = HandOver(rail=transfer.rail, officers=_officers(programme, actor.id or 0), actor=actor, at=now)
    return _show(request, slug, transfer, form, at=now, opened=reason)


@require_POST
@asks("cash.pay")
def mail_result(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """What the post says of a registered letter: delivered, or come back."""
    transfer, actor = _transfer(programme_of(request, slug), number), actor_of(request)
    delivered = request.POST.get("result") == "delivered"
    try:
        (mail_delivered if delivered else mail_returned)(transfer, actor=actor, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(
            request,
            "配達完了を記録しました。"
            if delivered
            else "戻った現金書留を記録しました。現金を出納に戻してください。",
        )
    return redirect("cash", slug=slug)


@require_POST
@asks("cash.pay")
def back(request: HttpRequest, slug: str) -> HttpResponse:
    """Payments that nobody collected go back."""
    programme = programme_of(request, slug)
    chosen = list(
        Transfer.objects.filter(
            programme=programme, number__in=request.POST.getlist("chosen")
        ).select_related("batch")
    )
    reason = request.POST.get("reason", "")
    try:
        done = 0
        for batch in {one.batch for one in chosen if one.batch}:
            ids = [one.pk for one in chosen if one.batch_id == batch.pk]
            done += return_uncollected(
                batch, ids, reason=reason, actor=actor_of(request), at=timezone.now()
            ).done
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        words = f"{done:,}件を未受領として返却にしました。" if done else "返却にする支払を選んでください。"
        messages.success(request, words)
    return redirect("cash", slug=slug)


@require_GET
@asks("cash.pay")
def receipt(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """The receipt of one payment, to be printed and signed by the payee."""
    programme, context = frame(request, slug, "cash", "領収書")
    transfer = _transfer(programme, number)
    paid = get_object_or_404(CashPayment.objects.select_related("paid_by", "witness"), transfer=transfer)
    record_look(
        actor=actor_of(request), action="cash.receipt", subject_kind="case", subject_id=transfer.case_id,
        at=timezone.now(), programme_slug=slug, reason=paid.receipt_number,
    )  # fmt: skip
    context |= {
        "transfer": transfer,
        "case": transfer.case,
        "head": transfer.case.recipient.head,
        "paid": paid,
    }
    return render(request, "municipality/cash_receipt.html", context)


@require_GET
@asks("batch.view")
def day(request: HttpRequest, slug: str) -> HttpResponse:
    """The day's list: each payment with both names, the sum, and where the yen of every list are."""
    programme, context = frame(request, slug, "cash", "現金支給日計")
    chosen = _day(request.GET.get("on", ""))
    found = cash_day(programme, chosen)
    context |= {
        "day": chosen, "found": found, "table": day_table(found, slug), "lists": day_lists(found.lists),
    }  # fmt: skip
    record_look(
        actor=actor_of(request), action="cash.day", subject_kind="programme", subject_id=programme.pk,
        at=timezone.now(), programme_slug=slug, reason=f"{chosen:%Y-%m-%d}",
    )  # fmt: skip
    return render(request, "municipality/cash_day.html", context)


def _day(text: str) -> Any:
    try:
        return parse_date(text) or localdate()
    except ValueError:
        return localdate()


urlpatterns = [
    path("", index, name="cash"),
    path("day/", day, name="cash-day"),
    path("back/", back, name="cash-back"),
    path("<str:number>/", pay, name="cash-pay"),
    path("<str:number>/address/", open_address, name="cash-address"),
    path("<str:number>/mail/", mail_result, name="cash-mail"),
    path("<str:number>/receipt/", receipt, name="cash-receipt"),
]
