"""The form check (様式の点検): which field of which design led to which deficiency, in how many applications of it.

Reads screened applications, their findings and what reviewers set by hand; two queries, whatever the size of the town.
"""

import json
from dataclasses import dataclass
from typing import Any

from django.db import connection

from todoku.criteria.form_fields import FIELD_OF_CODE
from todoku.programme.tables import Programme

# A design is what a run printed: its template and its words (wording_digest). The form that a person answered is the last
# that was written to them; what came in by web was answered on the screen, a design of its own.
_ANSWERED = """
select distinct on (s.id) s.id,
       case when s.channel = 'web' then 'web' else coalesce(r.wording_sha256, '') end as design
  from todoku_submission s
  left join todoku_letter l on l.case_id = s.case_id and l.kind = 'form' and s.channel <> 'web'
  left join todoku_printrun r on r.id = l.run_id
 where s.programme_id = %(programme)s and s.state in ('screened', 'superseded') and s.channel <> 'push'
 order by s.id, l.occasion desc, l.copy desc, l.id desc
"""
# One application counts once for a deficiency of a field, whether the checks or a person found it.
COUNTED = f"""
with answered as materialized ({_ANSWERED}),
by_hand as (
  select a.id, a.design, c.code, coalesce(m.field, '') as field
    from answered a
    join todoku_verdict v on v.submission_id = a.id and v.outcome = 'return' and v.undone_at is null
    cross join lateral jsonb_array_elements_text(v.codes) c(code)
    left join unnest(%(codes)s::text[], %(fields)s::text[]) m(code, field) on m.code = c.code
),
found as (
  select a.id, a.design, f.code, f.field from answered a join todoku_finding f on f.submission_id = a.id
   where f.severity in ('return', 'look')
  union
  select h.id, h.design, h.code, h.field from by_hand h
   where not exists (select 1 from todoku_finding f where f.submission_id = h.id and f.code = h.code
                                                      and f.severity in ('return', 'look'))
)
select design, '' as code, '' as field, count(*) from answered group by design
union all
select design, code, field, count(*) from found group by design, code, field
 order by 1, 4 desc, 2, 3
"""
_DESIGNS = """
select distinct on (wording_sha256) wording_sha256, id, made_at, boxes from todoku_printrun
 where programme_id = %(programme)s and kind = 'form' and wording_sha256 <> '' and state <> 'void'
 order by wording_sha256, id
"""


@dataclass(frozen=True)
class Deficient:
    """How many applications on a design had this deficiency at this field; `share` of all that answered on it."""

    code: str
    field: str
    count: int
    of: int

    @property
    def share(self) -> float:
        """In percent."""
        return self.count * 100 / self.of


@dataclass(frozen=True)
class Design:
    """One design of the form and what answers on it lacked, worst first. `run` is the first that printed it (None: the
    screen, or a form whose run is not known)."""

    digest: str
    answered: int
    deficient: tuple[Deficient, ...]
    run: int | None
    made_at: Any
    boxes: list[dict[str, Any]]

    @property
    def is_web(self) -> bool:
        """Whether it is the screen."""
        return self.digest == "web"


def form_check(programme: Programme) -> tuple[Design, ...]:
    """Every design that was answered, the most answered first."""
    named: dict[str, Any] = {
        "programme": programme.pk,
        "codes": list(FIELD_OF_CODE),
        "fields": list(FIELD_OF_CODE.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, named)
        rows = cursor.fetchall()
        cursor.execute(_DESIGNS, named)
        # A bare cursor gives JSON as its text.
        runs = {
            digest: (run, made_at, json.loads(boxes)) for digest, run, made_at, boxes in cursor.fetchall()
        }
    answered = {design: count for design, code, _, count in rows if not code}
    designs = (
        Design(digest, of, _deficient(rows, digest, of), *runs.get(digest, (None, None, [])))
        for digest, of in answered.items()
    )
    return tuple(sorted(designs, key=lambda design: (-design.answered, design.digest)))


def _deficient(rows: list[Any], digest: str, of: int) -> tuple[Deficient, ...]:
    return tuple(
        Deficient(code, field, count, of) for design, code, field, count in rows if design == digest and code
    )
