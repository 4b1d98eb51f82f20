"""The daily close (日締め): freezes the day's figures as the daily report (日報) to the municipality.

Takes a programme and a day that is over; leaves one report. A reprint shows the frozen figures; a correction is a
restatement: a new edition that says why, beside the first.
"""

import hashlib
import json
from datetime import date, datetime, timedelta

from django.db import transaction

from todoku.ground.step import Refusal
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.progress.figures import end_of, figures, stages_at
from todoku.progress.tables import DailyReport


class CannotClose(Refusal):
    """The day cannot be closed (again)."""


def close_day(
    *, programme: Programme, day: date, actor: Actor, at: datetime, remark: str = ""
) -> DailyReport:
    """Freezes a day's figures; with a remark a closed day is restated as the next edition. Raises CannotClose."""
    if at < end_of(day) - timedelta(hours=12):
        raise CannotClose(f"{day:%m月%d日}はまだ終わっていません。当日の正午を過ぎてから締めてください。")
    with transaction.atomic():
        Programme.objects.select_for_update().get(pk=programme.pk)
        latest = DailyReport.objects.filter(programme=programme, day=day).order_by("-edition").first()
        if latest and not remark.strip():
            raise CannotClose(f"{day:%m月%d日}は締め済みです。訂正するときは理由を書いて再締めしてください。")
        until = min(end_of(day), at) if latest is None else end_of(day)
        frozen = figures_of_day(programme, day, until)
        return DailyReport.objects.create(
            programme=programme, day=day, edition=latest.edition + 1 if latest else 1, figures=frozen,
            sha256=digest_of(frozen), remark=remark.strip()[:300], closed_at=at, closed_by=actor.name,
        )  # fmt: skip


def figures_of_day(programme: Programme, day: date, until: datetime) -> dict[str, object]:
    """What a report holds: totals at the close, what the day added, and where every case stood."""
    total = figures(programme, until)
    before = figures(programme, end_of(day - timedelta(days=1)))
    stages = stages_at(programme, until)
    assert sum(stages.values()) == total["cases"], "every case stands at exactly one stage"
    return {
        "until": until.isoformat(),
        "total": total,
        "of_the_day": {key: total[key] - before[key] for key in total},
        "stages": stages,
    }


def digest_of(frozen: dict[str, object]) -> str:
    return hashlib.sha256(json.dumps(frozen, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
