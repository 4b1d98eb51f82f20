"""入稿: a released run goes to a printing company as long work; its parcel is taken, its receipt typed in, our copy erased.

What still stands between a run and the printer is said by the verb itself. Taking the parcel is recorded, encrypted as it is.
"""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localdate, localtime
from django.views.decorators.http import require_GET, require_POST

from todoku.custody import files
from todoku.ground.step import Refusal
from todoku.ground.tables import LongWork
from todoku.letters.drop_parcel import DAYS_KEPT, drop_parcel
from todoku.letters.enclosing import enclosing_for
from todoku.letters.hand_to_printer import is_late, ready_for_printer, record_receipt
from todoku.letters.print_files import run_label
from todoku.letters.reply_permit import REPLIED
from todoku.letters.tables import Printer, PrinterParcel, PrintRun, ReplyPermit
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.sheets.envelopes import OUTER
from todoku.web.office import works
from todoku.web.office.frame import frame
from todoku.web.office.printing import run_of
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Badge

KIND = "print.hand"
ENCODINGS = [("utf-8-sig", "UTF-8（BOM付き）"), ("cp932", "Shift_JIS（CP932）")]


class Handing(forms.Form):
    """To whom a run goes and how it is enclosed."""

    printer = forms.ModelChoiceField(
        label="印刷会社", queryset=Printer.objects.none(), empty_label=None,
        error_messages={"required": "印刷会社を選んでください。", "invalid_choice": "使用中の印刷会社から選んでください。"},
    )  # fmt: skip
    outer = forms.ChoiceField(label="送付用封筒", choices=[(one.code, one.name) for one in OUTER.values()])
    reply = forms.BooleanField(
        label="料金受取人払の返信用封筒を入れる",
        required=False,
        help_text="承認は「在庫と返信用封筒」で先に記録します。",
    )
    post_office = forms.CharField(
        label="差し出す郵便局",
        max_length=60,
        required=False,
        help_text="入れると、送付用封筒の版下も渡します。",
    )
    address = forms.CharField(
        label="事務局の住所",
        max_length=200,
        required=False,
        help_text="封筒の裏と、私書箱のない返信先に刷ります。",
    )
    encoding = forms.ChoiceField(
        label="封入計画の文字コード", choices=ENCODINGS, help_text="封入機の求めるもの。"
    )

    def __init__(self, run: PrintRun, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        permits = ReplyPermit.objects.filter(programme=run.programme_id, valid_until__gte=localdate())
        self.initial = {"reply": run.kind in REPLIED and permits.exists(), "outer": "kaku2"}
        usable: Any = self.fields["printer"]
        usable.queryset = Printer.objects.filter(
            programme=run.programme_id, confirmed_at__isnull=False, retired_at=None
        ).order_by("pk")
        usable.label_from_instance = lambda one: one.name


@require_GET
@asks("print.view")
def index(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What is missing, the form, and what was handed over."""
    run = run_of(request, slug, pk)
    return _page(request, slug, run, Handing(run))


def _page(request: HttpRequest, slug: str, run: PrintRun, form: Handing, status: int = 200) -> HttpResponse:
    programme, context = frame(request, slug, "print", f"入稿 {run_label(run)}")
    allowed, now = may(actor_of(request).roles, "print.hand"), timezone.now()
    handed = [_card(one) for one in run.parcels.select_related("printer", "parcel").order_by("pk")]
    usable: Any = form.fields["printer"]
    work = LongWork.objects.filter(scope=slug, kind=KIND, arguments__run=run.pk).order_by("-pk").first()
    context |= {
        "run": run, "label": run_label(run), "form": form, "may_hand": allowed, "handed": handed,
        "missing": _missing(run) if run.state != "dispatched" else "", "late": is_late(run, now),
        "printers": usable.queryset.exists(), "work": work and works.card(work, now), "days": DAYS_KEPT,
        "posted": run.state == "dispatched",
    }  # fmt: skip
    return render(request, "office/handing.html", context, status=status)


def _missing(run: PrintRun) -> str:
    """Why the run cannot leave, with the remedy; "" where it can."""
    try:
        ready_for_printer(run)
    except Refusal as refusal:
        return refusal.sentence
    return ""


def _card(one: PrinterParcel) -> dict[str, Any]:
    """A hand-over: its state, its digest in groups, what may be done with it."""
    badge = Badge("受領済", "ok") if one.received_at else Badge("受領待ち", "wait")
    lines = [("渡した日時", _at(one.handed_at, one.handed_by) + ("（入稿締切のあと）" if one.late else ""))]
    if one.received_at:
        lines.append(("受領", _at(one.received_at, one.received_by)))
    if one.dropped_at:
        badge = Badge("受領済・消去済", "none")
        lines.append(("暗号化したデータの消去", _at(one.dropped_at, one.dropped_by)))
    digest = one.parcel.sha256
    return {
        "row": one, "badge": badge, "lines": lines, "groups": [digest[at : at + 8] for at in range(0, 64, 8)],
        "waits": one.received_at is None, "kept": one.dropped_at is None,
    }  # fmt: skip


def _at(moment: datetime, who: str) -> str:
    return f"{localtime(moment):%Y/%m/%d %H:%M} {who}"


@require_POST
@asks("print.hand")
def hand(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Starts the encryption; a run that is not ready, or a key nobody vouched for, is refused here."""
    run = run_of(request, slug, pk)
    form = Handing(run, request.POST)
    if form.is_valid():
        said = form.cleaned_data
        if sentence := _missing(run):
            form.add_error(None, sentence)
        elif sentence := _unenclosed(run, said):
            form.add_error("address" if "住所を指定" in sentence else "reply", sentence)
        else:
            works.begin(
                request, run.programme, KIND, f"{run_label(run)}を{said['printer'].name}へ入稿", run=run.pk,
                **{**said, "printer": said["printer"].pk},
            )  # fmt: skip
            messages.success(request, "暗号化を始めました。終わると、下に渡すデータが並びます。")
            return redirect("print-handing", slug=slug, pk=pk)
    return _page(request, slug, run, form, status=422)


def _unenclosed(run: PrintRun, said: dict[str, Any]) -> str:
    """Why the run cannot be enclosed so, before anything long begins; "" where it can."""
    try:
        enclosing_for(
            run, outer=said["outer"], reply=said["reply"], on=localdate(), post_office=said["post_office"],
            address=said["address"],
        )  # fmt: skip
    except Refusal as refusal:
        return refusal.sentence
    return ""


def _handed(request: HttpRequest, slug: str, pk: int, parcel: int) -> PrinterParcel:
    run = run_of(request, slug, pk)
    return get_object_or_404(run.parcels.select_related("parcel", "printer"), pk=parcel)


@require_GET
@asks("print.hand")
def file(request: HttpRequest, slug: str, pk: int, parcel: int) -> FileResponse:
    """The encrypted parcel; that it was taken is recorded."""
    one = _handed(request, slug, pk, parcel)
    if one.dropped_at is not None:
        raise Http404("erased after the printer's receipt")
    record_look(
        actor=actor_of(request), action="print.hand", subject_kind="print_run", subject_id=pk, at=timezone.now(),
        programme_slug=slug, reason=f"{one.parcel.name} {one.pieces}通 {one.printer.name}",
    )  # fmt: skip
    return FileResponse(
        files.inside(one.parcel.path).open("rb"), content_type="application/octet-stream", as_attachment=True,
        filename=one.parcel.name,
    )  # fmt: skip


@require_POST
@asks("print.hand")
def receipt(request: HttpRequest, slug: str, pk: int, parcel: int) -> HttpResponse:
    """The digest that the printer named, typed in."""
    one = _handed(request, slug, pk, parcel)
    try:
        record_receipt(one, sha256=request.POST.get("sha256", ""), actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "受領を記録しました。SHA-256は一致しています。")
    return redirect("print-handing", slug=slug, pk=pk)


@require_POST
@asks("print.hand")
def drop(request: HttpRequest, slug: str, pk: int, parcel: int) -> HttpResponse:
    """Our copy of the encrypted file goes, its record stays."""
    one = _handed(request, slug, pk, parcel)
    try:
        drop_parcel(one, actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "暗号化したデータを消去しました。記録とSHA-256は残ります。")
    return redirect("print-handing", slug=slug, pk=pk)


urlpatterns = [
    path("run/<int:pk>/printer/", index, name="print-handing"),
    path("run/<int:pk>/printer/hand/", hand, name="print-hand"),
    path("run/<int:pk>/printer/<int:parcel>/file/", file, name="print-parcel"),
    path("run/<int:pk>/printer/<int:parcel>/receipt/", receipt, name="print-receipt"),
    path("run/<int:pk>/printer/<int:parcel>/drop/", drop, name="print-drop"),
]
