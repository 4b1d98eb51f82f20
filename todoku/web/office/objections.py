"""不服・訂正の申出: registered at either staff door, looked into by an officer, answered by an order. The same pages at both.

Each button is one call of its verb. A contractor's people register and follow; who looks into it and answers is the
municipality's.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.timezone import localdate, localtime
from django.views.decorators.http import require_GET, require_http_methods

from todoku.case.stages import stage_name
from todoku.ground.step import Refusal
from todoku.people.access import ACTIONS, may
from todoku.people.look import record_look
from todoku.people.tables import Staff, everybody
from todoku.programme.tables import Programme
from todoku.recovery.answer_objection import OUTCOMES, answer_objection, what_follows
from todoku.recovery.objection_tables import Objection
from todoku.recovery.take_objection import (
    Said,
    assign_objection,
    kinds_for,
    take_objection,
    withdraw_objection,
)
from todoku.web.office.cases import case_of
from todoku.web.office.cells import case_cell, page_number
from todoku.web.office.frame import frame
from todoku.web.office.watch_door import Door, wrong
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Filter, Row, Table

BADGES = {
    "received": Badge("受付", "wait"), "assigned": Badge("確認中", "info"), "answered": Badge("回答済み", "ok"),
    "withdrawn": Badge("取下げ", "none"),
}  # fmt: skip
LATE = Badge("回答の期限超過", "stop")
# Button → the box that its refusal leads to; an answer's own boxes stand together, the first of them leads.
FIELD_OF = {"assign": "assignee", "withdraw": "why", "answer": "outcome-0"}


class ObjectionEntry(forms.Form):
    """What was said, by whom, by which way and when."""

    kind = forms.ChoiceField(label="申出の種類")
    about = forms.ChoiceField(
        label="何について", choices=[("", "選んでください"), *Objection.ABOUT],
        error_messages={"required": "何についての申出かを選んでください。"},
    )  # fmt: skip
    channel = forms.ChoiceField(label="申出の方法", choices=Objection.CHANNELS)
    said_by = forms.CharField(
        label="だれの申出か", max_length=100, help_text="本人でないときは、本人との関係も書きます。",
        error_messages={"required": "だれの申出かを入力してください。"},
    )  # fmt: skip
    words = forms.CharField(
        label="申出の内容", max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "申出の内容を入力してください。"},
    )  # fmt: skip
    received_on = forms.DateField(
        label="受け付けた日", widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "受け付けた日を入力してください。"},
    )  # fmt: skip
    known_on = forms.DateField(
        label="決定を知った日", required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text="空けておくと、通知書を発送した日から数えます。",
    )  # fmt: skip


def objections_table(programme: Programme, slug: str, *, state: str, page: int) -> Table:
    """Objections by state; what is open stands in the order of its answer's day."""
    found = Objection.objects.filter(programme=programme)
    if state == "open":
        found = found.filter(state__in=Objection.OPEN)
    elif state in BADGES:
        found = found.filter(state=state)
    order = ("due_on", "pk") if state == "open" else ("-pk",)
    shown = found.select_related("case", "assignee").order_by(*order)[(page - 1) * 50 : page * 50]
    return Table(
        id="objections", caption="不服・訂正の申出", total=found.count(), page=page,
        columns=[
            Column("title", "申出", fixed=True), Column("state", "状態"), Column("kind", "種類"), Column("about", "何について"),
            Column("case", "案件", fixed=True), Column("received", "受付", fixed=True), Column("assignee", "担当"),
            Column("due", "回答の期限", fixed=True),
        ],
        rows=[_row(one, slug) for one in shown],
        filters=[Filter("state", "状態", state, [("open", "回答待ち"), ("answered", "回答済み"), ("withdrawn", "取下げ")])],
        empty=Empty("申出はありません。", "決定の後の不服と訂正は、案件の画面の「不服・訂正の申出」から受け付けます。"),
    )  # fmt: skip


def badge_of(one: Objection) -> Badge:
    """Where it stands, as a word."""
    return LATE if one.state in Objection.OPEN and one.due_on < localdate() else BADGES[one.state]


def _row(one: Objection, slug: str) -> Row:
    late = "（申出の期限の後）" if one.late else ""
    cells = [
        Cell(one.title, href=f"{one.pk}/"), Cell("", badge=badge_of(one)), Cell(one.get_kind_display() + late),
        Cell(one.get_about_display()), case_cell(one.case.number, slug), Cell(f"{one.received_on:%Y/%m/%d}"),
        Cell(one.assignee.name if one.assignee else ""), Cell(f"{one.due_on:%Y/%m/%d}"),
    ]  # fmt: skip
    return Row(key=str(one.pk), cells=cells, name=one.title, marked=badge_of(one) is LATE)


@require_GET
@asks("objection.view")
def index(request: HttpRequest, slug: str, door: Door) -> HttpResponse:
    """What was said against decisions, the soonest due first."""
    programme, context = door.open(request, slug, "不服・訂正の申出")
    state = request.GET.get("state", "open")
    context["table"] = objections_table(programme, slug, state=state, page=page_number(request))
    return render(request, "office/objections.html", context)


@require_http_methods(["GET", "POST"])
@asks("objection.take")
def new(request: HttpRequest, slug: str, number: str, door: Door) -> HttpResponse:
    """Registers what was said about a case."""
    programme, context = door.open(request, slug, "申出を受け付ける")
    case, status = case_of(programme, number), 200
    form = ObjectionEntry(
        request.POST or None, initial={"received_on": localdate().isoformat()}, auto_id="objection_%s"
    )
    form.fields["kind"].choices = kinds_for(programme.terms)  # type: ignore[attr-defined]
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = take_objection(
                    case, Said(**form.cleaned_data), actor=actor_of(request), at=timezone.now()
                )
            except Refusal as refusal:
                context["errors"] = [wrong("objection_words", refusal.sentence)]
            else:
                messages.success(
                    request, f"{made.title}として受け付けました。振込の前なら、支払を保留します。"
                )
                return redirect("objection", slug=slug, pk=made.pk)
    context |= {"case": case, "form": form, "gift": programme.terms.programme.legal_basis == "gift"}
    return render(request, "office/objection_new.html", context, status=status)


@require_http_methods(["GET", "POST"])
@asks("objection.view")
def show(request: HttpRequest, slug: str, pk: int, door: Door) -> HttpResponse:
    """One objection: what was said, its clock, who has it, and the answer."""
    programme, context = door.open(request, slug, "不服・訂正の申出")
    wanted = Objection.objects.select_related(
        "programme__municipality",
        "case__standing",
        "decision__decision_list",
        "assignee",
        "registered_by",
        "answered_by",
    )
    one, status = get_object_or_404(wanted, pk=pk, programme=programme), 200
    actor = actor_of(request)
    if request.method == "POST":
        try:
            done = _act(request, one)
        except Refusal as refusal:
            context["errors"], status = (
                [wrong(FIELD_OF.get(request.POST.get("do", ""), "reason"), refusal.sentence)],
                422,
            )
        else:
            messages.success(request, done)
            return redirect("objection", slug=slug, pk=pk)
    else:
        record_look(
            actor=actor, action="objection.view", subject_kind="case", subject_id=one.case_id, at=timezone.now(),
            programme_slug=slug, reason=one.title,
        )  # fmt: skip
    is_open = one.state in Objection.OPEN
    answers = is_open and may(actor.roles, "objection.answer")
    context |= {
        "page_title": f"{one.title}（{one.get_kind_display()}）", "one": one, "badge": badge_of(one), "items": facts_of(one),
        "may_answer": answers, "may_withdraw": is_open and may(actor.roles, "objection.take"),
        "officers": officers(programme) if answers else [], "outcomes": list(OUTCOMES.items()),
        "follows": what_follows(one) if answers else "", "chosen": request.POST.get("outcome", ""),
        "order": request.POST.get("order", ""), "reason": request.POST.get("reason", ""), "why": request.POST.get("why", ""),
    }  # fmt: skip
    return render(request, "office/objection.html", context, status=status)


def officers(programme: Programme) -> list[Staff]:
    """Whoever of the municipality may look into it and answer, by name."""
    allowed = ACTIONS["objection.answer"]
    held = everybody(programme.municipality_id, on=localdate())
    return list(Staff.objects.filter(pk__in={who for who, role in held if role in allowed}).order_by("name"))


def _act(request: HttpRequest, one: Objection) -> str:
    """Assigns, answers or withdraws, as the button says; gives what to tell."""
    actor, at, do = actor_of(request), timezone.now(), request.POST.get("do")
    if do == "assign":
        chosen = request.POST.get("assignee", "")
        staff = get_object_or_404(Staff, pk=int(chosen) if chosen.isdecimal() and len(chosen) < 10 else 0)
        assign_objection(one, staff, actor=actor, at=at)
        return f"{one.title}の担当を{staff.name}さんにしました。"
    if do == "withdraw":
        withdraw_objection(one, why=request.POST.get("why", ""), actor=actor, at=at)
        return f"{one.title}の取下げを記録しました。"
    answered = answer_objection(
        one, outcome=request.POST.get("outcome", ""), order=request.POST.get("order", ""),
        reason=request.POST.get("reason", ""), actor=actor, at=at,
    )  # fmt: skip
    return f"{one.title}に回答しました。{answered.get_effect_display()}。手紙は次の印刷で作成します。"


def facts_of(one: Objection) -> list[dict[str, Any]]:
    """What stands of an objection, as rows of a summary."""
    decided = one.decision.decision_list.decided_at if one.decision else None
    last = f"{one.last_day:%Y/%m/%d}" if one.last_day else "定めなし"
    rows: list[tuple[str, str, str]] = [
        ("案件の段階", stage_name(one.case.standing.stage), ""),
        (
            "対象の決定",
            f"{localtime(decided):%Y/%m/%d}の決定" if decided else "決定なし（期限切れ・辞退）",
            "",
        ),
        ("何について", one.get_about_display(), ""),
        ("だれの申出か", one.said_by, ""),
        (
            "受付",
            f"{one.received_on:%Y/%m/%d} {one.get_channel_display()}",
            f"{one.get_door_display()} {one.registered_by.name}",
        ),
        ("決定を知った日", f"{one.known_on:%Y/%m/%d}" if one.known_on else "不明", ""),
        ("申出の期限", last, "期限の後に受け付けています" if one.late else ""),
        ("回答の期限（目安）", f"{one.due_on:%Y/%m/%d}", ""),
        ("担当", one.assignee.name if one.assignee else "決まっていません", ""),
    ]
    if one.answered_by:
        rows += [
            ("回答", one.get_outcome_display(), one.get_effect_display()),
            ("決裁", one.order, f"{localtime(one.answered_at):%Y/%m/%d} {one.answered_by.name}"),
        ]
    return [{"label": label, "value": value, "note": note} for label, value, note in rows]


def patterns(door: Door) -> list[URLPattern]:
    """The pages as they stand at a door."""
    here = {"door": door}
    return [
        path("", index, here, name="objections"),
        path("<int:pk>/", show, here, name="objection"),
        path("case/<str:number>/", new, here, name="objection-new"),
    ]


urlpatterns = patterns(Door(frame, "notes", "shared/base_desk.html"))
