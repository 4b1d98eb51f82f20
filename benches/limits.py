"""The limit: what a step leaves behind, written as ready bytes by nothing but COPY and plain file writes.

Takes the rows and files that the real step left, or read; copies the rows into twins of their tables (no foreign keys, checks
or triggers), then builds the same indexes, and writes the files anew with one fsync. Nothing is read, judged or formed.
"""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.db import connections
from psycopg import Cursor, sql

from benches.sample import Setting
from todoku.custody.files import inside
from todoku.ground.places import var

BLOCK_BYTES = 1024 * 1024


class Leaves(NamedTuple):
    """What one step leaves: (table, condition on its row `x` in a programme), and a query of the paths of its files.

    `reads`: for a step that leaves nothing, a query of the files that it reads.
    """

    rows: tuple[tuple[str, str], ...]
    files: str = ""
    reads: str = ""


class Limit(NamedTuple):
    """Seconds of the bare COPY, of the indexes, of the files; bytes of rows and of files."""

    copy_seconds: float
    index_seconds: float
    file_seconds: float
    row_bytes: int
    file_bytes: int

    @property
    def seconds(self) -> float:
        return self.copy_seconds + self.index_seconds + self.file_seconds


def limit(leaves: Leaves, setting: Setting) -> Limit:
    """Writes once more what the step left for this programme, and takes the time."""
    folder = var("bench", "limit")
    folder.mkdir(parents=True, exist_ok=True)
    copied = indexed = wrote = 0.0
    row_bytes = file_bytes = 0
    owner = connections["owner"]
    owner.ensure_connection()
    cursor = owner.connection.cursor()
    for table, condition in leaves.rows:
        rows = folder / f"{table}.copy"
        _copy_out(cursor, table, condition, setting, rows)
        row_bytes += rows.stat().st_size
        seconds = _copy_in(cursor, table, rows)
        copied, indexed = copied + seconds[0], indexed + seconds[1]
        rows.unlink()
    for path in _files(cursor, leaves.files, setting):
        file_bytes += path.stat().st_size
        wrote += _write_again(path, folder / "file")
    for path in _files(cursor, leaves.reads, setting):
        file_bytes += path.stat().st_size
        wrote += _read_again(path)
    owner.close()
    return Limit(copied, indexed, wrote, row_bytes, file_bytes)


def _copy_out(cursor: Cursor, table: str, condition: str, setting: Setting, to: Path) -> None:
    query = sql.SQL(
        "copy (select x.* from {} x, todoku_programme p where p.slug = {} and " + condition + ") to stdout"
    )
    with to.open("wb") as file, cursor.copy(query.format(sql.Identifier(table), setting.slug)) as copy:
        for block in copy:
            file.write(block)


def _copy_in(cursor: Cursor, table: str, rows: Path) -> tuple[float, float]:
    """Seconds of COPY and of the indexes, each until it is committed."""
    twin = f"bench_{table}"
    cursor.execute(f"drop table if exists {twin}")
    cursor.execute(f"create table {twin} (like {table} including storage including compression)")
    began = time.perf_counter()
    with rows.open("rb") as file, cursor.copy(f"copy {twin} from stdin") as copy:
        while block := file.read(BLOCK_BYTES):
            copy.write(block)
    copied = time.perf_counter()
    for statement in _indexes(cursor, table, twin):
        cursor.execute(statement)
    indexed = time.perf_counter()
    cursor.execute(f"drop table {twin}")
    return copied - began, indexed - copied


def _indexes(cursor: Cursor, table: str, twin: str) -> list[str]:
    """The statements that make the table's indexes on its twin."""
    cursor.execute("select indexdef from pg_indexes where schemaname = 'public' and tablename = %s", [table])
    return [
        re.sub(
            r'INDEX ("?)(\w+)\1 ON public\.\w+',
            lambda found: f'INDEX "bench_{found[2][:50]}" ON {twin}',
            definition,
        )
        for (definition,) in cursor.fetchall()
    ]


def _files(cursor: Cursor, query: str, setting: Setting) -> Iterator[Path]:
    if query:
        cursor.execute(query, [setting.slug] * query.count("%s"))
        yield from (inside(path) for (path,) in cursor.fetchall())


def _read_again(path: Path) -> float:
    """Seconds for reading the same bytes into memory."""
    began = time.perf_counter()
    path.read_bytes()
    return time.perf_counter() - began


def _write_again(path: Path, to: Path) -> float:
    """Seconds for the same bytes, until they are on the disk."""
    began = time.perf_counter()
    with path.open("rb") as source, to.open("wb") as file:
        while block := source.read(BLOCK_BYTES):
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    seconds = time.perf_counter() - began
    to.unlink()
    return seconds
