"""窓口 desk: what callers asked and were promised, also callers whose case is not known; call-backs that are due.

Takes notes; shows them newest first. A note is never changed: only its call-back is marked as made.
"""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localdate, localtime
from django.views.decorators.http import require_GET, require_POST

from todoku.ground.step import Refusal
from todoku.intake.add_note import add_note
from todoku.intake.call_back_done import call_back_done
from todoku.intake.tables import ContactNote
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.programme.tables import Programme
from todoku.review.seeded import at_desk
from todoku.web.office.cells import case_cell, page_number
from todoku.web.office.frame import frame, programme_of
from todoku.web.office.note_form import CallerNote
from todoku.web.office.scan import scanned_number
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Filter, Row, Table

CHANNELS = dict(ContactNote.CHANNELS)
WHICH = [("due", "折り返し待ち"), ("unknown", "案件が不明")]


@require_GET
@asks("note.add")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """A new note, the call-backs that are due, and the notes."""
    return _index(request, slug, CallerNote(auto_id="note_%s"))


def _index(request: HttpRequest, slug: str, form: CallerNote, status: int = 200) -> HttpResponse:
    programme, context = frame(request, slug, "notes", "窓口")
    due = list(_waiting(programme).select_related("case").order_by("call_back_on", "at")[:50])
    table = notes_table(request, programme, slug)
    shown = len(due) + len(table.rows)
    if shown:
        record_look(
            actor=actor_of(request), action="note.view", subject_kind="notes", subject_id=None, at=timezone.now(),
            programme_slug=slug, reason=f"応対記録 {shown}件を表示",
        )  # fmt: skip
    context |= {"form": form, "due": due, "today": localdate(), "table": table}
    roles = actor_of(request).roles
    context["beside"] = [
        (words, name)
        for words, name, action in (
            ("辞退の申出", "declines", "decline.confirm"),
            ("不服・訂正の申出", "objections", "objection.view"),
        )
        if may(roles, action)
    ]
    return render(request, "office/notes.html", context, status=status)


def _waiting(programme: Programme) -> Any:
    return ContactNote.objects.filter(
        at_desk(programme), call_back_on__isnull=False, call_back_done_at__isnull=True
    )


def notes_table(request: HttpRequest, programme: Programme, slug: str) -> Table:
    """Notes, newest first; by what is left to do, by channel, by a word in them."""
    which, channel, word = (
        request.GET.get("which", ""),
        request.GET.get("channel", ""),
        request.GET.get("word", ""),
    )
    found = ContactNote.objects.filter(at_desk(programme))
    if which == "due":
        found = _waiting(programme)
    elif which == "unknown":
        found = found.filter(case__isnull=True)
    if channel in CHANNELS:
        found = found.filter(channel=channel)
    if word := word.strip()[:50]:
        found = found.filter(
            Q(asked__icontains=word) | Q(promised__icontains=word) | Q(caller__icontains=word)
        )
    page = page_number(request)
    shown = found.select_related("case").order_by("-at", "-id")[(page - 1) * 50 : page * 50]
    return Table(
        caption="応対記録", total=found.count(), page=page,
        columns=[
            Column("at", "日時", fixed=True), Column("number", "番号", fixed=True), Column("channel", "方法"),
            Column("asked", "問い合わせ"), Column("promised", "答え・約束"), Column("back", "折り返し"), Column("by", "担当"),
        ],
        rows=[_row(note, slug) for note in shown],
        filters=[
            Filter("which", "残り", which, WHICH), Filter("channel", "方法", channel, list(CHANNELS.items())),
            Filter("word", "語句", word, kind="search"),
        ],
        empty=Empty("応対記録はありません。", "電話や窓口で話したことは、番号が分からなくても上の欄に残せます。"),
    )  # fmt: skip


def _row(note: ContactNote, slug: str) -> Row:
    number = (
        case_cell(note.case.number, slug) if note.case else Cell("", badge=Badge("案件不明", "warn"), note="")
    )
    back = Cell("")
    if note.call_back_on:
        done = note.call_back_done_at is not None
        back = Cell(
            "",
            badge=Badge(f"{note.call_back_on:%m/%d}{' 済' if done else ''}", "ok" if done else "wait"),
            note=note.call_back_done_by,
        )
    return Row(
        key=str(note.pk),
        cells=[
            Cell(f"{localtime(note.at):%m/%d %H:%M}"), number, Cell(note.get_channel_display()),
            Cell(note.asked, note=" ".join(part for part in (note.caller, note.identity_checked) if part)),
            Cell(note.promised), back, Cell(note.actor_name),
        ],
    )  # fmt: skip


@require_POST
@asks("note.add")
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """Keeps a note to a case, or to a caller whose case is not known yet."""
    programme = programme_of(request, slug)
    form = CallerNote(request.POST, auto_id="note_%s")
    if form.is_valid():
        number = scanned_number(form.cleaned_data["number"])
        try:
            note = add_note(
                form.note(number), programme=programme, actor=actor_of(request), at=timezone.now()
            )
        except Refusal as refusal:
            form.add_error("number" if number and "番号" in refusal.sentence else "asked", refusal.sentence)
        else:
            messages.success(request, "応対記録を保存しました。")
            if note.case_id:
                return redirect("case", slug=slug, number=number)
            return redirect("notes", slug=slug)
    return _index(request, slug, form, status=422)


@require_POST
@asks("note.add")
def called_back(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The promised call was made."""
    note = get_object_or_404(ContactNote, at_desk(programme_of(request, slug)), pk=pk)
    try:
        call_back_done(note.pk, actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "折り返しを済みにしました。話した内容は応対記録に残してください。")
    return redirect("notes", slug=slug)


urlpatterns = [
    path("", index, name="notes"),
    path("add/", add, name="notes-add"),
    path("<int:pk>/done/", called_back, name="notes-done"),
]
