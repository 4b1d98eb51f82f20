"""Keeps of every sampled application by which rate it was caught (抜取り), and reads back what people said of them.

Takes what the screening sampled; leaves one narrow row each. Judges nothing: error rates are sample_errors.py's.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from psycopg.types.json import Jsonb

from todoku.programme.tables import Programme

KEEP = """
insert into todoku_sampledcase (submission_id, case_id, programme_id, channel, criterion, noted, percent, at)
select s, c, %s, h, k, n, p, %s
  from unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::jsonb[], %s::float8[]) as x(s, c, h, k, n, p)
on conflict (submission_id) do nothing
"""


class Caught(NamedTuple):
    """Why a clean application is looked at: its channel, the criterion whose rate caught it, codes noted, percent."""

    channel: str
    criterion: str
    noted: tuple[str, ...]
    percent: float


def keep_sampled(rows: Sequence[tuple[int, int, Caught]], *, programme: Programme, at: datetime) -> None:
    """Writes (submission, case, Caught) once each; who was sampled before keeps the rate of that time."""
    if not rows:
        return
    columns: list[list[Any]] = [
        [row[0] for row in rows], [row[1] for row in rows], [row[2].channel for row in rows],
        [row[2].criterion for row in rows], [Jsonb(list(row[2].noted)) for row in rows], [row[2].percent for row in rows],
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [programme.pk, at, *columns])
