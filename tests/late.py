"""A late case by an order, as two persons open it: the manager asks, an officer of the municipality confirms."""

from datetime import datetime

from tests.enrolled import enrolled
from todoku.case.late_tables import LateProposal
from todoku.case.open_late import Asked, LateEntry, open_late, propose_late
from todoku.case.tables import Case
from todoku.people.actor import Actor
from todoku.programme.tables import Programme


def people_of(programme: Programme) -> tuple[Actor, Actor]:
    """Who asks and who confirms."""
    found = enrolled(programme.municipality, ["manager", "officer"])
    return found["manager"], found["officer"]


def proposed(entry: LateEntry, asked: Asked, *, programme: Programme, at: datetime) -> LateProposal:
    """What the manager asks for."""
    manager, _ = people_of(programme)
    return propose_late(entry, asked, programme=programme, actor=manager, at=at)


def opened(entry: LateEntry, asked: Asked, *, programme: Programme, at: datetime) -> Case:
    """The case that the officer's confirmation opens."""
    _, officer = people_of(programme)
    return open_late(proposed(entry, asked, programme=programme, at=at), actor=officer, at=at)
