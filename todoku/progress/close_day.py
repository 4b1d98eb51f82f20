"""The daily close (日締め): freezes the day's figures as the daily report (日報) to the municipality.

Takes a programme and a day; leaves one report. A reprint shows the frozen figures; a correction is a restatement: a new
edition of the same span that says why, beside the first. What happens after the close stands in the next report.
"""

import hashlib
import json
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from todoku.ground.step import Refusal
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.progress.figures import end_of, figures, stages_at
from todoku.progress.tables import DailyReport

# An office closes in the evening, never before noon: a report of half a day would be taken for one of the whole.
HOURS_LEFT_MAX = 12


class CannotClose(Refusal):
    """The day cannot be closed (again)."""


def close_day(
    *, programme: Programme, day: date, actor: Actor, at: datetime, remark: str = ""
) -> DailyReport:
    """Freezes a day's figures; with a remark a closed day is restated as the next edition. Raises CannotClose."""
    words = f"{day.month}月{day.day}日"
    if at < end_of(day) - timedelta(hours=HOURS_LEFT_MAX):
        raise CannotClose(f"{words}はまだ終わっていません。当日の正午を過ぎてから締めてください。")
    with transaction.atomic():
        Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
        latest = _latest(programme, day=day)
        if latest and not remark.strip():
            raise CannotClose(f"{words}は締め済みです。訂正するときは理由を書いてください。")
        if latest is None and DailyReport.objects.filter(programme=programme, day__gt=day).exists():
            raise CannotClose(f"{words}より後の日が締め済みです。{words}の分は、その日報に含まれています。")
        until = _moment(latest) if latest else min(end_of(day), at)
        frozen = figures_of_day(programme, day, until)
        return DailyReport.objects.create(
            programme=programme, day=day, edition=latest.edition + 1 if latest else 1, figures=frozen,
            sha256=digest_of(frozen), remark=remark.strip()[:300], closed_at=at, closed_by=actor.name,
        )  # fmt: skip


def figures_of_day(programme: Programme, day: date, until: datetime) -> dict[str, Any]:
    """What a report holds: totals at the close, what came since the report before, and where every case stood."""
    before = _latest(programme, day__lt=day)
    since = _moment(before) if before else end_of(day - timedelta(days=1))
    total, earlier = figures(programme, until), figures(programme, since)
    stages = stages_at(programme, until)
    assert sum(stages.values()) == total["cases"], "every case stands at exactly one stage"
    return {
        "since": since.isoformat(),
        "until": until.isoformat(),
        "total": total,
        "of_the_day": {key: total[key] - earlier[key] for key in total},
        "stages": stages,
    }


def digest_of(frozen: dict[str, Any]) -> str:
    """SHA-256 of the figures in a fixed order; the reprint shows it, so that two papers can be compared."""
    return hashlib.sha256(json.dumps(frozen, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _latest(programme: Programme, **which: date) -> DailyReport | None:
    return DailyReport.objects.filter(programme=programme, **which).order_by("-day", "-edition").first()


def _moment(report: DailyReport) -> datetime:
    return datetime.fromisoformat(report.figures["until"])
