"""Which queue a case lies in: the hardest of what was found, the same for one and for a million rows."""

from datetime import date

import pytest
from django.db import connection

from todoku.review.codes import CODES
from todoku.review.queues import QUEUE_OF_CODE, QUEUES, due_on, queue_of, queue_sql
from todoku.review.tables import Finding, Task


@pytest.mark.parametrize(
    ("codes", "step", "sampled", "queue"),
    [
        ([], 1, False, "clean"),
        ([], 1, True, "sample"),
        ([], 2, True, "clean"),
        (["D30"], 1, False, "account"),
        (["D30", "D20"], 1, False, "account"),
        (["D20", "D02"], 2, False, "identity"),
        (["D04"], 1, False, "form"),
        (["D15", "D40"], 1, False, "register"),
        (["D40", "D06", "D02"], 1, False, "proxy"),
    ],
)
def test_the_hardest_queue_wins(codes, step, sampled, queue):
    assert queue_of(codes, step=step, sampled=sampled) == queue


def test_every_code_has_a_queue_and_every_queue_a_name():
    assert QUEUE_OF_CODE.keys() == CODES.keys()
    assert set(QUEUE_OF_CODE.values()) | {"sample", "clean"} == set(QUEUES)


def test_a_look_is_due_so_many_days_after_arrival():
    assert due_on(date(2026, 11, 20), 3) == date(2026, 11, 23)


def test_screening_fills_the_queue_and_the_due_day_and_sql_says_the_same(office):
    ones = office.applicants[:6]
    changes = [
        {}, {"account_evidence": ""}, {"identity_evidence": ""}, {"members_corrected": True}, {"signed": False},
        {"account_evidence": "", "members_corrected": True},
    ]  # fmt: skip
    office.arrive(*(office.form(one, **change) for one, change in zip(ones, changes, strict=True)))
    tasks = {task.case_id: task for task in Task.objects.all()}
    queues = [tasks[one.case].queue for one in ones]
    assert queues == ["clean", "account", "identity", "register", "form", "register"]
    assert {(task.due_on - task.arrived_on).days for task in tasks.values()} == {3}
    with connection.cursor() as cursor:
        cursor.execute(f"select case_id, {queue_sql('t.submission_id')} from todoku_task t")
        by_sql = dict(cursor.fetchall())
    assert by_sql == {case: task.queue for case, task in tasks.items()}
    notes = Finding.objects.filter(submission=tasks[ones[0].case].submission).exclude(severity="note")
    assert not notes.exists()
