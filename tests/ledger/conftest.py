"""`books`: a programme with three cases and staff of every role, its books still empty."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from django.db import transaction

from tests.town_fixture import AT, households_of, make_sample_programme, open_sample, take
from todoku.case.tables import Case
from todoku.ledger.accounts import KINDS
from todoku.ledger.appropriate import appropriate
from todoku.ledger.balances import balances, standing, trial
from todoku.ledger.post import Line, Posted, post
from todoku.people.actor import SYSTEM, Actor
from todoku.people.tables import Staff
from todoku.programme.tables import Programme
from todoku.sampletown.staff import actor_of, make_staff

YEAR = 2026


class Books(NamedTuple):
    """A programme whose books a test writes by itself."""

    programme: Programme
    cases: list[int]
    staff: dict[str, Actor]
    at: datetime

    def book(self, kind: str, yen: int, *, subject: int = 1, year: int = YEAR, case: int = 0) -> Posted:
        """One deed on one case."""
        with transaction.atomic():
            return post(
                kind, [Line(subject, self.cases[case], yen, year)], programme=self.programme, subject_kind="transfer",
                actor=SYSTEM, at=self.at,
            )  # fmt: skip

    def budget(self, yen: int, *, year: int = YEAR, order: str = "配当-1") -> Posted:
        return appropriate(
            programme=self.programme, fiscal_year=year, budget_item="3-1-1-18", order=order, amount_yen=yen,
            actor=self.staff["treasurer"], at=self.at,
        )  # fmt: skip

    def stands(self, account: str, year: int | None = None) -> int:
        rows = balances(self.programme)
        assert trial(rows).balances
        return standing(rows, account, year)


def _fill() -> None:
    programme = make_sample_programme()
    take(programme, households_of(programme, 3))
    open_sample(programme)
    make_staff(programme.municipality)


@pytest.fixture(scope="session")
def books_database(populated: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TODOKU_VAR", str(tmp_path_factory.mktemp("books")))
        return populated(_fill)


@pytest.fixture
def books(
    books_database: str, cloned: Callable[[str], AbstractContextManager[str]], var_folder: Path
) -> Iterator[Books]:
    with cloned(books_database):
        programme = Programme.objects.select_related("municipality").get()
        cases = list(Case.objects.order_by("pk").values_list("pk", flat=True))
        staff = {one.username: actor_of(one) for one in Staff.objects.select_related("organisation")}
        yield Books(programme, cases, staff, AT)


ONCE = [kind.code for kind in KINDS.values() if kind.once]
