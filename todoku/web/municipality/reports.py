"""日報: the frozen daily reports that the office sends; a reprint is identical, a correction is a new edition."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET

from todoku.case.stages import STAGES
from todoku.progress.close_day import digest_of
from todoku.progress.tables import DailyReport
from todoku.web.municipality.frame import frame
from todoku.web.office.cells import page_number
from todoku.web.office.progress import figures_table
from todoku.web.shared.doors import asks
from todoku.web.shared.pieces import Cell, Column, Digest, Empty, Row, Table


@require_GET
@asks("progress.view")
def reports(request: HttpRequest, slug: str) -> HttpResponse:
    """The daily reports, newest day first."""
    programme, context = frame(request, slug, "reports", "日報")
    found, page = DailyReport.objects.filter(programme=programme), page_number(request)
    context["table"] = Table(
        caption="日報", total=found.count(), page=page, unit="日",
        columns=[
            Column("day", "日", fixed=True), Column("edition", "版"), Column("applied", "申請", numeric=True),
            Column("decided", "支給決定", numeric=True), Column("paid", "支給済", numeric=True),
            Column("closed", "締めた日時", fixed=True), Column("digest", "指紋", fixed=True),
        ],
        rows=[_row(one, slug) for one in found.order_by("-day", "-edition")[(page - 1) * 50 : page * 50]],
        empty=Empty("日報はまだありません。", "事務局が一日の業務を締めると、ここに届きます。"),
    )  # fmt: skip
    return render(request, "municipality/reports.html", context)


def edition_words(one: DailyReport) -> str:
    return "初版" if one.edition == 1 else f"訂正 第{one.edition}版"


def _row(one: DailyReport, slug: str) -> Row:
    total = one.figures["total"]
    return Row(
        key=str(one.pk),
        cells=[
            Cell(f"{one.day:%Y/%m/%d}", href=f"/p/{slug}/reports/{one.pk}/"), Cell(edition_words(one)),
            Cell(total["applied"]), Cell(total["decided"]), Cell(total["paid"]),
            Cell(f"{localtime(one.closed_at):%m/%d %H:%M}"), Cell(one.sha256[:8]),
        ],
    )  # fmt: skip


@require_GET
@asks("progress.view")
def report(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One report as frozen, with its digest counted anew."""
    programme, context = frame(request, slug, "reports", "日報")
    one = get_object_or_404(DailyReport, pk=pk, programme=programme)
    frozen = one.figures
    assert digest_of(frozen) == one.sha256, "a frozen report is not what was frozen"
    context |= {
        "page_title": f"日報 {one.day.year}年{one.day.month}月{one.day.day}日（{edition_words(one)}）",
        "report": one,
        "others": list(DailyReport.objects.filter(programme=programme, day=one.day).exclude(pk=one.pk).order_by("edition")),
        "until": datetime.fromisoformat(frozen["until"]),
        "figures": figures_table(frozen["total"], frozen["of_the_day"], "この日"),
        "stages": [(STAGES[code].name, count) for code, count in frozen["stages"].items()],
        "cases": sum(frozen["stages"].values()),
        "digest": Digest(one.sha256, [("事業", programme.name), ("日", f"{one.day:%Y/%m/%d}"), ("版", edition_words(one))]),
    }  # fmt: skip
    return render(request, "municipality/report.html", context)


urlpatterns = [path("", reports, name="reports"), path("<int:pk>/", report, name="report")]
