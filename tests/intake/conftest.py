"""Sample days and operators of the intake."""

from datetime import date, timedelta

import pytest

from tests.intake.key_room import key_room_database, room  # noqa: F401
from tests.open_today import letters, noon
from todoku.people.actor import Actor

CLERK = Actor(id=7, name="受付 花子", roles=frozenset({"clerk"}), door="office")


@pytest.fixture
def day() -> date:
    """Some day of the town's intake."""
    return date(2026, 12, 8)


@pytest.fixture
def at(day):
    return noon(day)


@pytest.fixture
def clerk() -> Actor:
    return CLERK


@pytest.fixture
def letter(town):
    """The letter of the town's first household."""
    return letters(town.programme)[0]


@pytest.fixture
def later(day) -> date:
    return day + timedelta(days=2)
