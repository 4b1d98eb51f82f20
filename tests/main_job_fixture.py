"""A sample town in full swing: what `./run demo` makes, small, once per run, up to today; each test takes a copy."""

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from django.utils import timezone

from todoku.commands import demo
from todoku.ground import assets
from todoku.ground.places import var
from todoku.programme.tables import Programme
from todoku.sampletown.main_job import run

HOUSEHOLDS = 150  # as the demo's own test: every stage of the work is met
SCANS = 16  # paper forms that are really filled in and scanned


class Busy(NamedTuple):
    """The database and the files of the run."""

    database: str
    folder: Path


def _fill() -> None:
    now = timezone.now()
    job = demo.prepare(HOUSEHOLDS, demo.SEED, timezone.localdate(now))
    job.scans = SCANS
    opened_on = job.programme.terms.intake.opens + timedelta(days=demo.POSTED_AFTER_DAYS)
    run(job, opened_on=opened_on, now=now)


@pytest.fixture(scope="session")
def busy_database(populated: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Busy:
    folder = tmp_path_factory.mktemp("busy")
    assets.collect()
    (folder / "assets").symlink_to(var("assets"), target_is_directory=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TODOKU_VAR", str(folder))
        return Busy(populated(_fill), folder)


@pytest.fixture
def busy_town(busy_database: Busy, cloned: Callable[[str], object], var_folder: Path) -> Iterator[Programme]:
    """The programme of a town whose forms are out, whose answers are half in, and whose first payments are made."""
    shutil.copytree(busy_database.folder, var_folder, dirs_exist_ok=True, symlinks=True)
    with cloned(busy_database.database):
        yield Programme.objects.select_related("municipality").get()
