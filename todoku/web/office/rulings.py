"""裁定: the municipality's rulings, found by code, words and day; the open cases that each is for; what the next Version owes.

The same pages at both doors: the office lays rulings beside cases, the municipality ends them; both note candidates.
"""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from todoku.case.stages import stage_name
from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.programme.tables import Programme
from todoku.review.apply_ruling import apply_ruling
from todoku.review.codes import CODES
from todoku.review.end_ruling import end_ruling
from todoku.review.find_rulings import find_rulings
from todoku.review.ruling_tables import Ruling, VersionCandidate
from todoku.review.similar_cases import Similar, similar_cases
from todoku.review.tables import Question
from todoku.review.version_candidates import (
    SEVERITIES,
    Candidate,
    candidates,
    drop_candidate,
    note_candidate,
)
from todoku.web.office.cells import case_cell, page_number
from todoku.web.office.frame import frame
from todoku.web.office.ruling_words import CHANGE_PLACES, scope_words
from todoku.web.office.watch_door import Door, wrong
from todoku.web.shared.doors import actor_of, asks, refuse
from todoku.web.shared.pieces import Action, Badge, Cell, Column, Empty, Filter, Row, Table

OFFICE = Door(frame, "questions", "shared/base_desk.html")
OUTCOMES = {
    "grant": Badge("支給相当", "ok"), "return": Badge("返戻して確認", "warn"), "refuse": Badge("不支給相当", "stop"),
    **{code: Badge(words, "info") for code, words in Question.CHANGES},
}  # fmt: skip
# What a button does → the action that it asks for.
DEEDS = {"apply": "ruling.apply", "apply_all": "ruling.apply", "end": "ruling.end", "note": "ruling.note"}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


@require_GET
@asks("ruling.view")
def index(request: HttpRequest, slug: str, door: Door) -> HttpResponse:
    """Rulings, the newest first, or the likest to the words."""
    programme, context = door.open(request, slug, "裁定")
    words, code = request.GET.get("words", "")[:100], request.GET.get("code", "")
    since, until = request.GET.get("since", ""), request.GET.get("until", "")
    found = find_rulings(programme, words=words, code=code, since=_day(since), until=_day(until))
    page = page_number(request)
    context["table"] = Table(
        id="rulings", caption="裁定", total=len(found), page=page,
        columns=[
            Column("number", "番号", fixed=True), Column("outcome", "区分"), Column("reason", "理由"),
            Column("scope", "適用の範囲"), Column("on", "日付", fixed=True), Column("by", "回答した人", fixed=True),
        ],
        rows=[_row(one) for one in found[(page - 1) * 50 : page * 50]],
        filters=[
            Filter("words", "ことば", words),
            Filter("code", "指摘", code, [(one.code, f"{one.code} {one.name}") for one in CODES.values()]),
            Filter("since", "いつから", since, kind="date"), Filter("until", "いつまで", until, kind="date"),
        ],
        empty=Empty(
            "裁定はありません。" if not (words or code or since or until) else "当てはまる裁定はありません。",
            "照会に自治体が回答すると、番号のついた裁定としてここに残り、同様の案件で探せます。",
        ),
    )  # fmt: skip
    return render(request, "office/rulings.html", context)


def _row(one: Ruling) -> Row:
    ended = Badge("終了", "none") if one.ended_on else None
    return Row(
        key=str(one.pk),
        cells=[
            Cell(one.title, href=f"{one.pk}/", badge=ended), Cell("", badge=OUTCOMES[one.outcome]),
            Cell(one.reason[:80], note=one.words), Cell(scope_words(one)), Cell(f"{one.ruled_on:%Y/%m/%d}"),
            Cell(one.ruled_by.name),
        ],
        name=one.title,
    )  # fmt: skip


def _ruling(programme: Programme, pk: int) -> Ruling:
    wanted = Ruling.objects.select_related("question__case", "ruled_by", "ended_by", "programme")
    return get_object_or_404(wanted, pk=pk, programme=programme)


@require_http_methods(["GET", "POST"])
@asks("ruling.view")
def show(request: HttpRequest, slug: str, pk: int, door: Door) -> HttpResponse:
    """One ruling: reason and scope, the open cases like it, what it suggests for the next Version."""
    programme, context = door.open(request, slug, "裁定")
    ruling, actor = _ruling(programme, pk), actor_of(request)
    if request.method == "POST":
        if not may(actor.roles, DEEDS.get(request.POST.get("do", ""), "ruling.apply")):
            return refuse(request, DEEDS.get(request.POST.get("do", ""), "ruling.apply"))
        try:
            messages.success(request, _act(request, ruling))
            return redirect("ruling", slug=slug, pk=pk)
        except Refusal as refusal:
            context["errors"] = [wrong(request.POST.get("do", "apply"), refusal.sentence)]
    else:
        record_look(
            actor=actor, action="ruling.view", subject_kind="case", subject_id=ruling.question.case_id,
            at=timezone.now(), programme_slug=slug, reason=ruling.title,
        )  # fmt: skip
    similar = similar_cases(ruling)
    context |= {
        "page_title": ruling.title, "ruling": ruling, "badge": OUTCOMES[ruling.outcome], "scope": scope_words(ruling),
        "uses": ruling.uses.count(), "table": _similar_table(request, similar, slug),
        "similar_counts": _counts(similar), "noted": [one for one in candidates(programme) if one.ruling == ruling.pk],
        "may_end": may(actor.roles, "ruling.end") and not ruling.ended_on,
        "may_note": may(actor.roles, "ruling.note"), "change_places": CHANGE_PLACES.items(), "severities": SEVERITIES.items(),
        "codes": [CODES[code] for code in ruling.codes if code in CODES], "typed": request.POST,
    }  # fmt: skip
    return render(request, "office/ruling.html", context, status=422 if context["errors"] else 200)


def _counts(similar: list[Similar]) -> list[dict[str, Any]]:
    open_now = [one for one in similar if not one.laid]
    return [
        {"label": "裁定を添えていない案件", "value": len(open_now), "unit": "件"},
        {"label": "うち審査中", "value": sum(one.stage == "in_review" for one in open_now), "unit": "件"},
        {"label": "うち照会中", "value": sum(bool(one.question_state) for one in open_now), "unit": "件"},
        {"label": "うち決定待ち", "value": sum(one.stage == "passed" for one in open_now), "unit": "件"},
        {"label": "裁定を添えた案件", "value": len(similar) - len(open_now), "unit": "件"},
    ]  # fmt: skip


def _similar_table(request: HttpRequest, similar: list[Similar], slug: str) -> Table:
    page = page_number(request)
    actions = [
        Action("選んだ案件に添える", "apply", "do", key="a", main=True),
        Action("すべてに添える", "apply_all", "do"),
    ]
    return Table(
        id="similar", caption="同様の案件（まだ決定していないもの）", total=len(similar), page=page,
        columns=[
            Column("number", "案件", fixed=True), Column("stage", "段階"), Column("question", "照会"),
            Column("arrived", "到着", fixed=True), Column("laid", "この裁定"),
        ],
        rows=[
            Row(
                key=str(one.case),
                cells=[
                    case_cell(one.number, slug), Cell(stage_name(one.stage)),
                    Cell({"with_manager": "業務責任者の確認待ち", "sent": "自治体の回答待ち"}.get(one.question_state, "－")),
                    Cell(f"{one.arrived_on:%m/%d}"), Cell("添えました" if one.laid else ""),
                ],
                name=one.number,
            )
            for one in similar[(page - 1) * 50 : page * 50]
        ],
        actions=actions if similar and may(actor_of(request).roles, "ruling.apply") else [],
        empty=Empty(
            "同じ指摘の、まだ決定していない案件はありません。", "新しく見つかると、ここと審査の画面に出ます。"
        ),
    )  # fmt: skip


def _act(request: HttpRequest, ruling: Ruling) -> str:
    """What the pressed button asks for; gives what to tell."""
    typed, actor, at = request.POST, actor_of(request), timezone.now()
    do = typed.get("do", "")
    if do == "end":
        end_ruling(ruling, why=typed.get("why", ""), actor=actor, at=at)
        return f"{ruling.title}を終えました。これからの案件には出ません。"
    if do == "note":
        place = typed.get("place", "")
        text = typed.get("severity", "") if place == "severity" else typed.get("text", "")
        note_candidate(ruling, place=place, code=typed.get("code", ""), text=text, actor=actor, at=at)
        return "次の版への候補に加えました。"
    chosen = {int(key) for key in typed.getlist("chosen") if key.isdecimal()}
    everything = do == "apply_all" or "all" in typed
    report = apply_ruling(ruling, cases=None if everything else chosen, actor=actor, at=at)
    left = f"{len(report.refused)}件は照会の途中のため、そのままです。" if report.refused else ""
    return f"{report.done}件に{ruling.title}を添え、審査で見られるようにしました。{left}"


@require_http_methods(["GET", "POST"])
@asks("ruling.view")
def wanted(request: HttpRequest, slug: str, door: Door) -> HttpResponse:
    """次の版への候補: what rulings suggest, and which Version took it in."""
    programme, context = door.open(request, slug, "次の版への候補")
    actor = actor_of(request)
    if request.method == "POST":
        if not may(actor.roles, "ruling.note"):
            return refuse(request, "ruling.note")
        typed = request.POST.get("drop", "")
        one = get_object_or_404(
            VersionCandidate,
            pk=int(typed) if typed.isdecimal() and len(typed) < 18 else 0,
            programme=programme,
        )
        drop_candidate(one, actor=actor, at=timezone.now())
        messages.success(request, "候補から外しました。")
        return redirect("ruling-candidates", slug=slug)
    found = candidates(programme)
    context |= {
        "waiting": [_told(one) for one in found if not one.done_in],
        "done": [_told(one) for one in found if one.done_in], "may_note": may(actor.roles, "ruling.note"),
    }  # fmt: skip
    return render(request, "office/ruling_candidates.html", context)


def _told(one: Candidate) -> dict[str, Any]:
    name = CODES[one.code].name if one.code in CODES else ""
    meant = SEVERITIES.get(one.text, one.text) if one.place == "severity" else one.text
    return {"candidate": one, "name": name, "meant": meant, "place": CHANGE_PLACES[one.place]}


def patterns(door: Door) -> list[URLPattern]:
    """The pages as they stand at a door."""
    here = {"door": door}
    return [
        path("", index, here, name="rulings"),
        path("candidates/", wanted, here, name="ruling-candidates"),
        path("<int:pk>/", show, here, name="ruling"),
    ]


urlpatterns = patterns(OFFICE)
