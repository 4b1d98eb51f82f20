"""閲覧記録: who looked at which resident, when and why; one click away from every record."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET

from todoku.case.tables import Case
from todoku.people.tables import AuditEvent
from todoku.web.municipality.frame import frame
from todoku.web.office.cells import page_number
from todoku.web.office.deeds import deed_words
from todoku.web.shared.doors import asks
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Filter, Row, Table

DOORS = {"office": "事務局", "municipality": "自治体", "resident": "住民", "work": "自動処理"}


@require_GET
@asks("audit.view")
def looks(request: HttpRequest, slug: str) -> HttpResponse:
    """Looks at people of this programme, newest first; by case number, person or door."""
    programme, context = frame(request, slug, "looks", "閲覧記録")
    number = "".join(sign for sign in request.GET.get("number", "") if sign.isdigit())[:13]
    who, door, page = (
        request.GET.get("who", "").strip()[:60],
        request.GET.get("door", ""),
        page_number(request),
    )
    found = AuditEvent.objects.filter(programme_slug=programme.slug)
    if number:
        found = found.filter(
            subject_kind="case",
            subject_id__in=Case.objects.filter(programme=programme, number=number).values("pk"),
        )
    if who:
        found = found.filter(actor_name__contains=who)
    if door in DOORS:
        found = found.filter(door=door)
    shown = list(found.order_by("-at", "-pk")[(page - 1) * 50 : page * 50])
    cases = Case.objects.filter(
        pk__in=[one.subject_id for one in shown if one.subject_kind == "case"]
    ).in_bulk()
    context["table"] = Table(
        caption="閲覧記録", total=found.count(), page=page,
        columns=[
            Column("at", "日時", fixed=True), Column("who", "人"), Column("door", "入口"), Column("what", "何を"),
            Column("case", "案件", fixed=True), Column("why", "理由"),
        ],
        rows=[_row(one, cases, slug) for one in shown],
        filters=[
            Filter("number", "案件の番号", number), Filter("who", "人の名前", who),
            Filter("door", "入口", door, list(DOORS.items())),
        ],
        empty=Empty("閲覧の記録はありません。", "番号は13桁すべてを入れてください。"),
    )  # fmt: skip
    return render(request, "municipality/looks.html", context)


def _row(one: AuditEvent, cases: dict[int, Case], slug: str) -> Row:
    case = cases.get(one.subject_id or 0) if one.subject_kind == "case" else None
    return Row(
        key=str(one.pk),
        cells=[
            Cell(f"{localtime(one.at):%Y/%m/%d %H:%M:%S}"), Cell(one.actor_name or "（申請者）"),
            Cell(DOORS.get(one.door, one.door)),
            Cell(deed_words(one.action), badge=Badge("拒否", "stop") if one.refused else None),
            Cell(case.printed_number, href=f"/p/{slug}/case/{case.number}/") if case else Cell(""), Cell(one.reason),
        ],
    )  # fmt: skip


urlpatterns = [path("", looks, name="looks")]
