"""`recovery`: twelve payments made and settled in December, staff of every role, a clock that tests move themselves."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests import town_fixture
from tests.payment.conftest import TUESDAY, _town
from tests.payment.ground import Money, report_bytes
from todoku.bank.read_result import read_result
from todoku.ledger.balances import balances, standing, trial
from todoku.payment.ledger_differences import ledger_differences
from todoku.payment.tables import Transfer
from todoku.people.actor import Actor
from todoku.people.tables import Staff
from todoku.programme.tables import Programme
from todoku.recovery.ask_for_payment import notice
from todoku.recovery.open_claim import open_claim
from todoku.recovery.receive_payment import receive_payment
from todoku.recovery.tables import Claim, ClaimPayment
from todoku.sampletown.staff import actor_of

PAID = 4
DUE = date(2027, 1, 29)  # a Friday


class Recovery:
    """Money that was paid, and the day on which somebody finds that some of it must come back."""

    def __init__(self, at: datetime) -> None:
        self.programme = Programme.objects.select_related("municipality").get()
        self.staff: dict[str, Actor] = {
            one.username: actor_of(one) for one in Staff.objects.select_related("organisation")
        }
        self.at = at

    @property
    def transfers(self) -> list[Transfer]:
        return list(Transfer.objects.filter(state="settled").order_by("pk"))

    def on(self, day: date) -> "Recovery":
        """Moves the clock to the noon of a day."""
        self.at = datetime.combine(day, time(12), self.at.tzinfo)
        return self

    def claim(self, place: int = 0, **values: Any) -> Claim:
        """An officer's claim on one of the payments."""
        given = {
            "reason": "not_due",
            "why": "課税世帯と判明",
            "order": "福祉第12号",
            "actor": self.staff["officer"],
        }
        return open_claim(self.transfers[place], at=self.at, **(given | values))

    def noticed(self, place: int = 0, due_on: date = DUE, **values: Any) -> Claim:
        """A claim whose letter and payment slip went out."""
        claim = self.claim(place, **values)
        notice(claim, due_on=due_on, actor=self.staff["officer"], at=self.at)
        claim.refresh_from_db()
        return claim

    def pay(self, claim: Claim, yen: int, receipt: str, *, on: date | None = None) -> ClaimPayment:
        day = on or self.at.date()
        return receive_payment(
            claim, amount_yen=yen, received_on=day, receipt=receipt, actor=self.staff["treasurer"], at=self.at
        )

    def books(self) -> dict[str, int]:
        """What stands in each account of recovery; the books balance and agree with the rows whenever asked."""
        rows = balances(self.programme)
        assert trial(rows).balances
        assert ledger_differences(self.programme) == []
        names = ("paid", "claimed", "back", "waived", "written_off", "overpaid", "payer")
        return {name: yen for name in names if (yen := standing(rows, name))}


def _fill() -> None:
    town_fixture._fill(town_fixture.APPLICATION)
    money = Money(_town(), TUESDAY)
    money.decided(PAID)
    batch = money.sent()
    money.to_value_date()
    read_result(batch, report_bytes(), name="kekka.csv", actor=money.staff["maker"], at=money.at)


@pytest.fixture(scope="session")
def paid_database(
    populated: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("paid")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TODOKU_VAR", str(folder))
        return populated(_fill), folder


@pytest.fixture
def recovery(
    paid_database: tuple[str, Path], cloned: Callable[[str], AbstractContextManager[str]], var_folder: Path
) -> Iterator[Recovery]:
    database, folder = paid_database
    shutil.copytree(folder, var_folder, dirs_exist_ok=True, symlinks=True)
    if not (var_folder / "assets").exists():
        (var_folder / "assets").symlink_to(town_fixture.ASSETS)
    with cloned(database):
        yield Recovery(TUESDAY + timedelta(days=14))


from tests.recovery.orders_ground import orders, orders_database  # noqa: E402, F401
