"""An office on the day its intake opens, for the tests of the round, its letters and the sweeper."""

from datetime import UTC, datetime, time

import pytest

from tests.office_day import OfficeDay
from tests.town_fixture import SampleTown


@pytest.fixture
def office(town: SampleTown) -> OfficeDay:
    """Every case LISTED; nothing has been printed."""
    return OfficeDay(town.programme, town.households, datetime.combine(town.opens_on, time(1), UTC))
