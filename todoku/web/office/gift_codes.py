"""One list of gift codes and one code: found by serial number, stopped by two persons, given anew, the issuer's report.

A page shows the number that the issuer gave a code and never the code.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from todoku.delivery.read_gift_report import read_gift_report
from todoku.delivery.reissue_code import reissue_code
from todoku.delivery.revoke_code import REVOCABLE, WHY_MAX, ask_revoke, revoke_code
from todoku.delivery.tables import GiftCode, GiftList
from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.web.office.cells import page_number
from todoku.web.office.frame import frame, programme_of
from todoku.web.office.gifts_page import STATES, code_items, codes_table
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Badge

REFUSED_SHOWN = 3


class UseReport(forms.Form):
    """The issuer's list of what was used."""

    file = forms.FileField(
        label="利用状況の一覧（CSV）",
        help_text="管理番号と利用状況の列が要ります。URLの列が入ったものは取り込めません。",
        error_messages={
            "required": "発行元から受け取った利用状況の一覧を選んでください。",
            "empty": "ファイルが空です。",
        },
    )
    as_of = forms.DateField(
        label="いつ現在の報告か", widget=forms.DateInput(attrs={"type": "date"}),
        help_text="発行元が利用を数えた日です。使われなかった支払は、有効期限より後の日付の報告を取り込んでから返却にできます。",
        error_messages={"required": "発行元が利用を数えた日を入力してください。", "invalid": "日付を選んでください。"},
    )  # fmt: skip


class Why(forms.Form):
    """Why a code must not be used any more."""

    why = forms.CharField(
        label="失効させる理由", max_length=WHY_MAX,
        help_text="発行元に停止を依頼した日と担当者も書きます。コードそのものは書かないでください。",
        error_messages={"required": "失効させる理由を書いてください。"},
    )  # fmt: skip


def _list(request: HttpRequest, slug: str, pk: int) -> GiftList:
    found: GiftList = get_object_or_404(
        GiftList.objects.select_related("programme", "taken_by"), pk=pk, programme=programme_of(request, slug)
    )
    return found


def _code(request: HttpRequest, slug: str, pk: int) -> GiftCode:
    found: GiftCode = get_object_or_404(
        GiftCode.objects.defer("sealed_url").select_related(
            "gift_list", "transfer__case", "revoked_by", "revoked_second", "replaces"
        ),
        pk=pk,
        programme=programme_of(request, slug),
    )
    return found


@require_GET
@asks("gift.view")
def show_list(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The codes of one list, and the issuer's report on it."""
    return _show_list(request, slug, _list(request, slug, pk), UseReport())


def _show_list(
    request: HttpRequest, slug: str, made: GiftList, form: UseReport, status: int = 200
) -> HttpResponse:
    _, context = frame(request, slug, "payment", f"ギフトコードの一覧 {made.order_number}")
    asked: Any = request.GET
    context |= {
        "list": made,
        "form": form,
        "may_take": may(actor_of(request).roles, "gift.take"),
        "table": codes_table(
            GiftCode.objects.filter(gift_list=made).defer("sealed_url"), slug, page=page_number(request),
            state=asked.get("state", ""), typed=asked.get("q", "").strip(),
        ),
    }  # fmt: skip
    return render(request, "office/gift_list.html", context, status=status)


@require_POST
@asks("gift.take")
def take_report(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Marks what the issuer says was used."""
    made, form = _list(request, slug, pk), UseReport(request.POST, request.FILES)
    if form.is_valid():
        try:
            report = read_gift_report(
                made, form.cleaned_data["file"].read(), as_of=form.cleaned_data["as_of"], actor=actor_of(request),
                at=timezone.now(),
            )  # fmt: skip
        except Refusal as refusal:
            form.add_error("file", refusal.sentence)
        else:
            for _, why in report.refused[:REFUSED_SHOWN]:
                messages.error(request, f"{why}「振込後の照会・組戻し」に残しました。")
            messages.success(request, report.note)
            return redirect("gift-list", slug=slug, pk=pk)
    return _show_list(request, slug, made, form, status=422)


@require_GET
@asks("gift.view")
def show_code(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One code's way, and what can be done with it; the look is recorded with its payee's case."""
    code = _code(request, slug, pk)
    if code.transfer:
        record_look(
            actor=actor_of(request), action="gift.view", subject_kind="case", subject_id=code.transfer.case_id,
            at=timezone.now(), programme_slug=slug, reason=f"ギフトコード {code.serial}",
        )  # fmt: skip
    return _show_code(request, slug, code, Why())


def _show_code(request: HttpRequest, slug: str, code: GiftCode, form: Why, status: int = 200) -> HttpResponse:
    _, context = frame(request, slug, "payment", f"ギフトコード {code.serial}")
    actor = actor_of(request)
    revocable = code.state in REVOCABLE and may(actor.roles, "gift.revoke")
    context |= {
        "code": code,
        "badge": Badge(code.get_state_display(), STATES[code.state]),
        "items": code_items(code),
        "form": form,
        "may_ask": revocable and code.revoked_by_id is None,
        "may_revoke": revocable and code.revoked_by_id not in (None, actor.id),
        "asked_by_me": revocable and code.revoked_by_id == actor.id,
        "may_reissue": code.state == "revoked" and code.transfer_id is not None
        and may(actor.roles, "gift.revoke") and not GiftCode.objects.filter(replaces=code).exists(),
    }  # fmt: skip
    return render(request, "office/gift_code.html", context, status=status)


@require_POST
@asks("gift.revoke")
def ask(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The first person's word."""
    code, form = _code(request, slug, pk), Why(request.POST)
    if form.is_valid():
        try:
            ask_revoke(code, why=form.cleaned_data["why"], actor=actor_of(request), at=timezone.now())
        except Refusal as refusal:
            form.add_error("why", refusal.sentence)
        else:
            messages.success(request, "失効を申請しました。別の人が承認すると失効します。")
            return redirect("gift-code", slug=slug, pk=pk)
    return _show_code(request, slug, code, form, status=422)


@require_POST
@asks("gift.revoke")
def revoke(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The second person's word."""
    try:
        revoke_code(_code(request, slug, pk), actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "失効させました。必要なら再発行してください。")
    return redirect("gift-code", slug=slug, pk=pk)


@require_POST
@asks("gift.revoke")
def reissue(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Another code in the place of a revoked one."""
    try:
        new = reissue_code(_code(request, slug, pk), actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("gift-code", slug=slug, pk=pk)
    messages.success(request, f"{new.serial} を割り当てました。手紙の印刷を待っています。")
    return redirect("gift-code", slug=slug, pk=new.pk)


urlpatterns = [
    path("list/<int:pk>/", show_list, name="gift-list"),
    path("list/<int:pk>/report/", take_report, name="gift-report"),
    path("code/<int:pk>/", show_code, name="gift-code"),
    path("code/<int:pk>/ask/", ask, name="gift-ask-revoke"),
    path("code/<int:pk>/revoke/", revoke, name="gift-revoke"),
    path("code/<int:pk>/reissue/", reissue, name="gift-reissue"),
]
