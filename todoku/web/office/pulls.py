"""抜き取り: the pieces of a run that must not leave, by tray and position; each scanned void, spoiled ones printed again.

A piece is known by its code alone: no name and no address stands here, also not for a reprint.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from todoku.ground.step import Refusal
from todoku.letters.print_files import run_label
from todoku.letters.pull_list import REASONS, list_pulls, spoiled, unlisted
from todoku.letters.reprint import reprint
from todoku.letters.resume_printing import DOUBTFUL_MAX, resume_printing
from todoku.letters.tables import PrintRun, PulledPiece
from todoku.letters.void_piece import BY_HAND, void_piece
from todoku.people.access import may
from todoku.web.office.cells import case_cell
from todoku.web.office.frame import frame
from todoku.web.office.printing import run_of
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Row, Strip, Table
from todoku.web.shared.told import tell


class Scan(forms.Form):
    """One piece scanned void."""

    reason = forms.ChoiceField(
        label="理由",
        choices=[("", "一覧のとおり"), *BY_HAND.items()],
        required=False,
        widget=forms.RadioSelect,
    )
    code = forms.CharField(
        label="QR", max_length=30, help_text="用紙の右上のQR（17桁）。一覧の通は、理由を選ばずに読み取ります。",
        error_messages={"required": "QRを読み取ってください。"},
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "autofocus": True, "data-scan": True}
        ),
    )  # fmt: skip


class Stopped(forms.Form):
    """A printer that stopped: the last whole piece, and how many after it are in doubt."""

    printed_to = forms.IntegerField(
        label="最後に印刷できた通し番号", min_value=0, help_text="用紙に印刷された通し番号。1通も出ていなければ0。",
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "最後に印刷できた通し番号を入力してください。", "invalid": "数字で入力してください。"},
    )  # fmt: skip
    doubtful = forms.IntegerField(
        label="その後の疑わしい通数", min_value=0, max_value=DOUBTFUL_MAX, initial=0,
        help_text="紙詰まりの前後で、途中まで出たかもしれない通。抜き取りとして記録し、刷り直しに回します。",
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "疑わしい通数を入力してください。なければ0。"},
    )  # fmt: skip


@require_GET
@asks("print.dispatch")
def index(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The list in tray order, and the scan."""
    return _page(request, run_of(request, slug, pk), slug, Scan(), Stopped())


def _page(
    request: HttpRequest, run: PrintRun, slug: str, scan: Scan, stopped: Stopped, status: int = 200
) -> HttpResponse:
    _, context = frame(request, slug, "print", f"抜き取り {run_label(run)}")
    found = list(
        PulledPiece.objects.filter(letter__run=run)
        .select_related("letter__case")
        .order_by("voided_at", "tray", "position")
    )
    found.sort(key=lambda one: (one.voided_at is not None, one.tray, one.position))
    done = sum(one.voided_at is not None for one in found)
    before = run.state in ("made", "released")
    open_ones = spoiled(run)
    changed = sum(bool(one.reason) for one in open_ones)
    context |= {
        "run": run, "label": run_label(run), "scan": scan, "stopped": stopped, "before": before,
        "unlisted": len(unlisted(run)) if before else 0,
        "again": len(open_ones) - changed, "changed": changed,
        "may_make": may(actor_of(request).roles, "print.make"),
        "strip": Strip(len(found), done, len(found) - done, 0, "抜き取り", "", ("一覧", "読取済", "残り", "保留"), "通"),
        "table": Table(
            caption="抜き取りの一覧", total=len(found), unit="通", per_page=max(len(found), 1),
            columns=[
                Column("tray", "トレー", numeric=True), Column("position", "位置", numeric=True),
                Column("piece", "通し番号", numeric=True), Column("number", "番号", fixed=True), Column("why", "理由"),
                Column("state", "状態"),
            ],
            rows=[_row(one, slug) for one in found],
            empty=Empty("抜き取る通はありません。", "差し出す直前に「最新の事情と照らす」を押してください。"),
        ),
    }  # fmt: skip
    return render(request, "office/print_pulls.html", context, status=status)


def _row(one: PulledPiece, slug: str) -> Row:
    void = one.voided_at is not None
    return Row(
        str(one.pk),
        [
            Cell(one.tray), Cell(one.position), Cell(one.letter.piece_no), case_cell(one.letter.case.number, slug),
            Cell(REASONS[one.reason], note="破損・封入誤りのあと" if _was_spoiled(one) else ""),
            Cell(one.voided_by, badge=Badge("読取済", "ok") if void else Badge("抜き取る", "warn")),
        ],
        marked=not void,
    )  # fmt: skip


def _was_spoiled(one: PulledPiece) -> bool:
    """Whether a piece was spoiled before something became known: what is listed by a fact is scanned void later."""
    return one.listed_at == one.voided_at and one.reason not in (*BY_HAND, "unprinted")


@require_POST
@asks("print.dispatch")
def compare(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Holds the run against the latest facts."""
    run = run_of(request, slug, pk)
    tell(request, lambda: list_pulls(run, actor=actor_of(request), at=timezone.now()))
    return redirect("print-pulls", slug=slug, pk=pk)


@require_POST
@asks("print.dispatch")
def void(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One scan; the reason stays as chosen for none: each spoiled piece is said to be one."""
    run, form = run_of(request, slug, pk), Scan(request.POST)
    if form.is_valid():
        values = form.cleaned_data
        try:
            report = void_piece(
                values["code"], run=run, reason=values["reason"], actor=actor_of(request), at=timezone.now()
            )
        except Refusal as refusal:
            form.add_error("code", refusal.sentence)
        else:
            messages.success(request, report.note)
            return redirect("print-pulls", slug=slug, pk=pk)
    return _page(request, run, slug, form, Stopped(), status=422)


@require_POST
@asks("print.make")
def again(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A small run of the spoiled pieces that are still wanted."""
    run = run_of(request, slug, pk)
    try:
        made = reprint(run, actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("print-pulls", slug=slug, pk=pk)
    messages.success(request, f"{made.pieces:,}通の刷り直しを作りました。別の人の確認を受けてください。")
    return redirect("print-run", slug=slug, pk=made.pk)


@require_POST
@asks("print.make")
def rest(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The file of what is still to be printed after a stop."""
    run, form = run_of(request, slug, pk), Stopped(request.POST)
    if form.is_valid():
        values: Any = form.cleaned_data
        try:
            found = resume_printing(
                run, printed_to=values["printed_to"], doubtful=values["doubtful"], actor=actor_of(request),
                at=timezone.now(),
            )  # fmt: skip
        except Refusal as refusal:
            form.add_error("printed_to", refusal.sentence)
        else:
            answer = HttpResponse(found.pdf, content_type="application/pdf")
            answer["Content-Disposition"] = f'attachment; filename="{found.name}"'
            return answer
    return _page(request, run, slug, Scan(), form, status=422)


urlpatterns = [
    path("run/<int:pk>/pulls/", index, name="print-pulls"),
    path("run/<int:pk>/pulls/compare/", compare, name="print-compare"),
    path("run/<int:pk>/pulls/void/", void, name="print-void"),
    path("run/<int:pk>/pulls/again/", again, name="print-again"),
    path("run/<int:pk>/pulls/rest/", rest, name="print-rest"),
]
