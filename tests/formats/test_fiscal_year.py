"""Fiscal years, the closing of accounts, what becomes of money that comes back, and when claims lapse."""

from datetime import date

import pytest

from todoku.formats.fiscal_year import (
    ACKNOWLEDGED,
    CALL,
    NOTICE,
    PRIOR_REVENUE,
    REMINDER,
    RESTORED,
    Booking,
    accounts_open,
    booking_of_return,
    closing_day,
    first_day,
    fiscal_year,
    last_bank_day,
    last_day,
    prescription,
    year_name,
)


@pytest.mark.parametrize(
    ("weekday", "day", "year"),
    [
        ("Tue", date(2026, 3, 31), 2025),
        ("Wed", date(2026, 4, 1), 2026),
        ("Thu", date(2026, 12, 31), 2026),
        ("Fri", date(2027, 1, 1), 2026),
        ("Wed", date(2027, 3, 31), 2026),
        ("Thu", date(2027, 4, 1), 2027),
        ("Tue", date(2028, 2, 29), 2027),
    ],
)
def test_a_fiscal_year_runs_from_april_to_march(weekday: str, day: date, year: int) -> None:
    assert day.strftime("%a") == weekday
    assert fiscal_year(day) == year
    assert first_day(year) <= day <= last_day(year)


def test_a_fiscal_year_has_a_name() -> None:
    assert year_name(2026) == "令和8年度"
    assert year_name(2018) == "平成30年度"
    assert year_name(2019) == "平成31年度"
    assert (first_day(2026), last_day(2027)) == (date(2026, 4, 1), date(2028, 3, 31))


@pytest.mark.parametrize(
    ("year", "closes", "weekday", "last"),
    [
        (2024, date(2025, 5, 31), "Sat", date(2025, 5, 30)),
        (2025, date(2026, 5, 31), "Sun", date(2026, 5, 29)),
        (2026, date(2027, 5, 31), "Mon", date(2027, 5, 31)),
        (2027, date(2028, 5, 31), "Wed", date(2028, 5, 31)),
    ],
)
def test_accounts_close_on_31_may_and_banks_may_have_closed_before(
    year: int, closes: date, weekday: str, last: date
) -> None:
    assert closes.strftime("%a") == weekday
    assert closing_day(year) == closes
    assert last_bank_day(year) == last


def test_two_years_books_are_open_in_april_and_may() -> None:
    friday = date(2027, 4, 30)
    assert friday.strftime("%a") == "Fri"
    assert (accounts_open(2026, friday), accounts_open(2027, friday)) == (True, True)
    assert (accounts_open(2026, date(2027, 5, 31)), accounts_open(2026, date(2027, 6, 1))) == (True, False)
    assert accounts_open(2026, date(2026, 3, 31)) is False


@pytest.mark.parametrize(
    ("weekday", "back", "booking"),
    [
        ("Mon", date(2026, 12, 7), Booking(RESTORED, 2026)),
        ("Wed", date(2027, 3, 31), Booking(RESTORED, 2026)),
        ("Thu", date(2027, 4, 1), Booking(RESTORED, 2026)),
        ("Mon", date(2027, 5, 31), Booking(RESTORED, 2026)),
        ("Tue", date(2027, 6, 1), Booking(PRIOR_REVENUE, 2027)),
        ("Fri", date(2028, 3, 31), Booking(PRIOR_REVENUE, 2027)),
        ("Sat", date(2028, 4, 1), Booking(PRIOR_REVENUE, 2028)),
    ],
)
def test_money_that_comes_back_is_restored_until_the_closing_and_revenue_after_it(
    weekday: str, back: date, booking: Booking
) -> None:
    assert back.strftime("%a") == weekday
    assert booking_of_return(2026, back) == booking


def test_money_cannot_come_back_before_its_year() -> None:
    with pytest.raises(AssertionError, match="before the year"):
        booking_of_return(2026, date(2026, 3, 31))


@pytest.mark.parametrize(
    ("weekday", "due", "last"),
    [
        ("Fri", date(2026, 12, 25), date(2031, 12, 25)),
        ("Thu", date(2026, 12, 31), date(2031, 12, 31)),
        ("Sun", date(2027, 2, 28), date(2032, 2, 29)),  # the first day is 1 March, and 2032 has a 29 February
        ("Mon", date(2028, 2, 28), date(2033, 2, 28)),  # the first day is 29 February, which 2033 lacks
        ("Tue", date(2028, 2, 29), date(2033, 2, 28)),
        ("Fri", date(2027, 4, 30), date(2032, 4, 30)),
    ],
)
def test_a_claim_stands_for_five_years_from_the_day_after_it_was_due(
    weekday: str, due: date, last: date
) -> None:
    assert due.strftime("%a") == weekday
    time = prescription(due)
    assert time.last_day == last
    assert (time.lapsed(last), time.lapsed(time.gone_on)) == (False, True)


DUE = date(2026, 12, 25)


def test_a_notice_or_a_reminder_begins_the_time_anew() -> None:
    assert prescription(DUE, [(REMINDER, date(2027, 1, 20))]).last_day == date(2032, 1, 20)
    assert prescription(DUE, [(NOTICE, date(2026, 12, 1))]).last_day == date(2031, 12, 25), (
        "not before it is due"
    )
    both = [(REMINDER, date(2027, 1, 20)), (NOTICE, date(2026, 12, 1))]
    assert prescription(DUE, both).last_day == date(2032, 1, 20)


def test_a_second_reminder_is_a_mere_call() -> None:
    twice = [(REMINDER, date(2027, 1, 20)), (REMINDER, date(2030, 1, 20))]
    assert prescription(DUE, twice).last_day == date(2032, 1, 20)


def test_a_call_keeps_the_time_from_ending_for_six_months_once() -> None:
    late = (CALL, date(2031, 10, 31))
    assert prescription(DUE, [(CALL, date(2028, 1, 5))]).last_day == date(2031, 12, 25)
    assert prescription(DUE, [late]).last_day == date(2032, 4, 30)
    assert prescription(DUE, [late, (CALL, date(2032, 4, 1))]).last_day == date(2032, 4, 30)
    assert prescription(DUE, [late, (ACKNOWLEDGED, date(2032, 4, 1))]).last_day == date(2037, 4, 1)


def test_a_part_payment_acknowledges_the_debt_each_time() -> None:
    paid = [(ACKNOWLEDGED, date(2027, 6, 30)), (ACKNOWLEDGED, date(2027, 7, 31))]
    assert prescription(DUE, paid).last_day == date(2032, 7, 31)


def test_what_comes_after_the_time_has_run_out_changes_nothing() -> None:
    assert prescription(DUE, [(ACKNOWLEDGED, date(2031, 12, 25))]).last_day == date(2036, 12, 25)
    assert prescription(DUE, [(ACKNOWLEDGED, date(2031, 12, 26))]).last_day == date(2031, 12, 25)
