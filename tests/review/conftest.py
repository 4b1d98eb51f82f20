"""The office of the sample town on the day its intake opens, for the tests of screening, judging and deciding."""

from datetime import UTC, datetime, time

import pytest

from tests.office_day import OfficeDay
from tests.town_fixture import SampleTown


@pytest.fixture
def office(town: SampleTown) -> OfficeDay:
    """Nothing has arrived yet; the forms of thirty households without anything special were posted."""
    day = OfficeDay(town.programme, town.households, datetime.combine(town.opens_on, time(1), UTC))
    day.applicants = day.applicants[:30]
    day.invite(day.applicants)
    return day
