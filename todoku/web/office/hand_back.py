"""納品: what goes back to the municipality at the end is made, handed over, and seen accepted or refused.

Making is long work. Taking the archive is recorded, since it holds every case.
"""

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET, require_POST

from todoku.custody import files
from todoku.ground.step import Refusal
from todoku.handback.hand_over import WHY_MAX, SheetsOutside, hand_over
from todoku.handback.still_open import outside_words, sheets_outside, still_open
from todoku.handback.tables import HandBack
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.programme.tables import Programme
from todoku.web.office import works
from todoku.web.office.frame import frame, programme_of
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Row, Table

# Whose counts the municipality may see: before that it finds its own.
INSPECTED = ("accepted", "refused")
LOOKS = {"made": "wait", "handed": "info", "accepted": "ok", "refused": "stop", "void": "none"}


class Leaving(forms.Form):
    """What becomes of the sheets that lie in no box; the verb asks for both, where there are any."""

    left_to = forms.ChoiceField(
        label="箱に入れない用紙をどうするか", choices=HandBack.LEFT, widget=forms.RadioSelect, required=False
    )
    why = forms.CharField(
        label="理由", max_length=WHY_MAX, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="自治体の検収の画面に出ます。番号や氏名は書きません。",
    )  # fmt: skip


@require_GET
@asks("handback.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """Every hand-back, newest first, and the next step."""
    programme, context = frame(request, slug, "handback", "納品")
    last = HandBack.objects.filter(programme=programme).exclude(state="void").order_by("-no").first()
    context |= {
        "table": table(programme, f"/p/{slug}/handback/"),
        "last": last,
        "works": works.latest(programme, kinds=("handback.make",), limit=1),
        "may_make": may(actor_of(request).roles, "handback.make")
        and (last is None or last.state != "handed"),
        "may_hand": may(actor_of(request).roles, "handback.make")
        and last is not None
        and last.state == "made",
    }
    return render(request, "office/hand_back.html", context)


def table(programme: Programme, base: str, *, counts_inspected_only: bool = False) -> Table:
    """The hand-backs of a programme; both doors show it. `counts_inspected_only`: who still has to count sees no counts."""
    found = (
        HandBack.objects.filter(programme=programme)
        .select_related("parcel", "acceptance")
        .prefetch_related("boxes")
        .order_by("-no")
    )
    return Table(
        caption="納品", total=len(found), per_page=max(50, len(found)),
        columns=[
            Column("no", "番号", numeric=True), Column("state", "状態"), Column("cases", "案件", numeric=True),
            Column("sheets", "用紙", numeric=True), Column("pictures", "画像", numeric=True),
            Column("boxes", "箱", numeric=True), Column("made", "作成", fixed=True), Column("handed", "引渡し", fixed=True),
            Column("result", "検収"),
        ],
        rows=[
            _row(one, base, counts=not counts_inspected_only or one.state in INSPECTED) for one in found
        ],
        empty=Empty("納品物はまだありません。", "業務の終わりに作成し、用紙・画像・一覧・記録をまとめて自治体に渡します。"),
    )  # fmt: skip


def _row(one: HandBack, base: str, *, counts: bool) -> Row:
    found = getattr(one, "acceptance", None)
    return Row(
        key=str(one.pk),
        cells=[
            Cell(one.no, href=f"{base}{one.pk}/"), Cell("", badge=Badge(one.get_state_display(), LOOKS[one.state])),
            *(Cell(count if counts else None) for count in (one.cases, one.sheets, one.pictures, len(one.boxes.all()))),
            Cell(f"{localtime(one.made_at):%m/%d %H:%M}", note=one.made_by),
            Cell(f"{localtime(one.handed_at):%m/%d %H:%M}" if one.handed_at else "", note=one.handed_by),
            Cell(f"{localtime(found.at):%m/%d %H:%M} {found.actor_name}" if found else "", note=found.comment if found else ""),
        ],
        name=f"納品{one.no}",
    )  # fmt: skip


def one_of(programme: Programme, pk: int) -> HandBack:
    return get_object_or_404(
        HandBack.objects.select_related("parcel", "acceptance").prefetch_related("boxes__container"),
        pk=pk,
        programme=programme,
    )


@require_GET
@asks("handback.view")
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One hand-back: its counts, its digest, its boxes and where they stand."""
    return _show(request, slug, pk, Leaving())


def _show(request: HttpRequest, slug: str, pk: int, form: Leaving, status: int = 200) -> HttpResponse:
    programme, context = frame(request, slug, "handback", "納品")
    made = one_of(programme, pk)
    outside = sheets_outside(made) if made.state == "made" else []
    context |= {
        "page_title": f"納品{made.no}",
        "form": form,
        "made": made,
        "counts": True,
        "boxes": boxes_table(made),
        "still": still_open(programme.pk) if made.state == "made" else [],
        "outside": outside_words(outside) if outside else "",
        "may_file": may(actor_of(request).roles, "handback.make"),
        "may_hand": may(actor_of(request).roles, "handback.make") and made.state == "made",
    }
    return render(request, "office/hand_back_one.html", context, status=status)


def boxes_table(made: HandBack) -> Table:
    """The boxes that go with it."""
    boxes = sorted(made.boxes.all(), key=lambda box: box.container.code)
    return Table(
        caption="箱", total=len(boxes), per_page=max(50, len(boxes)), unit="箱",
        columns=[Column("code", "箱", fixed=True), Column("sheets", "用紙", numeric=True), Column("at", "いまの場所")],
        rows=[
            Row(str(box.pk), [Cell(box.container.code), Cell(box.sheets), Cell(box.container.get_station_display())])
            for box in boxes
        ],
        empty=Empty("一緒に渡す箱はありません。", "保管庫で封をした箱が、次に作成する納品に入ります。"),
    )  # fmt: skip


@require_POST
@asks("handback.make")
def make(request: HttpRequest, slug: str) -> HttpResponse:
    """Starts making the archive."""
    programme = programme_of(request, slug)
    works.begin(request, programme, "handback.make", "納品物の作成")
    messages.success(request, "納品物の作成を始めました。終わると、一覧に並びます。")
    return redirect("handback", slug=slug)


@require_POST
@asks("handback.make")
def hand(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Paper and files have gone to the municipality."""
    made, form = one_of(programme_of(request, slug), pk), Leaving(request.POST)
    if not form.is_valid():
        return _show(request, slug, pk, form, status=422)
    try:
        report = hand_over(made, **form.cleaned_data, actor=actor_of(request), at=timezone.now())
    except SheetsOutside as refusal:
        form.add_error("why" if form.cleaned_data["left_to"] else "left_to", refusal.sentence)
        return _show(request, slug, pk, form, status=422)
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, report.note)
    return redirect("handback-one", slug=slug, pk=pk)


@require_GET
@asks("handback.make")
def archive(request: HttpRequest, slug: str, pk: int) -> FileResponse:
    """The archive, to be carried to the municipality."""
    return archive_of(request, slug, pk)


def archive_of(request: HttpRequest, slug: str, pk: int) -> FileResponse:
    """The archive as a file; the look is recorded."""
    made = one_of(programme_of(request, slug), pk)
    if made.parcel is None or made.state == "void":
        raise Http404("archive")
    record_look(
        actor=actor_of(request), action="handback.archive", subject_kind="hand_back", subject_id=made.pk,
        at=timezone.now(), programme_slug=slug, reason=f"{made.parcel.name} {made.cases}件",
    )  # fmt: skip
    return FileResponse(
        files.inside(made.parcel.path).open("rb"),
        content_type="application/zip",
        as_attachment=True,
        filename=made.parcel.name,
    )


urlpatterns = [
    path("", index, name="handback"),
    path("make/", make, name="handback-make"),
    path("<int:pk>/", show, name="handback-one"),
    path("<int:pk>/hand/", hand, name="handback-hand"),
    path("<int:pk>/archive/", archive, name="handback-archive"),
]
