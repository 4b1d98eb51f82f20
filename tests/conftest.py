"""Ground of the tests: a real PostgreSQL, one migrated template, a clone of it per test that asks for a database.

The same suite runs on the embedded server and on the one that DATABASE_URL names. Tests connect as the office and the
public role: as superuser every test of a privilege would pass without proving anything.
"""

import gc
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import hypothesis
import psycopg
import pytest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todoku.settings")
from tests import dealing, memory_server  # noqa: E402
from tests.standing import Standing  # noqa: E402
from todoku.ground import secrets  # noqa: E402

secrets.load()

# Tests never assert times: an example that is slow to draw or to run on a busy machine is no failure.
hypothesis.settings.register_profile(
    "unhurried",
    deadline=None,
    suppress_health_check=[
        hypothesis.HealthCheck.too_slow,
        hypothesis.HealthCheck.data_too_large,
        hypothesis.HealthCheck.filter_too_much,
    ],
)
hypothesis.settings.load_profile("unhurried")

TEMPLATE = f"todoku_test_{os.environ.get('PYTEST_XDIST_WORKER', 'gw0')}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: dealing.longest_first(item.nodeid))


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is there before the first test stays till the end: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> dealing.ByFile:
    """Of the process that deals the tests to the others."""
    return dealing.ByFile(config, log)


def _server_address() -> str:
    """An address whose user may create databases and roles; the server is shared, the databases are ours."""
    from todoku.ground import databases

    named = os.environ.get("TODOKU_TEST_SERVER") or os.environ.get("DATABASE_URL")
    if named:
        return named
    os.environ["TODOKU_DATABASE"] = "todoku_test_server"
    global OURS_IN_MEMORY
    OURS_IN_MEMORY = memory_server.folder()
    return memory_server.start(OURS_IN_MEMORY) if OURS_IN_MEMORY else databases.open_address()


OURS_IN_MEMORY: Path | None = None


def pytest_unconfigure(config: pytest.Config) -> None:
    """The process that started the server, which with several is the one that deals the tests, ends it."""
    for connection in _beside:
        connection.close()
    if OURS_IN_MEMORY:
        for alias in connections:
            connections[alias].close()
        memory_server.stop(OURS_IN_MEMORY)


def _with_name(address: str, name: str) -> str:
    from urllib.parse import urlsplit, urlunsplit

    return urlunsplit(urlsplit(address)._replace(path=f"/{name}"))


SERVER = _server_address()
IN_MEMORY = str(memory_server.MEMORY / memory_server.PREFIX) in unquote(SERVER)
# Workers of a parallel run inherit the environment of the process that started them: they must find the server there,
# not the first process's own database.
os.environ["TODOKU_TEST_SERVER"] = SERVER
os.environ["DATABASE_URL"] = _with_name(SERVER, TEMPLATE)

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402

settings.PASSWORD_HASHERS = ["tests.quick_hash.QuickArgon2"]

from django.core.signals import setting_changed  # noqa: E402
from django.db import connections  # noqa: E402
from django.test import signals  # noqa: E402
from django.test.utils import override_settings, setup_test_environment  # noqa: E402
from django.urls import set_urlconf  # noqa: E402

setup_test_environment()


def _other_door(*, setting: str, **_more: object) -> None:
    """Addresses are kept by the module that lists them: going through another door forgets none. Django would forget
    all, and make hundreds of patterns anew for nearly every test of a page."""
    if setting == "ROOT_URLCONF":
        set_urlconf(None)


setting_changed.disconnect(signals.root_urlconf_changed)
setting_changed.connect(_other_door)


_beside: list[psycopg.Connection[Any]] = []


def _run_on_server(*statements: str) -> None:
    """Beside the database at hand, through one connection that stays: every test makes and drops a database."""
    if not _beside or _beside[0].closed:
        _beside[:] = [psycopg.connect(SERVER, autocommit=True)]
    for statement in statements:
        _beside[0].execute(statement)


def _drop(name: str) -> None:
    """Drops a database of ours; a backend of another role takes a moment to leave after its client has closed."""
    for _ in range(600):
        try:
            _run_on_server(f"drop database if exists {name} with (force)")
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectInUse):
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"{name} is still in use")


@pytest.fixture
def server_address() -> str:
    """The address of the tests' server, as a user who may create databases and roles."""
    return SERVER


@pytest.fixture(scope="session")
def template_database() -> Iterator[str]:
    """A migrated, empty database with its roles; clones of it are what tests write to."""
    from todoku.ground import databases

    _drop(TEMPLATE)
    _run_on_server(f"create database {TEMPLATE}")
    with psycopg.connect(SERVER) as connection:
        databases.make_roles(connection, TEMPLATE)
    databases.migrate()
    _take_guards_as_they_are_made()
    connections.close_all()
    yield TEMPLATE
    connections.close_all()
    STANDING.close()
    _drop(TEMPLATE)


def _take_guards_as_they_are_made() -> None:
    """The sweep compares with the migrations as they are now: where the made file lags behind, one test says so
    (tests/payment/test_guards.py), not every test that pays."""
    from todoku.commands.guards import digests_made
    from todoku.payment.guard_digests import DIGESTS

    made = digests_made()
    DIGESTS.clear()
    DIGESTS.update(made)


def _copy(template: str) -> str:
    name = f"{TEMPLATE}_{uuid.uuid4().hex[:8]}"
    # In memory, whole files are copied faster than their pages one by one through the log.
    strategy = " strategy file_copy" if IN_MEMORY else ""
    _run_on_server(f"create database {name} template {template}{strategy}")
    return name


@contextmanager
def _copied(template: str) -> Iterator[str]:
    name = _copy(template)
    try:
        yield name
    finally:
        _drop(name)


STANDING = Standing(_copy, _drop, os.environ.get(memory_server.KEEPER, ""))
for alias in connections:
    STANDING.keep_connections_of(connections[alias])


@contextmanager
def _cloned(template: str) -> Iterator[str]:
    with STANDING.lent(template) as name, _pointing_at(name):
        yield name


@contextmanager
def _pointing_at(name: str) -> Iterator[None]:
    before = {alias: connections[alias].settings_dict["NAME"] for alias in connections}
    for alias in connections:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
    try:
        yield
    finally:
        for alias in connections:
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = before[alias]


@pytest.fixture
def database(template_database: str) -> Iterator[str]:
    """An empty migrated database of this test alone; Django's default connection is the office's role."""
    with _cloned(template_database) as name:
        yield name


@pytest.fixture(scope="session")
def populated(template_database: str) -> Iterator[Callable[..., str]]:
    """`populated(fill)` gives a database filled once for the whole run; `cloned(name)` then takes a copy of it.

    With `of=name` the filling starts from another populated database.
    """
    with ExitStack() as kept:

        def make(fill: Callable[[], object], of: str = template_database) -> str:
            name = kept.enter_context(_copied(of))
            with _pointing_at(name):
                fill()
            return name

        yield make


@pytest.fixture(scope="session")
def cloned(template_database: str) -> Callable[[str], object]:
    """`with cloned(name):` points the connections at a copy of a database that `populated` made."""
    return _cloned


@contextmanager
def _as_role(role: str) -> Iterator[None]:
    connection = connections["default"]
    before = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(
        USER=f"{TEMPLATE}_{role}", PASSWORD=os.environ[f"TODOKU_{role.upper()}_PASSWORD"]
    )
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(USER=before["USER"], PASSWORD=before["PASSWORD"])


@pytest.fixture
def as_public() -> Callable[[], object]:
    """`with as_public():` runs a block as the public door's database role."""
    return lambda: _as_role("public")


@contextmanager
def _at_door(door: str) -> Iterator[None]:
    role = "public" if door == "resident" else "office"
    host = {"resident": "todoku.localhost", "office": "office.localhost", "municipality": "city.localhost"}[
        door
    ]
    with (
        _as_role(role),
        override_settings(
            DOOR=door, ROOT_URLCONF=f"todoku.web.{door}.urls", ALLOWED_HOSTS=["testserver", host]
        ),
    ):
        yield


@pytest.fixture
def at_door() -> Callable[[str], object]:
    """`with at_door("office"):` serves that door's URLs under its database role in Django's test client."""
    return _at_door


@pytest.fixture
def var_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder of this test alone (the secrets stay those of the run)."""
    monkeypatch.setenv("TODOKU_VAR", str(tmp_path))
    return tmp_path


from tests.browser import browser  # noqa: E402, F401
from tests.clock import clock  # noqa: E402, F401
from tests.main_job_fixture import busy_database, busy_town, demo_of_busy_town  # noqa: E402, F401
from tests.town_fixture import (  # noqa: E402, F401
    push_town,
    push_town_database,
    town,
    town_database,
    town_of_cases,
)
