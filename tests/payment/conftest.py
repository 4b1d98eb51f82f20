"""`money`: twelve households of the sample town for whom 支給 is decided, on a Tuesday, with staff of every role."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests import town_fixture
from tests.payment.ground import Money
from tests.town_fixture import AT, OPENS_ON, SampleTown, households_of
from todoku.programme.tables import Programme

TUESDAY = datetime(2026, 12, 1, 10, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
DECIDED = 12


def _town() -> SampleTown:
    programme = Programme.objects.select_related("municipality").get()
    return SampleTown(programme, households_of(programme), AT, OPENS_ON)


@pytest.fixture(scope="session")
def decided_database(populated: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    def fill() -> None:
        town_fixture._fill(town_fixture.APPLICATION)
        Money(_town(), TUESDAY).decided(DECIDED)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TODOKU_VAR", str(tmp_path_factory.mktemp("decided")))
        return populated(fill)


@pytest.fixture
def money(decided_database: str, cloned: Callable[[str], object], var_folder: Path) -> Iterator[Money]:
    with cloned(decided_database):  # type: ignore[attr-defined]
        yield Money(_town(), TUESDAY)
