"""一覧 at the roll desk: lists of taxes, child allowances, earlier benefits and care are received, looked at, taken or not.

Reading and taking are long work; this file keeps the received file and starts them. It shows counts, lines and kinds of
problems, never a value of a person.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET, require_POST

from todoku.custody.receive import receive
from todoku.formats.fact_list_kinds import LISTS
from todoku.people.access import may
from todoku.programme.tables import Programme
from todoku.registry.list_tables import FactImport
from todoku.web.office import works
from todoku.web.office.frame import frame, programme_of
from todoku.web.office.staged import STATES, begin_taking, leave_untaken, problems_csv, problems_table
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Row, Table

WORK_KINDS = ("list.stage", "list.take")


class ListFile(forms.Form):
    """A list as handed over: which one it is, and the file."""

    kind = forms.ChoiceField(
        label="一覧の種類",
        choices=[(kind.code, kind.title) for kind in LISTS.values()],
        initial=next(iter(LISTS)),
        widget=forms.RadioSelect,
    )
    file = forms.FileField(
        label="一覧のファイル（CSV）",
        help_text="見出しのあるCSVです。列の順番は問いません。マイナンバーの列を含むファイルは受け取れません。",
        error_messages={
            "required": "一覧のCSVファイルを選んでください。",
            "empty": "ファイルが空です。元のシステムから出力し直してください。",
        },
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv"}),
    )


def lists_context(programme: Programme, slug: str) -> dict[str, Any]:
    """What the roll desk shows of lists: those that wait for a decision, and all that came."""
    found = list(
        FactImport.objects.filter(programme=programme).select_related("parcel").order_by("-staged_at", "-pk")[:50]
    )  # fmt: skip
    return {
        "waiting_lists": [read for read in found if read.state == "staged"],
        "lists_table": Table(
            id="lists", caption="受け取った一覧", total=len(found), rows=[_row(read, slug) for read in found],
            columns=[
                Column("at", "受領", fixed=True), Column("kind", "種類"), Column("name", "ファイル"), Column("state", "状態"),
                Column("rows", "行", numeric=True), Column("changed", "取り込んだ件数", numeric=True),
                Column("unmatched", "名簿にない行", numeric=True), Column("errors", "誤り", numeric=True),
                Column("warnings", "確認", numeric=True), Column("by", "担当"),
            ],
            empty=Empty(
                "一覧はまだ届いていません。", "課税情報や児童手当などの一覧が要る制度では、上の「一覧を受け取る」で読み込みます。"
            ),
        ),
    }  # fmt: skip


def _row(read: FactImport, slug: str) -> Row:
    return Row(
        key=str(read.pk),
        cells=[
            Cell(f"{localtime(read.staged_at):%m/%d %H:%M}"), Cell(read.get_kind_display()),
            Cell(read.parcel.name, href=f"/p/{slug}/roll/lists/{read.pk}/"),
            Cell("", badge=Badge(read.get_state_display(), STATES[read.state])), Cell(read.rows_read), Cell(read.changed),
            Cell(read.unmatched), Cell(read.errors), Cell(read.warnings), Cell(read.staged_by),
        ],
        marked=read.state == "staged",
    )  # fmt: skip


@require_POST
@asks("roll.import")
def receive_list(request: HttpRequest, slug: str) -> HttpResponse:
    """Keeps the file and starts reading it."""
    programme = programme_of(request, slug)
    form = ListFile(request.POST, request.FILES, auto_id="list_%s")
    if not form.is_valid():
        for sentences in form.errors.values():
            messages.error(request, " ".join(map(str, sentences)))
        return redirect("roll", slug=slug)
    kind, file = form.cleaned_data["kind"], form.cleaned_data["file"]
    parcel, _ = receive(
        file.read(), kind=kind, name=file.name, scope=programme.slug, from_party=programme.municipality.name,
        actor=actor_of(request), at=timezone.now(),
    )  # fmt: skip
    works.begin(request, programme, "list.stage", f"一覧の読込み {parcel.name}", parcel=parcel.pk, list=kind)
    messages.success(request, "一覧を受け取りました。読み終わると、取り込む前の確認に進めます。")
    return redirect("roll", slug=slug)


def _read(request: HttpRequest, slug: str, pk: int) -> FactImport:
    programme = programme_of(request, slug)
    return get_object_or_404(
        FactImport.objects.select_related("parcel", "programme"), pk=pk, programme=programme
    )


@require_GET
@asks("roll.view")
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One list before it is taken: what comes in, what is wrong, and the decision."""
    programme, context = frame(request, slug, "roll", "一覧の確認")
    read = _read(request, slug, pk)
    left = read.rows_read - read.rows_good
    context |= {
        "read": read,
        "badge": Badge(read.get_state_display(), STATES[read.state]),
        "left": left,
        "may_import": may(actor_of(request).roles, "roll.import"),
        "figures": [
            {"label": "読んだ行", "value": read.rows_read, "unit": "行"},
            {"label": "取り込める行", "value": read.rows_good, "unit": "行"},
            {"label": "名簿にない行", "value": read.unmatched, "unit": "行", "note": "取り込みません"},
            {"label": "名簿にいて一覧にない人", "value": read.unlisted, "unit": "人"},
            {"label": "誤り", "value": read.errors, "note": "直すまで、すべては取り込めません"},
            {"label": "確認", "value": read.warnings, "note": "取り込めます。後で確かめてください"},
        ],
        "problems": problems_table(request, read),
        "works": works.latest(programme, kinds=WORK_KINDS, limit=1) if read.state == "reading" else [],
    }
    return render(request, "office/roll_list.html", context)


@require_GET
@asks("roll.view")
def problems_file(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The problems as CSV for the municipality: lines and kinds, never a value."""
    return problems_csv(request, _read(request, slug, pk))


@require_POST
@asks("roll.import")
def take(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Starts taking the list: all of it, or by explicit choice the good lines."""
    return begin_taking(request, _read(request, slug, pk))


@require_POST
@asks("roll.import")
def decline(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The list is not taken."""
    return leave_untaken(request, _read(request, slug, pk))


urlpatterns = [
    path("receive/", receive_list, name="roll-list-receive"),
    path("<int:pk>/", show, name="roll-list"),
    path("<int:pk>/problems.csv", problems_file, name="roll-list-problems"),
    path("<int:pk>/take/", take, name="roll-list-take"),
    path("<int:pk>/decline/", decline, name="roll-list-decline"),
]
