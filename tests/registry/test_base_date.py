"""Who counts on the base date, as a table: 1 October 2026 is the day."""

from datetime import date

import pytest

from todoku.registry.base_date import on_base_date

BASE = date(2026, 10, 1)
BEFORE, DAY, AFTER = date(2026, 9, 30), BASE, date(2026, 10, 2)


@pytest.mark.parametrize(
    ("born", "moved_in", "left", "reason", "counts"),
    [
        (date(1980, 5, 5), None, None, "", True),
        (None, None, None, "", True),  # a birth date that nobody knows keeps nobody out
        (DAY, None, None, "", True),
        (AFTER, None, None, "", False),
        (date(1980, 5, 5), DAY, None, "", True),
        (date(1980, 5, 5), AFTER, None, "", False),
        (date(1980, 5, 5), None, BEFORE, "death", False),
        (date(1980, 5, 5), None, DAY, "death", True),  # who died on the day was alive on it
        (date(1980, 5, 5), None, DAY, "moved", False),  # a move erases the registration with its day
        (date(1980, 5, 5), None, AFTER, "moved", True),
        (date(1980, 5, 5), None, AFTER, "death", True),
        (date(1980, 5, 5), None, None, "death", True),  # no day given: still listed when the roll was drawn
    ],
)
def test_who_counts_on_the_base_date(born, moved_in, left, reason, counts):
    assert (
        on_base_date(BASE, birth_date=born, moved_in_on=moved_in, left_on=left, left_reason=reason) is counts
    )
