"""The last day (申請期限) of single cases, by the one rule of the terms (`Terms.deadline_for`). Writes nothing.

Takes cases; gives a day for each: the late cohort's for who came in late, else that of its cohort, else everybody's.
"""

from collections.abc import Iterable
from datetime import date

from django.db import connection

from todoku.case.late_tables import LateOpening
from todoku.programme.tables import Programme
from todoku.programme.terms import Terms

# What the rule needs of a case, as columns over c (case) and late (its LateOpening, left joined). The public door has them
# from resident_status, which selects the same.
DEADLINE_COLUMNS = "c.cohort, coalesce(late.kind, '') as late_kind, late.happened_on as late_on"


def deadlines_of(cases: Iterable[int], terms: Terms) -> dict[int, date]:
    """Case → its last day; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select c.id, {DEADLINE_COLUMNS} from todoku_case c left join todoku_lateopening late on late.case_id = c.id
                 where c.id = any(%s)""",
            [list(cases)],
        )
        return {case: terms.deadline_for(kind, on, cohort) for case, cohort, kind, on in cursor.fetchall()}


def late_deadlines(programme: Programme) -> dict[int, date]:
    """The same for every case of a programme that was opened late: the few that do not end with their cohort."""
    return deadlines_of(
        LateOpening.objects.filter(programme=programme).values_list("case_id", flat=True), programme.terms
    )
