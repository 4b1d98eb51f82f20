"""事故: what the office reported, word for word; an officer acknowledges the first report and reads what follows."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from todoku.incident.acknowledge import acknowledge
from todoku.incident.tables import Incident
from todoku.people.access import may
from todoku.web.municipality.frame import frame
from todoku.web.office.cells import page_number
from todoku.web.office.frame import programme_of
from todoku.web.office.incident_page import BADGES, incidents_table, moments
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.told import tell


@require_GET
@asks("incident.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """Every incident that was reported."""
    programme, context = frame(request, slug, "incidents", "事故の報告")
    context["table"] = incidents_table(
        programme, slug, page=page_number(request), state=request.GET.get("state", ""), reported_only=True
    )
    return render(request, "municipality/incidents.html", context)


@require_GET
@asks("incident.view")
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One incident: the first report, its story, and the button that says it was received."""
    programme, context = frame(request, slug, "incidents", f"事故{pk}")
    one: Any = get_object_or_404(Incident, pk=pk, programme=programme, reported_at__isnull=False)
    context |= {
        "incident": one, "badge": BADGES[one.state], "moments": moments(one),
        "stopped": one.stopped_runs.count() if one.state != "closed" else 0,
        "may_acknowledge": not one.acknowledged_at and may(actor_of(request).roles, "incident.acknowledge"),
    }  # fmt: skip
    return render(request, "municipality/incident.html", context)


@require_POST
@asks("incident.acknowledge")
def receive(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Acknowledges the first report."""
    one = get_object_or_404(Incident, pk=pk, programme=programme_of(request, slug))
    tell(request, lambda: acknowledge(one, actor=actor_of(request), at=timezone.now()))
    return redirect("city-incident", slug=slug, pk=pk)


urlpatterns = [
    path("", index, name="city-incidents"),
    path("<int:pk>/", show, name="city-incident"),
    path("<int:pk>/acknowledge/", receive, name="city-incident-acknowledge"),
]
