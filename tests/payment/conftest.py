"""`money`: twelve households of the sample town for whom 支給 is decided, on a Tuesday, with staff of every role."""

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests import town_fixture
from tests.payment.ground import Money
from tests.payment.rails_ground import OtherRails, offer_every_rail
from tests.town_fixture import AT, OPENS_ON, SampleTown, households_of
from todoku.programme.tables import Programme

TUESDAY = datetime(2026, 12, 1, 10, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
DECIDED = 12


def _town() -> SampleTown:
    programme = Programme.objects.select_related("municipality").get()
    return SampleTown(programme, households_of(programme), AT, OPENS_ON)


@pytest.fixture(scope="session")
def decided_database(
    populated: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path]:
    """The database, and the folder with the files that belong to it: decision lists stand there."""

    def fill() -> None:
        town_fixture._fill(town_fixture.APPLICATION)
        Money(_town(), TUESDAY).decided(DECIDED)

    folder = tmp_path_factory.mktemp("decided")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TODOKU_VAR", str(folder))
        return populated(fill), folder


@pytest.fixture
def money(
    decided_database: tuple[str, Path], cloned: Callable[[str], object], var_folder: Path
) -> Iterator[Money]:
    database, folder = decided_database
    shutil.copytree(folder, var_folder, dirs_exist_ok=True)
    with cloned(database):  # type: ignore[attr-defined]
        yield Money(_town(), TUESDAY)


OVER_RAILS = {"gift": 4, "cash": 3, "registered_mail": 2, "bank": 2}


@pytest.fixture(scope="session")
def rails_database(
    populated: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path]:
    """The town under terms that offer every rail, with cases decided for each."""

    def fill() -> None:
        town_fixture._fill(town_fixture.APPLICATION)
        town = _town()
        rails = OtherRails(town._replace(programme=offer_every_rail(town.programme, TUESDAY)), TUESDAY)
        for rail, count in OVER_RAILS.items():
            rails.decided_over(rail, count)

    folder = tmp_path_factory.mktemp("rails")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TODOKU_VAR", str(folder))
        return populated(fill), folder


@pytest.fixture
def rails(
    rails_database: tuple[str, Path], cloned: Callable[[str], object], var_folder: Path
) -> Iterator[OtherRails]:
    """Four households who wait for gift codes, three for cash, two for registered mail, two for a transfer."""
    database, folder = rails_database
    shutil.copytree(folder, var_folder, dirs_exist_ok=True)
    (var_folder / "assets").symlink_to(town_fixture.ASSETS)
    with cloned(database):  # type: ignore[attr-defined]
        yield OtherRails(_town(), TUESDAY)


@pytest.fixture
def rails_by_sms(rails: OtherRails) -> OtherRails:
    """The same under terms that ask for messages: residents gave a mobile number for it."""
    offer_every_rail(rails.programme, TUESDAY, "values_yen", 'delivery = ["letter", "sms"]\nvalues_yen')
    return OtherRails(_town(), TUESDAY)
