"""D42 for who came in late: the late cohort's own last day counts, not everybody's; the desk names it."""

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.next_version import next_version
from tests.office_day import Applicant
from tests.open_today import noon
from todoku.case.door_keys import lookup_token
from todoku.case.late_deadline import deadlines_of
from todoku.case.late_tables import LateOpening
from todoku.case.tables import Case
from todoku.formats.wareki import format_wareki
from todoku.intake.receive_web import IntakeClosed
from todoku.intake.tables import Submission
from todoku.letters.pieces import forms_of
from todoku.letters.reserve import reserve_first
from todoku.people.actor import SYSTEM
from todoku.programme.shipped import version_text
from todoku.programme.terms import parse
from todoku.review.facts import read
from todoku.review.screen import screen
from todoku.review.tables import Finding
from todoku.rounds.further_letters import further_query
from todoku.sheets.programme_wording import wording_of
from todoku.web.resident.entrance import Entrance
from todoku.web.resident.seen import seen, status_of

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
        actor_name="業務", at=office.at,
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
    assert len(seen) <= 5, "the list, the applications, the accounts in use: nothing is asked for each"
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


def test_the_door_the_form_and_the_reminder_know_the_same_last_day(office, as_public):
    closes = open_with_late_lines(office)
    everybody, newborn = office.unsampled[:2]
    came_late(newborn, "newborn", office, closes - timedelta(days=3))
    last, terms = closes + timedelta(days=12), office.programme.terms

    begun = reserve_first(
        office.programme, "form", ["apply"], limit=None, protected=False, actor=SYSTEM, at=office.later()
    )
    letter, other = begun.run.letters.select_related("case")[:2]
    listed = Applicant(letter.case_id, letter.case.number, office.applicants[0].household)
    came_late(listed, "newborn", office, closes - timedelta(days=3))
    pieces = {one.number: one for one in forms_of(begun.run, terms, protected=False, done=lambda count: None)}
    assert pieces[letter.case.number].deadline == f"{format_wareki(last)} 消印有効"
    assert pieces[other.case.number].deadline == f"{format_wareki(closes)} 消印有効"
    words = wording_of("form", terms, municipality="見本市", mayor="市長", cohort=terms.cohort("apply"))
    assert "右上の「提出期限」まで" in words["lead"] and "（郵送は" not in words["lead"]

    begins = timedelta(days=terms.intake.remind_days_before)
    for today, cohorts, late in ((closes - begins, ["apply"], []), (last - begins, ["apply"], [listed.case, newborn.case]),
                                 (closes + timedelta(days=1), [], [listed.case, newborn.case]), (last, [], [])):  # fmt: skip
        _, values = further_query("reminder", office.programme, today)
        assert (values[1], sorted(values[3])) == (cohorts, sorted(late)), today

    office.at += last - office.today
    with pytest.raises(IntakeClosed):
        office.send_web(everybody)
    entrance = Entrance(office.programme, terms, "見本市", "blue")
    for one, day, closed in (
        (newborn, last, False),
        (newborn, last + timedelta(days=1), True),
        (everybody, last, True),
    ):
        born = Case.objects.get(pk=one.case).recipient.head.birth_date
        token = lookup_token(one.number, born, lookup_secret=settings.LOOKUP_SECRET)
        with as_public():
            case = seen(status_of(token), entrance, noon(day))
        assert (case.deadline, case.closed, case.applies) == (
            last if one == newborn else closes, closed, not closed,
        )  # fmt: skip
    office.send_web(newborn)
    screen(programme=office.programme, actor=SYSTEM, at=office.later())
    assert not Finding.objects.filter(case_id=newborn.case, code="D42").exists()


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


@pytest.mark.parametrize(
    ("slug", "last"),
    [
        ("kosodate-seikatsu-2021", date(2022, 3, 15)),  # born on the last day, fifteen days after
        ("kakaku-juten-2023", date(2024, 4, 30)),  # the forms of the second payout
        ("rinji-fukushi-2015", date(2015, 12, 1)),  # three months after the opening, for everybody
    ],
)
def test_the_public_door_stays_open_for_the_last_of_all(slug, last):
    terms = parse(version_text(slug))
    assert terms.last_deadline == last
    assert terms.is_open(last, terms.last_deadline) and not terms.is_open(
        last + timedelta(days=1), terms.last_deadline
    )
    assert terms.is_open(last) is (last == terms.intake.closes)
