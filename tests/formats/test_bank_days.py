"""When banks settle. Weekdays stand in the table so that a reader can check them."""

from datetime import date

import pytest

from todoku.formats.bank_days import bank_days_after, is_bank_day, next_bank_day


@pytest.mark.parametrize(
    ("weekday", "day", "open_"),
    [
        ("Fri", date(2026, 11, 20), True),
        ("Sat", date(2026, 11, 21), False),
        ("Sun", date(2026, 11, 22), False),
        ("Mon", date(2026, 11, 23), False),  # 勤労感謝の日
        ("Tue", date(2026, 11, 24), True),
        ("Wed", date(2026, 12, 30), True),
        ("Thu", date(2026, 12, 31), False),
        ("Fri", date(2027, 1, 1), False),
        ("Mon", date(2023, 1, 2), False),
        ("Tue", date(2023, 1, 3), False),
        ("Mon", date(2027, 1, 4), True),
        ("Wed", date(2026, 5, 6), False),  # 振替休日
    ],
)
def test_banks_are_open(weekday: str, day: date, open_: bool) -> None:
    assert day.strftime("%a") == weekday
    assert is_bank_day(day) is open_


def test_counting_bank_days_over_the_new_year() -> None:
    assert next_bank_day(date(2026, 12, 31)) == date(2027, 1, 4)
    assert next_bank_day(date(2026, 12, 30)) == date(2026, 12, 30)
    assert bank_days_after(date(2026, 12, 30), 1) == date(2027, 1, 4)
    assert bank_days_after(date(2026, 12, 31), 2) == date(2027, 1, 5)
    assert bank_days_after(date(2027, 1, 4), -2) == date(2026, 12, 29)
    assert bank_days_after(date(2026, 11, 21), 0) == date(2026, 11, 24)
