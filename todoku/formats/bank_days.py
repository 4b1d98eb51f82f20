"""Pure. Days on which banks settle transfers.

Closed: Saturdays, Sundays, national holidays, 31 December to 3 January (銀行法15条, 同施行令5条; 1 January is
a national holiday). The holidays come from the jpholiday package.
"""

from datetime import date, timedelta
from functools import lru_cache

import jpholiday

_YEAR_END = {(12, 31), (1, 2), (1, 3)}
_DAY = timedelta(days=1)


@lru_cache(maxsize=4096)
def is_bank_day(day: date) -> bool:
    """Whether banks settle on this day."""
    return day.weekday() < 5 and (day.month, day.day) not in _YEAR_END and not jpholiday.is_holiday(day)


def next_bank_day(day: date) -> date:
    """This day if banks are open, else the first day after it when they are (翌営業日)."""
    while not is_bank_day(day):
        day += _DAY
    return day


def bank_days_after(day: date, n: int) -> date:
    """The n-th bank day after this day, itself never counted; n < 0 goes back, n = 0: next_bank_day."""
    if n == 0:
        return next_bank_day(day)
    step = _DAY if n > 0 else -_DAY
    for _ in range(abs(n)):
        day += step
        while not is_bank_day(day):
            day += step
    return day
