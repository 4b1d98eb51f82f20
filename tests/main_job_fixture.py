"""A sample town in full swing: what `./run demo` makes, small, once per run, up to today; each test takes a copy."""

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.db import connections

from todoku.commands import demo
from todoku.ground import assets, databases
from todoku.ground.places import ROOT, var
from todoku.programme.tables import Programme

HOUSEHOLDS = 150  # no more of the town than every stage of the work needs to be met
SCANS = 16  # paper forms that are really filled in and scanned: what they leave on every desk of paper is looked at too


class DemoRun(NamedTuple):
    """What one run of the demo left: the address of its database, its files, its answer."""

    address: str
    folder: Path
    done: subprocess.CompletedProcess[str]


class Busy(NamedTuple):
    """The database and the files of the run."""

    database: str
    folder: Path


@contextmanager
def demo_database() -> Iterator[str]:
    """The address of a new, empty database that the demo may be pointed at."""
    server_address = os.environ["TODOKU_TEST_SERVER"]
    name = f"todoku_test_demo_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(server_address, autocommit=True) as server:
        server.execute(f"create database {name}")
    yield urlunsplit(urlsplit(server_address)._replace(path=f"/{name}"))
    with psycopg.connect(server_address, autocommit=True) as server:
        server.execute(f"drop database {name} with (force)")
        for role in databases.ROLES:
            server.execute(f"drop role if exists {name}_{role}")


def run_demo(address: str, state: Path) -> DemoRun:
    """Runs the demo without serving, in a state folder of its own that shares the collected assets."""
    state.mkdir(exist_ok=True)
    assets.collect()
    for shared in ("assets", "locale", "node"):
        if not (state / shared).exists() and var(shared).exists():
            (state / shared).symlink_to(var(shared))
    command = [sys.executable, "-m", "todoku.commands", "demo", "--exit"]
    done = subprocess.run(
        [*command, "--households", str(HOUSEHOLDS), "--scans", str(SCANS)],
        cwd=ROOT, capture_output=True, text=True, env={**os.environ, "DATABASE_URL": address, "TODOKU_VAR": str(state)},
    )  # fmt: skip
    return DemoRun(address, state, done)


@pytest.fixture(scope="session")
def demo_of_busy_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoRun]:
    """The run of the demo that the busy town is a copy of."""
    with demo_database() as address:
        yield run_demo(address, tmp_path_factory.mktemp("busy"))


@pytest.fixture(scope="session")
def busy_database(demo_of_busy_town: DemoRun, populated: Callable[..., str]) -> Busy:
    assert demo_of_busy_town.done.returncode == 0, demo_of_busy_town.done.stderr[-2000:]
    name = databases.database_name(demo_of_busy_town.address)
    return Busy(populated(lambda: _take_over(name), of=name), demo_of_busy_town.folder)


def _take_over(made_as: str) -> None:
    """Gives the roles of the tests the rights that the demo's own roles have in what it made."""
    template = databases.database_name(os.environ["DATABASE_URL"])
    with connections["owner"].cursor() as cursor:
        for role in databases.ROLES:
            for what in ("all tables in", "all sequences in", "all functions in", ""):
                cursor.execute(f"revoke all on {what} schema public from {made_as}_{role}")
        databases.grant(cursor, template)


@pytest.fixture
def busy_town(busy_database: Busy, cloned: Callable[[str], object], var_folder: Path) -> Iterator[Programme]:
    """The programme of a town whose forms are out, whose answers are half in, and whose first payments are made."""
    shutil.copytree(busy_database.folder, var_folder, dirs_exist_ok=True, symlinks=True)
    with cloned(busy_database.database):  # type: ignore[attr-defined]
        yield Programme.objects.select_related("municipality").get(slug=demo.SLUG)
