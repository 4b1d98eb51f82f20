"""Which queues a reviewer may open (担当の可否): those passed in training, or all where the terms ask for none.

Takes a person and a programme; gives queue codes for claim.py. What a lead took away stays closed until
a lead opens it. Writes nothing.
"""

from collections.abc import Iterable

from django.db import connection

from todoku.programme.tables import Programme
from todoku.review.queues import QUEUES

# What a lead said last, and whether the person ever passed: a lead's word goes before the training.
STANDING = """
select staff_id, queue, coalesce((array_agg(how order by id desc) filter (where how <> 'passed'))[1], 'passed')
  from todoku_queuepass where programme_id = %s and staff_id = any(%s) group by staff_id, queue
"""


def queues_open_to(staff_id: int, programme: Programme) -> frozenset[str]:
    """The queues that this person may take work from."""
    return queues_open_to_each([staff_id], programme)[staff_id]


def queues_open_to_each(staff: Iterable[int], programme: Programme) -> dict[int, frozenset[str]]:
    """The same for several people, in one query."""
    ids = list(staff)
    with connection.cursor() as cursor:
        cursor.execute(STANDING, [programme.pk, ids])
        standing = {(who, queue): how for who, queue, how in cursor.fetchall()}
    otherwise = "withdrawn" if programme.terms.review.quality.training.required else "passed"
    return {
        who: frozenset(queue for queue in QUEUES if standing.get((who, queue), otherwise) != "withdrawn")
        for who in ids
    }
