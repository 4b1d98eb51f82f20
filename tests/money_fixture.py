"""`day`: the sample town, half way through: cases decided, proposed, asked about, waiting; staff of every role. It is
ten in the morning of a bank day (tests/clock.py).

Made once for the run by the real steps and cloned for each test. `signed_in(door, username)` gives a browser of Django's
test client at that door.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from tests import town_fixture
from tests.clock import Clock, in_time
from tests.payment.ground import Money
from tests.town_fixture import AT, OPENS_ON, SampleTown, households_of
from todoku.people.tables import Staff
from todoku.programme.tables import Programme
from todoku.review.claim import claim_next
from todoku.review.forward import Shown, forward
from todoku.review.judge import judge
from todoku.review.tables import Question

DECIDED, PROPOSED, REFUSED, ASKED, WAITING = 9, 4, 2, 1, 3


def the_town() -> SampleTown:
    programme = Programme.objects.select_related("municipality").get()
    return SampleTown(programme, households_of(programme), AT, OPENS_ON)


def this_moment() -> Money:
    return Money(the_town(), timezone.localtime() - timedelta(minutes=5))


def _fill() -> None:
    """Nine decided; on the next list four grants and two refusals; one question; three that wait for review."""
    town_fixture._fill(town_fixture.APPLICATION)
    money = Money(the_town(), in_time(timezone.localtime()) - timedelta(minutes=5))
    money.decided(DECIDED)
    money.reviewed(PROPOSED)
    money.received(REFUSED)
    money.judge_all("refuse", codes=["D05"])
    money.received(ASKED)
    task = claim_next(programme=money.programme, actor=money.staff["reviewer1"], at=money.at)
    words = "口座の名義が世帯員です。委任の届けを前提に、この口座へ支給してよいでしょうか。"
    judge(task, outcome="refer", comment=words, actor=money.staff["reviewer1"], at=money.at)
    everything = Shown(pictures=("identity", "account", "form"), application=True, account="masked")
    forward(
        Question.objects.get(), wording=words, shown=everything, actor=money.staff["manager"], at=money.at
    )
    money.received(WAITING)


@pytest.fixture(scope="session")
def day_database(populated: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("day")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TODOKU_VAR", str(folder))
        return populated(_fill), folder


@pytest.fixture
def day(
    day_database: tuple[str, Path], cloned: Callable[[str], object], var_folder: Path, clock: Clock
) -> Iterator[Money]:
    database, folder = day_database
    shutil.copytree(folder, var_folder, dirs_exist_ok=True)
    with cloned(database):  # type: ignore[attr-defined]
        yield this_moment()


@pytest.fixture
def signed_in(at_door: Callable[[str], object]) -> Callable[..., object]:
    """`with signed_in("municipality", "officer") as browser:` is that person at that door."""

    @contextmanager
    def enter(door: str, username: str) -> Iterator[Client]:
        with at_door(door):  # type: ignore[attr-defined]
            browser = Client()
            browser.force_login(Staff.objects.get(username=username))
            yield browser

    return enter
