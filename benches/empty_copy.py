"""An empty, migrated copy kept beside the bench's database, so that each size begins with empty tables in a moment.

Takes the database that the command has just made ready; leaves it emptied as often as asked, and no copy at the end. Where
the login may make no databases, each emptying migrates anew.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.db import connections
from psycopg import sql

from benches.measure import apart
from todoku.ground import databases

MAINTENANCE = "postgres"  # where one stands while the other two are made and dropped
KEPT = "_kept"
# Not "with (force)": that may not end the server's own vacuum, which a plain drop asks to go.
DROP = "drop database if exists {}"
COPY = "create database {} template {}"
REMARKS = "select datname, shobj_description(oid, 'pg_database') from pg_database"


@contextmanager
def copy_kept() -> Iterator[None]:
    """Keeps the copy while the bench runs; empties the database at the end, whatever happened."""
    connections.close_all()
    apart(keep)
    try:
        yield
    finally:
        connections.close_all()
        apart(empty)
        apart(let_go)


def keep() -> None:
    """Copies the database as the command made it ready."""
    with _beside() as connection:
        able = connection.execute(
            "select rolcreatedb or rolsuper from pg_roles where rolname = current_user"
        ).fetchone()
        if able and able[0]:
            connection.execute(sql.SQL(DROP).format(_kept()))
            connection.execute(sql.SQL(COPY).format(_kept(), _own()))


def empty() -> None:
    """Leaves the bench's database with empty tables, as migrated."""
    with _beside() as connection:
        remarks = dict(connection.execute(REMARKS).fetchall())
    if f"{_name()}{KEPT}" not in remarks:
        databases.empty_sample()
        databases.migrate()
        return
    assert remarks[_name()] == databases.SAMPLE_REMARK, "what is dropped here was made ready as a sample"
    remark = sql.SQL("comment on database {} is {}").format(_own(), sql.Literal(databases.SAMPLE_REMARK))
    with _beside() as connection:
        connection.execute(sql.SQL(DROP).format(_own()))
        connection.execute(sql.SQL(COPY).format(_own(), _kept()))
        connection.execute(remark)


def let_go() -> None:
    """Drops the copy."""
    with _beside() as connection:
        connection.execute(sql.SQL(DROP).format(_kept()))


def _beside() -> psycopg.Connection[Any]:
    address = urlsplit(os.environ["DATABASE_URL"])
    return psycopg.connect(urlunsplit(address._replace(path=f"/{MAINTENANCE}")), autocommit=True)


def _own() -> sql.Identifier:
    return sql.Identifier(_name())


def _kept() -> sql.Identifier:
    return sql.Identifier(f"{_name()}{KEPT}")


def _name() -> str:
    return databases.database_name(os.environ["DATABASE_URL"])
