"""送付先: other addresses for letters that the office asked for; an officer approves or refuses each with a word.

An address of a household under 支援措置 is shown to nobody who did not open it with a reason, which is recorded.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET, require_POST

from todoku.ground.step import Refusal
from todoku.letters.address_change import answer_address, under_protection
from todoku.letters.tables import AddressChange
from todoku.people.access import may
from todoku.people.address_guard import shown_address
from todoku.people.look import record_look
from todoku.registry.reached import reached_of
from todoku.web.municipality.frame import frame
from todoku.web.office.cells import page_number
from todoku.web.office.frame import programme_of
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Filter, Row, Table

STATES = {"asked": "wait", "approved": "ok", "refused": "warn"}


@require_GET
@asks("case.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """What was asked for, unanswered first; no address stands in the list."""
    programme, context = frame(request, slug, "addresses", "送付先の変更")
    state, page = request.GET.get("state", "asked"), page_number(request)
    found = AddressChange.objects.filter(case__programme=programme).select_related("case")
    if state in STATES:
        found = found.filter(state=state)
    context["table"] = Table(
        caption="送付先変更届", total=found.count(), page=page,
        columns=[
            Column("number", "案件", fixed=True), Column("reason", "理由"), Column("evidence", "確認した書類"),
            Column("by", "申請した人"), Column("at", "申請", fixed=True), Column("state", "回答"),
        ],
        rows=[_row(one, slug) for one in found.order_by("asked_at")[(page - 1) * 50 : page * 50]],
        filters=[Filter("state", "状態", state, AddressChange.STATES)],
        empty=Empty("回答を待っている送付先の変更はありません。", "事務局が送付先変更届を受け付けると、ここに届きます。"),
    )  # fmt: skip
    return render(request, "municipality/addresses.html", context)


def _row(one: AddressChange, slug: str) -> Row:
    return Row(
        str(one.pk),
        [
            Cell(one.case.printed_number, href=f"/p/{slug}/addresses/{one.pk}/"), Cell(one.reason), Cell(one.evidence),
            Cell(one.asked_by), Cell(f"{localtime(one.asked_at):%m/%d %H:%M}"),
            Cell("", badge=Badge(one.get_state_display(), STATES[one.state])),
        ],
    )  # fmt: skip


def _change(request: HttpRequest, slug: str, pk: int) -> AddressChange:
    found = AddressChange.objects.select_related(
        "case__recipient__head", "case__recipient__reached_at", "case__programme"
    )
    return get_object_or_404(found, pk=pk, case__programme=programme_of(request, slug))


@require_GET
@asks("address.answer")
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The address now and the one asked for."""
    return _show(request, slug, _change(request, slug, pk))


@require_POST
@asks("case.view_protected")
def open_address(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The same with the addresses under 支援措置, for a reason that is recorded."""
    change = _change(request, slug, pk)
    reason = request.POST.get("reason", "").strip()
    if not reason:
        messages.error(request, "住所を表示する理由を入力してください。理由は閲覧の記録に残ります。")
        return redirect("address-change", slug=slug, pk=pk)
    return _show(request, slug, change, opened=reason)


def _show(
    request: HttpRequest, slug: str, change: AddressChange, *, opened: str = "", refusal: str = ""
) -> HttpResponse:
    _, context = frame(request, slug, "addresses", f"送付先の変更 {change.case.printed_number}")
    actor, protected = actor_of(request), under_protection(change.case)
    record_look(
        actor=actor, action="case.view_protected" if opened else "case.view", subject_kind="case",
        subject_id=change.case_id, at=timezone.now(), programme_slug=slug, reason=opened or "送付先変更届の確認",
    )  # fmt: skip
    kept = reached_of(change.case.recipient)

    def shown(code: str, address: str, building: str) -> str:
        return shown_address(
            code, address, building, protected=protected, roles=actor.roles, opened=bool(opened)
        )

    context |= {
        "change": change, "badge": Badge(change.get_state_display(), STATES[change.state]), "protected": protected,
        "items": [
            {"label": "受給権者", "value": change.case.recipient.head.name},
            {"label": "いまの送付先", "value": shown(kept.postal_code, kept.address, kept.building)},
            {"label": "新しい送付先", "value": shown(change.postal_code, change.address, change.building)},
            {"label": "理由", "value": change.reason},
            {"label": "確認した書類", "value": change.evidence},
            {"label": "申請した人", "value": f"{change.asked_by}　{localtime(change.asked_at):%Y/%m/%d %H:%M}"},
        ],
        "may_open": protected and not opened and may(actor.roles, "case.view_protected"),
        "may_answer": change.state == "asked" and may(actor.roles, "address.answer") and (not protected or bool(opened)),
        "opened": opened,
        "answer": request.POST.get("answer", ""),
    }  # fmt: skip
    if refusal:
        context["errors"] = [{"target": "answer", "sentence": refusal}]
    return render(request, "municipality/address.html", context, status=422 if refusal else 200)


@require_POST
@asks("address.answer")
def answer(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Approved, letters go there from now on; refused, with the reason."""
    change, posted = _change(request, slug, pk), request.POST
    word: Any = posted.get("word")
    opened = posted.get("reason", "").strip() if may(actor_of(request).roles, "case.view_protected") else ""
    if under_protection(change.case) and not opened:
        sentence = (
            "支援措置の方です。理由を入力して住所を表示し、新しい送付先を確かめてから回答してください。"
        )
        return _show(request, slug, change, refusal=sentence)
    try:
        report = answer_address(
            change, approve=word == "approve", answer=posted.get("answer", ""), actor=actor_of(request),
            at=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        return _show(request, slug, change, opened=opened, refusal=refusal.sentence)
    messages.success(request, f"{change.case.printed_number}: {report.note}")
    return redirect("address-changes", slug=slug)


urlpatterns = [
    path("", index, name="address-changes"),
    path("<int:pk>/", show, name="address-change"),
    path("<int:pk>/open/", open_address, name="address-change-open"),
    path("<int:pk>/answer/", answer, name="address-change-answer"),
]
