"""Writes one chunk of a re-screening: the old results into the past, the new ones in their place, then what follows.

Takes Change rows whose cases the caller holds. Verdicts, questions and decisions are never written here.
"""

import json
from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from todoku.case import stages
from todoku.case.move import move
from todoku.ground.copy_rows import bigints, copy_rows
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.review import checks
from todoku.review.decision_lists import take_off
from todoku.review.queues import queue_sql
from todoku.review.reopen import REASONS, open_round, reopen
from todoku.review.rescreen_judge import Change
from todoku.review.rescreen_tables import Rescreening
from todoku.review.screen import open_tasks, pass_on

WHY = REASONS["new_terms"]
LEAVES_PASSED = ("to_people", "again")

# Who moves a case at this moment is not waited for: it is left to the next look.
HOLD_STAGES = (
    "select case_id, stage from todoku_casestage where case_id = any(%s::bigint[]) for update skip locked"
)
KEEP_RESULTS = """
insert into todoku_pastscreening (submission_id, case_id, rescreening_id, outcome, sampled, persons, version_id, rules, at)
select submission_id, case_id, %s, outcome, sampled, persons, version_id, rules, at
  from todoku_screening where submission_id = any(%s::bigint[])
"""
KEEP_FINDINGS = """
insert into todoku_pastfinding (submission_id, case_id, rescreening_id, code, field, severity, evidence, at)
select submission_id, case_id, %s, code, field, severity, evidence, at
  from todoku_finding where submission_id = any(%s) and found_by = 'screening'
"""
DROP_FINDINGS = "delete from todoku_finding where submission_id = any(%s) and found_by = 'screening'"
STAMP = "update todoku_screening set version_id = %s where submission_id = any(%s::bigint[])"
REPLACE = """
update todoku_screening x set outcome = n.outcome, sampled = n.sampled, persons = n.persons, version_id = %s, rules = %s, at = %s
  from unnest(%s::bigint[], %s::text[], %s::boolean[], %s::smallint[]) as n(submission_id, outcome, sampled, persons)
 where x.submission_id = n.submission_id
"""
VOID = (
    "update todoku_task set state = 'void', closed_at = %s where submission_id = any(%s) and state = 'open'"
)
# The first screening's own words; a round that began for another reason keeps that one.
RELABEL = f"""
update todoku_task t set reason = n.reason,
       queue = case n.reason when 'sample' then 'sample' else {queue_sql("t.submission_id")} end
  from unnest(%s::bigint[], %s::text[]) as n(submission_id, reason)
 where t.submission_id = n.submission_id and t.state = 'open' and t.reason in ('clean', 'sample', 'look', 'return')
"""


def held_cases(changes: Sequence[Change]) -> list[Change]:
    """Takes what will leave PASSED off the open lists, then holds the stages; gives the changes that still stand so.

    Lists before stages, as the decision does.
    """
    leaving = [one.before.case for one in changes if one.act in LEAVES_PASSED]
    if leaving:
        take_off(leaving, remark=WHY)
    with connection.cursor() as cursor:
        cursor.execute(HOLD_STAGES, [bigints(one.before.case for one in changes)])
        stage = dict(cursor.fetchall())
    return [one for one in changes if stage.get(one.before.case) == one.before.standing.stage]


def write(
    changes: Sequence[Change], run: Rescreening, programme: Programme, *, actor: Actor, at: datetime
) -> None:
    """Writes the results of the whole chunk and moves the cases that a difference moves."""
    differ = [one for one in changes if one.kinds]
    _stamp([one for one in changes if not one.kinds], run)
    replace_results(differ, version=run.version_id, run=run.pk, at=at)
    by_act: dict[str, list[Change]] = {}
    for one in differ:
        by_act.setdefault(one.act, []).append(one)
    _to_decision(by_act.get("pass", []), by_act.get("conclude", []), programme, actor, at)
    _to_people(by_act.get("to_people", []), programme, actor, at)
    reopen(
        [one.before.case for one in by_act.get("again", [])], programme=programme, reason="new_terms", actor=actor, at=at
    )  # fmt: skip
    _anew(by_act.get("anew", []), by_act.get("back", []), programme, actor, at)
    _drop_returns(by_act.get("back", []), run, at)
    _relabel(by_act.get("keep", []))


def _stamp(same: Sequence[Change], run: Rescreening) -> None:
    """What the new terms judge as the old ones did: only by which Version is written anew."""
    with connection.cursor() as cursor:
        ids = [one.before.submission for one in same]
        cursor.execute(KEEP_RESULTS, [run.pk, bigints(ids)])
        cursor.execute(STAMP, [run.version_id, bigints(ids)])


def replace_results(differ: Sequence[Change], *, version: int, run: int | None = None, at: datetime) -> None:
    """The old results with their findings into the past, the new ones in their place. `run`: the re-screening, None where
    no terms changed but the one who is paid."""
    ids = [one.before.submission for one in differ]
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(KEEP_RESULTS, [run, bigints(ids)])
        cursor.execute(
            REPLACE,
            [
                version, checks.RULES_VERSION, at, ids, [one.result.outcome for one in differ],
                [one.result.sampled for one in differ], [one.result.persons for one in differ],
            ],
        )  # fmt: skip
        assert cursor.rowcount == len(ids), f"{len(ids)} results to replace, {cursor.rowcount} replaced"
    _findings(differ, at, run)


def _findings(differ: Sequence[Change], at: datetime, run: int | None) -> None:
    ids = [one.before.submission for one in differ]
    with connection.cursor() as cursor:
        cursor.execute(KEEP_FINDINGS, [run, ids])
        kept = cursor.rowcount
        cursor.execute(DROP_FINDINGS, [ids])
        assert cursor.rowcount == kept, f"{kept} findings kept, {cursor.rowcount} dropped"
    copy_rows(
        "todoku_finding",
        ("submission_id", "case_id", "code", "field", "severity", "evidence", "found_by", "at"),
        (
            (one.before.submission, one.before.case, found.code, found.field, found.severity,
             json.dumps(found.evidence, default=str, ensure_ascii=False), "screening", at)
            for one in differ
            for found in one.after.findings
        ),
    )  # fmt: skip


def _void(changes: Sequence[Change], at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(VOID, [at, [one.before.submission for one in changes]])


def _to_decision(
    passing: Sequence[Change], concluded: Sequence[Change], programme: Programme, actor: Actor, at: datetime
) -> None:
    """What no person has to look at any more, and what the one approval that it has is enough for."""
    _void([*passing, *concluded], at)
    pass_on([one.after for one in passing], programme, actor, at, why=WHY)
    pass_on([one.after for one in concluded], programme, actor, at, via="one_person", why=WHY)


def _to_people(changes: Sequence[Change], programme: Programme, actor: Actor, at: datetime) -> None:
    cases = [one.before.case for one in changes]
    move(cases, programme=programme, to=stages.IN_REVIEW, why=WHY, actor=actor, at=at)
    open_tasks([one.after for one in changes], programme, at)


def _anew(
    anew: Sequence[Change], back: Sequence[Change], programme: Programme, actor: Actor, at: datetime
) -> None:
    """A new round: where the first reviewer has not seen what is found now, and where nothing is left to ask for."""
    _void(anew, at)
    returned = [one.before.case for one in back]
    move(returned, programme=programme, to=stages.IN_REVIEW, why=WHY, actor=actor, at=at)
    cases = [one.before.case for one in anew] + returned
    if cases:
        open_round(cases, programme=programme, reason="new_terms", at=at)


def _drop_returns(back: Sequence[Change], run: Rescreening, at: datetime) -> None:
    """What was asked for is needed no more: a letter that lies here is pulled, to one that was posted a notice is due."""
    copy_rows(
        "todoku_termschange",
        ("programme_id", "case_id", "rescreening_id", "version_id", "kind", "state", "stage", "cohort_before", "cohort_after",
         "reason", "submission_id", "at", "undone_order"),
        (
            (run.programme_id, one.before.case, run.pk, run.version_id, "return_dropped", "done", stages.RETURNED, "", "",
             "", one.before.submission, at, "")
            for one in back
        ),
    )  # fmt: skip


def _relabel(changes: Sequence[Change]) -> None:
    words = ["sample" if one.result.sampled else one.result.outcome for one in changes]
    with connection.cursor() as cursor:
        cursor.execute(RELABEL, [[one.before.submission for one in changes], words])
