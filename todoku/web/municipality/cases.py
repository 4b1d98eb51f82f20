"""案件を探す: an official finds a case and sees it whole, accounts masked; every look is recorded with its reason."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET

from todoku.case.stages import DECIDED, STAGES
from todoku.formats.codes import case_number_valid
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.recovery.take_objection import UNDECIDED
from todoku.web.municipality.frame import frame
from todoku.web.municipality.orders import waiting_parts
from todoku.web.office.case_story import story
from todoku.web.office.cases import case_facts, case_members, case_of, is_protected, looks_of
from todoku.web.office.find import results_table, search
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Badge


@require_GET
@asks("case.find")
def find(request: HttpRequest, slug: str) -> HttpResponse:
    """People for what was typed; a whole number opens its case at once."""
    programme, context = frame(request, slug, "cases", "案件を探す")
    typed, actor = request.GET.get("q", "").strip()[:100], actor_of(request)
    found = search(programme, typed)
    numbers = {one.number for one in found.people}
    if found.by == "number" and len(numbers) == 1 and case_number_valid(number := next(iter(numbers)) or ""):
        return redirect("case", slug=slug, number=number)
    if found.people:
        record_look(
            actor=actor, action="case.find", subject_kind="search", subject_id=None, at=timezone.now(),
            programme_slug=slug, reason=f"検索、{len(found.people)}人を表示",
        )  # fmt: skip
    context |= {
        "typed": typed,
        "more": found.more,
        "table": results_table(found, slug, actor.roles) if typed else None,
    }
    return render(request, "municipality/find.html", context)


@require_GET
@asks("case.view")
def show(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """One case with its story and who looked at it."""
    programme, context = frame(request, slug, "cases", "案件")
    case, actor = case_of(programme, number, made_up=False), actor_of(request)
    record_look(
        actor=actor, action="case.view", subject_kind="case", subject_id=case.pk, at=timezone.now(), programme_slug=slug,
        reason="自治体の確認",
    )  # fmt: skip
    protected, stage = is_protected(case), STAGES[case.standing.stage]
    context |= {
        "page_title": f"案件 {case.printed_number}",
        "case": case,
        "badge": Badge(stage.name, "ok" if stage.code == "paid" else "none" if stage.is_end else "info"),
        "items": case_facts(case, protected, actor.roles, False),
        "members": case_members(case),
        "moments": story(case, whole_account=False, at_city=True),
        "may_object": stage.code not in UNDECIDED and may(actor.roles, "objection.take"),
        "may_hold": stage.code == DECIDED and may(actor.roles, "hold.open"),
        "orders": list(case.orders.select_related("given_by").order_by("-pk")),
        "waiting_parts": waiting_parts(case),
        "may_order": may(actor.roles, "entitlement.order"),
        "looks": looks_of(case) if may(actor.roles, "audit.view") else None,
        "access_log_url": f"/p/{slug}/looks/?number={case.number}",
    }
    return render(request, "municipality/case.html", context)


urlpatterns = [path("find/", find, name="find"), path("case/<str:number>/", show, name="case")]
