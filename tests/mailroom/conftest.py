"""A mailroom at work: two clerks, a manager, an officer of the municipality; a bag counted and a tray to open it into."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils.timezone import localdate

from todoku.case.tables import Case
from todoku.mailroom.count_bag import count_bag
from todoku.mailroom.make_container import make_container
from todoku.mailroom.open_envelope import open_envelope
from todoku.mailroom.open_many import Household, Opened
from todoku.mailroom.pick_up import pick_up
from todoku.mailroom.tables import Bag, Container, Envelope
from todoku.people.actor import Actor
from todoku.people.enrol import enrol
from todoku.people.tables import Organisation
from todoku.programme.tables import Programme

FORM = ("form", "attachment", "attachment")


@dataclass
class Mailroom:
    """The programme, its people as actors, a moment that goes on, a bag and the tray beside it."""

    programme: Programme
    staff: dict[str, Actor]
    at: datetime
    bag: Bag
    tray: Container

    @property
    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at

    @property
    def today(self) -> date:
        return localdate(self.at)

    def numbers(self, count: int, first: int = 0) -> list[str]:
        found = Case.objects.filter(programme=self.programme).order_by("pk").values_list("number", flat=True)
        return list(found[first : first + count])

    def letter(self, number: str = "", *sheets: str, unplaced: str = "", **values: Any) -> Opened:
        """An envelope of one household, its postmark the day before."""
        one = Household(number, sheets or FORM, unplaced)
        return Opened(
            **{"postmark": "read", "postmark_on": self.today - timedelta(days=1), "households": (one,)}
            | values
        )

    def open(self, row: Opened, who: str = "clerk") -> Envelope:
        return open_envelope(row, bag=self.bag, tray=self.tray, actor=self.staff[who], at=self.now)


def people(programme: Programme) -> dict[str, Actor]:
    """Two clerks and a manager of the office, an officer of the municipality."""
    office, _ = Organisation.objects.get_or_create(name="給付金事務局", defaults={"kind": "office"})
    city, _ = Organisation.objects.get_or_create(
        name="見本市 担当課",
        defaults={"kind": "municipality", "municipality_code": programme.municipality_id},
    )
    rows = {
        "clerk": ("受付 花子", office, "clerk"), "other": ("開封 次郎", office, "clerk"),
        "manager": ("業務 責任", office, "manager"), "officer": ("市役所 係長", city, "city_officer"),
    }  # fmt: skip
    made = {
        key: enrol(
            f"mail-{key}", name=name, organisation=where, roles=(role,), password="todoku-tests-2026",
            municipality_code=programme.municipality_id,
        )
        for key, (name, where, role) in rows.items()
    }  # fmt: skip
    return {
        key: Actor(one.pk, one.name, one.roles, one.organisation.kind, "office") for key, one in made.items()
    }


@contextmanager
def set_up(programme: Programme, at: datetime, counted: int) -> Iterator[Mailroom]:
    staff = people(programme)
    picked = pick_up(
        programme=programme, on=localdate(at), place="見本郵便局", bags=1, stated=counted, second=staff["other"],
        actor=staff["clerk"], at=at,
    )  # fmt: skip
    bag = picked.opened_bags.get()
    count_bag(bag, counted, actor=staff["clerk"], at=at)
    tray = make_container(programme=programme, kind="tray", station="opening", actor=staff["clerk"], at=at)
    yield Mailroom(programme, staff, at, bag, tray)


@pytest.fixture
def mailroom(town) -> Iterator[Mailroom]:
    """A bag of ten envelopes, counted, and an empty tray."""
    with set_up(town.programme, town.at, 10) as found:
        yield found
