"""異動 at the roll desk: what happened to people of open cases after the base date, what the terms did with it, what waits.

Applying the Version's table is one button; a change that the table leaves open is decided here with the number of the
municipality's order, and what was done can be taken back. Shows names of those concerned: each page is a recorded look.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from todoku.case.change_rules import WAITS
from todoku.case.decide_change import Heir, decide_change, undo_change
from todoku.case.late_tables import LaterChange
from todoku.case.stages import stage_name
from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.programme.tables import Programme
from todoku.programme.vocabulary import CHANGE_EVENTS, CHANGE_OUTCOMES, CHANGE_PHASES, CHANGE_WHO
from todoku.registry.tables import Person
from todoku.web.office import works
from todoku.web.office.cells import page_number
from todoku.web.office.frame import frame, programme_of
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Filter, Row, Table

STATES = dict(LaterChange.STATES)
LOOKS = {"waiting": "wait", "done": "ok", "undone": "none"}
DECISIONS = ["pay", "lapse", "new_head", "new_guardian", "estate"]
SUCCESSORS_MAX = 30


class Decision(forms.Form):
    """What the municipality ordered for one change; the heir's fields only where the heirs receive."""

    then = forms.ChoiceField(
        label="判断", choices=[(code, CHANGE_OUTCOMES[code]) for code in DECISIONS], widget=forms.RadioSelect,
        error_messages={"required": "判断を選んでください。"},
    )  # fmt: skip
    order = forms.CharField(
        label="自治体の決裁番号", max_length=100, error_messages={"required": "決裁番号を入力してください。"}
    )
    why = forms.CharField(
        label="確認した事実", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    payee = forms.ChoiceField(
        label="新しい受給者", required=False, help_text="新しい世帯主・養育する方が申請するときに選びます。"
    )
    name = forms.CharField(label="相続人代表者の氏名", max_length=200, required=False)
    kana = forms.CharField(label="氏名（カナ）", max_length=200, required=False)
    birth_date = forms.DateField(
        label="生年月日", required=False, widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": "生年月日を確かめてください。"},
    )  # fmt: skip
    postal_code = forms.CharField(label="郵便番号", max_length=8, required=False)
    address = forms.CharField(label="住所", max_length=300, required=False)
    building = forms.CharField(label="方書", max_length=300, required=False)
    phone = forms.CharField(label="電話番号", max_length=30, required=False)

    def __init__(self, successors: list[Person], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.successors = {str(one.pk): one for one in successors}
        self.fields["payee"].choices = [("", "選んでください")] + [  # type: ignore[attr-defined]
            (key, f"{one.name}（{one.relation or '世帯員'}）") for key, one in self.successors.items()
        ]

    def heir(self) -> Heir:
        said = self.cleaned_data
        return Heir(
            said["name"], said["kana"], said["birth_date"], said["postal_code"], said["address"], said["building"],
            said["phone"],
        )  # fmt: skip


@require_GET
@asks("roll.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """What waits first, then what was done."""
    programme, context = frame(request, slug, "roll", "基準日の後の異動")
    state = request.GET.get("state", "waiting")
    state = state if state in STATES else ""
    found = LaterChange.objects.filter(programme=programme)
    waiting = found.filter(state="waiting").count()
    context |= {
        "table": _table(request, found.filter(state=state) if state else found, state, slug),
        "waiting": waiting,
        "may_apply": may(actor_of(request).roles, "roll.import"),
        "works": works.latest(programme, kinds=("change.apply",), limit=1),
    }
    return render(request, "office/changes.html", context)


def _table(request: HttpRequest, found: QuerySet[LaterChange], state: str, slug: str) -> Table:
    page = page_number(request)
    rows = found.select_related("case").order_by("-state", "-found_at", "pk")[(page - 1) * 50 : page * 50]
    return Table(
        id="changes", caption="異動", total=found.count(), page=page,
        columns=[
            Column("number", "案件", fixed=True), Column("event", "異動"), Column("who", "誰に"), Column("phase", "時期"),
            Column("rule", "制度の定め"), Column("state", "状態"), Column("waits", "判断が要る理由"),
        ],
        rows=[
            Row(
                key=str(one.pk),
                cells=[
                    Cell(one.case.printed_number, href=f"/p/{slug}/roll/changes/{one.pk}/"),
                    Cell(CHANGE_EVENTS[one.event], note=f"{one.happened_on:%Y/%m/%d}" if one.happened_on else "日付不明"),
                    Cell(CHANGE_WHO[one.who]), Cell(CHANGE_PHASES[one.phase]), Cell(CHANGE_OUTCOMES[one.rule]),
                    Cell("", badge=Badge(STATES[one.state], LOOKS[one.state])), Cell(WAITS.get(one.waits_for, "")),
                ],
                marked=one.state == "waiting",
            )
            for one in rows
        ],
        filters=[Filter("state", "状態", state, LaterChange.STATES)],
        empty=Empty("判断を待つ異動はありません。", "後から届いた名簿を取り込んだら、「異動を反映する」を押してください。"),
    )  # fmt: skip


@require_POST
@asks("roll.import")
def apply(request: HttpRequest, slug: str) -> HttpResponse:
    """Starts applying the Version's table to what the last roll and lists say."""
    works.begin(request, programme_of(request, slug), "change.apply", "基準日の後の異動の反映")
    messages.success(request, "異動の反映を始めました。")
    return redirect("roll-changes", slug=slug)


def _change(programme: Programme, pk: int) -> LaterChange:
    found = LaterChange.objects.select_related(
        "case__standing", "case__recipient__head", "person", "programme"
    )
    return get_object_or_404(found, pk=pk, programme=programme)


def _successors(change: LaterChange) -> list[Person]:
    """Who of the roll could receive instead: those counted in the case and those who live with them now."""
    counted = Person.objects.filter(
        member__recipient=change.case.recipient_id, member__superseded_by_order=""
    )
    households = counted.values("household_number")
    found = Person.objects.filter(
        Q(pk__in=counted.values("pk")) | Q(household_number__in=households),
        programme=change.programme_id, in_latest_roll=True, left_reason="",
    )  # fmt: skip
    return list(found.exclude(pk=change.case.recipient.head_id).order_by("-is_head", "pk")[:SUCCESSORS_MAX])


@require_GET
@asks("change.decide")
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One change: what happened, what the terms say, and the form for the municipality's order."""
    return _show(request, slug, pk, None)


def _show(
    request: HttpRequest, slug: str, pk: int, form: Decision | None, sentence: str = "", status: int = 200
) -> HttpResponse:
    programme, context = frame(request, slug, "roll", "異動の判断")
    change = _change(programme, pk)
    record_look(
        actor=actor_of(request), action="change.decide", subject_kind="case", subject_id=change.case_id,
        at=timezone.now(), programme_slug=slug, reason="異動の内容を表示",
    )  # fmt: skip
    errors = [{"target": "decide", "sentence": sentence}] if sentence else []
    if form is not None:
        errors += [
            {"target": form[name].id_for_label, "sentence": str(text)}
            for name, texts in form.errors.items()
            for text in texts
        ]
    context |= {
        "change": change,
        "stage": stage_name(change.case.standing.stage),
        "facts": _facts(change),
        "badge": Badge(STATES[change.state], LOOKS[change.state]),
        "form": form or Decision(_successors(change), auto_id="decide_%s"),
        "errors": errors,
    }
    return render(request, "office/change.html", context, status=status)


def _facts(change: LaterChange) -> list[dict[str, str]]:
    payee = change.case.recipient.head
    on = f"{change.happened_on:%Y/%m/%d}" if change.happened_on else "日付不明"
    facts = [
        ("異動", f"{CHANGE_EVENTS[change.event]}（{on}）"), ("異動した方", change.person.name),
        ("立場", CHANGE_WHO[change.who]), ("時期", CHANGE_PHASES[change.phase]),
        ("制度の定め", CHANGE_OUTCOMES[change.rule]), ("いまの受給者", payee.name),
    ]  # fmt: skip
    if change.waits_for:
        facts.append(("判断が要る理由", WAITS[change.waits_for]))
    if change.outcome:
        facts.append(
            ("扱い", CHANGE_OUTCOMES[change.outcome] + (f"（決裁 {change.order}）" if change.order else ""))
        )
    return [{"label": label, "value": words} for label, words in facts]


@require_POST
@asks("change.decide")
def decide(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Enters the municipality's order for a change that waits."""
    change = _change(programme_of(request, slug), pk)
    form = Decision(_successors(change), request.POST, auto_id="decide_%s")
    if not form.is_valid():
        return _show(request, slug, pk, form, status=422)
    said = form.cleaned_data
    try:
        decide_change(
            change, then=said["then"], order=said["order"], why=said["why"], payee=form.successors.get(said["payee"]),
            heir=form.heir() if said["then"] == "estate" else None, actor=actor_of(request), at=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        return _show(request, slug, pk, form, refusal.sentence, status=422)
    messages.success(request, f"「{CHANGE_OUTCOMES[said['then']]}」として記録しました。")
    return redirect("roll-changes", slug=slug)


@require_POST
@asks("change.decide")
def undo(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Takes back what was done with a change, by an order."""
    change = _change(programme_of(request, slug), pk)
    try:
        undo_change(
            change, order=request.POST.get("order", ""), why=request.POST.get("why", ""), actor=actor_of(request),
            at=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        return _show(request, slug, pk, None, refusal.sentence, status=422)
    messages.success(request, "取り消しました。案件は元の受給者・段階に戻っています。")
    return redirect("roll-changes", slug=slug)


urlpatterns = [
    path("", index, name="roll-changes"),
    path("apply/", apply, name="roll-changes-apply"),
    path("<int:pk>/", show, name="roll-change"),
    path("<int:pk>/decide/", decide, name="roll-change-decide"),
    path("<int:pk>/undo/", undo, name="roll-change-undo"),
]
