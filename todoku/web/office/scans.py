"""読取 desk: scanner's lots come in, are read as long work, and what the reading could not tell is told by a person.

Takes uploads and acts on pages; calls receive_lot and act_on_page. Pages without a case show their picture alone.
"""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_POST

from todoku.ground.step import Refusal
from todoku.intake.make_key_tasks import make_key_tasks
from todoku.mailroom.tables import Container
from todoku.people.access import may
from todoku.programme.tables import Programme
from todoku.scan.act_on_page import ACTS, UNDO_SECONDS, act_on_page, take_back
from todoku.scan.delivered import files_of_upload
from todoku.scan.receive_lot import NotCounted, receive_lot
from todoku.scan.tables import PageAct, ScanLot, ScanPage
from todoku.web.office import works
from todoku.web.office.cells import page_number
from todoku.web.office.frame import frame, programme_of
from todoku.web.office.kept_from import kept_from
from todoku.web.office.paper_form import DayField
from todoku.web.office.scans_page import (
    asked_of_a_second,
    lot_page,
    lots_table,
    not_asked_by,
    rescans,
    rescans_table,
    strip_of,
    waiting_pages,
    words_of,
)
from todoku.web.shared.doors import actor_of, asks, refuse
from todoku.web.shared.pieces import Undo

UPLOAD_BYTES_MAX = 500 * 1024 * 1024  # what a browser sends in some minutes; larger trays go by the command


class Many(forms.ClearableFileInput):
    """A file box that takes several files."""

    allow_multiple_selected = True


class Files(forms.FileField):
    """Several uploaded files as a list."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        found = [super(Files, self).clean(one, initial) for one in (data or [])]
        if not found:
            raise forms.ValidationError(
                "スキャンのファイル（TIFF・JPEG・PDF、またはまとめたzip）を選んでください。"
            )
        if sum(one.size for one in found) > UPLOAD_BYTES_MAX:
            raise forms.ValidationError(
                f"一度に送れるのは{UPLOAD_BYTES_MAX >> 20}MBまでです。束を分けるか、フォルダをコマンドで取り込んでください。"
            )
        return found


class LotForm(forms.Form):
    """A lot to be taken in."""

    scans = Files(
        label="スキャンのファイル",
        widget=Many(attrs={"accept": ".tif,.tiff,.jpg,.jpeg,.png,.pdf,.zip"}),
        help_text="TIFF・JPEG・PDF。複数選べます。zip 1つにまとめても構いません。",
    )
    name = forms.CharField(
        label="束の名前", max_length=100, help_text="例：12月8日 束3",
        error_messages={"required": "束の名前を入力してください。紙の束に書いた名前と同じにします。"},
    )  # fmt: skip
    arrived_on = DayField(
        label="到着日", error_messages={"required": "到着日を月日の4桁で入力してください。"}
    )
    container = forms.ChoiceField(label="入れ物", required=False)
    stated_sheets = forms.IntegerField(
        label="数えた枚数", required=False, min_value=1, max_value=100_000,
        help_text="読み取る前に数えた紙の枚数。合わないときは差異になります。入れ物を選んだときは必ず入力します。",
    )  # fmt: skip
    both_sides = forms.BooleanField(label="両面を読み取った", required=False)

    field_order = ("scans", "name", "arrived_on", "container", "stated_sheets", "both_sides")

    def __init__(self, *values: Any, programme: Programme, today: date, **named: Any) -> None:
        super().__init__(*values, **named)
        self.fields["arrived_on"].today = today  # type: ignore[attr-defined]
        found = Container.objects.filter(programme=programme, station="scanning").order_by("code")
        self.fields["container"].choices = [  # type: ignore[attr-defined]
            ("", "なし"), *((str(one.pk), one.code) for one in found[:200])
        ]  # fmt: skip


@require_GET
@asks("scan.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """Lots with their progress and counts, and the upload."""
    programme = programme_of(request, slug)
    return _index(
        request, slug, LotForm(programme=programme, today=localdate(), initial={"arrived_on": f"{localdate():%m%d}"})
    )  # fmt: skip


def _index(request: HttpRequest, slug: str, form: LotForm, status: int = 200) -> HttpResponse:
    programme, context = frame(request, slug, "scan", "読取")
    context |= {
        "form": form,
        "strip": strip_of(programme),
        "waiting": waiting_pages(programme).count(),
        "again": rescans(programme).count(),
        "works": works.latest(programme, kinds=("scan.read",), limit=3),
        "table": lots_table(programme, slug, page_number(request)),
    }
    return render(request, "office/scans.html", context, status=status)


@require_POST
@asks("scan.take")
def receive(request: HttpRequest, slug: str) -> HttpResponse:
    """Keeps the files of a lot and starts reading them."""
    programme = programme_of(request, slug)
    form = LotForm(request.POST, request.FILES, programme=programme, today=localdate())
    if form.is_valid():
        values = form.cleaned_data
        try:
            lot = receive_lot(
                files_of_upload([(one.name, one.read()) for one in values["scans"]]), programme=programme,
                name=values["name"], arrived_on=values["arrived_on"], actor=actor_of(request), at=timezone.now(),
                container=_container(programme, values["container"]),
                stated_sheets=values["stated_sheets"], both_sides=values["both_sides"],
            )  # fmt: skip
        except NotCounted as refusal:
            form.add_error("stated_sheets", refusal.sentence)
        except Refusal as refusal:
            form.add_error("scans", refusal.sentence)
        else:
            works.begin(request, programme, "scan.read", f"スキャンの読取り {lot.name}", lot=lot.pk)
            messages.success(request, "スキャンを受け取りました。読み取りが済むと、打鍵に並びます。")
            return redirect("scan", slug=slug)
    return _index(request, slug, form, status=422)


def _container(programme: Programme, pk: str) -> Container | None:
    return Container.objects.get(pk=int(pk), programme=programme) if pk else None


@require_GET
@asks("scan.view")
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One lot: its counts, its pages, what was set aside and why."""
    programme, context = frame(request, slug, "scan", "スキャン")
    lot = get_object_or_404(ScanLot, pk=pk, programme=programme)
    context |= lot_page(lot, slug, page_number(request)) | {
        "page_title": f"スキャン {lot.name}（番号 {lot.pk}）"
    }
    return render(request, "office/scan_lot.html", context)


@require_GET
@asks("scan.view")
def look(request: HttpRequest, slug: str) -> HttpResponse:
    """The oldest page that waits for a person, or the one asked for, its picture at once and the next one's behind."""
    asked = request.GET.get("page", "")
    return _look(request, slug, int(asked) if asked.isdecimal() else 0)


def _look(
    request: HttpRequest, slug: str, at: int = 0, typed: str = "", sentence: str = "", status: int = 200
) -> HttpResponse:  # fmt: skip
    programme, context = frame(request, slug, "scan", "ページの確認")
    me, opens = actor_of(request).id, may(actor_of(request).roles, "case.view_protected")
    found = not_asked_by(me or 0, waiting_pages(programme, protected=opens))
    rest = list(found[:2])
    if at:
        asked = ScanPage.objects.filter(pk=at, programme=programme).select_related("lot", "case")
        rest = [*asked, *(one for one in rest if one.pk != at)]
    page = rest[0] if rest else None
    if page and page.case and kept_from(request, page.case):
        return refuse(request, "case.view_protected")
    context |= {
        "page": page, "next": rest[1] if len(rest) > 1 else None, "left": found.count(), "acts": ACTS, "typed": typed,
        "sentence": sentence, "wide": True, "undo": _undo(request, programme),
        "errors": [{"target": "number", "sentence": sentence}] if sentence else [],
    }  # fmt: skip
    if page:
        before = ScanPage.objects.filter(lot=page.lot_id, no=page.no - 1).exclude(state="void").first()
        context |= {"before": before, "problems": words_of(page), "asked": asked_of_a_second(page)}
    return render(request, "office/scan_look.html", context, status=status)


@require_POST
@asks("scan.take")
def act(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One act on a page; a number that is wrong is said at its field."""
    programme = programme_of(request, slug)
    get_object_or_404(ScanPage, pk=pk, programme=programme)
    what, number = request.POST.get("act", ""), request.POST.get("number", "")
    if what not in ACTS:
        return _look(request, slug, pk, status=422)
    sheet = request.POST.get("sheet", "")
    try:
        page = act_on_page(
            pk, what, actor=actor_of(request), at=timezone.now(), number=number,
            sheet=int(sheet) if sheet in ("1", "5", "7", "8", "6") else None,
        )  # fmt: skip
    except Refusal as refusal:
        return _look(request, slug, pk, number, refusal.sentence, status=422)
    if what == "turn":
        return _look(request, slug, pk)
    make_key_tasks(programme=programme, actor=actor_of(request), at=timezone.now(), lot=page.lot)
    if asked_of_a_second(page):
        messages.info(
            request, "もう一人の担当者が同じ判断をすると、決まります。それまでこのページは確認待ちです。"
        )
    return redirect("scan-again" if what in ("came", "keep") else "scan-look", slug=slug)


@require_GET
@asks("scan.view")
def again(request: HttpRequest, slug: str) -> HttpResponse:
    """The sheets to fetch and scan again, with the place where each lies."""
    programme, context = frame(request, slug, "scan", "再スキャン待ち")
    actor = actor_of(request)
    found = not_asked_by(actor.id or 0, rescans(programme, protected=may(actor.roles, "case.view_protected")))
    context |= {"table": rescans_table(found, slug, page_number(request)), "undo": _undo(request, programme)}
    return render(request, "office/scan_again.html", context)


def _undo(request: HttpRequest, programme: Programme) -> Undo | None:
    """The way back from one's last act while its minute runs."""
    who = actor_of(request).id
    assert who is not None
    last = (
        PageAct.objects.filter(page__programme=programme, staff_id=who)
        .exclude(why="取消し")
        .select_related("page__lot")
        .order_by("-id")
        .first()
    )
    if last is None or last.page.state != last.to_state:
        return None
    left = UNDO_SECONDS - int((timezone.now() - last.at).total_seconds())
    if left <= 0:
        return None
    words = f"{last.page.lot.name} の{last.page.no}ページ目: {last.why}。"
    return Undo(sentence=words, url=f"/p/{programme.slug}/scan/undo/{last.page_id}/", seconds=left)


@require_POST
@asks("scan.take")
def undo(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Takes one's own last act on a page back."""
    programme = programme_of(request, slug)
    get_object_or_404(ScanPage, pk=pk, programme=programme)
    try:
        page = take_back(pk, actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        # Other sheets of that household in the lot are keyed without this page.
        make_key_tasks(programme=programme, actor=actor_of(request), at=timezone.now(), lot=page.lot)
        messages.info(request, "取り消しました。ページはもう一度確認を待ちます。")
    return redirect("scan-look", slug=slug)


urlpatterns = [
    path("", index, name="scan"),
    path("receive/", receive, name="scan-receive"),
    path("look/", look, name="scan-look"),
    path("again/", again, name="scan-again"),
    path("lot/<int:pk>/", show, name="scan-lot"),
    path("act/<int:pk>/", act, name="scan-act"),
    path("undo/<int:pk>/", undo, name="scan-undo"),
]
