"""The first of two households with one account was screened before the second came: here it gets the finding too.

Takes screened submissions that are not decided and share an account; leaves D15 beside them, two persons at their open
tasks, and those at PASSED back in review. What is decided stays: the other's finding says so. Safe to run twice.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from todoku.case import stages
from todoku.ground.copy_rows import copy_rows
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.review import account_checks, findings
from todoku.review.accounts_in_use import LAST_ACCOUNT, REPRESENTED, InUse, in_use, of_others
from todoku.review.queues import queue_sql
from todoku.review.reopen import reopen

CHUNK_ROWS = 5_000
REASON = "shared_account"
# What is still to be screened gets its finding there.
OPEN = (stages.IN_REVIEW, stages.WITH_MUNICIPALITY, stages.RETURNED, stages.PASSED)
# From the accounts that were found once, and those approved for one facility or guardian, to everybody open who names one
# of them, was not told, and is not explained by such an approval: whoever named a facility's account before its people did
# is found by theirs.
UNTOLD = f"""
with found as materialized (
  select distinct v.bank, v.branch, v.kind, v.number
    from todoku_finding f
    join todoku_submission s on s.id = f.submission_id and s.programme_id = %(p)s and s.rail = 'bank'
     and s.state in ('received', 'screened')
    join todoku_accountversion v on v.submission_id = s.id and {LAST_ACCOUNT}
   where f.code = 'D15'
   union
  select y.bank, y.branch, y.account_kind, y.account_number from todoku_sharedpayee y
   where y.programme_id = %(p)s and y.approved_at is not null and y.ended_at is null and y.person_id is not null
)
select s.id from found k
  join todoku_accountversion v on (v.number, v.branch, v.bank, v.kind) = (k.number, k.branch, k.bank, k.kind)
   and {LAST_ACCOUNT}
  join todoku_submission s on s.id = v.submission_id and s.programme_id = %(p)s and s.rail = 'bank' and s.state = 'screened'
  join todoku_casestage h on h.case_id = s.case_id and h.stage = any(%(open)s)
  join todoku_case c on c.id = s.case_id
  join todoku_recipient r on r.id = c.recipient_id
  {REPRESENTED}
 where s.id > %(after)s and not exists (select 1 from todoku_finding f where f.submission_id = s.id and f.code = 'D15')
   and (not exists (
     select 1 from todoku_sharedpayee p
      where p.programme_id = %(p)s and p.approved_at is not null and p.ended_at is null
        and (p.bank, p.branch, p.account_kind, p.account_number) = (k.bank, k.branch, k.kind, k.number))
     or {of_others("v", "g")})
 order by s.id limit %(limit)s
"""
# A case is told once, also when two runs meet here: its submission is held until the finding is there. Not its stage:
# lists go before stages, as the decision does. Not its key: whoever judges it at this moment holds the look that is wanted
# next, and his verdict names the submission.
HOLD = """
select s.id, s.case_id from todoku_submission s join todoku_casestage g on g.case_id = s.case_id
 where s.id = any(%s) and g.stage = any(%s) order by s.id for no key update of s
"""
TOLD = "select submission_id from todoku_finding where submission_id = any(%s) and code = 'D15'"
TO_TWO = f"""
update todoku_task set reason = %s, queue = {queue_sql("todoku_task.submission_id")}
 where submission_id = any(%s) and state in ('open', 'held') and reason in ('clean', 'sample', 'look')
"""


NAMING = f"""
select s.id from todoku_accountversion v
  join todoku_submission s on s.id = v.submission_id and s.programme_id = %s and s.rail = 'bank' and s.state = 'screened'
 where (v.number, v.branch, v.bank, v.kind) = (%s, %s, %s, %s) and {LAST_ACCOUNT}
 order by s.id
"""


def find_shared(*, programme: Programme, actor: Actor, at: datetime) -> int:
    """Tells every open case that shares an account with a found one; gives how many went back to review."""
    back = after = 0
    while chosen := _untold(programme, after):
        after = chosen[-1]
        back += tell_shared(chosen, programme=programme, actor=actor, at=at)
    return back


def tell_account(
    account: tuple[str, str, str, int], *, programme: Programme, actor: Actor, at: datetime
) -> int:
    """Everybody open who names the account (bank, branch, number, kind), once it is approved for many no more."""
    bank, branch, number, kind = account
    with connection.cursor() as cursor:
        cursor.execute(NAMING, [programme.pk, number, branch, bank, kind])
        submissions = [row[0] for row in cursor.fetchall()]
    return tell_shared(submissions, programme=programme, actor=actor, at=at)


def tell_shared(submissions: Sequence[int], *, programme: Programme, actor: Actor, at: datetime) -> int:
    """Those of the screened submissions whose account others name get the finding; gives how many went back to review."""
    severity = programme.terms.review.checks.get("D15", findings.LOOK)
    if severity == "off" or not in_use(submissions):
        return 0
    with transaction.atomic():
        cases = _held(submissions)
        used = {one: use for one, use in in_use(list(cases)).items() if not use.explained}
        _write([(one, cases[one], use) for one, use in used.items()], severity, at)
        if severity == findings.NOTE:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(TO_TWO, [REASON, list(used)])
        return reopen(
            sorted(cases[one] for one in used), programme=programme, reason=REASON, actor=actor, at=at
        )


def _untold(programme: Programme, after: int) -> list[int]:
    values: dict[str, Any] = {"p": programme.pk, "open": list(OPEN), "after": after, "limit": CHUNK_ROWS}
    with connection.cursor() as cursor:
        cursor.execute(UNTOLD, values)
        return [row[0] for row in cursor.fetchall()]


def _held(submissions: Sequence[int]) -> dict[int, int]:
    """The submissions still open and not told yet, with their cases, held to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(HOLD, [list(submissions), list(OPEN)])
        held = dict(cursor.fetchall())
        cursor.execute(TOLD, [list(held)])
        told = {row[0] for row in cursor.fetchall()}
    return {submission: case for submission, case in held.items() if submission not in told}


def _write(rows: Sequence[tuple[int, int, InUse]], severity: str, at: datetime) -> None:
    copy_rows(
        "todoku_finding",
        ("submission_id", "case_id", "code", "field", "severity", "evidence", "found_by", "at"),
        (
            (submission, case, "D15", "account", severity,
             json.dumps(account_checks.shared_evidence(use.households, use.decided, use.cases)), "screening", at)
            for submission, case, use in rows
        ),
    )  # fmt: skip
