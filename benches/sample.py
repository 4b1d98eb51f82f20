"""The sample on which everything is measured: a town's files, a programme in an emptied sample database, its people.

Takes a size; leaves a programme whose roll has arrived as a file. Every step finds it again by its Setting.
"""

import pickle
import shutil
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils import timezone

from benches import empty_copy
from todoku.ground import databases
from todoku.ground.places import var
from todoku.intake.forms import PaperForm
from todoku.people.actor import SYSTEM, Actor
from todoku.people.tables import Staff
from todoku.programme import shipped
from todoku.programme.reschedule import reschedule
from todoku.programme.set_up import make_programme, open_version
from todoku.programme.tables import Municipality, Programme
from todoku.programme.terms import parse
from todoku.sampletown import municipality
from todoku.sampletown.arrivals import Mailbox
from todoku.sampletown.staff import actor_of, make_staff
from todoku.sampletown.write import ANSWERS, REPLIES, write_town

SEED = 2020
SLUG = "tokubetsu-teigaku-2020"
OPENS_ON, POSTED_ON = date(2026, 6, 1), date(2026, 6, 4)
# The last answers of a sample town arrive ninety days after its forms; then everything is keyed at once.
KEYED_ON = POSTED_ON + timedelta(days=100)
# The shipped Version has paper seen by two persons. Nobody sits here: clean paper passes as clean web does.
SHIPPED_PASS, BENCH_PASS = 'paper = "two_persons"', 'paper = "straight"'
FORMS_PER_BLOCK = 1_000
JAPAN = ZoneInfo("Asia/Tokyo")


class Setting(NamedTuple):
    """One size under measurement; plain values, since each step runs in a process of its own.

    `sample`: rows of the way of one object at a time; `sheets`: forms that typst sets one by one.
    """

    households: int
    sample: int
    sheets: int

    @property
    def slug(self) -> str:
        return f"bench-{self.households}"

    @property
    def folder(self) -> Path:
        return var("bench", self.slug)

    @property
    def forms(self) -> Path:
        """The keyed paper forms, pickled in blocks."""
        return self.folder / "forms.pickle"

    def bank_report(self, batch: int) -> Path:
        return self.folder / f"returned-{batch}.csv"


def at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), JAPAN)


def write_files(setting: Setting) -> None:
    """Writes the town's files anew. Every answer comes on paper, but for the few that each town has on the web."""
    shutil.rmtree(setting.folder, ignore_errors=True)
    write_town(
        setting.folder, seed=SEED, households=setting.households, web_share=0.0, opened_on=POSTED_ON,
        base_date=parse(version_text()).programme.base_date,
    )  # fmt: skip


def version_text() -> str:
    """The terms under which the bench runs."""
    text = reschedule(shipped.version_text(SLUG), OPENS_ON)
    assert text.count(SHIPPED_PASS) == 1, "the shipped Version says how paper passes"
    return text.replace(SHIPPED_PASS, BENCH_PASS)


def empty_programme(setting: Setting) -> None:
    """Empties the sample database and opens the programme in it; what an earlier run wrote goes too."""
    remove_written(setting)
    empty_copy.empty()
    now = timezone.now()
    databases.mark("sample", at=now, note="./run bench")
    town = Municipality(**municipality.ROW)
    programme = make_programme(town, version_text(), setting.slug, actor=SYSTEM, at=now, is_sample=True)
    open_version(programme.versions.get(), actor=SYSTEM, at=now)
    make_staff(programme.municipality)


def remove_written(setting: Setting) -> None:
    """Removes what the steps wrote for this size: parcels, print runs, bank files."""
    for folder in ("parcels", "print", "bank"):
        shutil.rmtree(var(folder, setting.slug), ignore_errors=True)


def write_keyed_forms(setting: Setting) -> None:
    """The paper that arrived, as operators would have keyed it, into a file."""
    programme = programme_of(setting)
    mailbox = Mailbox(programme, setting.folder / ANSWERS, setting.folder / REPLIES, ())
    keyed = [mailbox.paper(answer) for day in sorted(mailbox.by_day) for answer in mailbox.of(day)[0]]
    with setting.forms.open("wb") as file:
        for start in range(0, len(keyed), FORMS_PER_BLOCK):
            pickle.dump(keyed[start : start + FORMS_PER_BLOCK], file)


def keyed_blocks(setting: Setting) -> Iterator[list[PaperForm]]:
    """The keyed forms again, a block at a time."""
    with setting.forms.open("rb") as file:
        while file.peek(1):
            yield pickle.load(file)


def programme_of(setting: Setting) -> Programme:
    return Programme.objects.select_related("municipality").get(slug=setting.slug)


def person(username: str) -> Actor:
    """One of the sample staff."""
    return actor_of(Staff.objects.select_related("organisation").get(username=username))
