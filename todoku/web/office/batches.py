"""One payment batch at the office: looked through, sealed, approved by another person, voided, answered by the bank.

The office makes and approves; the municipality's treasurer approves and takes the file at their own door.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from todoku.bank.read_result import read_result
from todoku.delivery.take_back_codes import void_batch
from todoku.ground.step import Refusal
from todoku.payment.approve import approve
from todoku.payment.build_batch import set_order
from todoku.payment.file_standing import all_denied, standings
from todoku.payment.preflight import preflight
from todoku.payment.seal import seal
from todoku.payment.tables import Batch, Transfer
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.tables import Programme
from todoku.web.office import works
from todoku.web.office.after_page import after_of_batch
from todoku.web.office.batch_deadline import deadline_of
from todoku.web.office.batch_files import files_table, held_table, inquiry_moments, lists_table, window_of
from todoku.web.office.batch_page import (
    STATES,
    banks_table,
    batch_digest,
    batch_story,
    batch_strip,
    lines_table,
    next_step,
    order_words,
    returned_table,
)
from todoku.web.office.cells import case_cell
from todoku.web.office.frame import frame, programme_of
from todoku.web.office.order_form import OrderOf
from todoku.web.shared.doors import actor_of, asks, refuse
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Row, Table

# Up to here sealing takes a second or two and is done while the page waits; more is long work with a card.
SEAL_AT_ONCE_MAX = 5_000
DOUBTS_SHOWN = 100


class ReportFile(forms.Form):
    """The bank's list of returned transfers."""

    file = forms.FileField(
        label="金融機関から受け取った振込不能の一覧（CSV）",
        help_text="見出しに「依頼番号」「金額」「資金返却理由」を含むCSVです。1件も戻らなかったときは、見出しだけのファイルです。",
        error_messages={
            "required": "金融機関から受け取ったファイルを選んでください。",
            "empty": "ファイルが空です。見出しの行があるファイルを選んでください。",
        },
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv"}),
    )  # fmt: skip


def batch_of(programme: Programme, pk: int) -> Batch:
    """A batch with what its page needs; 404 where the programme has none of this number."""
    wanted = Batch.objects.select_related("maker", "sealed_by", "manifest", "programme__municipality")
    return get_object_or_404(wanted, pk=pk, programme=programme)


def batch_context(request: HttpRequest, batch: Batch, slug: str) -> dict[str, Any]:
    """What both doors show of a batch; the look is recorded, since lines name cases."""
    record_look(
        actor=actor_of(request), action="batch.view", subject_kind="batch", subject_id=batch.pk, at=timezone.now(),
        programme_slug=slug, reason="振込データの閲覧",
    )  # fmt: skip
    sides = set(batch.approvals.values_list("side", flat=True))
    found = standings(batch) if batch.sha256 else []
    return {
        "batch": batch,
        "page_title": f"振込データ {batch.pk}",
        "badge": STATES[batch.state],
        "figures": [
            {"label": "件数", "value": batch.count},
            {"label": "合計額", "value": batch.total_yen, "unit": "円"},
        ],
        "pays_on": f"{batch.value_date:%Y年%m月%d日}（{'月火水木金土日'[batch.value_date.weekday()]}）",
        "sides": sides,
        "coming": next_step(batch, sides),
        "moments": batch_story(batch, sides),
        "digest": batch_digest(batch),
        "order": order_words(batch),
        "window": window_of(batch),
        "deadline": deadline_of(batch, now=timezone.now()),
        "standings": found,
        "denied": all_denied(found),
        "files": files_table(found) if found else None,
        "lists": lists_table(batch, slug),
        "held": held_table(batch, slug),
        "strip": batch_strip(batch),
        "returned": returned_table(batch, slug),
        "after": after_of_batch(batch, slug, actor_of(request)),
        "banks": banks_table(batch),
        "lines": lines_table(request, batch, slug),
    }


@require_GET
@asks("batch.view")
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The batch: what is in it, who did what, and what this person may do next."""
    return _show(request, slug, pk)


def _show(
    request: HttpRequest, slug: str, pk: int, *, form: ReportFile | None = None, order: OrderOf | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The page, with a form that was not valid in place of its empty one."""
    programme, context = frame(request, slug, "payment", "振込データ")
    batch, actor = batch_of(programme, pk), actor_of(request)
    context |= batch_context(request, batch, slug)
    context |= _may(batch, actor, context["sides"], denied=context["denied"])
    if context["may_seal"]:
        context["order_form"] = order or OrderOf(batch)
        context["order_first"] = order is not None or not (batch.budget_item and batch.payment_order)
    context["errors"] = _errors(order) if order else []
    checked = batch.count <= SEAL_AT_ONCE_MAX or "check" in request.GET
    context |= {
        "form": form or ReportFile(),
        "asked": [
            {"number": one.file.number, "moments": inquiry_moments(one)}
            for one in context["standings"]
            if one.inquiries
        ],
        "doubts": doubts_table(batch, slug, actor) if batch.state == "open" and checked else None,
        "unchecked": batch.state == "open" and not checked,
        "works": works.latest(programme, kinds=("batch.seal",), limit=1) if batch.state == "open" else [],
    }
    context["blocked"] = any(row.marked for row in context["doubts"].rows) if context["doubts"] else False
    return render(request, "office/batch.html", context, status=status)


def _errors(form: forms.Form) -> list[dict[str, str]]:
    """What a form refuses, each with the field it stands beside."""
    return [
        {"target": str(form[name].id_for_label), "sentence": str(sentence)}
        for name, sentences in form.errors.items()
        for sentence in sentences
    ]


def _may(batch: Batch, actor: Actor, sides: set[str], *, denied: bool) -> dict[str, bool]:
    """What this person may do with the batch as it stands; the views behind ask again."""
    own = actor.id in (batch.maker_id, batch.sealed_by_id)
    approver = may(actor.roles, "batch.approve_office") and batch.state == "sealed" and "office" not in sides
    return {
        "may_seal": may(actor.roles, "batch.make") and batch.state == "open",
        "may_approve": approver and not own,
        "is_maker": approver and own,
        "may_void": (batch.state in ("open", "sealed", "approved") or denied)
        and (may(actor.roles, "batch.make") or may(actor.roles, "batch.approve_office")),
        "may_result": may(actor.roles, "batch.result") and batch.state == "sent",
        "before_value_date": localdate() < batch.value_date,
    }


def doubts_table(batch: Batch, slug: str, actor: Actor) -> Table:
    """The preflight: each record that would break the file, and each that should be looked at."""
    found = preflight(batch, on=localdate())
    numbers = {doubt.number for doubt in found[:DOUBTS_SHOWN] if doubt.number}
    cases = dict(Transfer.objects.filter(number__in=numbers).values_list("number", "case__number"))
    may_back, may_aside = may(actor.roles, "batch.make"), may(actor.roles, "hold.quarantine")
    rows = [
        Row(
            f"{n}",
            [
                Cell("", badge=Badge("確定できません", "stop") if doubt.blocks else Badge("確認", "warn")),
                Cell(doubt.number or "全体"),
                case_cell(cases[doubt.number], slug) if doubt.number in cases else Cell(""),
                Cell(doubt.sentence),
                Cell("隔離する", href=f"/p/{slug}/payment/holds/row/{doubt.number}/")
                if doubt.number in cases and may_aside
                else Cell(""),
                Cell("審査へ戻す", href=f"/p/{slug}/payment/back/{cases[doubt.number]}/")
                if doubt.number in cases and may_back
                else Cell(""),
            ],
            marked=doubt.blocks,
        )
        for n, doubt in enumerate(found[:DOUBTS_SHOWN])
    ]
    return Table(
        id="doubts", caption="確定前の確認", total=len(found), per_page=DOUBTS_SHOWN,
        columns=[
            Column("kind", "区分", fixed=True), Column("number", "振込番号", fixed=True), Column("case", "案件", fixed=True),
            Column("what", "内容と対処"), Column("aside", "隔離", fixed=True), Column("back", "差し戻し", fixed=True),
        ],
        rows=rows,
        empty=Empty("確認が必要な明細はありません。", "このまま確定できます。"),
    )  # fmt: skip


def _batch(request: HttpRequest, slug: str, pk: int) -> tuple[Programme, Batch]:
    programme = programme_of(request, slug)
    return programme, batch_of(programme, pk)


@require_POST
@asks("batch.make")
def order(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Puts fiscal year, budget item and payment order of an open batch right."""
    _, batch = _batch(request, slug, pk)
    form = OrderOf(batch, request.POST)
    if not form.is_valid():
        return _show(request, slug, pk, order=form, status=422)
    try:
        set_order(
            batch, budget_item=form.cleaned_data["budget_item"], payment_order=form.cleaned_data["payment_order"],
            fiscal_year=form.year(batch), actor=actor_of(request), at=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        form.add_error("payment_order", refusal.sentence)
        return _show(request, slug, pk, order=form, status=422)
    messages.success(request, "会計年度・科目・支出命令番号を記録しました。")
    return redirect("batch", slug=slug, pk=pk)


@require_POST
@asks("batch.make")
def seal_it(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Writes and freezes the bank files: at once, or as long work where there are many lines."""
    programme, batch = _batch(request, slug, pk)
    if batch.count > SEAL_AT_ONCE_MAX and batch.state == "open":
        works.begin(request, programme, "batch.seal", f"振込データ {batch.pk} の確定", batch=batch.pk)
        messages.info(request, "確定を始めました。終わると、承認待ちになります。")
        return redirect("batch", slug=slug, pk=pk)
    try:
        seal(batch, actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(
            request, "振込データを確定しました。別の承認者が、明細書の指紋を確かめて承認します。"
        )
    return redirect("batch", slug=slug, pk=pk)


@require_POST
@asks("batch.approve_office")
def approve_it(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The office's approval of the digest that the person saw."""
    _, batch = _batch(request, slug, pk)
    try:
        approve(batch, sha256=request.POST.get("sha256", ""), actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "承認しました。次は、自治体の出納が承認します。")
    return redirect("batch", slug=slug, pk=pk)


@require_http_methods(["GET", "POST"])
@asks("batch.view")
def void_it(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A second thought before a batch is cancelled: what happens to its rows, and why it is done."""
    programme, context = frame(request, slug, "payment", "振込データの取消し")
    batch, actor = batch_of(programme, pk), actor_of(request)
    if not (may(actor.roles, "batch.make") or may(actor.roles, "batch.approve_office")):
        return refuse(request, "batch.make")
    reason = request.POST.get("reason", "")
    if request.method == "POST":
        try:
            void_batch(batch, reason=reason, actor=actor, at=timezone.now())
        except Refusal as refusal:
            context["errors"] = [{"target": "reason", "sentence": refusal.sentence}]
        else:
            messages.success(
                request, f"振込データ {batch.pk} を取り消しました。振込は作り直して別のデータに入れられます。"
            )
            return redirect("payment", slug=slug)
    context |= {
        "batch": batch, "reason": reason, "badge": STATES[batch.state],
        "may_void": batch.state in ("open", "sealed", "approved") or all_denied(standings(batch)),
    }  # fmt: skip
    return render(request, "office/batch_void.html", context, status=422 if request.method == "POST" else 200)


@require_POST
@asks("batch.result")
def result(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Takes the bank's report on this batch."""
    _, batch = _batch(request, slug, pk)
    form = ReportFile(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, slug, pk, form=form, status=422)
    file: Any = form.cleaned_data["file"]
    try:
        report = read_result(batch, file.read(), name=file.name, actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        form.add_error("file", refusal.sentence)
        return _show(request, slug, pk, form=form, status=422)
    words = f"振込済 {report.done:,}件、振込不能 {len(report.refused):,}件を取り込みました。"
    messages.success(request, report.note or words)
    return redirect("batch", slug=slug, pk=pk)


urlpatterns = [
    path("<int:pk>/", show, name="batch"),
    path("<int:pk>/order/", order, name="batch-order"),
    path("<int:pk>/seal/", seal_it, name="batch-seal"),
    path("<int:pk>/approve/", approve_it, name="batch-approve"),
    path("<int:pk>/void/", void_it, name="batch-void"),
    path("<int:pk>/result/", result, name="batch-result"),
]
