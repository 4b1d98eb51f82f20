"""The last day (申請期限) of cases that came in late, by the Version's late cohorts. Writes nothing.

Takes cases; gives a day for each that was opened late, and nothing for the others: theirs is the programme's.
"""

from collections.abc import Sequence
from datetime import date

from django.db import connection

from todoku.programme.terms import Terms

# What made a case late, as columns over c (case) and late (its LateOpening, left joined). Days after a birth run from the
# birth of the youngest; days after anything else from the order that opened the case, the first day on which it could apply.
LATE_COLUMNS = """coalesce(late.kind, '') as late_kind,
       case late.kind when 'newborn' then (
         select max(q.birth_date) from todoku_member m join todoku_person q on q.id = m.person_id
          where m.recipient_id = c.recipient_id and m.superseded_by_order = '')
         else (late.at at time zone 'Asia/Tokyo')::date end as late_on"""


def late_deadlines(cases: Sequence[int], terms: Terms) -> dict[int, date]:
    """Case → last day, for those of the cases that were opened late; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select c.id, {LATE_COLUMNS} from todoku_case c join todoku_lateopening late on late.case_id = c.id
                 where c.id = any(%s)""",
            [list(cases)],
        )
        return {case: terms.deadline_for(kind, on) for case, kind, on in cursor.fetchall()}
