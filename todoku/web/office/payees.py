"""代理受領口座: accounts that may receive for many, proposed by the office and approved by the municipality. At both doors."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET, require_POST

from todoku.formats import bank_master
from todoku.ground.step import Refusal
from todoku.intake.tables import AccountVersion
from todoku.payment.approve_payee import approve_payee, end_payee
from todoku.payment.propose_payee import PayeeForm, listed_payees, propose_payee
from todoku.payment.side_tables import SharedPayee
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.programme.tables import Programme
from todoku.web.office.watch_door import OFFICE, Door, wrong
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Badge

KIND_NAMES = {1: "普通", 2: "当座", 4: "貯蓄", 9: "その他"}
DIGITS = {"inputmode": "numeric", "autocomplete": "off"}


class Proposal(forms.Form):
    """An account as the office writes it down from the papers of the facility or guardian."""

    kind = forms.ChoiceField(label="区分", choices=SharedPayee.KINDS, widget=forms.RadioSelect)
    name = forms.CharField(label="施設・後見人等の名称", max_length=100)
    bank = forms.CharField(label="金融機関コード", max_length=4, widget=forms.TextInput(attrs=DIGITS))
    branch = forms.CharField(label="支店コード", max_length=3, widget=forms.TextInput(attrs=DIGITS))
    account_kind = forms.TypedChoiceField(label="種別", coerce=int, choices=list(KIND_NAMES.items()))
    account_number = forms.CharField(
        label="口座番号（7桁）", max_length=7, widget=forms.TextInput(attrs=DIGITS)
    )
    limit_yen = forms.IntegerField(
        label="一回の限度額", min_value=1, widget=forms.TextInput(attrs=DIGITS),
        error_messages={"invalid": "限度額は数字だけで入力してください。"},
    )  # fmt: skip
    why = forms.CharField(
        label="まとめて受け取る理由", max_length=200, help_text="入所者の数、代理受領の同意書や登記事項証明書の番号など。",
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    person = forms.TypedChoiceField(
        label="一覧の施設・後見人等", required=False, coerce=int, empty_value=None,
        help_text="選ぶと、その施設・後見人等が受け取る（管理する）方の申請だけが、この口座で説明されたことになります。",
    )  # fmt: skip

    def __init__(self, *values: Any, programme: Programme, **named: Any) -> None:
        super().__init__(*values, **named)
        known = listed_payees(programme).values_list("pk", "name", "address")
        choices = [("", "一覧にない"), *((pk, f"{name}（{address}）") for pk, name, address in known)]
        person: Any = self.fields["person"]
        person.choices = choices
        for field in self.fields.values():
            field.error_messages["required"] = f"{field.label}を入力してください。"


@require_GET
@asks("payee.view")
def index(request: HttpRequest, slug: str, door: Door) -> HttpResponse:
    """Every account on the list, what waits for approval first; the office's form below."""
    initial = _named_by(request, slug)
    return _index(request, slug, door, lambda programme: Proposal(initial=initial, programme=programme))


def _named_by(request: HttpRequest, slug: str) -> dict[str, Any]:
    """The account of the application that a reviewer came from (?of=), for the form; nothing for whoever cannot propose.

    The address names the application and never the account: addresses stand in logs.
    """
    of, actor = request.GET.get("of", ""), actor_of(request)
    if not (of.isascii() and of.isdigit() and len(of) < 18) or not may(actor.roles, "payee.propose"):
        return {}
    found = AccountVersion.objects.filter(submission_id=int(of), submission__programme__slug=slug)
    account = found.select_related("submission").order_by("-version").first()
    if account is None:
        return {}
    record_look(
        actor=actor, action="payee.propose", subject_kind="case", subject_id=account.submission.case_id,
        at=timezone.now(), programme_slug=slug, reason="代理受領口座の提案のため口座を表示",
    )  # fmt: skip
    return {
        "bank": account.bank, "branch": account.branch, "account_kind": account.kind, "account_number": account.number,
    }  # fmt: skip


def _blank(programme: Programme) -> Proposal:
    return Proposal(programme=programme)


def _index(
    request: HttpRequest, slug: str, door: Door, form: Callable[[Programme], Proposal], sentence: str = "",
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    programme, context = door.open(request, slug, "代理受領口座")
    roles = actor_of(request).roles
    found = SharedPayee.objects.filter(programme=programme).select_related(
        "proposed_by", "approved_by", "person"
    )
    payees = sorted(found, key=lambda one: (one.ended_at is not None, one.approved_at is not None, -one.pk))
    if payees:
        record_look(
            actor=actor_of(request), action="payee.view", subject_kind="payees", subject_id=None, at=timezone.now(),
            programme_slug=slug, reason=f"代理受領口座 {len(payees)}件を表示",
        )  # fmt: skip
    context |= {
        "payees": [_shown(one, may(roles, "payee.approve")) for one in payees],
        "may_propose": may(roles, "payee.propose"),
        "may_approve": may(roles, "payee.approve"),
        "may_end": may(roles, "payee.propose") or may(roles, "payee.approve"),
        "cap_yen": programme.terms.payment.cap_per_account_yen,
        "errors": [wrong("payees", sentence)] if sentence else [],
        "form": form(programme) if may(roles, "payee.propose") else None,
    }
    return render(request, "office/payees.html", context, status=status)


def _shown(one: SharedPayee, approves: bool) -> dict[str, Any]:
    """One account. While it waits, whoever approves it reads the whole number, to hold it against the paper."""
    whole = approves and one.approved_at is None and one.ended_at is None
    number = one.account_number if whole else f"****{one.account_number[-3:]}"
    bank, branch = bank_master.bank(one.bank), bank_master.branch(one.bank, one.branch)
    badge = Badge("承認待ち", "wait")
    if one.ended_at:
        badge = Badge("終了", "none")
    elif one.approved_at:
        badge = Badge("承認済", "ok")
    places = f"{bank.name if bank else one.bank} {branch.name if branch else one.branch}"
    return {
        "one": one, "badge": badge,
        "account": f"{places} {KIND_NAMES.get(one.account_kind, '')} {number}",
        "who": f"提案 {one.proposed_by.name}（{localtime(one.proposed_at):%m/%d}）"
        + (f"、承認 {one.approved_by.name}（{localtime(one.approved_at):%m/%d}）" if one.approved_by and one.approved_at else ""),
    }  # fmt: skip


@require_POST
@asks("payee.propose")
def propose(request: HttpRequest, slug: str, door: Door) -> HttpResponse:
    """Keeps the office's proposal."""
    programme, _ = door.open(request, slug, "代理受領口座")
    form = Proposal(request.POST, programme=programme)
    if not form.is_valid():
        return _index(request, slug, door, lambda _: form, status=422)
    try:
        person = listed_payees(programme).filter(pk=form.cleaned_data.pop("person")).first()
        propose_payee(
            PayeeForm(**form.cleaned_data),
            programme=programme,
            person=person,
            actor=actor_of(request),
            at=timezone.now(),
        )
    except Refusal as refusal:
        form.add_error("account_number", refusal.sentence)
        return _index(request, slug, door, lambda _: form, status=422)
    messages.success(request, "提案しました。自治体の担当課が承認すると、限度額までまとめて振り込めます。")
    return redirect("payees", slug=slug)


@require_POST
@asks("payee.approve")
def approve(request: HttpRequest, slug: str, pk: int, door: Door) -> HttpResponse:
    """The municipality's approval."""
    programme, _ = door.open(request, slug, "代理受領口座")
    payee = get_object_or_404(SharedPayee, pk=pk, programme=programme)
    try:
        approve_payee(payee, actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        return _index(request, slug, door, _blank, refusal.sentence, 422)
    messages.success(request, "承認しました。")
    return redirect("payees", slug=slug)


@require_POST
@asks("payee.view")
def end(request: HttpRequest, slug: str, pk: int, door: Door) -> HttpResponse:
    """Takes a proposal back or ends an account."""
    programme, _ = door.open(request, slug, "代理受領口座")
    payee = get_object_or_404(SharedPayee, pk=pk, programme=programme)
    try:
        end_payee(payee, actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        return _index(request, slug, door, _blank, refusal.sentence, 422)
    messages.success(request, "終了しました。")
    return redirect("payees", slug=slug)


def patterns(door: Door) -> list[URLPattern]:
    """The pages as they stand at a door."""
    here = {"door": door}
    return [
        path("", index, here, name="payees"),
        path("propose/", propose, here, name="payee-propose"),
        path("<int:pk>/approve/", approve, here, name="payee-approve"),
        path("<int:pk>/end/", end, here, name="payee-end"),
    ]


urlpatterns = patterns(OFFICE)
