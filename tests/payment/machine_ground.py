"""Ground of the money's state machine: a clone of the decided town, a bank that is a folder, and how a deed is tried."""

import shutil
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from hypothesis import currently_in_test_context, event, note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from tests.payment.bank_house import BankHouse
from tests.payment.ground import Money
from todoku.case.tables import Case
from todoku.ground.step import Refusal
from todoku.payment.tables import Batch, Transfer

ANY = st.integers(min_value=0, max_value=11)


class MachineGround(RuleBasedStateMachine):
    """One town, twelve decided households, everybody who may touch money and some who may not."""

    made: tuple[str, Path]
    cloned: Callable[[str], Any]
    money_of: Callable[[], Money]
    folder_of: Callable[[], Path]
    planted = False

    def __init__(self) -> None:
        super().__init__()
        self.kept = ExitStack()
        database, files = self.made
        folder = self.folder_of()
        shutil.copytree(files, folder, dirs_exist_ok=True)
        self.kept.enter_context(type(self).cloned(database))
        self.money = type(self).money_of()
        self.bank = BankHouse(folder / "the-bank")
        self.prepare()

    def prepare(self) -> None:
        """For a machine in which a guard was taken away."""

    def teardown(self) -> None:
        self.kept.close()

    def attempt(self, name: str, deed: Callable[[], object]) -> Refusal | None:
        """Tries it; a refusal is a good answer and is given back."""
        try:
            deed()
        except Refusal as refused:
            self.tell(f"{name}: refused", refused.sentence)
            return refused
        self.tell(f"{name}: done")
        return None

    def tell(self, what: str, words: str = "") -> None:
        """For Hypothesis's report; where a test plays the machine itself there is none."""
        if currently_in_test_context():
            event(what)
            note(f"{what} {words}")

    def batches(self, *states: str) -> list[Batch]:
        return list(Batch.objects.filter(state__in=states).order_by("pk"))

    def case(self, which: int) -> Case:
        cases = Case.objects.filter(decisions__isnull=False).distinct().order_by("pk")
        return cases[which % cases.count()]

    def transfer(self, which: int, *states: str) -> Transfer | None:
        """One of those in these states, if there is any."""
        rows = Transfer.objects.filter(state__in=states).select_related("batch", "case").order_by("pk")
        return rows[which % rows.count()] if rows.exists() else None
