"""Pure. What is handed back of one case, as plain values: the head line of the index, events, places, pictures."""

from datetime import date, datetime
from typing import NamedTuple


class Event(NamedTuple):
    """One thing that happened: when, what kind of thing, what, in which words, by whom ("" = the system)."""

    at: datetime
    kind: str
    what: str
    words: str
    who: str


class Place(NamedTuple):
    """Where one sheet lies: envelope and number in it, kind, container and position, station of the container."""

    sheet: str
    kind: str
    container: str
    position: int
    station: str


class Shown(NamedTuple):
    """A kept picture: path below the state folder, SHA-256, and its name in the bundle (the file's ending is added)."""

    path: str
    sha256: str
    name: str


class CaseRecord(NamedTuple):
    """One case: its number, the head's 宛名番号, household, names, stage, first arrival, yen due and paid, day of payment."""

    number: str
    person: str
    household: str
    name: str
    kana: str
    stage: str
    arrived_on: date | None
    due_yen: int
    paid_yen: int
    paid_on: date | None
    events: tuple[Event, ...]
    places: tuple[Place, ...]
    pictures: tuple[Shown, ...]
