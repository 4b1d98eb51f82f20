"""Pure. Ages as the law counts them (年齢計算ニ関スル法律): an age is reached on the day before the birthday.

Comes in: birth dates and days. Goes out: days. Benefits for children run "18歳に達する日以後の最初の3月31日まで"; the births
that a Version writes as a date are checked against it in the tests.
"""

from datetime import date, timedelta

_DAY = timedelta(days=1)


def reaches(birth: date, years: int) -> date:
    """The day on which somebody reaches an age: the end of the day before the birthday.

    A birthday on 29 February falls, in a common year, on the last day of February (民法143条2項 by 準用).
    """
    try:
        birthday = birth.replace(year=birth.year + years)
    except ValueError:  # 29 February in a common year: the term ends with the month's last day
        return date(birth.year + years, 2, 28)
    return birthday - _DAY


def school_year_end(birth: date, years: int) -> date:
    """The first 31 March on or after the day on which somebody reaches an age (年度末)."""
    day = reaches(birth, years)
    end = date(day.year, 3, 31)
    return end if day <= end else date(day.year + 1, 3, 31)


def born_from(day: date, years: int) -> date:
    """The earliest birth that still counts as a child on a day: always a 2 April."""
    school_year = day.year - (1 if (day.month, day.day) < (4, 1) else 0)
    return date(school_year - years, 4, 2)


def months_after(day: date, months: int) -> date:
    """The last day of a term of months that begins on `day` (民法143条): the same day of the month, or the month's last."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - _DAY).day
    return date(year, month, min(day.day, last))
