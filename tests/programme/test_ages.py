"""Ages are reached on the day before the birthday; terms of months end on the day of the same number."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.programme.ages import born_from, months_after, reaches, school_year_end
from todoku.programme.shipped import version_text
from todoku.programme.terms import parse


@pytest.mark.parametrize(
    ("born", "reaches_18", "last_day"),
    [
        (date(2006, 4, 1), date(2024, 3, 31), date(2024, 3, 31)),  # of the school year before
        (date(2006, 4, 2), date(2024, 4, 1), date(2025, 3, 31)),
        (date(2007, 4, 1), date(2025, 3, 31), date(2025, 3, 31)),
        (date(2006, 12, 31), date(2024, 12, 30), date(2025, 3, 31)),
        (date(2007, 1, 1), date(2024, 12, 31), date(2025, 3, 31)),
        (date(2004, 2, 29), date(2022, 2, 28), date(2022, 3, 31)),  # 2022 has no 29 February
        (date(2008, 2, 29), date(2026, 2, 28), date(2026, 3, 31)),
    ],
)
def test_eighteen_is_reached_the_day_before_the_birthday(
    born: date, reaches_18: date, last_day: date
) -> None:
    assert reaches(born, 18) == reaches_18
    assert school_year_end(born, 18) == last_day


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (date(2024, 6, 3), date(2006, 4, 2)),
        (date(2024, 12, 13), date(2006, 4, 2)),
        (date(2025, 3, 31), date(2006, 4, 2)),
        (date(2025, 4, 1), date(2007, 4, 2)),
        (date(2023, 12, 1), date(2005, 4, 2)),
        (date(2025, 9, 30), date(2007, 4, 2)),
        (date(2021, 4, 30), date(2003, 4, 2)),
    ],
)
def test_the_first_birth_that_counts_on_a_day(day: date, first: date) -> None:
    assert born_from(day, 18) == first


@given(
    born=st.dates(date(1990, 1, 1), date(2020, 12, 31)), day=st.dates(date(2015, 1, 1), date(2030, 12, 31))
)
def test_who_is_born_from_the_first_day_on_is_a_child_and_nobody_else(born: date, day: date) -> None:
    assert (born >= born_from(day, 18)) is (day <= school_year_end(born, 18))


@pytest.mark.parametrize(
    ("start", "months", "last"),
    [
        (date(2020, 5, 18), 3, date(2020, 8, 18)),  # Kobe, 2020
        (date(2020, 5, 20), 3, date(2020, 8, 20)),  # Ushiku, 2020
        (date(2020, 11, 30), 3, date(2021, 2, 28)),
        (date(2019, 11, 30), 3, date(2020, 2, 29)),
        (date(2020, 1, 31), 1, date(2020, 2, 29)),
        (date(2020, 10, 31), 2, date(2020, 12, 31)),
        (date(2020, 12, 1), 12, date(2021, 12, 1)),
    ],
)
def test_a_term_of_months_ends_on_the_day_of_the_same_number(start: date, months: int, last: date) -> None:
    assert months_after(start, months) == last


@given(start=st.dates(date(2015, 1, 1), date(2030, 12, 31)), months=st.integers(1, 24))
def test_a_term_never_runs_into_another_month(start: date, months: int) -> None:
    last = months_after(start, months)
    assert (last.year * 12 + last.month) - (start.year * 12 + start.month) == months
    assert last.day == start.day or (last + timedelta(days=1)).day == 1


@pytest.mark.parametrize(
    ("slug", "first"),
    [
        ("kosodate-seikatsu-2021", date(2003, 4, 2)),
        ("kakaku-juten-2023", date(2005, 4, 2)),
        ("aratana-hikazei-2024", date(2006, 4, 2)),
        ("bukkadaka-2024", date(2006, 4, 2)),
        ("kosodate-oen-2025", date(2007, 4, 2)),
    ],
)
def test_the_births_that_shipped_programmes_name_follow_from_their_base_date(slug: str, first: date) -> None:
    terms = parse(version_text(slug))
    amounts = [terms.amount, *(payout.amount for payout in terms.payouts)]
    named = {terms.eligibility.born_on_or_after, *(one.born_on_or_after for one in terms.eligibility.grounds)}
    named |= {amount.parameters.get("child_born_on_or_after") for amount in amounts}
    assert first in named
    assert born_from(terms.programme.base_date, 18) == first
