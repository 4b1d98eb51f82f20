"""Pure. From findings to the outcome of a screening, and how many persons must look at what is clean."""

from collections.abc import Iterable

from todoku.programme.terms import Terms
from todoku.review.findings import LOOK, RETURN, Finding

CLEAN = "clean"
OUTCOMES = {CLEAN: "不備なし", LOOK: "人が確認", RETURN: "返戻"}


def outcome_of(findings: Iterable[Finding]) -> str:
    """The hardest of what was found: "return", "look", or "clean" where nothing but notes is there."""
    severities = {finding.severity for finding in findings}
    return RETURN if RETURN in severities else LOOK if LOOK in severities else CLEAN


def persons_of(outcome: str, terms: Terms, channel: str, *, account_missing: bool) -> int:
    """How many must look, before the sample is drawn. Two where something was found.

    Terms can switch a check off; nothing passes by itself to an account that is not there.
    """
    if outcome != CLEAN:
        return 2
    persons = terms.reviewers(channel)
    return max(persons, 1) if account_missing else persons
