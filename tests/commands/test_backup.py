"""What was dumped comes back: the whole database into an empty one, and never over rows."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.db import connections

from todoku.ground.databases import ROLES
from todoku.ground.places import ROOT


def _database(what: str, address: str, **streams) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "todoku.commands", "database", what],
        cwd=ROOT, env={**os.environ, "DATABASE_URL": address}, stderr=subprocess.PIPE, timeout=120, **streams,
    )  # fmt: skip


def _address(name: str) -> str:
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


def _counts(address: str) -> tuple[int, ...]:
    """Cases, persons, triggers and functions of a database."""
    with psycopg.connect(address) as connection:
        row = connection.execute(
            "select (select count(*) from todoku_case), (select count(*) from todoku_person),"
            " (select count(*) from pg_trigger where not tgisinternal), (select count(*) from pg_proc)"
        ).fetchone()
    assert row is not None
    return row


def _drop(server: psycopg.Connection, name: str) -> None:
    """A backend of another role takes a moment to leave after its client has closed, and is not ours to end."""
    for _ in range(600):
        try:
            server.execute(f"drop database {name} with (force)")
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectInUse):
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"{name} is still in use")


@pytest.fixture
def empty(template_database: str) -> Iterator[str]:
    """The address of an empty database, which goes with its roles."""
    name = f"{template_database}_back"
    with psycopg.connect(_address(template_database), autocommit=True) as server:
        server.execute(f"drop database if exists {name} with (force)")
        server.execute(f"create database {name}")
        yield _address(name)
        _drop(server, name)
        for role in ROLES:
            server.execute(f"drop role if exists {name}_{role}")


@pytest.fixture
def roles_forgotten(template_database: str, town) -> Iterator[str]:
    """The address of the town's database; the roles that a command makes for it go again."""
    name = str(connections["default"].settings_dict["NAME"])
    yield _address(name)
    with psycopg.connect(_address(template_database), autocommit=True) as server:
        for role in ROLES:
            server.execute(f"drop role if exists {name}_{role}")


def test_a_dumped_town_comes_back_whole_into_an_empty_database(
    roles_forgotten: str, empty: str, tmp_path: Path, town
) -> None:
    kept = tmp_path / "town.dump"
    with kept.open("wb") as file:
        dumped = _database("dump", roles_forgotten, stdout=file)
    assert (dumped.returncode, dumped.stderr) == (0, b"")
    with kept.open("rb") as file:
        restored = _database("restore", empty, stdin=file)
    assert (restored.returncode, restored.stderr) == (0, b"")
    assert _counts(empty) == _counts(roles_forgotten)
    assert _counts(empty)[0] > 250

    with kept.open("rb") as file:
        again = _database("restore", empty, stdin=file)
    assert again.returncode == 1
    assert "空ではない" in again.stderr.decode()
