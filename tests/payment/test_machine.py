"""The state machine of the money: sound, it breaks nothing; with a guard taken away, the sweep says so.

Drawn by a fixed seed, so that a red suite stays red; more examples: HYPOTHESIS_MONEY_EXAMPLES=100.
"""

import itertools
import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.payment.conftest import TUESDAY, _town
from tests.payment.ground import Money
from tests.payment.machine import MoneyMachine
from tests.payment.planted import plant

EXAMPLES = int(os.environ.get("HYPOTHESIS_MONEY_EXAMPLES", "6"))
CALM = settings(
    max_examples=EXAMPLES, stateful_step_count=25, deadline=None, derandomize=True,
    suppress_health_check=list(HealthCheck), phases=[Phase.generate],
)  # fmt: skip


@pytest.fixture
def machine(decided_database, cloned, tmp_path, monkeypatch):
    """A machine class on clones of the decided town, each example with a state folder of its own."""
    numbers = itertools.count(1)

    def folder_of():
        folder = tmp_path / f"example-{next(numbers)}"
        folder.mkdir()
        monkeypatch.setenv("TODOKU_VAR", str(folder))
        return folder

    class Machine(MoneyMachine):
        pass

    Machine.made, Machine.cloned, Machine.folder_of = (
        decided_database,
        staticmethod(cloned),
        staticmethod(folder_of),
    )
    Machine.money_of = staticmethod(lambda: Money(_town(), TUESDAY))
    return Machine


def test_whatever_people_do_in_whatever_order_nobody_is_paid_twice(machine):
    run_state_machine_as_test(machine, settings=CALM)
    assert machine.planted is False


@pytest.mark.parametrize(
    "statement",
    [
        "drop index one_live_transfer_per_recipient",
        "alter table todoku_transfer disable trigger transfers_move_lawfully",
    ],
)
def test_with_a_guard_taken_away_the_machine_is_stopped_by_the_sweep(machine, statement):
    class Unguarded(machine):
        planted = True

        def prepare(self):
            plant(statement)

    with pytest.raises(AssertionError, match="guards_stand|live|found"):
        run_state_machine_as_test(Unguarded, settings=CALM)
