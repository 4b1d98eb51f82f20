"""Of two cases in which one person stands the first was screened before the second came: here it is told too (二重の通知).

Takes numbers of cases, or submissions, that are screened and not decided; leaves D44 beside them, two persons at their open
tasks, and those at PASSED back in review. What is decided stays as it is: the later one's finding names it, and by the agreed
criteria nobody but the municipality lets that one through. Safe to run twice.
"""

import json
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import connection, transaction

from todoku.ground.copy_rows import copy_rows
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.review import checks, findings
from todoku.review.find_shared import HOLD, OPEN
from todoku.review.queues import queue_sql
from todoku.review.reopen import reopen
from todoku.review.same_people import same_people

CODE, REASON = "D44", "same_person"
# Of each case the application that counts: the last one screened.
COUNTED = """
select max(s.id) from todoku_submission s join todoku_case c on c.id = s.case_id
 where c.programme_id = %s and c.number = any(%s) and s.state = 'screened' group by c.id
"""
# Whose it is stands before where the money goes: the look changes its queue, whatever else was found.
TO_TWO = f"""
update todoku_task set queue = {queue_sql("todoku_task.submission_id")},
       reason = case when reason in ('clean', 'sample', 'look') then %s else reason end
 where submission_id = any(%s) and state in ('open', 'held')
"""
TOLD = "select submission_id from todoku_finding where submission_id = any(%s) and code = 'D44'"


def tell_others(numbers: Collection[str], *, programme: Programme, actor: Actor, at: datetime) -> int:
    """Tells the cases of these numbers; gives how many went back to review."""
    if not numbers:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, [programme.pk, sorted(numbers)])
        submissions = [row[0] for row in cursor.fetchall()]
    return tell_same(submissions, programme=programme, actor=actor, at=at)


def tell_same(submissions: Sequence[int], *, programme: Programme, actor: Actor, at: datetime) -> int:
    """Those of the screened submissions that share a person with another get the finding; gives how many are looked at again."""
    severity = programme.terms.review.checks.get(CODE, findings.LOOK)
    if severity == "off" or not submissions:
        return 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(HOLD, [list(submissions), list(OPEN)])
            held = dict(cursor.fetchall())
            cursor.execute(TOLD, [list(held)])
            for (told,) in cursor.fetchall():
                held.pop(told)
        found = same_people(list(held))
        copy_rows(
            "todoku_finding",
            ("submission_id", "case_id", "code", "field", "severity", "evidence", "found_by", "at"),
            (
                (one, held[one], CODE, "recipient", severity,
                 json.dumps(checks.same_person_evidence(same.cases, same.decided)), "screening", at)
                for one, same in found.items()
            ),
        )  # fmt: skip
        if severity == findings.NOTE or not found:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(TO_TWO, [REASON, list(found)])
        cases = sorted(held[one] for one in found)
        back = reopen(cases, programme=programme, reason=REASON, actor=actor, at=at)
        # Those that stood alone until now; whoever was told is told once, so this ends.
        others = {number for same in found.values() for number in same.cases}
        return back + tell_others(others, programme=programme, actor=actor, at=at)
