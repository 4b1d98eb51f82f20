"""The status feed for the municipality's own website: counts by stage in the residents' words, as JSON and CSV.

No personal data and no small secret: the same sum that the board shows, with the moment it was counted. Cells that a
spreadsheet could take for a formula do not occur: words of ours and whole numbers.
"""

import csv
import io
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET

from todoku.case.public_wording import public_wording
from todoku.case.stages import STAGES
from todoku.programme.tables import Programme
from todoku.progress.figures import figures, stages_now
from todoku.web.office.frame import programme_of
from todoku.web.shared.doors import asks

FIGURES = ("cases", "applied", "decided", "sent", "paid", "sent_yen")


def status(programme: Programme) -> dict[str, object]:
    """What the feed says: name, moment, cases by stage in journey order, and a few totals."""
    now = timezone.localtime()
    total = figures(programme, now)
    return {
        "programme": programme.slug,
        "name": programme.name,
        "municipality": programme.municipality.name,
        "as_of": now.isoformat(timespec="seconds"),
        "stages": stages_for_residents(stages_now(programme)),
        "totals": {key: total[key] for key in FIGURES},
    }


def stages_for_residents(standing: dict[str, int]) -> list[dict[str, object]]:
    """Stages that a resident is told the same about are one: whether the office asks somebody is nobody's business."""
    shown: dict[str, dict[str, Any]] = {}
    for code, count in standing.items():
        headline = public_wording(code).headline.text()
        line = shown.setdefault(
            headline, {"stage": code, "name": STAGES[code].name, "headline": headline, "cases": 0}
        )
        line["cases"] += count
    return list(shown.values())


@require_GET
@asks("city.feed")
def as_json(request: HttpRequest, slug: str) -> JsonResponse:
    return JsonResponse(status(programme_of(request, slug)), json_dumps_params={"ensure_ascii": False})


@require_GET
@asks("city.feed")
def as_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """The same as CSV in UTF-8 with a byte order mark, so that a spreadsheet opens it right."""
    found = status(programme_of(request, slug))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(("段階", "説明", "件数", "時点"))
    for stage in found["stages"]:  # type: ignore[attr-defined]
        writer.writerow((stage["name"], stage["headline"], stage["cases"], found["as_of"]))
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slug}-status.csv"'
    return response


urlpatterns = [path("status.json", as_json, name="feed-json"), path("status.csv", as_csv, name="feed-csv")]
