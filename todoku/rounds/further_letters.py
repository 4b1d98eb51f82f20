"""Words the letters that no verdict and no payment makes due: receipt, reminder, second request, sheets asked for.

Takes cases as they stand and what was asked for; leaves items for a print run. Each is sent only where the terms have it.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db import connection

from todoku.case.late_deadline import deadlines_of, late_deadlines
from todoku.formats.wareki import format_wareki
from todoku.intake.paper_in_hand import no_paper_in_hand
from todoku.intake.receipt import printed_receipt
from todoku.letters.make_run import LetterItem
from todoku.letters.request_letter import ON_REQUEST
from todoku.letters.waiting import PLACES, STANDING
from todoku.programme.tables import Programme
from todoku.programme.terms import Terms
from todoku.rounds.return_letters import reminder_items, reminder_query
from todoku.sheets.letter_sheets import enclosed
from todoku.sheets.programme_wording import deadline_of

FURTHER = ("return_reminder", "acknowledgement", "reminder", *ON_REQUEST)
# Nobody is reminded of a form that came two weeks ago, nor so late that the card comes after the last day.
FIRST_LETTER_DAYS, CARD_DAYS = 14, 3
SHEET_OF = {"decline_form": "decline", "proxy_form": "proxy", "account_form": "account"}
SOON = "お早めにお送りください"

# To paper alone: who applied by web has the receipt on the screen. Of what is decided another letter tells.
RECEIVED = f"""
select s.case_id, s.id, s.arrived_on, s.receipt_number
  from todoku_submission s
  join todoku_casestage g on g.case_id = s.case_id
   and g.stage in ('received', 'in_review', 'with_municipality', 'passed')
 where s.programme_id = %s and s.channel = 'paper' and s.state in ('received', 'screened')
   and not exists (select 1 from todoku_letter l
                    where l.case_id = s.case_id and l.kind = 'acknowledgement' and l.occasion = s.id
                      and {STANDING})
 order by s.case_id
"""
# Once a case. What has arrived but is not registered or keyed yet is an answer already. To nobody who is set aside: a
# postcard to a person under 支援措置 is open to everybody on its way, and is not written in a run of their own either.
SILENT = f"""
select c.id as case_id
  from todoku_case c
  join todoku_casestage g on g.case_id = c.id and g.stage = 'invited'
  join ({PLACES}) place on place.case_id = c.id and place.reason = ''
 where c.programme_id = %s and (c.cohort = any(%s) and c.id <> all(%s::bigint[]) or c.id = any(%s::bigint[]))
   and exists (select 1 from todoku_letter l
                 join todoku_postedletter p on p.letter_id = l.id
                where l.case_id = c.id and l.kind = 'form' and p.posted_on <= %s)
   and not exists (select 1 from todoku_submission s where s.case_id = c.id and s.state = 'sent')
   and {no_paper_in_hand("c.id")}
   and not exists (select 1 from todoku_letter l where l.case_id = c.id and l.kind = 'reminder' and {STANDING})
 order by c.id
"""
ASKED_FOR = f"""
select r.case_id, r.id, e.amount_yen, c.cohort, g.stage
  from todoku_letterrequest r
  join todoku_case c on c.id = r.case_id and c.programme_id = %s
  join todoku_casestage g on g.case_id = c.id
  join todoku_entitlement e on e.case_id = c.id and e.part = 1 and e.superseded_by_order = ''
 where r.kind = %s
   and not exists (select 1 from todoku_letter l
                    where l.case_id = r.case_id and l.kind = r.kind and l.occasion = r.id and {STANDING})
 order by r.case_id, r.id
"""


def further_query(kind: str, programme: Programme, today: date) -> tuple[str, Any]:
    """What is due today of such a kind, one row a letter with its case_id, and the query's values."""
    if kind == "return_reminder":
        return reminder_query(programme, today)
    if kind == "acknowledgement":
        return RECEIVED, [programme.pk]
    if kind == "reminder":
        return _silent(programme, today)
    return ASKED_FOR, [programme.pk, kind]


def further_items(kind: str, programme: Programme, today: date) -> Iterator[LetterItem]:
    """The letters of such a kind that are due and not written yet, worded."""
    if kind == "return_reminder":
        return reminder_items(programme, today)
    if kind == "acknowledgement":
        return _receipts(programme, today)
    if kind == "reminder":
        return _reminders(programme, today)
    return _requested(kind, programme, today)


def _rows(kind: str, programme: Programme, today: date) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(*further_query(kind, programme, today))
        return cursor.fetchall()


def _silent(programme: Programme, today: date) -> tuple[str, list[Any]]:
    """Whoever has not answered, between the terms' day and the last on which a card still comes in time."""
    terms = programme.terms
    cohorts = [
        one.name
        for one in terms.cohorts
        if one.mode != "push" and _reminds(terms, terms.deadline_for("", None, one.name), today)
    ]
    late = late_deadlines(programme)
    now = [case for case, day in late.items() if _reminds(terms, day, today)]
    return SILENT, [programme.pk, cohorts, list(late), now, today - timedelta(days=FIRST_LETTER_DAYS)]


def _reminds(terms: Terms, last: date, today: date) -> bool:
    """Whether cards to cases with this last day are written today."""
    days = terms.intake.remind_days_before
    return bool(days) and last - timedelta(days=days) <= today <= last - timedelta(days=CARD_DAYS)


def _receipts(programme: Programme, today: date) -> Iterator[LetterItem]:
    written: set[int] = set()
    for case, submission, arrived_on, receipt in _rows("acknowledgement", programme, today):
        if case not in written:  # a run holds one letter a case
            written.add(case)
            yield LetterItem(case, submission, (format_wareki(arrived_on), printed_receipt(receipt)))


def _reminders(programme: Programme, today: date) -> Iterator[LetterItem]:
    cases = [case for (case,) in _rows("reminder", programme, today)]
    last_days = deadlines_of(cases, programme.terms)
    for case in cases:
        yield LetterItem(case, 1, (deadline_of(programme.terms, last_days[case]),))


def _requested(kind: str, programme: Programme, today: date) -> Iterator[LetterItem]:
    sheet, written, rows = SHEET_OF[kind], set(), _rows(kind, programme, today)
    last_days = deadlines_of([row[0] for row in rows], programme.terms)
    for case, request, yen, cohort, stage in rows:
        if case in written:
            continue
        written.add(case)
        until = _until(kind, programme.terms, cohort, stage, last_days[case], today)
        yield LetterItem(
            case, request, (until, enclosed((sheet,))), back=(sheet,), fields=(("decline_amount", f"{yen:,}円"),)
        )  # fmt: skip


def _until(kind: str, terms: Terms, cohort: str, stage: str, last_day: date, today: date) -> str:
    """The day until which the sheet is wanted; past it, no day is promised."""
    opt_out = terms.cohort(cohort).opt_out_date
    day = terms.payment.repay_deadline if stage == "failed" else opt_out or last_day
    if kind == "proxy_form" and stage not in ("listed", "invited"):
        return SOON
    return format_wareki(day) if day >= today else SOON
