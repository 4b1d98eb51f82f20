"""Pure. How long a question has waited at each side (疑義照会の経過), and whether the municipality's day has passed."""

from datetime import date
from typing import NamedTuple

# Bank days that the municipality has for an answer, unless the manager names another day when he sends the question.
ANSWER_DAYS = 5
# A question that lies with the manager longer than this is late: the applicant waits for nothing but him.
MANAGER_DAYS = 1


class Clock(NamedTuple):
    """Whole days that a question lay with the office's manager and with the municipality; late: whose day has passed."""

    office_days: int
    city_days: int
    late: bool


def clock(
    *, asked_on: date, sent_on: date | None, due_on: date | None, closed_on: date | None, today: date
) -> Clock:
    """The days up to `closed_on`, or up to today while the question is open."""
    until = closed_on or today
    left_office = sent_on or until
    city_days = (until - sent_on).days if sent_on else 0
    late = closed_on is None and (
        due_on is not None and today > due_on if sent_on else (until - asked_on).days > MANAGER_DAYS
    )
    return Clock((left_office - asked_on).days, city_days, late)
