"""Reads which open cases a ruling is for (同様の案件), and which rulings are for an application. Changes nothing.

One condition in SQL serves the list, the count, the batch and the desk, so that they never disagree.
"""

from typing import NamedTuple

from django.db import connection

from todoku.review.ruling_tables import Ruling

# Ruling `r` and application `s`: every code of the ruling was found there and, where the ruling names them, one of its
# tiers of the holder's name and one of its kinds of evidence.
FITS = """
(r.scope = 'like' and r.ended_on is null and jsonb_array_length(r.codes) > 0
 and not exists (select 1 from jsonb_array_elements_text(r.codes) wanted(code)
                  where not exists (select 1 from todoku_finding f
                                     where f.submission_id = s.id and f.code = wanted.code))
 and (jsonb_array_length(r.tiers) = 0
      or exists (select 1 from todoku_finding f where f.submission_id = s.id and jsonb_exists(r.codes, f.code)
                    and jsonb_exists(r.tiers, f.evidence->>'tier')))
 and (jsonb_array_length(r.whys) = 0
      or exists (select 1 from todoku_finding f where f.submission_id = s.id and jsonb_exists(r.codes, f.code)
                    and jsonb_exists(r.whys, f.evidence->>'why'))))
"""
# Open cases a ruling is for: found by its first code, then held against all of it. The counted application of a case is
# the last one screened. `laid` says that the ruling lies beside it already.
SIMILAR = f"""
select c.id, c.number, g.stage, s.id, q.id, coalesce(q.state, ''), s.arrived_on,
       exists (select 1 from todoku_rulinguse u where u.ruling_id = r.id and u.submission_id = s.id) as laid,
       coalesce(t.step, 0), coalesce(t.state, '')
  from todoku_ruling r
  join todoku_finding f on f.code = r.codes->>0
  join todoku_submission s on s.id = f.submission_id and s.programme_id = r.programme_id and s.state = 'screened'
  join todoku_case c on c.id = s.case_id
  join todoku_casestage g on g.case_id = c.id and g.stage in ('in_review', 'with_municipality', 'passed')
  left join todoku_question q on q.case_id = c.id and q.state in ('with_manager', 'sent') and q.change_id is null
  left join lateral (select step, state from todoku_task t where t.submission_id = s.id and t.state in ('open', 'held')
                      order by t.id desc limit 1) t on true
 where r.id = %(ruling)s and {FITS}
   and not exists (select 1 from todoku_submission later
                    where later.case_id = s.case_id and later.id > s.id and later.state = 'screened')
   and s.case_id <> (select asked.case_id from todoku_question asked where asked.id = r.question_id)
 group by c.id, c.number, g.stage, s.id, q.id, q.state, s.arrived_on, r.id, t.step, t.state
 order by s.arrived_on, c.id
"""
BESIDE = f"""
select r.id, r.number, r.outcome, r.reason, r.words, r.ruled_on, u.id is not null
  from todoku_ruling r
  join todoku_submission s on s.id = %(submission)s
  join todoku_programme p on p.id = s.programme_id and coalesce(p.rehearsal_of_id, p.id) = r.programme_id
  left join todoku_rulinguse u on u.ruling_id = r.id and u.submission_id = s.id
 where u.id is not null or {FITS}
 order by u.id is null, r.number desc
"""


class Similar(NamedTuple):
    """An open case that a ruling is for."""

    case: int
    number: str
    stage: str
    submission: int
    question: int | None
    question_state: str
    arrived_on: object
    laid: bool
    step: int
    task_state: str


class Beside(NamedTuple):
    """A ruling as it stands beside an application: `laid` by a person's choice, else found to fit."""

    pk: int
    number: int
    outcome: str
    reason: str
    words: str
    ruled_on: object
    laid: bool

    @property
    def title(self) -> str:
        """As it is cited: 裁定第3号."""
        return f"裁定第{self.number}号"

    @property
    def outcome_words(self) -> str:
        """The outcome in words."""
        return dict(Ruling._meta.get_field("outcome").flatchoices)[self.outcome]


def similar_cases(ruling: Ruling) -> list[Similar]:
    """The open cases that the ruling is for, the oldest first; none for a ruling on one case alone. One query."""
    with connection.cursor() as cursor:
        cursor.execute(SIMILAR, {"ruling": ruling.pk})
        return [Similar(*row) for row in cursor.fetchall()]


def rulings_beside(submission_id: int) -> list[Beside]:
    """Rulings for one application: those laid beside it first, then those that fit it, the newest first. One query."""
    with connection.cursor() as cursor:
        cursor.execute(BESIDE, {"submission": submission_id})
        return [Beside(*row) for row in cursor.fetchall()]


def fits(ruling: Ruling, submission_id: int) -> bool:
    """Whether the ruling is for this application."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select exists (select 1 from todoku_ruling r, todoku_submission s where r.id = %s and s.id = %s and {FITS})",
            [ruling.pk, submission_id],
        )
        row = cursor.fetchone()
    return bool(row and row[0])
