"""What the lead's page of the 審査 desk shows: ages, seconds per case of today by queue and by person, who works on what.

Reads only, a fixed number of queries. Seconds run from taking a case to its verdict, put back and taken again from the last.
"""

from typing import Any, NamedTuple

from django.db import connection
from django.http import HttpRequest
from django.utils import timezone
from django.utils.timezone import localdate, localtime

from todoku.people.tables import Staff
from todoku.programme.tables import Programme
from todoku.review.queues import QUEUES
from todoku.review.tables import Task
from todoku.web.office.review_queue import queue_table
from todoku.web.shared.charts import Bin, Histogram, Markup, age_histogram
from todoku.web.shared.pieces import Action, Table

# The upper day of each bin, and its word; what is older stands in the last.
BINS = ((0, "今日"), (1, "1日"), (2, "2日"), (3, "3日"), (6, "4–6日"), (13, "7–13日"))
OLDEST = "14日以上"
AGES = """
select %(today)s::date - arrived_on, count(*), count(*) filter (where due_on < %(today)s)
  from todoku_task where programme_id = %(programme)s and state in ('open', 'held') group by 1
"""
SPEED = """
select t.queue, t.claimed_by_id, count(*),
       percentile_cont(0.5) within group (order by extract(epoch from t.closed_at - t.claimed_at)),
       percentile_cont(0.9) within group (order by extract(epoch from t.closed_at - t.claimed_at))
  from todoku_task t
 where t.programme_id = %(programme)s and t.state = 'done' and t.closed_at >= %(midnight)s and t.claimed_at is not null
 group by grouping sets ((t.queue), (t.claimed_by_id), ())
"""


class Speed(NamedTuple):
    """Today's verdicts of a queue or a person: how many, seconds in the middle, seconds of nine in ten."""

    name: str
    verdicts: int
    median: int
    ninth: int


class Working(NamedTuple):
    """One person at work: on which case and queue, and for how long."""

    name: str
    number: str
    printed: str
    queue: str
    step: int
    minutes: int
    task: int


def ages_chart(programme: Programme) -> Markup:
    """What waits by its age in days, what is past its due day named late."""
    counts = [0] * (len(BINS) + 1)
    late = [0] * (len(BINS) + 1)
    with connection.cursor() as cursor:
        cursor.execute(AGES, {"today": localdate(), "programme": programme.pk})
        for age, count, past in cursor.fetchall():
            place = next((place for place, (upper, _) in enumerate(BINS) if age <= upper), len(BINS))
            counts[place] += count
            late[place] += past
    total, past = sum(counts), sum(late)
    title = (
        f"審査待ち {total:,}件のうち、期限を過ぎたものは{past:,}件"
        if total
        else "審査を待っている申請はありません"
    )
    words = [*(word for _, word in BINS), OLDEST]
    bins = [
        Bin(word, count, late=bool(count) and behind == count)
        for word, count, behind in zip(words, counts, late, strict=True)
    ]
    return age_histogram(Histogram("review-ages", title, bins))


def speed_today(programme: Programme) -> dict[str, Any]:
    """Verdicts and seconds of today, by queue in its order, by person, and of everybody. Two queries."""
    midnight = localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(SPEED, {"programme": programme.pk, "midnight": midnight})
        rows = cursor.fetchall()
    names = dict(Staff.objects.filter(pk__in=[row[1] for row in rows if row[1]]).values_list("pk", "name"))
    by_queue = {queue: (count, median, ninth) for queue, _, count, median, ninth in rows if queue}
    return {
        "by_queue": [_speed(name, *by_queue[code]) for code, name in QUEUES.items() if code in by_queue],
        "by_person": sorted(_speed(names[who], *rest) for queue, who, *rest in rows if who),
        "of_all": next(
            (_speed("全員", *rest) for queue, who, *rest in rows if not queue and not who and rest[0]), None
        ),
    }


def _speed(name: str, count: int, median: float, ninth: float) -> Speed:
    return Speed(name, count, round(median), round(ninth))


def working_now(programme: Programme) -> list[Working]:
    """Who has which case in hand, the longest first. One query."""
    now = timezone.now()
    held = Task.objects.filter(programme=programme, state="held").select_related("case", "claimed_by")
    return [
        Working(
            one.claimed_by.name, one.case.number, one.case.printed_number, QUEUES[one.queue], one.step,
            int((now - one.claimed_at).total_seconds()) // 60, one.pk,
        )
        for one in held.order_by("claimed_at")
        if one.claimed_by and one.claimed_at
    ]  # fmt: skip


def lead_table(request: HttpRequest, programme: Programme) -> Table:
    """What waits, as on the queue page, with rows to choose and move."""
    table = queue_table(request, programme)
    return Table(
        caption=table.caption, columns=table.columns, rows=table.rows, total=table.total, page=table.page,
        filters=table.filters, empty=table.empty, actions=[Action("移す・戻す", "move", name="do", key="m")],
    )  # fmt: skip
