"""The state machine of the money: sound, it breaks nothing; with a guard taken away, the sweep says so.

Drawn by a fixed seed, so that a red suite stays red; more examples: HYPOTHESIS_MONEY_EXAMPLES=100.
"""

import itertools
import os
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.payment.conftest import TUESDAY, _town
from tests.payment.ground import Money
from tests.payment.machine import MoneyMachine
from tests.payment.planted import plant
from todoku.payment.hold_kinds import OUTCOMES
from todoku.payment.side_tables import Hold
from todoku.payment.tables import Transfer
from todoku.recovery.tables import Claim

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


@pytest.fixture
def played(machine):
    """One machine of which the test itself is the player."""
    one = machine()
    yield one
    one.teardown()


def test_a_death_on_a_later_roll_is_stopped_by_the_seal_itself(played):
    played.make(), played.build(), played.die(0)
    played.nothing_is_broken()
    assert not Hold.objects.exists()
    played.seal()
    assert Hold.objects.get().kind == "death"
    assert [batch.state for batch in played.batches("open", "sealed")] == ["open"]
    played.seal()
    played.nobody_known_to_be_dead_is_sealed_unasked()
    assert Transfer.objects.filter(state="sealed").count() == 11


def test_a_seal_that_did_not_look_would_be_noticed(played):
    played.make(), played.build()
    played.money.at += timedelta(hours=1)
    played.known_at[played.case(0).pk] = played.money.at
    played.seal()
    with pytest.raises(AssertionError):
        played.nobody_known_to_be_dead_is_sealed_unasked()


def test_every_way_to_end_a_hold_is_one_that_there_is(played):
    played.make()
    for which, outcome in enumerate(sorted(OUTCOMES)):
        played.hold(which, "refusal"), played.close_a_hold(outcome)
    assert Hold.objects.exclude(closed_at=None).count() == len(OUTCOMES)
    played.nothing_is_broken()


def test_what_comes_after_a_payment_is_reached(played):
    """Each rule once where it can be done; chance takes them in any other order."""
    played.go_on(4), played.go_on(4)
    assert Transfer.objects.filter(state="settled").count() == 11
    played.comes_back_late(0), played.recall(0, "money")
    played.nothing_is_broken()
    rows = list(Transfer.objects.order_by("pk"))
    cases = [played.case(which).pk for which in range(12)]
    assert [row.state for row in rows].count("returned") == 3
    more, less, not_due, *_ = (place for place, row in enumerate(rows) if row.state == "settled")
    played.propose_supplement(cases.index(rows[more].case_id), False), played.decide_supplements("officer2")
    played.correct(cases.index(rows[less].case_id), -20_000), played.claim(not_due, 10_000)
    played.nothing_is_broken()
    assert set(Claim.objects.values_list("reason", flat=True)) == {"overpaid", "not_due"}
    played.go_on_with_a_claim(0, -1_000, "pay"), played.go_on_with_a_claim(1, 0, "cancel")
    assert set(Claim.objects.values_list("state", flat=True)) == {"noticed", "cancelled"}
    played.go_on(4), played.go_on(3)
    assert Transfer.objects.get(part=2).state == "returned"
    played.nothing_is_broken(), played.nobody_is_paid_twice()


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
