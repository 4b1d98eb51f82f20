"""担当者: who does what, who acts for whom, and the hand-over of one person's work to another with a page to read (引継ぎ).

The same pages at both doors, each for the people of its own side. The page for the successor is made for printing.
"""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_http_methods

from todoku.ground.step import Refusal
from todoku.people.access import ROLES, may
from todoku.people.grant_deputy import CannotActFor, end_deputy, grant_deputy
from todoku.people.look import record_look
from todoku.people.tables import Deputy, Staff, Succession
from todoku.programme.tables import Programme
from todoku.rounds.open_work import HELD, WAITING, held_by_name, roles_here, waiting_for_roles, with_nobody
from todoku.rounds.succeed import succeed
from todoku.web.office.decided_lately import decided_lately
from todoku.web.office.frame import age_words, frame
from todoku.web.office.watch_door import Door, wrong
from todoku.web.shared.doors import actor_of, asks, refuse
from todoku.web.shared.pieces import Cell, Column, Empty, Need, Row, Table

OFFICE = Door(frame, "people", "shared/base_desk.html")
SIDES = {"shared/base_desk.html": "office", "shared/base_city.html": "municipality"}
DEEDS = {"deputy": "deputy.grant", "end": "deputy.grant", "succeed": "succession.make"}


def people_of(request: HttpRequest, programme: Programme) -> list[Staff]:
    """The people of the reader's own organisation who are in office here, by name."""
    user: Any = request.user
    here = roles_here(programme, localdate())
    return list(
        Staff.objects.filter(pk__in=here, organisation_id=user.organisation_id, is_active=True).order_by(
            "name", "pk"
        )
    )


def nobody_needs(programme: Programme, slug: str, roles: frozenset[str], side: str) -> list[Need]:
    """Open work with nobody, for who can put somebody there."""
    if not may(roles, "succession.make"):
        return []
    lost = [one for one in with_nobody(programme) if one.side == side]
    if not lost:
        return []
    text = "、".join(f"{one.name} {one.pieces:,}件（{one.whose}）" for one in lost)
    return [
        Need(
            sum(one.pieces for one in lost),
            "担当者のいない仕事",
            text,
            f"/p/{slug}/people/",
            "担当者を決める",
        )
    ]


@require_http_methods(["GET", "POST"])
@asks("succession.view")
def index(request: HttpRequest, slug: str, door: Door) -> HttpResponse:
    """Who does what today, deputies, hand-overs; the forms for both."""
    programme, context = door.open(request, slug, "担当者")
    actor = actor_of(request)
    if request.method == "POST":
        do = request.POST.get("do", "")
        if not may(actor.roles, DEEDS.get(do, "succession.make")):
            return refuse(request, DEEDS.get(do, "succession.make"))
        try:
            messages.success(request, _act(request, programme))
            return redirect("people", slug=slug)
        except BoxRefused as refusal:
            context["errors"] = [wrong(refusal.box, refusal.sentence)]
        except Refusal as refusal:
            context["errors"] = [wrong("absent" if do == "deputy" else "leaver", refusal.sentence)]
    people = people_of(request, programme)
    context |= {
        "table": _table(programme, people, slug), "people": people, "today": localdate().isoformat(),
        "nobody": [one for one in with_nobody(programme) if one.side == SIDES[door.base]],
        "deputies": _deputies(request, programme), "successions": _successions(request, programme),
        "may_deputy": may(actor.roles, "deputy.grant"), "may_succeed": may(actor.roles, "succession.make"),
        "typed": request.POST,
    }  # fmt: skip
    return render(request, "office/people.html", context, status=422 if context["errors"] else 200)


def _table(programme: Programme, people: list[Staff], slug: str) -> Table:
    held: dict[int, list[Any]] = {}
    for piece in held_by_name(programme, [one.pk for one in people]):
        held.setdefault(piece.staff, []).append(piece)
    here = roles_here(programme, localdate())
    acting = {one.deputy_id: one.absent.name for one in _acting(programme).filter(from_on__lte=localdate())}
    ends = {one.pk: _last_day(one) for one in people}
    return Table(
        id="people", caption="担当者", total=len(people), unit="人", per_page=max(len(people), 1),
        columns=[
            Column("name", "氏名", fixed=True), Column("roles", "役割"), Column("held", "持っている仕事", numeric=True),
            Column("since", "最も古いもの", fixed=True), Column("until", "最後の日", fixed=True),
        ],
        rows=[
            Row(
                key=str(one.pk),
                cells=[
                    Cell(one.name, href=f"/p/{slug}/people/{one.pk}/"),
                    Cell("・".join(ROLES[role].name for role in sorted(here.get(one.pk, ()))),
                         note=f"{acting[one.pk]}さんの代理" if one.pk in acting else ""),
                    Cell(len(held.get(one.pk, []))),
                    Cell(age_words(localdate(min(p.since for p in held[one.pk])), localdate()) if one.pk in held else ""),
                    Cell(f"{ends[one.pk]:%Y/%m/%d}" if ends[one.pk] else ""),
                ],
                name=one.name,
            )
            for one in people
        ],
        empty=Empty("担当者がいません。", "「./run todoku enrol」で登録します。"),
    )  # fmt: skip


def _last_day(person: Staff) -> date | None:
    """The day on which the last of a person's roles ends; None while one has no end."""
    days = list(person.grants.values_list("until_on", flat=True))
    ended = [day for day in days if day is not None]
    return max(ended) if ended and len(ended) == len(days) else None


def _acting(programme: Programme) -> Any:
    return Deputy.objects.filter(
        municipality_code=programme.municipality_id, ended_at__isnull=True, until_on__gte=localdate()
    ).select_related("absent", "deputy", "granted_by")


def _deputies(request: HttpRequest, programme: Programme) -> list[Deputy]:
    user: Any = request.user
    return list(_acting(programme).filter(absent__organisation_id=user.organisation_id).order_by("from_on"))


def _successions(request: HttpRequest, programme: Programme) -> list[Succession]:
    user: Any = request.user
    found = Succession.objects.filter(
        municipality_code=programme.municipality_id, leaver__organisation_id=user.organisation_id
    )
    return list(found.select_related("leaver", "successor", "by").order_by("-at")[:20])


# The boxes of both forms as they are called on the page.
BOXES = {
    "absent": "休む人", "deputy": "代理の人", "from_on": "はじめの日", "until_on": "終わりの日",
    "leaver": "前任", "successor": "後任", "leaves_on": "前任の最後の日",
}  # fmt: skip


class BoxRefused(CannotActFor):
    """What stands in one box of a form is nobody or no day."""

    def __init__(self, box: str, remedy: str) -> None:
        super().__init__(f"「{BOXES[box]}」{remedy}")
        self.box = box


def _person(request: HttpRequest, field: str) -> Staff:
    user: Any = request.user
    typed = request.POST.get(field, "")
    pk = int(typed) if typed.isdecimal() and len(typed) < 18 else 0
    found = Staff.objects.filter(pk=pk, organisation_id=user.organisation_id).first()
    if found is None:
        raise BoxRefused(field, "を選んでください。")
    return found


def _act(request: HttpRequest, programme: Programme) -> str:
    """What the pressed button asks for; gives what to tell."""
    typed, actor, at = request.POST, actor_of(request), timezone.now()
    if typed.get("do") == "end":
        end_deputy(
            get_object_or_404(_acting(programme), pk=_number(typed.get("deputy", ""))), actor=actor, at=at
        )
        return "代理を終えました。"
    if typed.get("do") == "deputy":
        made = grant_deputy(
            _person(request, "absent"), _person(request, "deputy"), municipality_code=programme.municipality_id,
            from_on=_day(request, "from_on"), until_on=_day(request, "until_on"),
            reason=typed.get("reason", ""), actor=actor, at=at,
        )  # fmt: skip
        days = f"{made.from_on:%m月%d日}から{made.until_on:%m月%d日}まで"
        return f"{days}、{made.deputy.name}さんが{made.absent.name}さんの代理です。"
    done = succeed(
        _person(request, "leaver"), _person(request, "successor"), programme=programme,
        leaves_on=_day(request, "leaves_on") if typed.get("leaves_on") else None, note=typed.get("note", "")[:2000],
        actor=actor, at=at,
    )  # fmt: skip
    return f"{done.leaver.name}さんの仕事{sum(done.handed.values()):,}件を{done.successor.name}さんに引き継ぎました。"


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 18 else 0


def _day(request: HttpRequest, field: str) -> date:
    try:
        return date.fromisoformat(request.POST.get(field, ""))
    except ValueError:
        raise BoxRefused(field, "を入れてください。") from None


@require_GET
@asks("succession.view")
def state(request: HttpRequest, slug: str, pk: int, door: Door) -> HttpResponse:
    """引継ぎ書: the state of things for whoever takes over from this person; counts and numbers, no resident's name."""
    programme, context = door.open(request, slug, "引継ぎ書")
    user: Any = request.user
    person = get_object_or_404(Staff, pk=pk, organisation_id=user.organisation_id)
    record_look(
        actor=actor_of(request), action="succession.view", subject_kind="staff", subject_id=person.pk, at=timezone.now(),
        programme_slug=slug, reason="引継ぎ書",
    )  # fmt: skip
    side, here = SIDES[door.base], roles_here(programme, localdate())
    roles = {role for role in _roles_of(person, programme) if ROLES[role].organisation == side}
    context |= {
        "page_title": f"引継ぎ書　{person.name}", "person": person, "on": localdate(),
        "roles": [ROLES[role].name for role in sorted(roles)], "last_day": _last_day(person),
        "held": [
            {
                "kind": HELD[one.kind].name, "number": one.number, "since": one.since,
                "age": age_words(localdate(one.since), localdate()),
            }
            for one in held_by_name(programme, [person.pk])
        ],
        "waiting": [
            {"name": WAITING[one.kind][1].name, "role": ROLES[one.role].name, "count": one.pieces, "since": one.since,
             "place": WAITING[one.kind][1].office if side == "office" else WAITING[one.kind][1].city}
            for one in waiting_for_roles(programme, roles)
        ],
        "lately": decided_lately(programme, since=timezone.now() - timedelta(days=LATELY_DAYS)),
        "dates": calendar_of(programme), "lately_days": LATELY_DAYS,
        "others": [
            {"name": one.name, "roles": "・".join(ROLES[role].name for role in sorted(here.get(one.pk, ())))}
            for one in people_of(request, programme) if one.pk != person.pk
        ],
        "successions": [one for one in _successions(request, programme) if person.pk in (one.leaver_id, one.successor_id)],
    }  # fmt: skip
    return render(request, "office/succession.html", context)


# Two weeks of decisions tell a successor how hard cases are settled here; the rest is on the pages.
LATELY_DAYS = 14
# Paying days told one by one; those after them in one line.
PAYING_DAYS = 4


def _roles_of(person: Staff, programme: Programme) -> set[str]:
    """Also of somebody whose last day has passed: the page explains what the person did."""
    codes = ["", programme.municipality_id]
    return set(person.grants.filter(municipality_code__in=codes).values_list("role", flat=True))


def calendar_of(programme: Programme) -> list[dict[str, Any]]:
    """The days of the Version that are still to come, the next one first."""
    terms, today = programme.terms, localdate()
    days = [(terms.intake.opens, "受付の開始"), (terms.intake.closes, f"申請期限　{terms.deadline_words}")]
    days += [(one.opt_out_date, f"{one.name} の申出期限") for one in terms.cohorts if one.opt_out_date]
    days.append((terms.payment.repay_deadline, "再振込の最終日"))
    coming = [(day, words) for day, words in days if day >= today]
    pays = sorted(
        (one for one in terms.payment.calendar if one.pays_on >= today), key=lambda one: one.pays_on
    )
    coming += [(one.pays_on, f"振込日（{one.received_by:%m/%d}までの受付分）") for one in pays[:PAYING_DAYS]]
    if pays[PAYING_DAYS:]:
        last = f"振込日はこのあと{len(pays) - PAYING_DAYS}回、{pays[-1].pays_on:%Y/%m/%d}まで"
        coming.append((pays[PAYING_DAYS].pays_on, last))
    return [{"day": day, "words": words, "left": (day - today).days} for day, words in sorted(coming)]


def patterns(door: Door) -> list[URLPattern]:
    """The pages as they stand at a door."""
    here = {"door": door}
    return [
        path("", index, here, name="people"),
        path("<int:pk>/", state, here, name="succession"),
    ]


urlpatterns = patterns(OFFICE)
