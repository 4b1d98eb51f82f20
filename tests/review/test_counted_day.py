"""D42 without a legible postmark: the Version says whether a person looks, or which day holds."""

from datetime import date, timedelta

import pytest

from tests.review.test_checks import CLEAN_PAPER
from todoku.review.checks import check

DEADLINE = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("no_postmark", "days_late", "kept", "why"),
    [
        ("look", 0, None, None),
        ("look", 1, None, "postmark_unknown"),
        ("arrival", 1, None, "late"),
        ("day_before_arrival", 1, None, None),
        ("day_before_arrival", 2, None, "late"),
        # What was kept at intake holds, whatever the Version says now.
        ("look", 2, DEADLINE, None),
        ("day_before_arrival", 1, DEADLINE + timedelta(days=1), "late"),
    ],
)
def test_an_envelope_without_a_legible_postmark(no_postmark, days_late, kept, why):
    facts = CLEAN_PAPER._replace(
        deadline=DEADLINE, arrived_on=DEADLINE + timedelta(days=days_late), postmark_on=None, no_postmark=no_postmark,
        counts_on=kept,
    )  # fmt: skip
    found = [finding.evidence["why"] for finding in check(facts) if finding.code == "D42"]
    assert found == ([why] if why else [])
