"""The keying room of these tests: a read lot of three forms and three people who key, made once, copied by each test."""

import copy
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from django.utils import timezone
from django.utils.timezone import localdate

from tests.open_today import open_today
from tests.scanned import filled, jpeg, note, printed
from tests.town_fixture import ASSETS, Made
from todoku.intake.claim_key_task import UNDO_SECONDS, claim_tasks
from todoku.intake.key_form import key_first, key_second
from todoku.intake.make_key_tasks import make_key_tasks
from todoku.people.enrol import enrol
from todoku.people.tables import Organisation
from todoku.programme.tables import Programme
from todoku.sampletown.staff import actor_of
from todoku.scan.delivered import files_of_upload
from todoku.scan.receive_lot import receive_lot
from todoku.scan.tables import ScanLot
from todoku.scan.take_pages import take_pages

TYPED = {
    "postmark_on": "", "members_corrected": "0", "bank": "0005", "branch": "001", "kind": "1", "account_number": "1234567",
    "yucho_symbol": "", "yucho_number": "", "holder_kana": "ヤマダ タロウ", "signed": "1", "applicant_is_recipient": "1",
    "applicant_name": "", "phone": "045-000-0000", "identity_evidence": "clear", "account_evidence": "none",
}  # fmt: skip


class Room:
    """A read lot of three forms, and three people who key."""

    def __init__(self) -> None:
        found = Programme.objects.select_related("municipality").get()
        self.programme, self.now = open_today(found), timezone.now()
        office, _ = Organisation.objects.get_or_create(name="事務局", defaults={"kind": "office"})
        self.one, self.two, self.three = (
            actor_of(
                enrol(name, name=name, organisation=office, roles=("clerk",), password="todoku-tests-2026")
            )
            for name in ("ichiro", "futaba", "mitsu")
        )
        run = printed(self.programme, 3)
        self.papers, self.boxes = run.forms(), run.boxes[1]
        self.numbers = [one.code.number for one in run.forms()]
        pictures = [jpeg(filled(one, run.boxes[1])) for one in run.forms()]
        named = [(f"{i}.jpg", data) for i, data in enumerate(pictures)] + [("0a.jpg", jpeg(note("免許証")))]
        lot = receive_lot(
            files_of_upload(named), programme=self.programme, name="束1", arrived_on=localdate(self.now), actor=self.one,
            at=self.now,
        )  # fmt: skip
        take_pages(ScanLot.objects.get(pk=lot.pk), actor=self.one, at=self.now)
        self.made = make_key_tasks(programme=self.programme, actor=self.one, at=self.now)

    def later(self, seconds=UNDO_SECONDS + 1):
        self.now += timedelta(seconds=seconds)
        return self.now

    def claim(self, state, who, **values):
        return claim_tasks(state, programme=self.programme, actor=who, at=self.now, **values)

    def first(self, who, **values):
        task = self.claim("first", who, most=1)[0]
        typed = (
            TYPED | {"arrived_on": f"{localdate(self.now)}", "applied_on": f"{localdate(self.now)}"} | values
        )
        return task, key_first(task.pk, typed, actor=who, at=self.now, started_at=self.now)

    def second(self, who, **values):
        task = self.claim("second", who, most=1)[0]
        return task, key_second(task.pk, TYPED | values, actor=who, at=self.now, started_at=self.now)


class Keyed(NamedTuple):
    """A database and a state folder with the room in it."""

    database: str
    folder: Path
    room: Room


@pytest.fixture(scope="session")
def key_room_database(
    town_database: Made, populated: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Keyed:
    folder = tmp_path_factory.mktemp("keying")
    shutil.copytree(town_database.folder, folder, dirs_exist_ok=True, symlinks=True)
    if not (folder / "assets").is_symlink():
        (folder / "assets").symlink_to(ASSETS)
    made: list[Room] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TODOKU_VAR", str(folder))
        database = populated(lambda: made.append(Room()), of=town_database.database)
    return Keyed(database, folder, made[0])


@pytest.fixture
def room(key_room_database: Keyed, cloned: Callable[[str], object], var_folder: Path) -> Iterator[Room]:
    """The room as it was made, in a database of this test alone."""
    shutil.copytree(key_room_database.folder, var_folder, dirs_exist_ok=True, symlinks=True)
    with cloned(key_room_database.database):
        yield copy.copy(key_room_database.room)
