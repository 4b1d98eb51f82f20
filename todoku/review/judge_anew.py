"""Judges applications anew whose payee or members changed (受給者・世帯員の変更): the checks hold them against other people now.

Takes cases with a screened application; leaves its findings as they are by now, those before in the past, and in review a
first look of a new round: what was judged of somebody else counts no more. Terms stay as they are; it decides nothing.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from todoku.case import stages
from todoku.programme.tables import Programme
from todoku.review.differences import kinds
from todoku.review.facts import gathered, read
from todoku.review.raise_rates import rates_now
from todoku.review.reopen import open_round
from todoku.review.rescreen_judge import Change, result_of
from todoku.review.rescreen_rows import before
from todoku.review.rescreen_writes import replace_results
from todoku.review.screen import judge_by, sample_seed

# The application that counts, of cases that are in the hands of the review.
COUNTED = """
select distinct on (s.case_id) s.id, s.case_id, g.stage
  from todoku_submission s
  join todoku_casestage g on g.case_id = s.case_id and g.stage in ('in_review', 'with_municipality', 'passed')
 where s.programme_id = %s and s.case_id = any(%s) and s.state = 'screened'
 order by s.case_id, s.id desc
"""
STOP_LOOKS = """
update todoku_task set state = 'void', closed_at = %s, claimed_by_id = null, reserved_by_id = null, reserved_at = null
 where submission_id = any(%s) and state in ('open', 'held')
"""
STOP_CALLS = """
update todoku_contact set state = 'closed', closed_at = %s
 where state = 'open' and task_id in (select id from todoku_task where submission_id = any(%s))
"""


def judge_anew(cases: Sequence[int], *, programme: Programme, reason: str, at: datetime) -> int:
    """Gives how many went into a new round, for this `reason` (reopen.REASONS); in the caller's transaction, which holds
    the stages. A case that lies with the municipality is only judged anew: the answer opens its round."""
    assert connection.in_atomic_block, "the payee and what is found of him change together"
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, [programme.pk, list(cases)])
        rows = cursor.fetchall()
    find_anew([submission for submission, _, _ in rows], programme, at)
    looked = [(submission, case) for submission, case, stage in rows if stage == stages.IN_REVIEW]
    if looked:
        submissions = [submission for submission, _ in looked]
        with connection.cursor() as cursor:
            cursor.execute(STOP_CALLS, [at, submissions])
            cursor.execute(STOP_LOOKS, [at, submissions])
        open_round([case for _, case in looked], programme=programme, reason=reason, at=at)
    return len(looked)


def find_anew(submissions: Sequence[int], programme: Programme, at: datetime) -> None:
    """What differs takes the place of what was found; an acceptance by silence was never screened and has no result."""
    version, terms = programme.version, programme.terms
    standing, judged = before(submissions), judge_by(terms, sample_seed(programme), rates_now(programme))
    changes = []
    for row, used in read(list(standing)):
        stood = standing[row[0]]
        now = judged(gathered(row, used, terms, came_from=stood.came_from))
        result = result_of(now)
        if result != stood.result:
            changes.append(Change(stood, now, result, kinds(stood.result, result), "keep"))
    replace_results(changes, version=version.pk, at=at)
