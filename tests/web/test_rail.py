"""The rail of the office: what waits is counted on every page, so no page reads through all of it, and none says less."""

import pytest
from django.db import connection
from django.utils.timezone import localdate

from tests.web.office import Desk, text_of
from todoku.web.office.frame import COUNTED, COUNTED_MAX
from todoku.web.office.review_queue import _COUNTS

UNMATCHED = """
insert into todoku_unmatchedapplication (programme_id, receipt_number, arrived_on, registered_at, name, kana, birth_date,
  postal_code, address, building, phone, bank, branch, kind, number, holder_kana, yucho_symbol, yucho_number, idempotency_key,
  body_sha256)
select %s, 'W' || lpad(i::text, 11, '0'), current_date - 1, now(), '見本', 'ミホン', date '1980-01-01', '2200001', '見本町', '',
       '', '', '', 1, '', '', '', '', 'rail-' || i, ''
  from generate_series(%s, %s) i
"""


@pytest.fixture
def manager(town, at_door):
    with at_door("office"):
        seat = Desk("manager")
        seat.programme = town.programme
        yield seat


def waiting_at_intake(seat: Desk) -> str:
    """What the rail says waits at 受付."""
    body = seat.get("roll/").content.decode()
    place = body.index("/intake/", body.index('id="desks"'))
    return body[body.index('<span class="rail-count">', place) : body.index("</a>", place)]


def add(seat: Desk, first: int, last: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(UNMATCHED, [seat.programme.pk, first, last])


def test_a_desk_is_counted_so_far_and_then_says_or_more(manager):
    add(manager, 1, COUNTED_MAX - 1)
    assert "9,999" in waiting_at_intake(manager) and "以上" not in waiting_at_intake(manager)
    assert "9,999 件 受付" in text_of(manager.get())
    add(manager, COUNTED_MAX, COUNTED_MAX + 1)
    assert "10,000" in waiting_at_intake(manager) and "件以上待ち" in waiting_at_intake(manager)
    assert "10,000 件以上 受付" in text_of(manager.get())
    assert "最古" in waiting_at_intake(manager), "how old the oldest is stands there as before"


@pytest.mark.parametrize(
    ("desk", "index"),
    [
        ("review", "waiting_tasks_by_arrival"),
        ("intake", "submission_by_state"),
        ("intake", "unmatched_by_state"),
        ("keying", "key_task_by_state"),
        ("notes", "note_by_call_back"),
    ],
)
def test_the_rail_counts_from_the_index_alone(manager, desk, index):
    found = plan(COUNTED[desk], {"p": manager.programme.pk, "today": localdate()})
    assert f"Index Only Scan using {index}" in found
    assert "Seq Scan" not in found


def test_the_desk_counts_what_is_done_without_reading_it(manager):
    found = plan(_COUNTS, {"p": manager.programme.pk})
    assert "Seq Scan" not in found
    assert "using done_tasks_by_time" in found and "using void_tasks" in found


def plan(sql: str, values: dict[str, object]) -> str:
    """How a large database would go about it: reading a small table through is cheaper than any index."""
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute("set local enable_bitmapscan = off")
        cursor.execute(f"explain {sql}", values)
        return "\n".join(line for (line,) in cursor.fetchall())
