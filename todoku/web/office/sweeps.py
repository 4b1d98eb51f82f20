"""不変条件の点検: the sweeps of a programme, what each asked, and the halts that two people release. At both doors."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from todoku.ground.step import Refusal
from todoku.payment.halted import open_halts
from todoku.payment.release_halt import release_halt
from todoku.payment.side_tables import Halt, SweepRun
from todoku.payment.sweep import ALL_CHECKS, sweep
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.web.office.cells import page_number
from todoku.web.office.sweeps_page import checks_table, found_in, halts_table, runs_table
from todoku.web.office.watch_door import OFFICE, Door, wrong
from todoku.web.shared.doors import actor_of, asks


@require_GET
@asks("hold.view")
def index(request: HttpRequest, slug: str, door: Door) -> HttpResponse:
    """Whether the programme stands still, the last sweep check by check, and the sweeps before."""
    programme, context = door.open(request, slug, "不変条件の点検")
    last = SweepRun.objects.filter(programme=programme).order_by("-pk").first()
    context |= {
        "halts": open_halts(programme),
        "last": last,
        "checks": checks_table(last) if last else None,
        "runs": runs_table(programme, slug, page_number(request)),
        "past": halts_table(programme, slug),
        "count": len(ALL_CHECKS),
        "may_sweep": may(actor_of(request).roles, "sweep.run"),
    }
    return render(request, "office/sweeps.html", context)


@require_POST
@asks("sweep.run")
def run(request: HttpRequest, slug: str, door: Door) -> HttpResponse:
    """Sweeps now."""
    programme, _ = door.open(request, slug, "不変条件の点検")
    made = sweep(programme=programme, occasion="hand", actor=actor_of(request), at=timezone.now())
    if made.violations:
        messages.error(request, f"{made.violations:,}件の違反が見つかりました。下の一覧で確かめてください。")
    else:
        messages.success(request, f"{len(made.checks)}項目を点検しました。違反はありません。")
    return redirect("sweeps", slug=slug)


@require_GET
@asks("hold.view")
def show(request: HttpRequest, slug: str, pk: int, door: Door) -> HttpResponse:
    """One sweep, check by check."""
    programme, context = door.open(request, slug, "不変条件の点検")
    made = get_object_or_404(SweepRun, pk=pk, programme=programme)
    context |= {"page_title": f"点検 {made.pk}", "last": made, "checks": checks_table(made)}
    return render(request, "office/sweep.html", context)


@require_http_methods(["GET", "POST"])
@asks("hold.view")
def halt(request: HttpRequest, slug: str, pk: int, door: Door) -> HttpResponse:
    """One halt: what was found, what was found last, who released it; the form of the first or the second person."""
    programme, context = door.open(request, slug, "停止")
    stands, actor, status = _halt(programme, pk), actor_of(request), 200
    reason, in_spite = request.POST.get("reason", ""), "in_spite" in request.POST
    if request.method == "POST":
        try:
            released = release_halt(stands, reason=reason, in_spite=in_spite, actor=actor, at=timezone.now())
        except Refusal as refusal:
            context["errors"], status = [wrong("reason", refusal.sentence)], 422
        else:
            messages.success(request, _told(released))
            return redirect("halt", slug=slug, pk=pk)
    context |= _facts(stands, actor) | {"reason": reason, "in_spite": in_spite}
    return render(request, "office/halt.html", context, status=status)


def _halt(programme: Programme, pk: int) -> Halt:
    wanted = Halt.objects.select_related(
        "sweep", "programme", "first_release_by__organisation", "released_by"
    )
    return get_object_or_404(wanted, pk=pk, programme=programme)


def _told(released: Halt) -> str:
    if released.released_at:
        return "停止を解除しました。確定・承認・依頼ができるようになりました。"
    return (
        "一人目の解除を記録しました。もう一人（二人のうち一人は自治体の職員）が解除すると、停止が解けます。"
    )


def _facts(stands: Halt, actor: Actor) -> dict[str, Any]:
    newest = SweepRun.objects.filter(programme=stands.programme).order_by("-pk").first() or stands.sweep
    first = stands.first_release_by
    office_twice = first is not None and "municipality" not in (first.organisation.kind, actor.organisation)
    released = stands.released_at is not None
    return {
        "page_title": f"停止 {stands.pk}",
        "halt": stands,
        "then": found_in(stands.sweep, stands.invariant),
        "now": found_in(newest, stands.invariant),
        "newest": newest,
        "may_release": not released
        and may(actor.roles, "halt.release")
        and stands.first_release_by_id != actor.id
        and not office_twice,
        "is_first": not released and stands.first_release_by_id == actor.id,
        "city_next": not released and office_twice and first is not None and first.pk != actor.id,
    }


def patterns(door: Door) -> list[URLPattern]:
    """The pages as they stand at a door."""
    here = {"door": door}
    return [
        path("", index, here, name="sweeps"),
        path("run/", run, here, name="sweep-run"),
        path("<int:pk>/", show, here, name="sweep"),
        path("halt/<int:pk>/", halt, here, name="halt"),
    ]


urlpatterns = patterns(OFFICE)
