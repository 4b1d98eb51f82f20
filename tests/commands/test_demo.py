"""The demo: one command runs the main job on a town, and touches no database but its own."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.main_job_fixture import DemoRun, demo_database, run_demo
from todoku.formats import zengin


@pytest.fixture
def own_database() -> Iterator[str]:
    with demo_database() as address:
        yield address


def test_the_demo_runs_a_town_from_roll_to_bank_and_every_count_agrees(demo_of_busy_town: DemoRun) -> None:
    address, folder, done = demo_of_busy_town
    assert done.returncode == 0, done.stderr[-2000:]
    for hand_over in ("名簿の行数 = 読んだ行数", "打鍵済みの行 = 登録 + 重複 + 受付不可", "二重の振込 = 0"):
        assert any(
            line.lstrip().startswith("一致") and hand_over in line for line in done.stdout.splitlines()
        )
    assert not any(line.lstrip().startswith("不一致") for line in done.stdout.splitlines())
    files = list((folder / "bank").rglob("*.txt"))
    assert files
    for path in files:
        read = zengin.read(path.read_bytes())
        assert read.trailer.row_count == len(read.rows)
        assert read.trailer.total == sum(row.amount for row in read.rows)
    with psycopg.connect(address) as connection:
        stages = dict(
            connection.execute("select stage, count(*) from todoku_casestage group by 1").fetchall()
        )
        twice = connection.execute(
            "select count(*) from (select recipient_id from todoku_transfer where state in ('sent', 'settled')"
            " group by 1 having count(*) > 1) x"
        ).fetchone()
        batches = dict(connection.execute("select state, count(*) from todoku_batch group by 1").fetchall())
    assert {"paid", "in_review", "invited"} <= set(stages)
    # For whoever opens the demo: one whose outcome nobody knows, one that can still be stopped.
    assert (batches["sending"], batches["approved"]) == (1, 1)
    assert twice == (0,)


def test_the_demo_refuses_a_database_that_is_not_its_own_by_name(own_database, tmp_path):
    with psycopg.connect(own_database) as connection:
        connection.execute("create table somebody_elses (id int)")
    refused = run_demo(own_database, tmp_path / "var").done
    assert refused.returncode == 1
    assert urlsplit(own_database).path.lstrip("/") in refused.stderr
    with psycopg.connect(own_database) as connection:
        assert connection.execute("select count(*) from somebody_elses").fetchone() == (0,)
