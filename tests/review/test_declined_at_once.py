"""A decline confirmed while the case is decided or its transfer is made: both wait, and nothing is left to be paid."""

import pytest

from tests.review.test_taken_back_at_once import meanwhile
from todoku.intake.tell_decline import Told, tell_decline
from todoku.payment.confirm_decline import confirm_decline
from todoku.payment.make_transfers import make_transfers
from todoku.payment.tables import Transfer
from todoku.people.actor import SYSTEM
from todoku.review.decide import decide, make_list
from todoku.review.tables import Decision, DecisionList


@pytest.fixture
def listed(office):
    """One case that both have approved, on an open list, and the word of whoever declines it."""
    office.arrive(office.form(office.applicants[0]))
    office.both()
    made = make_list(programme=office.programme, actor=office.staff["manager"], at=office.later())
    case = made.decisions.get().case
    word = tell_decline(
        case, Told("decline", "phone", "本人"), actor=office.staff["manager"], at=office.later()
    )
    return office, made, word


def confirming(office, word):
    at = office.later()
    return lambda: confirm_decline(
        word, second="letter", words="辞退届を受け取った", actor=office.staff["manager"], at=at
    )


def test_a_decision_under_way_is_waited_for_and_taken_out_of_force(listed) -> None:
    office, made, word = listed
    at = office.later()
    settled = meanwhile(
        lambda: decide(made, sha256=made.sha256, actor=office.staff["officer"], at=at),
        confirming(office, word),
    )
    assert (settled.state, settled.stage_before) == ("done", "decided")
    assert office.stage(office.applicants[0]) == "declined"
    assert (DecisionList.objects.get().state, Decision.objects.get().in_force) == ("decided", False)


def test_transfers_under_way_are_waited_for_and_void(listed) -> None:
    office, made, word = listed
    decide(made, sha256=made.sha256, actor=office.staff["officer"], at=office.later())
    at = office.later()
    meanwhile(
        lambda: make_transfers(programme=office.programme, actor=SYSTEM, at=at), confirming(office, word)
    )
    assert [one.state for one in Transfer.objects.all()] == ["void"]
    assert office.stage(office.applicants[0]) == "declined"
    assert make_transfers(programme=office.programme, actor=SYSTEM, at=office.later()).done == 0
