"""保留: payments held back, each with its owner and its clock; opened by hand, confirmed by a second person, closed.

The same pages at both doors: the municipality closes what it owns, the office what it can find out itself.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from todoku.ground.step import Refusal
from todoku.payment.close_hold import close_hold, outcomes_of
from todoku.payment.hold import hold
from todoku.payment.hold_kinds import BY_HAND, KINDS
from todoku.payment.late_facts import find_late_facts
from todoku.payment.quarantine import confirm_quarantine, quarantine
from todoku.payment.side_tables import Hold
from todoku.payment.tables import Transfer
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.web.office.cases import case_of
from todoku.web.office.cells import page_number
from todoku.web.office.holds_page import hold_facts, holds_table, open_figures
from todoku.web.office.watch_door import OFFICE, Door, wrong
from todoku.web.shared.doors import actor_of, asks


@require_GET
@asks("hold.view")
def index(request: HttpRequest, slug: str, door: Door) -> HttpResponse:
    """What is held, the soonest due first."""
    programme, context = door.open(request, slug, "保留")
    state, kind = request.GET.get("state", "open"), request.GET.get("kind", "")
    context |= {
        "table": holds_table(programme, slug, state=state, kind=kind, page=page_number(request)),
        "figures": open_figures(programme),
        "may_look": may(actor_of(request).roles, "hold.open"),
    }
    return render(request, "office/holds.html", context)


@require_POST
@asks("hold.open")
def look(request: HttpRequest, slug: str, door: Door) -> HttpResponse:
    """Looks for facts that came after the decisions, now."""
    programme, _ = door.open(request, slug, "保留")
    report = find_late_facts(programme=programme, actor=actor_of(request), at=timezone.now())
    messages.success(request, report.note)
    return redirect("holds", slug=slug)


def _hold(programme: Any, pk: int) -> Hold:
    wanted = Hold.objects.select_related(
        "case__standing", "opened_by", "second", "closed_by", "owner", "programme"
    )
    return get_object_or_404(wanted, pk=pk, programme=programme)


@require_http_methods(["GET", "POST"])
@asks("hold.view")
def show(request: HttpRequest, slug: str, pk: int, door: Door) -> HttpResponse:
    """One hold: why, whose, until when; its owner closes it, a second person confirms a quarantine."""
    programme, context = door.open(request, slug, "保留")
    held, actor, status = _hold(programme, pk), actor_of(request), 200
    if request.method == "POST":
        try:
            done = _act(request, held)
        except Refusal as refusal:
            context["errors"], status = [wrong("words", refusal.sentence)], 422
        else:
            messages.success(request, done)
            return redirect("hold", slug=slug, pk=pk)
    else:
        record_look(
            actor=actor, action="hold.view", subject_kind="case", subject_id=held.case_id, at=timezone.now(),
            programme_slug=slug, reason="保留の確認",
        )  # fmt: skip
    waits = held.kind == "quarantine" and held.second_id is None and held.closed_at is None
    context |= {
        "page_title": f"保留 {held.pk}", "held": held, "kind": KINDS[held.kind], "items": hold_facts(held, slug),
        "late": held.closed_at is None and held.due_on < localdate(), "outcomes": outcomes_of(held), "waits": waits,
        "may_confirm": waits and may(actor.roles, "hold.quarantine") and held.opened_by_id != actor.id,
        "is_proposer": waits and held.opened_by_id == actor.id,
        "may_close": held.closed_at is None and may(actor.roles, "hold.close"),
        "words": request.POST.get("words", ""), "chosen": request.POST.get("outcome", ""),
    }  # fmt: skip
    return render(request, "office/hold.html", context, status=status)


def _act(request: HttpRequest, held: Hold) -> str:
    """Confirms the quarantine or closes the hold, as the button says; gives what to tell."""
    actor, at = actor_of(request), timezone.now()
    if request.POST.get("do") == "confirm":
        left = confirm_quarantine(held, actor=actor, at=at)
        return (
            f"隔離を確認しました。作成中の振込データから{left}件を外しました。ほかの明細はそのまま進みます。"
        )
    closed = close_hold(
        held, outcome=request.POST.get("outcome", ""), words=request.POST.get("words", ""), actor=actor, at=at
    )
    return f"保留を解消しました。{closed.outcome}"


@require_http_methods(["GET", "POST"])
@asks("hold.open")
def new(request: HttpRequest, slug: str, number: str, door: Door) -> HttpResponse:
    """Holds the payment of a case by hand: an objection, or what somebody said at a desk."""
    programme, context = door.open(request, slug, "支払を保留にする")
    case, status = case_of(programme, number), 200
    kind, reason = request.POST.get("kind", ""), request.POST.get("reason", "")
    if request.method == "POST":
        try:
            made = hold(case, kind=kind, reason=reason, actor=actor_of(request), at=timezone.now())
        except Refusal as refusal:
            context["errors"], status = [wrong("reason", refusal.sentence)], 422
        else:
            messages.success(request, f"支払を保留にしました。{KINDS[kind].to_do}")
            return redirect("hold", slug=slug, pk=made.pk)
    kinds = [(code, KINDS[code]) for code in BY_HAND]
    context |= {"case": case, "kinds": kinds, "chosen": kind, "reason": reason}
    return render(request, "office/hold_new.html", context, status=status)


@require_http_methods(["GET", "POST"])
@asks("hold.quarantine")
def aside(request: HttpRequest, slug: str, number: str, door: Door) -> HttpResponse:
    """The first person's word that a row of an open batch is doubtful."""
    programme, context = door.open(request, slug, "明細を隔離する")
    transfer = get_object_or_404(
        Transfer.objects.select_related("case__programme"), number=number, programme=programme
    )
    reason, status = request.POST.get("reason", ""), 200
    if request.method == "POST":
        try:
            made = quarantine(transfer, reason=reason, actor=actor_of(request), at=timezone.now())
        except Refusal as refusal:
            context["errors"], status = [wrong("reason", refusal.sentence)], 422
        else:
            messages.success(request, "隔離を提案しました。別の担当者が確認すると、振込データから外れます。")
            return redirect("hold", slug=slug, pk=made.pk)
    context |= {"transfer": transfer, "reason": reason}
    return render(request, "office/hold_aside.html", context, status=status)


def patterns(door: Door) -> list[URLPattern]:
    """The pages as they stand at a door."""
    here = {"door": door}
    return [
        path("", index, here, name="holds"),
        path("look/", look, here, name="holds-look"),
        path("<int:pk>/", show, here, name="hold"),
        path("case/<str:number>/", new, here, name="hold-new"),
        path("row/<str:number>/", aside, here, name="hold-aside"),
    ]


urlpatterns = patterns(OFFICE)
