"""The tests' own PostgreSQL: the embedded server with the product's settings, its files in memory where there is room.

It keeps nothing through a crash of the machine, and a password costs one round: neither is what a test on it looks at (the
tests of the server itself, tests/ground/test_postgres.py, start others).

Most tests write to a database of their own, copied from a template: on a disk that is a thousand files made and removed
for each. Every run has a server of its own, which goes with it; what a killed run left is cleared away by the next.
"""

import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from psycopg import conninfo, sql

from todoku.ground import databases, postgres

MEMORY = Path("/dev/shm")
# A whole run was seen to take under one; beside other work and with many processes, more.
ROOM_BYTES = 4 * 1024**3
PREFIX = "todoku-tests-"
# Much of what copying a template costs is the log that a crash would need, and much of what opening a connection costs is
# the work that a stolen list of passwords would make; the suite does both some thousand times.
# Nothing cleans or counts beside a test: what it sees of plans and of the order of rows is the same each time.
SETTINGS = {
    "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "scram_iterations": "1", "autovacuum": "off",
}  # fmt: skip
KEEPER = "TODOKU_TEST_KEEPER"
IN_USE = "in-use"  # locked by the run as long as it lives, whatever other runs can see of its process
_locks: list[IO[bytes]] = []


def folder() -> Path | None:
    """Where a run's server may lie in memory; None where this machine has no such place, or too little room."""
    if not MEMORY.is_dir() or not os.access(MEMORY, os.W_OK):
        return None
    _clear_away()
    if shutil.disk_usage(MEMORY).free < ROOM_BYTES or _free_memory() < ROOM_BYTES:
        return None
    return MEMORY / f"{PREFIX}{uuid.uuid4().hex[:12]}"


def start(place: Path) -> str:
    """Starts the server; returns the address of a user who may create databases and roles.

    Leaves the superuser's address in the environment (KEEPER), for whoever puts a database back to its first state.
    """
    place.mkdir(mode=0o711)
    lock = (place / IN_USE).open("wb")
    fcntl.flock(lock, fcntl.LOCK_EX)
    _locks.append(lock)
    with _state_in(place):
        _set_up()
        return databases.open_address()


def _set_up() -> None:
    """Gives the server its settings, before it makes any password but the superuser's."""
    server = postgres.ensure()
    os.environ[KEEPER] = conninfo.make_conninfo(
        host=server.host, port=server.port, user=server.user, password=server.password
    )
    with databases.server_connection(server) as connection:
        known = {name for (name,) in connection.execute("select name from pg_settings").fetchall()}
        for name in SETTINGS.keys() & known:  # PostgreSQL 15 counts its rounds by itself
            connection.execute(
                sql.SQL("alter system set {} = {}").format(sql.Identifier(name), sql.Literal(SETTINGS[name]))
            )
        connection.execute("select pg_reload_conf()")


def stop(place: Path) -> None:
    """Stops it and gives the memory back."""
    with _state_in(place):
        postgres.stop()
    shutil.rmtree(place, ignore_errors=True)


@contextmanager
def _state_in(place: Path) -> Iterator[None]:
    before = os.environ.get("TODOKU_VAR")
    os.environ["TODOKU_VAR"] = str(place)
    try:
        yield
    finally:
        if before is None:
            del os.environ["TODOKU_VAR"]
        else:
            os.environ["TODOKU_VAR"] = before


def _clear_away() -> None:
    """Servers of runs that ended without a word."""
    for left in MEMORY.glob(f"{PREFIX}*"):
        if _is_left(left):
            stop(left)


def _is_left(place: Path) -> bool:
    try:
        if place.stat().st_uid != os.geteuid():
            return False  # another user's, who alone can stop it
        with (place / IN_USE).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # held by its run, or just being made or cleared away
        return False
    return True


def _free_memory() -> int:
    """Bytes that this machine can still give to programs."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return 0
