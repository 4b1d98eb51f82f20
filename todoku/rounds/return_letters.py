"""Words the letters to those whose application was returned (返戻): what is missing, and once more where nothing came.

Takes the reviewers' verdicts; leaves items for a print run. Each letter encloses only the sheets that its codes ask for.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import connection

from todoku.formats.wareki import format_wareki
from todoku.intake.paper_in_hand import no_paper_in_hand
from todoku.letters.make_run import LetterItem
from todoku.letters.waiting import STANDING
from todoku.programme.tables import Programme
from todoku.programme.terms import Terms
from todoku.review.asked import on_paper, sentences_of
from todoku.sheets.letter_sheets import enclosed

LAST_DAYS = 7  # whoever is asked near the deadline still has a week
SECOND_DAYS = 14  # and two of them to answer the second request

# A return that new terms dropped was told of as such: what the same application is returned for afterwards is another letter.
OCCASION = """(case when exists (
           select 1 from todoku_termschange t where t.case_id = v.case_id and t.kind = 'return_dropped'
              and t.submission_id = v.submission_id and t.at <= v.at) then -v.id else v.submission_id end)"""
# A returned case whose letter was posted: the verdict that is open, the day of posting, the day of the second request.
# What has arrived but is not keyed yet is an answer already. A letter that was pulled was never posted: no day runs.
OPEN_RETURNS = f"""
select g.case_id, {OCCASION} as occasion, array(select jsonb_array_elements_text(v.codes)) as codes, l.id as letter_id,
       p.posted_on, q.posted_on as reminded_on, n.id as reminder_id
  from todoku_casestage g
  join todoku_case c on c.id = g.case_id and c.programme_id = %s
  join lateral (select * from todoku_verdict x
                 where x.case_id = c.id and x.outcome = 'return' and x.undone_at is null
                 order by x.id desc limit 1) v on true
  join lateral (select * from todoku_letter y where y.case_id = c.id and y.kind = 'return' and y.occasion = {OCCASION}
                 order by y.copy desc limit 1) l on true
  join todoku_postedletter p on p.letter_id = l.id
  left join lateral (select * from todoku_letter l where l.case_id = c.id and l.kind = 'return_reminder'
                      and l.occasion = {OCCASION} and {STANDING} limit 1) n on true
  left join todoku_postedletter q on q.letter_id = n.id
 where g.stage = 'returned'
   and not exists (select 1 from todoku_submission s where s.case_id = c.id and s.state = 'sent')
   and {no_paper_in_hand("c.id")}
"""
REMINDED = f"select o.* from ({OPEN_RETURNS}) o where o.reminder_id is null and o.posted_on + %s <= %s"


def reply_until(terms: Terms, last_day: date, today: date) -> date:
    """The day that a return names: the terms' days, no later than the case's last day, and never less than a week."""
    return min(
        today + timedelta(days=terms.returns.reply_days),
        max(last_day, today + timedelta(days=LAST_DAYS)),
    )


def return_item(terms: Terms, case: int, occasion: int, codes: Sequence[str], until: str) -> LetterItem:
    """The letter that asks for what these codes lack."""
    answer = on_paper(codes)
    return LetterItem(
        case, occasion, (until, enclosed(answer.sheets, ways=len(terms.payment.rails) > 1)), sentences_of(codes),
        back=answer.sheets,
        fields=(("ask_identity", answer.identity_papers), ("ask_account", answer.account_papers)),
    )  # fmt: skip


def reminder_query(programme: Programme, today: date) -> tuple[str, list[Any]]:
    """Returned cases that are due their second request, and the query's values."""
    days = programme.terms.returns.remind_after_days
    # Without a rule nobody is reminded: no day lies so far back.
    return REMINDED, [programme.pk, days or 10_000, today]


def reminder_items(programme: Programme, today: date) -> Iterator[LetterItem]:
    """The second requests, worded as the first, with a later day."""
    returns = programme.terms.returns
    query, values = reminder_query(programme, today)
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        rows = cursor.fetchall()
    for case, occasion, codes, _letter, posted_on, *_ in rows:
        until = max(today + timedelta(days=SECOND_DAYS), posted_on + timedelta(days=returns.close_after_days))
        yield return_item(programme.terms, case, occasion, codes, format_wareki(until))
