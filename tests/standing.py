"""Standing copies: a database for each template that is put back to its first state after a test, its connections kept.

A new connection knows nothing: what it reads of tables, guards and functions before its first answer takes longer than
most tests. A copy that stays keeps its connections, so the next test meets them as warm as production's pools are.

Putting back is exact: every table in which a row came, went or changed gets the template's rows again, in their order, and
every sequence its place. A test that changed the schema or statistics that the template had, or left a session behind that
will not end, costs its copy: the next test takes a new one. `TODOKU_TEST_FRESH=1` gives every test a database of its own instead.
"""

import os
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql
from psycopg.pq import TransactionStatus

# Copies that keep their connections at a time; the server gives sixty, and two runs may share it.
KEPT = 3
# After so many tests a copy has grown by what they wrote, and goes.
TESTS_EACH = 60
LEAVING_SECONDS = 5.0
PAUSE_SECONDS = 0.005
TABLES = """
select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind = 'r' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' order by 1, 2
"""
SEQUENCES = "select schemaname, sequencename, last_value, start_value from pg_sequences order by 1, 2"
# What a change of schema or rights leaves a new row in.
CATALOGUES = (
    "pg_class", "pg_attribute", "pg_attrdef", "pg_constraint", "pg_index", "pg_trigger", "pg_proc", "pg_policy",
    "pg_rewrite", "pg_type", "pg_statistic_ext", "pg_default_acl", "pg_extension", "pg_db_role_setting",
)  # fmt: skip
ANALYSED = (
    "select starelid::bigint, bool_or(age(xmin) < age(%(since)s::xid)) from pg_statistic group by starelid"
)
CLEAR = """
select pg_clear_relation_stats(n.nspname::text, c.relname::text)
  from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = any(%(tables)s::oid[])
union all
select pg_clear_attribute_stats(n.nspname::text, c.relname::text, a.attname::text, s.stainherit)
  from pg_statistic s join pg_class c on c.oid = s.starelid join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attnum = s.staattnum where c.oid = any(%(tables)s::oid[])
"""
OTHERS = """
select pid from pg_stat_activity where datname = current_database() and pid <> all(%s) and pid <> pg_backend_pid()
"""
# What a session may have been told, so that whoever takes it next finds it as a new one. Prepared nothing: Django does not.
FORGET = "reset session authorization; reset all; select pg_advisory_unlock_all(); unlisten *; discard temp"


def _look(names: list[sql.Identifier]) -> bytes:
    """A statement that gives (place, rows, rows newer than a transaction) of each table."""
    one = sql.SQL("select {}, count(*), count(*) filter (where age(xmin) < age(%(since)s::xid)) from {}")
    return (
        sql.SQL(" union all ")
        .join(one.format(sql.Literal(place), name) for place, name in enumerate(names))
        .as_bytes()
    )


LOOK_AT_CATALOGUES = _look([sql.Identifier("pg_catalog", one) for one in CATALOGUES])
# Schema, name, last value (None: never taken), first value.
Sequence = tuple[str, str, int | None, int]
# Of whom and where to a session is: a line that a test put between is another one.
Line = tuple[str, str, str]


class Spoilt(Exception):
    """This copy cannot be put back; the sentence says why. Nobody is harmed: the next test takes a new one."""


class Table(NamedTuple):
    """One table: its quoted name, and the template's rows as COPY writes them."""

    name: sql.Identifier
    rows: bytes


class First(NamedTuple):
    """The first state of every copy of one template: tables and how many rows each has, rows of the catalogues, tables that
    the planner has statistics of (by oid), sequences; and the statement that looks at the tables."""

    tables: list[Table]
    counts: list[int]
    catalogued: list[int]
    analysed: set[int]
    sequences: list[Sequence]
    look: bytes


class Copy:
    """One standing copy: its name, its idle connections by line, and since when its tables are as they were at first."""

    def __init__(self, name: str, keeper: str, first: First | None) -> None:
        self.name, self.tests, self.idle = name, 0, dict[Line, psycopg.Connection[Any]]()
        self._keeper = psycopg.connect(keeper, dbname=name, autocommit=True)
        # No trigger fires when rows are put back.
        self._keeper.execute("set session_replication_role = replica")
        self._since = self._transaction()
        self.first = first or self._read()

    def _read(self) -> First:
        names = [sql.Identifier(*row) for row in self._keeper.execute(TABLES).fetchall()]
        look = _look(names)
        counts = [rows for rows, _ in self._seen(look)]
        tables = [
            Table(one, self._written(one) if rows else b"") for one, rows in zip(names, counts, strict=True)
        ]
        catalogued = [rows for rows, _ in self._seen(LOOK_AT_CATALOGUES)]
        return First(
            tables, counts, catalogued, {table for table, _ in self._analyses()}, self._sequences(), look
        )

    def _transaction(self) -> str:
        """The number of the keeper's transaction: every row that the copy holds is as old or older."""
        row = self._keeper.execute("select pg_current_xact_id()::xid::text").fetchone()
        assert row is not None
        return str(row[0])

    def _seen(self, look: bytes) -> list[tuple[int, int]]:
        """(Rows, rows newer than the first state) of each table."""
        found = self._keeper.execute(look, {"since": self._since}, prepare=True).fetchall()
        return [(rows, newer) for _, rows, newer in sorted(found)]

    def _sequences(self) -> list[Sequence]:
        return self._keeper.execute(SEQUENCES).fetchall()

    def _written(self, table: sql.Identifier) -> bytes:
        with self._keeper.cursor() as cursor:
            with cursor.copy(sql.SQL("copy {} to stdout (format binary)").format(table)) as copy:
                return b"".join(copy)

    def put_back(self) -> None:
        """Gives the copy its first state again. Raises Spoilt where that cannot be done."""
        self._wait_for_others()
        if _changed(self.first.catalogued, self._seen(LOOK_AT_CATALOGUES)):
            raise Spoilt("the schema or its rights are others now")
        self._forget_statistics()
        changed = _changed(self.first.counts, self._seen(self.first.look))
        with self._keeper.transaction():
            if changed:
                self._put_rows_back([self.first.tables[place] for place in changed])
                self._since = self._transaction()
            self._put_sequences_back()

    def _wait_for_others(self) -> None:
        """Sessions of threads and processes that have gone are let go; one that stays is ended."""
        mine = [one.info.backend_pid for one in self.idle.values()]
        until = time.monotonic() + LEAVING_SECONDS
        while others := [pid for (pid,) in self._keeper.execute(OTHERS, [mine]).fetchall()]:
            if time.monotonic() > until:
                raise Spoilt("a session does not end")
            if time.monotonic() > until - LEAVING_SECONDS / 2:
                self._keeper.execute("select pg_terminate_backend(unnest(%s::int[]))", [others])
            time.sleep(PAUSE_SECONDS)

    def _analyses(self) -> list[tuple[int, bool]]:
        """Tables that the planner has statistics of, and whether they are newer than the first state."""
        return self._keeper.execute(ANALYSED, {"since": self._since}).fetchall()

    def _forget_statistics(self) -> None:
        """Takes those away that a test made where there were none."""
        newer = [table for table, is_newer in self._analyses() if is_newer]
        if self.first.analysed & set(newer):
            raise Spoilt("statistics of the template are others now")
        if newer:
            self._keeper.execute(CLEAR, {"tables": newer})

    def _put_rows_back(self, tables: list[Table]) -> None:
        self._keeper.execute(sql.SQL("; ").join(sql.SQL("delete from {}").format(one.name) for one in tables))
        with self._keeper.cursor() as cursor:
            for one in tables:
                if one.rows:
                    with cursor.copy(sql.SQL("copy {} from stdin (format binary)").format(one.name)) as copy:
                        copy.write(one.rows)

    def _put_sequences_back(self) -> None:
        places = [
            (sql.Identifier(schema, name).as_string(), start if last is None else last, last is not None)
            for (schema, name, last, start), (_, _, current, _) in zip(
                self.first.sequences, self._sequences(), strict=True
            )
            if last != current
        ]
        if places:
            names, values, called = zip(*places, strict=True)
            self._keeper.execute(
                "select setval(n::regclass, v, c) from unnest(%s::text[], %s::bigint[], %s::bool[]) as x(n, v, c)",
                [list(names), list(values), list(called)],
            )

    def close(self) -> None:
        """Ends its sessions."""
        for one in (*self.idle.values(), self._keeper):
            one.close()
        self.idle.clear()


def _changed(counts: list[int], seen: list[tuple[int, int]]) -> list[int]:
    """The places of the tables in which a row came, went or changed."""
    return [
        place
        for place, (was, (rows, newer)) in enumerate(zip(counts, seen, strict=True))
        if rows != was or newer
    ]


class Standing:
    """The standing copies of one run.

    `make(template)` gives the name of a new copy, `drop(name)` removes it; `keeper` is how the server's superuser
    connects. Without one (another's server) every test has a database of its own.
    """

    def __init__(self, make: Callable[[str], str], drop: Callable[[str], None], keeper: str) -> None:
        self._make, self._drop = make, drop
        self._keeper = "" if os.environ.get("TODOKU_TEST_FRESH") else keeper
        self._free: OrderedDict[str, Copy] = OrderedDict()
        self._by_name: dict[str, Copy] = {}
        self._firsts: dict[str, First] = {}
        self._process = (
            os.getpid()
        )  # a child of it (tests/payment/killed.py) must not speak through its sessions

    @contextmanager
    def lent(self, template: str) -> Iterator[str]:
        """The name of a copy of the template that is as the template is."""
        if not self._keeper:
            name = self._make(template)
            try:
                yield name
            finally:
                self._drop(name)
            return
        copy = self._free.pop(template, None) or self._new(template)
        try:
            yield copy.name
        except BaseException:  # what a failed test left behind is looked at by nobody
            self._end(copy)
            raise
        self._take_back(template, copy)

    def _new(self, template: str) -> Copy:
        name = self._make(template)
        copy = self._by_name[name] = Copy(name, self._keeper, self._firsts.get(template))
        self._firsts[template] = copy.first
        return copy

    def _take_back(self, template: str, copy: Copy) -> None:
        copy.tests += 1
        try:
            if template in self._free or copy.tests >= TESTS_EACH:
                raise Spoilt("another one is there, or it has served long enough")
            copy.put_back()
        except (Spoilt, psycopg.Error):
            self._end(copy)
            return
        self._free[template] = copy
        while len(self._free) > KEPT:
            self._end(self._free.popitem(last=False)[1])

    def _end(self, copy: Copy) -> None:
        del self._by_name[copy.name]
        copy.close()
        self._drop(copy.name)

    def close(self) -> None:
        """Removes them all."""
        while self._free:
            self._end(self._free.popitem()[1])

    def keep_connections_of(self, wrapper: BaseDatabaseWrapper) -> None:
        """From now on this connection of Django's, when closed, leaves its session for the next one to the same copy."""
        connect, close = wrapper.get_new_connection, wrapper._close

        def get_new_connection(params: dict[str, Any]) -> psycopg.Connection[Any]:
            copy = self._copy_of(params["dbname"])
            line = params["user"], str(params["host"]), str(params["port"])
            kept = copy.idle.pop(line, None) if copy else None
            return kept if kept and _lives(kept) else connect(params)

        def _close() -> None:
            raw = wrapper.connection
            if raw is None or not self._keep(raw):
                close()

        wrapper.get_new_connection = get_new_connection
        wrapper._close = _close

    def _copy_of(self, name: str) -> Copy | None:
        return self._by_name.get(name) if os.getpid() == self._process else None

    def _keep(self, raw: psycopg.Connection[Any]) -> bool:
        if raw.closed or raw.info.transaction_status != TransactionStatus.IDLE:
            return False
        copy = self._copy_of(raw.info.dbname)
        line = raw.info.user, raw.info.host, str(raw.info.port)
        if copy is None or line in copy.idle or not _forgets(raw):
            return False
        copy.idle[line] = raw
        return True


def _lives(raw: psycopg.Connection[Any]) -> bool:
    """Whether the server still has this session."""
    return _says(raw, "select 1")


def _forgets(raw: psycopg.Connection[Any]) -> bool:
    """Makes a session forget what it was told; False where it has ended."""
    return _says(raw, FORGET)


def _says(raw: psycopg.Connection[Any], words: str) -> bool:
    try:
        raw.autocommit = True
        raw.execute(words)
    except psycopg.Error:
        raw.close()
        return False
    return True
