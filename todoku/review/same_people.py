"""In which other applications somebody of this one stands too, by name and birth date (同一人の二重), for many at once.

Takes submissions; gives, for each, the numbers of the cases concerned and which of them are decided. Every counted member
is looked for, since a person counts once in a programme and payout; of a case nothing was sent for, nothing is said. One
look into the index of birth dates for each person. Writes nothing.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection

from todoku.ground.copy_rows import bigints
from todoku.review.accounts_in_use import DECIDED

CASES_MAX = 6  # a name and a day that more cases share are no coincidence that a page could show
# The index holds the programme, the birth date and the hash of the name; the name itself is compared after it.
SAME = """
select x.id, x.number, x.found
  from (select s.id, c.number,
               array(select distinct k.number from todoku_person q
                       join todoku_member o on o.person_id = q.id and o.superseded_by_order = ''
                       join todoku_case k on k.recipient_id = o.recipient_id and k.payout = c.payout and k.id <> c.id
                      where q.programme_id = s.programme_id and q.birth_date = p.birth_date and q.id <> p.id
                        and hashtext(split_part(q.search_key, ' ', 1)) = hashtext(split_part(p.search_key, ' ', 1))
                        and split_part(q.search_key, ' ', 1) = split_part(p.search_key, ' ', 1)
                        and exists (select 1 from todoku_submission t where t.case_id = k.id
                                       and t.state in ('received', 'screened'))) as found
          from todoku_submission s
          join todoku_case c on c.id = s.case_id
          join todoku_member m on m.recipient_id = c.recipient_id and m.superseded_by_order = ''
          join todoku_person p on p.id = m.person_id and p.birth_date is not null
         where s.id = any(%s::bigint[])) x
 where x.found <> '{}'
"""
DECIDED_OF = """
select c.number from todoku_case c join todoku_casestage g on g.case_id = c.id and g.stage = any(%s)
 where c.number = any(%s)
"""


class SamePeople(NamedTuple):
    """The cases in which the same people stand, this one among them, and those of the others that are decided already."""

    cases: tuple[str, ...]
    decided: tuple[str, ...]


def same_people(submissions: Sequence[int]) -> dict[int, SamePeople]:
    """By submission, those alone that share a person with another application. One query, and one more where any does."""
    with connection.cursor() as cursor:
        cursor.execute(SAME, [bigints(submissions)])
        rows = cursor.fetchall()
        if not rows:
            return {}
        found: dict[int, set[str]] = {}
        own: dict[int, str] = {}
        for submission, number, others in rows:
            own[submission] = number
            found.setdefault(submission, set()).update(others)
        everybody = sorted(set().union(*found.values()))
        cursor.execute(DECIDED_OF, [list(DECIDED), everybody])
        decided = {number for (number,) in cursor.fetchall()}
    return {
        submission: SamePeople(
            tuple(sorted({own[submission], *sorted(others)[: CASES_MAX - 1]})),
            tuple(sorted(others & decided)),
        )
        for submission, others in found.items()
    }
