"""A sample town in the database, made by the real verbs: its roll received, taken, and a case opened for who is due.

`town`: 300 households under 特別定額給付金, all by application. `push_town`: the same households under 物価高騰対策, with
known accounts, so that all three cohorts are there. `town_of_cases(n)`: n cases in the database at hand.
"""

import csv
import io
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from todoku.case.open_cases import open_cases
from todoku.ground.places import var
from todoku.people.actor import Actor
from todoku.programme.reschedule import reschedule
from todoku.programme.set_up import make_programme, open_version
from todoku.programme.shipped import version_text
from todoku.programme.tables import Municipality, Programme
from todoku.registry.import_accounts import import_accounts
from todoku.registry.import_roll import stage_roll
from todoku.registry.take_roll import take_roll
from todoku.sampletown import accounts, municipality, roll
from todoku.sampletown import town as sampletown
from todoku.sampletown.household import Household

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
OPENS_ON = date(2026, 11, 24)
SEED, HOUSEHOLDS = 7, 300
ASSETS = var("assets")
APPLICATION, PUSH = "tokubetsu-teigaku-2020", "bukkadaka-2024"

MANAGER = Actor(id=None, name="業務 責任", roles=frozenset({"manager"}), door="office")
PRINTER = Actor(id=None, name="印刷 担当", roles=frozenset({"print_operator"}), door="office")


class SampleTown(NamedTuple):
    """A populated database: its programme, the households behind it and the day on which it stands."""

    programme: Programme
    households: list[Household]
    at: datetime
    opens_on: date


def make_sample_programme(shipped: str = APPLICATION, slug: str = "sample") -> Programme:
    """A shipped Version whose intake opens on OPENS_ON, opened in the sample municipality."""
    text = reschedule(version_text(shipped), OPENS_ON)
    row = Municipality(**municipality.ROW)
    programme = make_programme(row, text, slug, actor=MANAGER, at=AT, is_sample=True)
    open_version(programme.versions.get(number=1), actor=MANAGER, at=AT)
    return programme


def households_of(programme: Programme, count: int = HOUSEHOLDS) -> list[Household]:
    return list(_built(count, programme.terms.programme.base_date))


@cache
def _built(count: int, base_date: date) -> tuple[Household, ...]:
    """The same town for most tests of a run."""
    return tuple(sampletown.build(SEED, count, base_date=base_date))


def roll_bytes(households: Iterable[Household], layout: str = "benefit42") -> bytes:
    """The roll as the municipality hands it over."""
    text = io.StringIO(newline="")
    roll.write_roll(text, households, layout)
    return text.getvalue().encode(roll.ENCODING)


def known_accounts_bytes(households: Iterable[Household]) -> bytes:
    """The municipality's list of accounts that it knows already."""
    text, prefecture = io.StringIO(newline=""), municipality.ROW["code"][:2]
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(accounts.KNOWN_HEADINGS)
    for one in households:
        if accounts.is_known(one, SEED):
            writer.writerow(accounts.known_row(one, accounts.account_of(one, SEED, prefecture)))
    return text.getvalue().encode(roll.ENCODING)


def take(programme: Programme, households: Iterable[Household], *, at: datetime = AT) -> None:
    """Receives and takes a roll without errors."""
    staged = stage_roll(
        roll_bytes(households),
        programme=programme,
        name="meibo.csv",
        layout="benefit42",
        actor=MANAGER,
        at=at,
    )
    take_roll(staged, only_good=False, actor=MANAGER, at=at)


def open_sample(programme: Programme) -> int:
    return open_cases(programme=programme, actor=MANAGER, at=AT, random_source=Random(SEED)).done


def _fill(shipped: str) -> None:
    programme = make_sample_programme(shipped)
    households = households_of(programme)
    take(programme, households)
    if shipped == PUSH:
        data = known_accounts_bytes(households)
        import_accounts(data, programme=programme, name="kouza.csv", actor=MANAGER, at=AT)
    open_sample(programme)


class Made(NamedTuple):
    """A database populated once, and the state folder that belongs to it."""

    database: str
    folder: Path


def _make(shipped: str, populated: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp(shipped)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TODOKU_VAR", str(folder))
        return Made(populated(lambda: _fill(shipped)), folder)


@pytest.fixture(scope="session")
def town_database(populated: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Made:
    return _make(APPLICATION, populated, tmp_path_factory)


@pytest.fixture(scope="session")
def push_town_database(populated: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Made:
    return _make(PUSH, populated, tmp_path_factory)


@contextmanager
def standing(
    made: Made, cloned: Callable[[str], AbstractContextManager[str]], folder: Path
) -> Iterator[SampleTown]:
    """Points this test at a copy of a populated town, files and page font included."""
    shutil.copytree(made.folder, folder, dirs_exist_ok=True, symlinks=True)
    if not (folder / "assets").is_symlink():
        (folder / "assets").symlink_to(ASSETS)  # the page font that letters are printed with
    with cloned(made.database):
        programme = Programme.objects.select_related("municipality").get()
        yield SampleTown(programme, households_of(programme), AT, OPENS_ON)


@pytest.fixture
def town(
    town_database: Made, cloned: Callable[[str], AbstractContextManager[str]], var_folder: Path
) -> Iterator[SampleTown]:
    """300 households, each with a case LISTED in the cohort "apply"."""
    with standing(town_database, cloned, var_folder) as found:
        yield found


@pytest.fixture
def push_town(
    push_town_database: Made, cloned: Callable[[str], AbstractContextManager[str]], var_folder: Path
) -> Iterator[SampleTown]:
    """300 households of which the untaxed have a case LISTED in the cohorts "push", "confirm" and "apply"."""
    with standing(push_town_database, cloned, var_folder) as found:
        yield found


@pytest.fixture
def town_of_cases(database: str, var_folder: Path) -> Callable[[int], Programme]:
    """`town_of_cases(n)` gives a programme with n cases LISTED in this test's own database."""

    def make(count: int) -> Programme:
        programme = make_sample_programme()
        take(programme, households_of(programme, count))
        assert open_sample(programme) == count
        return programme

    return make
