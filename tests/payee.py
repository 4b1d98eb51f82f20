"""Who receives instead, as two persons name him: the manager proposes, an officer of the municipality confirms."""

from datetime import datetime
from typing import Any

from tests.enrolled import enrolled
from todoku.case.late_tables import LaterChange, PayeeProposal
from todoku.case.name_payee import confirm_payee, propose_payee
from todoku.people.actor import Actor
from todoku.programme.tables import Programme


def people_of(programme: Programme) -> tuple[Actor, Actor]:
    """Who names and who confirms."""
    found = enrolled(programme.municipality, ["manager", "officer"])
    return found["manager"], found["officer"]


def proposed(change: LaterChange, *, at: datetime, **said: Any) -> PayeeProposal:
    """What the manager names, as propose_payee takes it."""
    return propose_payee(change, actor=people_of(change.programme)[0], at=at, **said)


def named(change: LaterChange, *, at: datetime, **said: Any) -> LaterChange:
    """The change done by the officer's confirmation."""
    return confirm_payee(proposed(change, at=at, **said), actor=people_of(change.programme)[1], at=at)
