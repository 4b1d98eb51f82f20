"""D42 for who came in late: the late cohort's own last day counts, not everybody's; the desk names it."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.next_version import next_version
from todoku.case.late_deadline import deadlines_of
from todoku.case.late_tables import LateOpening
from todoku.case.tables import Case
from todoku.intake.tables import Submission
from todoku.people.actor import SYSTEM
from todoku.programme.shipped import version_text
from todoku.programme.terms import parse
from todoku.review.facts import read
from todoku.review.screen import screen
from todoku.review.tables import Finding

LATE = """
[[late]]
name = "newborn"
title = "新しく生まれた児童"
kind = "newborn"
cohort = "apply"
evidence = ["birth_record"]
until = {closes}
closes = {closes}
days_after = 15
[[late]]
name = "moved_in"
title = "転入した方"
kind = "moved_in"
cohort = "apply"
evidence = ["move_record"]
until = {later}
closes = {later}

[review]
"""


def open_with_late_lines(office) -> date:
    """The next Version knows newborns and people who moved in, these with a later day; gives everybody's last day."""
    closes, text = office.programme.terms.deadline, office.programme.version.text
    assert text.count("\n[review]\n") == 1
    late = LATE.format(closes=closes, later=closes + timedelta(days=4))
    next_version(office.programme, text.replace("\n[review]\n", late), at=office.later())
    return closes


def came_late(one, kind: str, office, happened_on: date) -> None:
    LateOpening.objects.create(
        case=Case.objects.get(pk=one.case), programme=office.programme, kind=kind, happened_on=happened_on,
        order="決裁第1号", actor_name="業務", at=office.at,
    )  # fmt: skip


def test_the_late_cohorts_own_day_counts_for_its_cases_alone(office):
    closes = open_with_late_lines(office)
    everybody, newborn, too_late, moved, corrected = office.applicants[:5]
    came_late(newborn, "newborn", office, closes - timedelta(days=3))
    came_late(too_late, "newborn", office, closes - timedelta(days=13))
    came_late(moved, "moved_in", office, closes)
    came_late(corrected, "corrected_roll", office, closes)
    office.at += closes + timedelta(days=9) - office.today
    sent = closes + timedelta(days=3)
    forms = [office.form(one, arrived_on=sent, postmark_on=sent) for one in office.applicants[:5]]
    assert office.key(*forms).done == 5
    with CaptureQueriesContext(
        connection,
    ) as seen:
        read(list(Submission.objects.values_list("pk", flat=True)))
    assert len(seen) == 3, "the list, the applications and the accounts in use"
    screen(programme=office.programme, actor=SYSTEM, at=office.later())
    late = set(Finding.objects.filter(code="D42").values_list("case_id", flat=True))
    assert late == {everybody.case, too_late.case, corrected.case}
    days = deadlines_of([one.case for one in office.applicants[:5]], office.programme.terms)
    assert days == {
        everybody.case: closes,
        newborn.case: closes + timedelta(days=12),
        too_late.case: closes + timedelta(days=2),
        moved.case: closes + timedelta(days=4),
        corrected.case: closes,
    }


@pytest.mark.parametrize(
    ("kind", "happened_on", "last"),
    [
        ("", None, date(2022, 2, 28)),
        ("newborn", date(2021, 10, 10), date(2022, 2, 28)),
        ("newborn", date(2022, 2, 25), date(2022, 3, 12)),
        ("newborn", None, date(2022, 2, 28)),
        ("corrected_roll", date(2022, 2, 25), date(2022, 2, 28)),
    ],
)
def test_the_last_day_of_one_case_by_the_terms(kind, happened_on, last):
    assert parse(version_text("kosodate-seikatsu-2021")).deadline_for(kind, happened_on) == last
