"""What the 審査 desk shows before a task is taken: counts by look, ages, and the table of what waits.

Reads only; a handful of queries whatever the size of the queue. Names nobody but the reviewer at work.
"""

from datetime import date
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.timezone import localdate, localtime

from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.review.queues import QUEUES
from todoku.review.reopen import REASONS as AGAIN
from todoku.review.tables import Task
from todoku.web.office.cells import case_cell, one_row, page_number
from todoku.web.office.frame import age_words
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Filter, Row, Strip, Table

REASONS = {"clean": "不備なし", "look": "確認あり", "return": "不備あり", "sample": "抜取り"} | AGAIN
REASON_KINDS = {"clean": "ok", "sample": "info", "look": "warn", "return": "warn"}
AGES = {"3": "3日以上", "7": "7日以上", "14": "14日以上"}

# Each part from an index of its own: most of the tasks of a programme are done, and none of their rows is read.
_COUNTS = """
select w.first, w.second, d.done, v.void, w.oldest
  from (select count(*) filter (where step = 1) as first, count(*) filter (where step = 2) as second,
               min(arrived_on) as oldest
          from todoku_task where programme_id = %(p)s and state in ('open', 'held')) w,
       (select count(*) as done from todoku_task where programme_id = %(p)s and state = 'done') d,
       (select count(*) as void from todoku_task where programme_id = %(p)s and state = 'void') v
"""
_MINE = """
select count(*) from todoku_verdict v join todoku_task t on t.id = v.task_id
 where t.programme_id = %s and v.staff_id = %s and v.undone_at is null and v.at >= %s
"""
_ASKED = "select count(*) from todoku_question where programme_id = %s and answered_at is null"


def queue_counts(programme: Programme, actor: Actor) -> dict[str, Any]:
    """The strip of the desk, the numbers by look, the oldest, and one's own verdicts of today."""
    midnight = localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"p": programme.pk})
        first, second, done, void, oldest = one_row(cursor)
        cursor.execute(_MINE, [programme.pk, actor.id, midnight])
        (mine,) = one_row(cursor)
        cursor.execute(_ASKED, [programme.pk])
        (asked,) = one_row(cursor)
    return {
        "strip": Strip(
            first + second + done + void, done, first + second, void, "点検 → 審査",
            labels=("審査に回った件数", "判定済", "審査待ち", "取消し"),
        ),
        "figures": [
            {"label": "一次審査待ち", "value": first, "href": "?step=1"},
            {"label": "二次審査待ち", "value": second, "href": "?step=2"},
            {"label": "最も古い申請", "value": (localdate() - oldest).days if oldest else None, "unit": "日前"},
            {"label": "照会の回答待ち", "value": asked},
            {"label": "あなたの今日の判定", "value": mine, "note": "業務責任者のほかには表示しません"},
        ],
        "waiting": first + second,
    }  # fmt: skip


def due_badge(due_on: date) -> Badge:
    """The due day of a look in a word: late, today, or the day."""
    today = localdate()
    if due_on < today:
        return Badge(f"期限超過 {(today - due_on).days}日", "stop")
    return Badge("今日まで", "warn") if due_on == today else Badge(f"{due_on.month}/{due_on.day}まで", "none")


def queue_table(request: HttpRequest, programme: Programme) -> Table:
    """Open and held tasks, the nearest to its due day first; filters live in the address."""
    tasks, chosen = filtered_tasks(request, programme), _filters(request)
    page, total = page_number(request), tasks.count()
    shown = tasks.select_related("case", "submission", "claimed_by", "for_staff").order_by(
        "due_on", "-step", "id"
    )
    return Table(
        caption="審査待ちの申請",
        columns=[
            Column("arrived", "到着", fixed=True), Column("age", "経過", fixed=True), Column("number", "番号", fixed=True),
            Column("channel", "方法"), Column("step", "審査"), Column("reason", "区分"), Column("queue", "列"),
            Column("due", "期限", fixed=True), Column("who", "担当"),
        ],
        rows=[_row(task, programme.slug) for task in shown[(page - 1) * 50 : page * 50]],
        total=total, page=page,
        filters=[
            Filter("queue", "列", chosen["queue"], list(QUEUES.items())),
            Filter("step", "審査", chosen["step"], [("1", "一次"), ("2", "二次")]),
            Filter("reason", "区分", chosen["reason"], list(REASONS.items())),
            Filter("age", "経過", chosen["age"], list(AGES.items())),
        ],
        empty=Empty("審査を待っている申請はありません。", "申請が届いて点検が済むと、ここに期限の順に並びます。"),
    )  # fmt: skip


def _filters(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "") for name in ("step", "reason", "age", "queue")}


def filtered_tasks(request: HttpRequest, programme: Programme) -> QuerySet[Task]:
    """Open and held tasks that the filters of the address match."""
    chosen = _filters(request)
    # "Not closed" is what the index of what waits is made for (waiting_tasks_nearest_due_first).
    tasks = Task.objects.filter(programme=programme, state__in=["open", "held"], closed_at__isnull=True)
    if chosen["step"] in ("1", "2"):
        tasks = tasks.filter(step=int(chosen["step"]))
    if chosen["reason"] in REASONS:
        tasks = tasks.filter(reason=chosen["reason"])
    if chosen["queue"] in QUEUES:
        tasks = tasks.filter(queue=chosen["queue"])
    if chosen["age"] in AGES:
        today = localdate()
        tasks = tasks.filter(arrived_on__lte=today.fromordinal(today.toordinal() - int(chosen["age"])))
    return tasks


def _who(task: Task) -> str:
    """Who has it in hand, for whom it is, or until when it is put aside."""
    if task.state == "held" and task.claimed_by:
        return task.claimed_by.name
    waits = (
        f"{localtime(task.not_before):%m/%d}まで保留"
        if task.not_before and task.not_before > timezone.now()
        else ""
    )
    for_whom = (
        f"{task.for_staff.name}さんへ" if task.for_staff else "業務責任者へ" if task.for_manager else ""
    )
    return f"{for_whom} {waits}".strip()


def _row(task: Task, slug: str) -> Row:
    late = task.due_on < localdate()
    return Row(
        key=str(task.pk),
        cells=[
            f"{task.arrived_on:%m/%d}",
            Cell("", badge=Badge(age_words(task.arrived_on, localdate()))),
            case_cell(task.case.number, slug),
            task.submission.get_channel_display(),
            "一次" if task.step == 1 else "二次",
            Cell(
                "", badge=Badge(REASONS.get(task.reason, task.reason), REASON_KINDS.get(task.reason, "info"))
            ),
            QUEUES[task.queue],
            Cell("", badge=due_badge(task.due_on)),
            _who(task),
        ],
        name=task.case.printed_number,
        marked=late,
    )
