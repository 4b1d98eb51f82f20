"""The demo: one command runs the main job on a town, and touches no database but its own."""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from todoku.formats import zengin
from todoku.ground.places import ROOT

# No more of the town than every stage of the work needs to be met, and of its forms read from scans a few: what many leave
# on every desk of paper is looked at in the busy town (tests/sampletown/test_paper_desk.py), which has sixteen.
HOUSEHOLDS, SCANS = "150", "4"


@pytest.fixture
def own_database(server_address: str) -> Iterator[str]:
    """The address of a new, empty database that the demo may be pointed at."""
    name = f"todoku_test_demo_{uuid.uuid4().hex[:8]}"
    address = urlunsplit(urlsplit(server_address)._replace(path=f"/{name}"))
    with psycopg.connect(server_address, autocommit=True) as server:
        server.execute(f"create database {name}")
    yield address
    with psycopg.connect(server_address, autocommit=True) as server:
        server.execute(f"drop database {name}")
        for role in ("office", "public"):
            server.execute(f"drop role if exists {name}_{role}")


def demo(address: str, state: Path) -> subprocess.CompletedProcess[str]:
    """Runs the demo without serving, in a state folder of its own that shares the collected assets."""
    state.mkdir(exist_ok=True)
    from todoku.ground.places import var

    for shared in ("assets", "locale", "node"):
        if not (state / shared).exists() and var(shared).exists():
            (state / shared).symlink_to(var(shared))
    return subprocess.run(
        [sys.executable, "-m", "todoku.commands", "demo", "--exit", "--households", HOUSEHOLDS, "--scans", SCANS],
        cwd=ROOT, capture_output=True, text=True, env={**os.environ, "DATABASE_URL": address, "TODOKU_VAR": str(state)},
    )  # fmt: skip


def test_the_demo_runs_a_town_from_roll_to_bank_and_every_count_agrees(own_database, tmp_path):
    done = demo(own_database, tmp_path / "var")
    assert done.returncode == 0, done.stderr[-2000:]
    for hand_over in ("名簿の行数 = 読んだ行数", "打鍵済みの行 = 登録 + 重複 + 受付不可", "二重の振込 = 0"):
        assert any(
            line.lstrip().startswith("一致") and hand_over in line for line in done.stdout.splitlines()
        )
    assert not any(line.lstrip().startswith("不一致") for line in done.stdout.splitlines())
    files = list((tmp_path / "var" / "bank").rglob("*.txt"))
    assert files
    for path in files:
        read = zengin.read(path.read_bytes())
        assert read.trailer.row_count == len(read.rows)
        assert read.trailer.total == sum(row.amount for row in read.rows)
    with psycopg.connect(own_database) as connection:
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
    refused = demo(own_database, tmp_path / "var")
    assert refused.returncode == 1
    assert urlsplit(own_database).path.lstrip("/") in refused.stderr
    with psycopg.connect(own_database) as connection:
        assert connection.execute("select count(*) from somebody_elses").fetchone() == (0,)
