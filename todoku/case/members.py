"""Reads the members of many recipients at once, as flat lines for the rules and for a form. Writes nothing.

Who counts is who has a Member row without an order; the facts are the person's as the latest roll has them.
"""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from django.db import connection

from todoku.case.due import RollMember


class MemberLine(NamedTuple):
    """One member of a recipient: what the rules need, and what a form prints."""

    rule: RollMember
    name: str
    birth_date: date | None
    birth_text: str
    relation: str


# Head first, then as numbered: the order in which a form lists them.
_QUERY = """
select m.recipient_id, p.id = r.head_id, p.birth_date, p.moved_in_on, p.left_on, p.left_reason, p.tax_class,
       coalesce(s.tax_class = any(array['taxed', 'levy_only']), false), p.name, p.birth_text, m.relation
  from todoku_member m
  join todoku_recipient r on r.id = m.recipient_id
  join todoku_person p on p.id = m.person_id
  left join todoku_person s on s.programme_id = p.programme_id and s.number = p.dependant_of and p.dependant_of <> ''
 where m.recipient_id = any(%s) and m.superseded_by_order = ''
 order by m.recipient_id, (p.id = r.head_id) desc, p.id
"""


def members_of(recipients: Sequence[int]) -> dict[int, list[MemberLine]]:
    """The members of each recipient by its id; a recipient without members is not in the answer."""
    with connection.cursor() as cursor:
        cursor.execute(_QUERY, [list(recipients)])
        return {
            recipient: [MemberLine(RollMember(*row[1:8]), row[8], row[2], row[9], row[10]) for row in rows]
            for recipient, rows in groupby(cursor.fetchall(), key=itemgetter(0))
        }
