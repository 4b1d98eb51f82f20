"""`orders`: households that are paid, decided, passed and listed, on a Tuesday in December; two officers, and the clock.

What an order changes is asked of the books and of the sweep at the end of every story.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest

from tests import town_fixture
from tests.payment.conftest import TUESDAY, _town
from tests.payment.ground import Money, report_bytes
from todoku.bank.read_result import read_result
from todoku.case.tables import Case
from todoku.intake.forms import PaperForm
from todoku.intake.receive_paper import receive_paper
from todoku.intake.tables import AccountVersion
from todoku.ledger.balances import balances, standing, trial
from todoku.payment.ledger_differences import ledger_differences
from todoku.payment.make_transfers import make_transfers
from todoku.payment.tables import Batch, Transfer
from todoku.people.actor import SYSTEM, Actor
from todoku.recovery.put_right import Given
from todoku.recovery.split_off import split_off
from todoku.recovery.tables import EntitlementOrder
from todoku.registry.reached import Reached
from todoku.registry.tables import Member
from todoku.review.decide import decide
from todoku.review.screen import screen

PAID, DECIDED, PASSED = 8, 6, 4
SHELTER = Reached("1000001", "東京都千代田区見本一丁目9番9号", "見本荘303", "090-9999-0303", True)
DV = Given("福祉第31号", "dv", "支援機関の証明書を確認")
WRONG = Given("福祉第41号", "amount", "児童一人を数えていなかった")


class Orders(Money):
    """The money's ground on the day on which the municipality orders something."""

    @property
    def officer(self) -> Actor:
        return self.staff["officer"]

    @property
    def other_officer(self) -> Actor:
        return self.staff["officer2"]

    def case(self, stage: str, members: int = 3) -> Case:
        """A case at this stage with at least so many members, the first by number."""
        for case in Case.objects.filter(standing__stage=stage).order_by("pk"):
            if len(self.members(case)) >= members:
                return case
        raise AssertionError(f"no household of {members} stands at {stage}")

    def members(self, case: Case) -> list[int]:
        """The persons counted now, head first."""
        found = Member.objects.filter(recipient=case.recipient_id, superseded_by_order="")
        head = case.recipient.head_id
        return sorted(found.values_list("person_id", flat=True), key=lambda one: (one != head, one))

    def split(self, case: Case, count: int = 2, **values: object) -> EntitlementOrder:
        """The last members leave, the first of them as head."""
        persons = self.members(case)[-count:]
        said = {"head": persons[0], "reached": SHELTER, "given": DV, "actor": self.officer, "at": self.at}
        return split_off(case, persons, **(said | values))

    def books(self) -> dict[str, int]:
        """What stands in each account; the books balance and agree with the rows whenever asked."""
        rows = balances(self.programme)
        assert trial(rows).balances
        assert ledger_differences(self.programme) == []
        return {name: standing(rows, name) for name in ("owed", "ordered", "paid", "back", "claimed")}

    def apply(self, case: Case, number: str = "7654321", bank: str = "0005") -> AccountVersion:
        """A paper form of the household with an account of its head."""
        form = PaperForm(
            number=case.number, arrived_on=self.at.date(), identity_evidence="clear", account_evidence="clear",
            phone="045-000-0000", applied_on=self.at.date(), bank=bank, branch="001", kind=1, account_number=number,
            holder_kana=case.recipient.head.kana,
        )  # fmt: skip
        receive_paper(form, programme=self.programme, actor=self.staff["clerk"], at=self.at)
        screen(programme=self.programme, actor=SYSTEM, at=self.at)
        return AccountVersion.objects.filter(submission__case=case).latest("pk")

    def review_and_decide(self) -> None:
        self.judge_all("approve")
        made = self.list_made()
        decide(made, sha256=made.sha256, actor=self.officer, at=self.at)

    def ready(self) -> list[Transfer]:
        """What waits for a batch, made by now or before."""
        self.make_transfers()
        return list(Transfer.objects.filter(state="ready").order_by("number"))

    def pay(self, returned: Sequence[Transfer] = ()) -> Batch:
        """Everything that is ready goes to the bank, and all but these arrives."""
        batch = self.sent()
        self.to_value_date()
        rows = [(one.number, one.amount_yen, "口座解約済", f"{self.at:%Y/%m/%d}") for one in returned]
        read_result(batch, report_bytes(*rows), name="kekka.csv", actor=self.staff["maker"], at=self.at)
        batch.refresh_from_db()
        return batch

    def make_transfers(self) -> int:
        return make_transfers(programme=self.programme, actor=SYSTEM, at=self.at).done


def _fill() -> None:
    """The largest households first: of each stage some have members who can leave."""
    town_fixture._fill(town_fixture.APPLICATION)
    town = _town()
    large = sorted(town.households, key=lambda one: -len(one.members))
    money = Orders(town._replace(households=large), TUESDAY)
    money.decided(PAID)
    money.pay()
    money.decided(DECIDED)
    money.reviewed(PASSED)


@pytest.fixture(scope="session")
def orders_database(
    populated: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("orders")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TODOKU_VAR", str(folder))
        return populated(_fill), folder


@pytest.fixture
def orders(
    orders_database: tuple[str, Path],
    cloned: Callable[[str], AbstractContextManager[str]],
    var_folder: Path,
) -> Iterator[Orders]:
    database, folder = orders_database
    shutil.copytree(folder, var_folder, dirs_exist_ok=True, symlinks=True)
    if not (var_folder / "assets").exists():
        (var_folder / "assets").symlink_to(town_fixture.ASSETS)
    with cloned(database):
        yield Orders(_town(), TUESDAY + timedelta(days=14))
