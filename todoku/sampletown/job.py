"""The state of one run of the main job: the programme, the people, the clock of the replay, and every count that was checked.

Handed from day to day; decides nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.sampletown.write import Manifest

JAPAN = ZoneInfo("Asia/Tokyo")
Tell = Callable[[date, str, str], None]


class CountsDiffer(Exception):
    """Two counts of one hand-over do not agree; the message names the hand-over and both."""


class Check(NamedTuple):
    """One hand-over: what left on one side, what arrived on the other."""

    name: str
    left: int
    arrived: int


@dataclass
class MainJob:
    """The state of one run. `scans`: so many paper forms are filled in by hand, scanned and keyed twice."""

    programme: Programme
    staff: dict[str, Actor]
    folder: Path
    manifest: Manifest
    seed: int
    tell: Tell
    scans: int = 0
    checks: list[Check] = field(default_factory=list)

    def check(self, name: str, left: int, arrived: int) -> None:
        """Notes a hand-over; raises CountsDiffer at once when it does not balance."""
        self.checks.append(Check(name, left, arrived))
        if left != arrived:
            raise CountsDiffer(f"{name}: {left} != {arrived}")

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(day, time(hour, minute), JAPAN)
