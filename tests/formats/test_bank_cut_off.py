"""Until when a bank takes a file. Weekdays stand in the table so that a reader can check them."""

from datetime import date, datetime, time, timedelta

import pytest

from todoku.formats.bank_cut_off import IN_TIME, JAPAN, PAST, TOO_SHORT, cut_off, first_value_date, standing
from todoku.formats.zengin_layout import PROFILES

STANDARD, NEXT_DAY, TWO_DAYS = PROFILES["standard"], PROFILES["one_day_noon"], PROFILES["two_days_17"]
SAME_DAY = STANDARD._replace(lead_days=0, cut_off=time(9, 30))


def at(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=JAPAN)


@pytest.mark.parametrize(
    ("profile", "weekday", "value_date", "until"),
    [
        (STANDARD, "Fri", date(2026, 12, 4), "2026-12-01 12:00"),
        (NEXT_DAY, "Mon", date(2026, 12, 7), "2026-12-04 12:00"),
        (TWO_DAYS, "Tue", date(2026, 11, 24), "2026-11-19 17:00"),  # the Monday between is a holiday
        (STANDARD, "Tue", date(2027, 1, 5), "2026-12-29 12:00"),  # 31 December to 3 January do not count
        (SAME_DAY, "Fri", date(2026, 12, 4), "2026-12-04 09:30"),
    ],
)
def test_the_cut_off_is_so_many_bank_days_before_at_the_hour(profile, weekday, value_date, until):
    assert value_date.strftime("%a") == weekday
    assert cut_off(profile, value_date) == at(until)


@pytest.mark.parametrize(
    ("now", "ready_at", "found"),
    [
        ("2026-12-01 10:00", "2026-12-01 11:00", IN_TIME),
        ("2026-12-01 11:00", "2026-12-01 12:00", IN_TIME),
        ("2026-12-01 11:01", "2026-12-01 12:01", TOO_SHORT),
        ("2026-12-01 12:00", "2026-12-01 12:00", IN_TIME),
        ("2026-12-01 12:01", "2026-12-01 12:01", PAST),
    ],
)
def test_a_cancel_window_that_ends_after_the_cut_off_is_told_before_it_is_too_late(now, ready_at, found):
    until = cut_off(STANDARD, date(2026, 12, 4))
    assert standing(until, now=at(now), ready_at=at(ready_at)) == found


@pytest.mark.parametrize(
    ("profile", "ready_at", "day"),
    [
        (STANDARD, "2026-12-01 12:00", date(2026, 12, 4)),
        (STANDARD, "2026-12-01 12:01", date(2026, 12, 7)),
        (NEXT_DAY, "2026-12-03 11:00", date(2026, 12, 4)),
        (NEXT_DAY, "2026-12-05 09:00", date(2026, 12, 8)),  # a Saturday: Monday's cut-off was on Friday
        (SAME_DAY, "2026-12-03 09:00", date(2026, 12, 4)),  # never the same day: a batch pays in the future
    ],
)
def test_the_first_value_date_is_one_that_the_bank_still_takes(profile, ready_at, day):
    found = first_value_date(profile, at(ready_at))
    assert found == day
    assert cut_off(profile, found) >= at(ready_at)


def test_a_moment_of_another_zone_is_the_same_moment():
    ready = at("2026-12-01 12:00").astimezone(tz=None) + timedelta(0)
    assert first_value_date(STANDARD, ready) == date(2026, 12, 4)
