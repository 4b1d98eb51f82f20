"""A shipped programme moved to another day is still a programme that may be opened."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.formats.bank_days import is_bank_day
from todoku.programme.examples import run_examples
from todoku.programme.reschedule import reschedule
from todoku.programme.shipped import SLUGS, version_text
from todoku.programme.terms import parse


@given(
    opens_on=st.dates(min_value=date(2015, 1, 1), max_value=date(2029, 12, 31)),
    slug=st.sampled_from(SLUGS),
)
def test_a_programme_can_open_on_any_day(opens_on: date, slug: str) -> None:
    terms = parse(reschedule(version_text(slug), opens_on))
    assert terms.intake.opens == opens_on
    assert all(is_bank_day(slot.pays_on) for slot in terms.payment.calendar)
    original = parse(version_text(slug))
    assert len(terms.payment.calendar) == len(original.payment.calendar)
    # A deadline of so many months falls on any day of the week.
    assert original.intake.closes_after_months or terms.deadline.weekday() == original.deadline.weekday()
    assert [one.example.name for one in run_examples(terms) if not one.passed] == []


@pytest.mark.parametrize("slug", SLUGS)
def test_opening_on_its_own_day_changes_nothing(slug: str) -> None:
    text = version_text(slug)
    assert reschedule(text, parse(text).intake.opens) == text


def test_comments_and_sentences_stay_as_written() -> None:
    before, after = (
        version_text("bukkadaka-2024"),
        reschedule(version_text("bukkadaka-2024"), date(2026, 11, 2)),
    )

    def comments(text: str) -> list[str]:
        return [line.split("#", 1)[1] for line in text.splitlines() if "#" in line]

    assert comments(before) == comments(after)
    assert parse(before).wording == parse(after).wording
    assert after.count("\n") == before.count("\n")


def test_an_age_limit_moves_by_school_years_alone() -> None:
    terms = parse(reschedule(version_text("bukkadaka-2024"), date(2026, 11, 2)))
    assert terms.programme.base_date == date(2026, 9, 18)  # Friday, as 2024-12-13 was
    assert terms.amount.parameters["child_born_on_or_after"] == date(2008, 4, 2)


def test_a_payment_that_would_fall_on_a_holiday_goes_to_the_next_bank_day() -> None:
    text = reschedule(version_text("tokubetsu-teigaku-2020"), date(2026, 11, 3))  # Tuesday, as 2020-05-12
    days = [slot.pays_on for slot in parse(text).payment.calendar]
    assert date(2027, 1, 1) not in days
    assert date(2027, 1, 4) in days  # Monday after the New Year
