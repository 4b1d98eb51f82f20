"""A clock that a test sets: Django's own, so far ahead, for the test itself and for the doors that it serves.

Money moves on bank days and after a cancel window; nobody can wait for either. `clock` stands at ten in the morning of
a bank day and goes forward when the test says so. Only the foreign border is replaced: `django.utils.timezone.now`.
"""

import os
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from todoku.formats.bank_days import bank_days_after, is_bank_day

# The file that holds how many seconds the clock is ahead; a served door reads it again at each look.
FILE = "TODOKU_TEST_CLOCK"
OPENS = time(10)
# The sample town takes applications from 24 November 2026 on for three months (tests/town_fixture.py). Whenever the tests
# run, who stands there by the clock comes in time.
# (The zone is named: this is read while a door's settings are made, before Django knows of one.)
LATEST = datetime(2027, 1, 26, 9, tzinfo=ZoneInfo("Asia/Tokyo"))
django_now = timezone.now


def now() -> datetime:
    """Django's moment, so many seconds ahead as the file says, where there is one."""
    file = os.environ.get(FILE)
    return django_now() + timedelta(seconds=float(Path(file).read_text(encoding="ascii")) if file else 0)


def follow() -> None:
    """In the process of a served door: its clock follows the test's, where the test set one."""
    timezone.now = now


class Clock:
    """The test's hand on the clock."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._set(0)

    def _set(self, seconds: float) -> None:
        beside = self._file.with_suffix(".new")
        beside.write_text(str(seconds), encoding="ascii")
        beside.replace(self._file)

    def to(self, moment: datetime) -> None:
        """Sets the clock to a moment."""
        self._set((moment - django_now()).total_seconds())

    def forward(self, **ahead: float) -> None:
        """`forward(minutes=60)` sets it so far ahead."""
        self.to(timezone.now() + timedelta(**ahead))


def in_time(at: datetime) -> datetime:
    """This moment, or the last one at which the sample town surely still takes applications."""
    return min(at, LATEST)


def bank_morning(at: datetime) -> datetime:
    """The next ten o'clock of a bank day."""
    day = timezone.localdate(at)
    if not is_bank_day(day) or timezone.localtime(at).time() >= OPENS:
        day = bank_days_after(day, 1)
    return datetime.combine(day, OPENS, timezone.localtime(at).tzinfo)


@pytest.fixture
def clock(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """Ten in the morning of a bank day, until the test moves it."""
    file = tmp_path_factory.mktemp("clock") / "ahead"
    set_by_hand = Clock(file)
    monkeypatch.setenv(FILE, str(file))
    monkeypatch.setattr(timezone, "now", now)
    set_by_hand.to(bank_morning(in_time(django_now())))
    yield set_by_hand
