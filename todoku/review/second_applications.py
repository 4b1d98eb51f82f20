"""Of two applications the first to arrive counts; the other is compared with it once, for its account (二重申請).

Takes submissions that do not count, once the one that counts is screened; leaves D40 beside them. Where the accounts
differ and nothing is decided, the first is looked at again by persons. Safe to run twice.
"""

import json
from datetime import datetime

from django.db import transaction

from todoku.case import stages
from todoku.ground.copy_rows import copy_rows
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.review import checks, findings
from todoku.review.facts import Gathered, gather
from todoku.review.reopen import reopen

SECOND = """
s.state = 'not_counted' and not exists (select 1 from todoku_screening x where x.submission_id = s.id)
and exists (select 1 from todoku_submission x where x.case_id = s.case_id and x.state = 'screened')
"""
UNDECIDED = (stages.RECEIVED, stages.IN_REVIEW, stages.WITH_MUNICIPALITY, stages.RETURNED, stages.PASSED)


def compare_seconds(*, programme: Programme, actor: Actor, at: datetime) -> int:
    """Compares every second application that was not yet; gives how many first ones go back to review."""
    reopened = 0
    while True:
        with transaction.atomic():
            chunk = gather(programme, SECOND, held="s")
            if not chunk:
                return reopened
            _keep(chunk, programme, at)
            differ = {one.case for one in chunk if _needs_eyes(one)}
            reopened += reopen(
                sorted(differ), programme=programme, reason="second_account", actor=actor, at=at
            )


def _needs_eyes(one: Gathered) -> bool:
    return not one.facts.earlier_same_account and one.stage in UNDECIDED


def _keep(chunk: list[Gathered], programme: Programme, at: datetime) -> None:
    """The comparison as a screening of the second application, with its one finding."""
    version, rules = programme.version.pk, checks.RULES_VERSION
    copy_rows(
        "todoku_screening",
        ("submission_id", "case_id", "outcome", "sampled", "persons", "version_id", "rules", "at"),
        (
            (one.submission, one.case, "look" if _needs_eyes(one) else "clean", False, 0, version, rules, at)
            for one in chunk
        ),
    )
    found = [(one, finding) for one in chunk if (finding := checks.second_application(one.facts))]
    copy_rows(
        "todoku_finding",
        ("submission_id", "case_id", "code", "field", "severity", "evidence", "found_by", "at"),
        (
            (one.submission, one.case, finding.code, finding.field,
             finding.severity if _needs_eyes(one) else findings.NOTE, json.dumps(finding.evidence), "screening", at)
            for one, finding in found
        ),
    )  # fmt: skip
