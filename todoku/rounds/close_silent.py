"""Ends the cases of whoever never answered (申請のないときのみなし辞退), from the day that the terms name for it.

Takes cases at INVITED past their own last day whose letter came through; moves them to LAPSED. Whoever no letter reached,
people under 支援措置, and everybody while paper lies here that could be anybody's, stay for a person. Safe to run twice.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.timezone import localdate

from todoku.case import stages
from todoku.case.late_deadline import deadlines_of
from todoku.case.move import move
from todoku.ground.step import Report
from todoku.intake.paper_in_hand import WHOSE_IS_UNKNOWN, no_paper_in_hand
from todoku.letters.waiting import withheld
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.programme.terms import Terms

CHUNK_CASES = 10_000
# Whom the municipality's order has asked once more (申出への回答) does not end by the rule a second time.
# Where the postmark counts, what was posted on the last day is still on its way; the post returns within so many days.
POST_DAYS = 14
WHY = "期限までに申請がない（制度の定めによるみなし辞退）"
SILENT = f"""
select c.id from todoku_case c
  join todoku_casestage g on g.case_id = c.id and g.stage = 'invited'
 where c.programme_id = %(programme)s and c.cohort = any(%(cohorts)s) and c.id > %(after)s
   and exists (select 1 from todoku_postedletter l where l.case_id = c.id and l.kind = 'form')
   and not exists (select 1 from todoku_submission s
                    where s.case_id = c.id and not (s.declines and s.state = 'superseded'))
   and not exists (select 1 from todoku_objection o where o.case_id = c.id and o.effect = 'invited')
   and not exists (select 1 from todoku_laterchange w where w.case_id = c.id and w.state = 'waiting')
   and {no_paper_in_hand("c.id")}
 order by c.id limit %(limit)s for update of g skip locked
"""
UNMATCHED = """
select count(*) from todoku_unmatchedapplication where programme_id = %s and state in ('waiting', 'asked')
"""


def close_silent(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """Done = ended, waiting = left to a person; `note` says what keeps everybody, where something does."""
    terms, today = programme.terms, localdate(at)
    first = begins_on(terms)
    cohorts = [one.name for one in terms.cohorts if one.mode != "push"]
    if today < first or not cohorts:
        return Report()
    unknown = _unknown(programme, first)
    if unknown:
        return Report(
            note=f"だれのものか分からない書類・申請が{unknown:,}件あるため、みなし辞退にしません。先に片付けてください。"
        )
    done = waiting = last = 0
    while True:
        with transaction.atomic():
            found = _chunk(programme, cohorts, last)
            if not found:
                return Report(done=done, waiting=waiting)
            last = found[-1]
            ended = _past(found, terms, today)
            move(ended, programme=programme, to=stages.LAPSED, why=WHY, actor=actor, at=at)
        done, waiting = done + len(ended), waiting + len(found) - len(ended)


def begins_on(terms: Terms) -> date:
    """The first day on which nobody's application can still come in time by the post."""
    by_post = terms.intake.deadline_by == "postmark" and "paper" in terms.intake.channels
    return terms.deemed_declined_on + timedelta(days=POST_DAYS if by_post else 0)


def _past(cases: list[int], terms: Terms, today: date) -> list[int]:
    """Of these the cases whose own last day is over as long as the terms' own, and whom an ordinary letter reached."""
    span = begins_on(terms) - terms.deadline
    last_days = deadlines_of(cases, terms)
    kept = {one.case_id for one in withheld(cases)}
    return [case for case in cases if case not in kept and last_days[case] + span <= today]


def _chunk(programme: Programme, cohorts: list[str], after: int) -> list[int]:
    values: dict[str, Any] = {
        "programme": programme.pk, "cohorts": cohorts, "after": after, "limit": CHUNK_CASES,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(SILENT, values)
        return [case for (case,) in cursor.fetchall()]


def _unknown(programme: Programme, until: date) -> int:
    with connection.cursor() as cursor:
        cursor.execute(WHOSE_IS_UNKNOWN, {"programme": programme.pk, "until": until})
        counts = cursor.fetchone()
        cursor.execute(UNMATCHED, [programme.pk])
        unmatched = cursor.fetchone()
    return sum(counts or ()) + sum(unmatched or ())
