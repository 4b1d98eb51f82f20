"""振込の承認・依頼: the treasurer looks through a sealed batch, approves its digest, and after the cancel window takes it once.

Taken, the send is on record and its outcome unknown: the files and the bank's receipts are in bank_files.py, asking the
bank in unknown.py.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localdate, localtime
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from todoku.bank.read_result import read_result
from todoku.custody.tables import HandOver
from todoku.delivery.take_back_codes import void_batch
from todoku.ground.step import Refusal
from todoku.payment.approve import approve
from todoku.payment.file_standing import DENIED, UNKNOWN, all_denied, standings
from todoku.payment.rails import RAILS
from todoku.payment.send import send
from todoku.payment.tables import Batch
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.web.municipality.frame import frame
from todoku.web.office.batch_files import files_table
from todoku.web.office.batch_page import STATES, batches_table
from todoku.web.office.batches import ReportFile, batch_context, batch_of
from todoku.web.office.cells import page_number
from todoku.web.office.frame import programme_of
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Empty

TAKEN = ("sending", "sent", "reconciled")


@require_GET
@asks("batch.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """Every batch that has been sealed, newest first."""
    programme, context = frame(request, slug, "approvals", "振込の承認・依頼")
    page = page_number(request)
    found = Batch.objects.filter(programme=programme).exclude(state="open").exclude(state="void", sha256=None)
    shown = found.select_related("maker").prefetch_related("approvals").order_by("-pk")
    context["table"] = batches_table(
        shown[(page - 1) * 50 : page * 50], f"/p/{slug}/approvals/{{}}/", caption="振込データ", page=page,
        total=found.count(), empty=Empty("振込データはまだありません。", "事務局が確定すると、ここに届きます。"),
    )  # fmt: skip
    return render(request, "municipality/approvals.html", context)


@require_GET
@asks("batch.view")
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One batch: who did what before, what the digest covers, counts by bank, the lines."""
    return show_batch(request, slug, pk)


def show_batch(
    request: HttpRequest, slug: str, pk: int, *, errors: list[dict[str, str]] | None = None, status: int = 200
) -> HttpResponse:
    """The batch's page, with what was refused on top of it."""
    programme, context = frame(request, slug, "approvals", "振込の承認・依頼")
    batch, actor = batch_of(programme, pk), actor_of(request)
    context |= batch_context(request, batch, slug)
    context |= _may(batch, actor, context["sides"]) | _files(batch, actor, slug, context)
    context |= {
        "errors": errors or [],
        "form": None,
        "report_form": ReportFile(),
        "hands": _hands(batch),
        "before_value_date": localdate() < batch.value_date,
        "too_late": batch.state == "approved" and batch.value_date < localdate(),
    }
    return render(request, "municipality/batch.html", context, status=status)


def _files(batch: Batch, actor: Actor, slug: str, context: dict[str, Any]) -> dict[str, Any]:
    """The files with the way to save them, to their records, and those that wait for the bank's receipt."""
    found, at = context["standings"], f"/p/{slug}/approvals/{batch.pk}/file/{{}}/"
    takes = batch.state in TAKEN and may(actor.roles, "batch.take_file")
    return {
        "files": files_table(found, save=at if takes else "", more=at + "unknown/") if found else None,
        "waiting": [one for one in found if one.state in (UNKNOWN, DENIED)],
        "may_reject": (batch.state in ("sealed", "approved") or context["denied"])
        and may(actor.roles, "batch.approve_city"),
        "bank": RAILS[batch.rail].proven,
    }


def _may(batch: Batch, actor: Actor, sides: set[str]) -> dict[str, bool]:
    """What this person may do with the batch as it stands; the views behind ask again."""
    waits = batch.state == "sealed" and "municipality" not in sides and may(actor.roles, "batch.approve_city")
    return {
        "may_approve": waits and "office" in sides,
        "office_first": waits and "office" not in sides,
        "may_take": batch.state == "approved" and may(actor.roles, "batch.take_file"),
        "may_reread": batch.state in TAKEN and may(actor.roles, "batch.take_file"),
        "may_result": batch.state == "sent" and may(actor.roles, "batch.result"),
    }


def _hands(batch: Batch) -> list[dict[str, Any]]:
    """The chain of hands of the batch's file."""
    found = HandOver.objects.filter(parcel__in=batch.files.values("parcel")).order_by("at", "id")
    return [
        {
            "at": f"{localtime(one.at):%Y/%m/%d %H:%M}", "way": f"{one.from_party} → {one.to_party}",
            "count": one.count_found, "receipt": one.receipt, "who": one.actor_name,
        }
        for one in found
    ]  # fmt: skip


def _batch(request: HttpRequest, slug: str, pk: int) -> Batch:
    return batch_of(programme_of(request, slug), pk)


def show_refused(request: HttpRequest, slug: str, pk: int, target: str, refusal: Refusal) -> HttpResponse:
    """The batch's page with one refusal that points at a field or form."""
    return show_batch(
        request, slug, pk, errors=[{"target": target, "sentence": refusal.sentence}], status=422
    )


@require_POST
@asks("batch.approve_city")
def approve_it(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The municipality's approval of the digest that the treasurer saw."""
    try:
        approve(
            _batch(request, slug, pk), sha256=request.POST.get("sha256", ""), actor=actor_of(request), at=timezone.now()
        )  # fmt: skip
    except Refusal as refusal:
        return show_refused(request, slug, pk, "approve", refusal)
    messages.success(
        request, "承認しました。取りやめられる時間が過ぎると、ファイルを受け取って金融機関へ渡せます。"
    )
    return redirect("approval", slug=slug, pk=pk)


@require_http_methods(["GET", "POST"])
@asks("batch.approve_city")
def reject(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Does not approve, or stops it within the window, or after the bank denied every file: void with a reason."""
    programme, context = frame(request, slug, "approvals", "承認しない")
    batch, reason, status = batch_of(programme, pk), request.POST.get("reason", ""), 200
    if request.method == "POST":
        try:
            void_batch(batch, reason=reason, actor=actor_of(request), at=timezone.now())
        except Refusal as refusal:
            context["errors"], status = [{"target": "reason", "sentence": refusal.sentence}], 422
        else:
            messages.success(request, f"振込データ {pk} を取り消しました。事務局が作り直します。")
            return redirect("approvals", slug=slug)
    context |= {
        "batch": batch, "reason": reason, "badge": STATES[batch.state],
        "may_void": batch.state in ("open", "sealed", "approved") or all_denied(standings(batch)),
    }  # fmt: skip
    return render(request, "municipality/reject.html", context, status=status)


@require_POST
@asks("batch.take_file")
def take(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Records the hand-over to the bank, once, its outcome unknown; the files are then saved from the page."""
    batch = _batch(request, slug, pk)
    try:
        report = send(
            batch, sha256=request.POST.get("sha256", ""), bank_receipt="",
            actor=actor_of(request), at=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        return show_refused(request, slug, pk, "take", refusal)
    follows = "の振込依頼を記録しました。ファイルを保存して金融機関へ渡し、受付番号を記録してください。"
    if RAILS[batch.rail].at_once:
        follows = "の支給の開始を記録しました。"
    messages.success(request, f"{report.done:,}件{follows}")
    return redirect("approval", slug=slug, pk=pk)


@require_POST
@asks("batch.result")
def result(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Takes the bank's report where it reaches the municipality first."""
    form = ReportFile(request.POST, request.FILES)
    if not form.is_valid():
        errors = [{"target": "id_file", "sentence": str(sentence)} for sentence in form.errors["file"]]
        return show_batch(request, slug, pk, errors=errors, status=422)
    sent: Any = form.cleaned_data["file"]
    try:
        report = read_result(
            _batch(request, slug, pk), sent.read(), name=sent.name, actor=actor_of(request), at=timezone.now()
        )  # fmt: skip
    except Refusal as refusal:
        return show_refused(request, slug, pk, "id_file", refusal)
    words = f"振込済 {report.done:,}件、振込不能 {len(report.refused):,}件を取り込みました。"
    messages.success(request, report.note or words)
    return redirect("approval", slug=slug, pk=pk)


urlpatterns = [
    path("", index, name="approvals"),
    path("<int:pk>/", show, name="approval"),
    path("<int:pk>/approve/", approve_it, name="approval-approve"),
    path("<int:pk>/reject/", reject, name="approval-reject"),
    path("<int:pk>/take/", take, name="approval-take"),
    path("<int:pk>/result/", result, name="approval-result"),
]
