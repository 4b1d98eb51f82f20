"""The figures of the quality page (品質): seeded errors found, fast verdicts, who may open which queue. Counts alone.

Reads only, a fixed number of queries whatever the size; names stand beside the counts for the lead, never for the
municipality.
"""

from typing import NamedTuple

from django.db import connection

from todoku.programme.quality import Fast
from todoku.programme.tables import Programme
from todoku.review.intervals import Interval, wilson
from todoku.review.pace import USUAL_LEAST, USUAL_OF_LAST, least_seconds

SEEDED = """
select l.staff_id, s.name, count(*) filter (where l.detected), count(*) filter (where l.judged_at is not null), count(*)
  from todoku_seededlook l join todoku_staff s on s.id = l.staff_id
 where l.programme_id = %s group by 1, 2 order by 2, 1
"""
# The usual time is that by which the next verdict will be measured (keep_pace.py): the middle of the last looks.
FAST = f"""
select staff_id, name, queue, count(fast), count(*), count(fast) filter (where looked_again),
       percentile_cont(0.5) within group (order by seconds) filter (where place <= {USUAL_OF_LAST})
  from (select v.staff_id, s.name, t.queue, f.verdict_id as fast, f.looked_again,
               extract(epoch from v.at - t.claimed_at) as seconds,
               row_number() over (partition by v.staff_id, t.queue order by v.id desc) as place
          from todoku_verdict v
          join todoku_task t on t.id = v.task_id and t.programme_id = %s and t.claimed_at is not null
          join todoku_staff s on s.id = v.staff_id
          left join todoku_fastverdict f on f.verdict_id = v.id
         where v.undone_at is null) x
 group by 1, 2, 3 order by 2, 1, 3
"""


class Detection(NamedTuple):
    """Seeded errors that one second reviewer met: found, judged, placed."""

    staff: int
    name: str
    found: int
    judged: int
    placed: int

    @property
    def interval(self) -> Interval:
        return wilson(self.found, self.judged)


class Pace(NamedTuple):
    """One person's verdicts in one queue: how many were fast, of how many, how many looked at again, usual seconds."""

    staff: int
    name: str
    queue: str
    fast: int
    verdicts: int
    again: int
    usual_seconds: float

    def least_seconds(self, rule: Fast) -> float:
        """Below this the person's next verdict in this queue counts as fast."""
        return least_seconds(rule, self.usual_seconds if self.verdicts >= USUAL_LEAST else None)


def detections(programme: Programme) -> list[Detection]:
    """By person, by name."""
    with connection.cursor() as cursor:
        cursor.execute(SEEDED, [programme.pk])
        return [Detection(*row) for row in cursor.fetchall()]


def paces(programme: Programme) -> list[Pace]:
    """By person and queue, by name."""
    with connection.cursor() as cursor:
        cursor.execute(FAST, [programme.pk])
        return [Pace(*row) for row in cursor.fetchall()]
