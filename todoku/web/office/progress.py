"""進捗 desk: charts, figures with their definitions, the daily close and its reports, the display on the wall.

Shows counts alone, no person. Figures are those of progress/figures.py; a report shows what was frozen.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localdate, localtime
from django.views.decorators.http import require_GET, require_POST

from todoku.case.stages import STAGES
from todoku.ground.step import Refusal
from todoku.mailroom.tables import Difference
from todoku.people.access import may
from todoku.programme.tables import Programme
from todoku.progress.close_day import close_day, digest_of
from todoku.progress.figures import (
    FIGURES,
    deficiencies,
    end_of,
    figures,
    stages_now,
    standing_by_day,
    waiting_ages,
)
from todoku.progress.plan import paid_by_day
from todoku.progress.tables import DailyReport
from todoku.review.codes import CODES
from todoku.web.office.cells import page_number
from todoku.web.office.frame import frame
from todoku.web.office.mail_page import differences_table
from todoku.web.shared import progress_charts as charts
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Cell, Column, Digest, Empty, Row, Table

LATE_DAYS = 14


@require_GET
@asks("progress.view")
def board(request: HttpRequest, slug: str) -> HttpResponse:
    """The state of the programme in charts and figures."""
    programme, context = frame(request, slug, "progress", "進捗")
    now = timezone.now()
    total = figures(programme, now)
    before = figures(programme, end_of(localdate(now) - timedelta(days=1)))
    context |= {
        "charts": charts_of(programme, total["cases"], now),
        "table": figures_table(total, {key: total[key] - before[key] for key in total}, "今日"),
        "open_counts": open_counts(request, programme, slug),
        "next_close": _next_close(programme, localdate(now)),
        "may_close": may(actor_of(request).roles, "progress.close_day"),
    }
    return render(request, "office/progress.html", context)


def open_counts(request: HttpRequest, programme: Programme, slug: str) -> Table | None:
    """Counts of the paper's way that do not agree and that nobody has explained, each with its owner and its age.

    All kinds, those of a tray and its scan too; where the day is closed. None where all agree.
    """
    if not Difference.objects.filter(programme=programme).exclude(state="explained").exists():
        return None
    leads = may(actor_of(request).roles, "mail.view")
    table = differences_table(programme, slug, page=1, state="", leads=leads)
    return replace(table, caption="説明を待つ差異", filters=[])


def charts_of(programme: Programme, total: int, now: datetime) -> list[Any]:
    """The four charts, those that have something to say."""
    today, days = localdate(now), paid_by_day(programme)
    named = [(CODES[code].name if code in CODES else code, count) for code, count in deficiencies(programme)]
    drawn = (
        charts.paid_chart(days.promised, days.paid, total, programme.terms.intake.opens, today),
        charts.stage_chart(standing_by_day(programme), today),
        charts.age_chart(waiting_ages(programme, now)),
        charts.deficiency_chart(named),
    )
    return [chart for chart in drawn if chart is not None]


def figures_table(total: dict[str, int], of_day: dict[str, int], word: str) -> Table:
    """Every figure with its one definition."""
    return Table(
        id="figures", caption="数字と数え方", total=len(FIGURES), unit="項目",
        columns=[
            Column("name", "数字"), Column("total", "累計", numeric=True), Column("day", word, numeric=True),
            Column("unit", "単位"), Column("counts", "数え方"),
        ],
        rows=[
            Row(one.key, [Cell(one.name), Cell(total[one.key]), Cell(of_day[one.key]), Cell(one.unit), Cell(one.counts)])
            for one in FIGURES
        ],
    )  # fmt: skip


def _next_close(programme: Programme, today: date) -> date:
    """The day that a close would freeze next: the one after the last, not later than today."""
    last = (
        DailyReport.objects.filter(programme=programme).order_by("-day").values_list("day", flat=True).first()
    )
    if last is None:
        return today - timedelta(days=1)
    return min(last + timedelta(days=1), today)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@require_POST
@asks("progress.close_day")
def close(request: HttpRequest, slug: str) -> HttpResponse:
    """Freezes a day; a closed day is restated with a reason."""
    programme, _ = frame(request, slug, "progress", "進捗")
    day = _day(request.POST.get("day", ""))
    if day is None:
        messages.error(request, "締める日を選んでください。")
        return redirect("reports", slug=slug)
    try:
        report = close_day(
            programme=programme, day=day, actor=actor_of(request), at=timezone.now(),
            remark=request.POST.get("remark", ""),
        )  # fmt: skip
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect(request.POST.get("back") == "board" and "progress" or "reports", slug=slug)
    messages.success(request, f"{day.month}月{day.day}日を締めました。日報は何度印刷しても同じです。")
    return redirect("report", slug=slug, pk=report.pk)


@require_GET
@asks("progress.view")
def reports(request: HttpRequest, slug: str) -> HttpResponse:
    """The daily reports, newest day first."""
    programme, context = frame(request, slug, "progress", "日報")
    found, page = DailyReport.objects.filter(programme=programme), page_number(request)
    context |= {
        "open_counts": open_counts(request, programme, slug),
        "next_close": _next_close(programme, localdate()),
        "may_close": may(actor_of(request).roles, "progress.close_day"),
        "table": Table(
            caption="日報", total=found.count(), page=page, unit="日",
            columns=[
                Column("day", "日", fixed=True), Column("edition", "版"), Column("remark", "訂正の理由"),
                Column("applied", "申請", numeric=True), Column("paid", "支給済", numeric=True),
                Column("closed", "締めた日時"), Column("by", "担当"), Column("digest", "指紋", fixed=True),
            ],
            rows=[_report_row(one, slug) for one in found.order_by("-day", "-edition")[(page - 1) * 50 : page * 50]],
            empty=Empty("日報はまだありません。", "一日の業務が終わったら「日締め」を押すと、その日の数字が固定されます。"),
        ),
    }  # fmt: skip
    return render(request, "office/reports.html", context)


def _report_row(one: DailyReport, slug: str) -> Row:
    total = one.figures["total"]
    return Row(
        key=str(one.pk),
        cells=[
            Cell(f"{one.day:%Y/%m/%d}", href=f"/p/{slug}/progress/report/{one.pk}/"),
            Cell("初版" if one.edition == 1 else f"訂正 第{one.edition}版"), Cell(one.remark),
            Cell(total["applied"]), Cell(total["paid"]),
            Cell(f"{localtime(one.closed_at):%m/%d %H:%M}"), Cell(one.closed_by), Cell(one.sha256[:8]),
        ],
    )  # fmt: skip


@require_GET
@asks("progress.view")
def report(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One daily report as frozen: the same on every print; its digest is counted anew and compared."""
    programme, context = frame(request, slug, "progress", "日報")
    one = get_object_or_404(DailyReport, pk=pk, programme=programme)
    frozen = one.figures
    assert digest_of(frozen) == one.sha256, "a frozen report is not what was frozen"
    others = list(
        DailyReport.objects.filter(programme=programme, day=one.day).exclude(pk=one.pk).order_by("edition")
    )
    words = "初版" if one.edition == 1 else f"訂正 第{one.edition}版"
    context |= {
        "page_title": f"日報 {one.day.year}年{one.day.month}月{one.day.day}日（{words}）",
        "report": one,
        "others": others,
        "until": datetime.fromisoformat(frozen["until"]),
        "figures": figures_table(frozen["total"], frozen["of_the_day"], "この日"),
        "stages": [(stage.name, frozen["stages"].get(code, 0)) for code, stage in STAGES.items()],
        "cases": sum(frozen["stages"].values()),
        "digest": Digest(
            one.sha256, [("事業", programme.name), ("日", f"{one.day:%Y/%m/%d}"), ("版", words)]
        ),
        "may_close": may(actor_of(request).roles, "progress.close_day"),
    }
    return render(request, "office/report.html", context)


@require_GET
@asks("progress.view")
def wall(request: HttpRequest, slug: str) -> HttpResponse:
    """The display on the wall; asked anew every half minute, by htmx for the figures alone."""
    programme, context = frame(request, slug, "progress", "壁面表示")
    now = timezone.now()
    total = figures(programme, now)
    before = figures(programme, end_of(localdate(now) - timedelta(days=1)))
    ages = waiting_ages(programme, now)
    days, today = paid_by_day(programme), localdate(now)
    promised = max((count for day, count in days.promised if day <= today), default=0)
    stages = stages_now(programme)
    left = (programme.terms.deadline - today).days
    context |= {
        "now": now,
        "arrived": total["arrived_paper"] + total["arrived_web"] - before["arrived_paper"] - before["arrived_web"],
        "done": total["passed"] + total["returned"] - before["passed"] - before["returned"],
        "waiting": len(ages), "oldest": ages[0] if ages else 0, "late": sum(age >= LATE_DAYS for age in ages),
        "paid": total["paid"], "cases": total["cases"], "percent": total["paid"] * 100 // (total["cases"] or 1),
        "behind": max(promised - total["paid"], 0), "returned": stages["returned"], "not_arrived": stages["invited"],
        "days_left": left,
    }  # fmt: skip
    template = "office/wall_now.html" if request.headers.get("HX-Request") else "office/wall.html"
    return render(request, template, context)


urlpatterns = [
    path("", board, name="progress"),
    path("close/", close, name="progress-close"),
    path("reports/", reports, name="reports"),
    path("report/<int:pk>/", report, name="report"),
    path("wall/", wall, name="wall"),
]
