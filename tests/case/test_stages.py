"""The stages of a case and its arrows: one table that desks, docs and the database share."""

import pytest

from todoku.case import stages as s


@pytest.mark.parametrize(
    ("source", "target", "lawful"),
    [
        (s.LISTED, s.INVITED, True),
        (s.LISTED, s.RECEIVED, True),
        (s.INVITED, s.RECEIVED, True),
        (s.INVITED, s.PASSED, True),  # paid unless refused, once the opt-out date is over
        (s.LISTED, s.PASSED, False),  # nobody is paid who was told nothing
        (s.RECEIVED, s.PASSED, True),
        (s.RECEIVED, s.DECIDED, False),
        (s.IN_REVIEW, s.WITH_MUNICIPALITY, True),
        (s.WITH_MUNICIPALITY, s.PASSED, False),  # the office reviews again with the answer
        (s.RETURNED, s.RECEIVED, True),
        (s.PASSED, s.DECIDED, True),
        (s.PASSED, s.PAYING, False),  # never money without a decision
        (s.DECIDED, s.PAYING, True),
        (s.DECIDED, s.IN_REVIEW, True),
        (s.REFUSED, s.IN_REVIEW, True),
        (s.PAYING, s.PAID, True),
        (s.PAYING, s.IN_REVIEW, False),
        (s.FAILED, s.RECEIVED, True),
        (s.FAILED, s.PAYING, False),  # the same account is not tried again
        (s.DECLINED, s.RECEIVED, True),  # a withdrawal can be taken back until paid
        (s.LAPSED, s.RECEIVED, True),
    ],
)
def test_a_case_moves_only_along_an_arrow(source: str, target: str, lawful: bool) -> None:
    assert s.may_move(source, target) is lawful


def test_there_are_fourteen_stages_with_a_name_of_their_own() -> None:
    assert len(s.STAGES) == 14
    assert len({stage.name for stage in s.STAGES.values()}) == 14
    assert all(stage.code == code for code, stage in s.STAGES.items())


def test_every_arrow_joins_two_known_stages_once_and_says_why() -> None:
    assert len(s.MOVES) == len(s.ARROWS)
    assert all({arrow.source, arrow.target} <= s.STAGES.keys() for arrow in s.ARROWS)
    assert all(arrow.source != arrow.target and arrow.reason for arrow in s.ARROWS)


def test_every_stage_can_be_reached_from_the_roll() -> None:
    assert s.reachable() == frozenset(s.STAGES)


def test_money_that_arrived_is_the_end_unless_it_comes_back_and_everything_open_can_still_end() -> None:
    assert s.targets(s.PAID) == (s.FAILED,)
    assert s.ENDS == {s.PAID, s.REFUSED, s.DECLINED, s.LAPSED}
    assert all(s.reachable(code) & s.ENDS for code in s.OPEN)


def test_sources_and_targets_read_the_same_arrows() -> None:
    pairs = {(source, target) for source in s.STAGES for target in s.targets(source)}
    assert pairs == s.MOVES
    assert pairs == {(source, target) for target in s.STAGES for source in s.sources(target)}


def test_the_diagram_draws_every_stage_and_every_arrow() -> None:
    drawn = s.mermaid()
    assert drawn.startswith("stateDiagram-v2\n")
    assert all(f" as {code}\n" in drawn for code in s.STAGES)
    assert all(f"{arrow.source} --> {arrow.target}: {arrow.reason}\n" in drawn for arrow in s.ARROWS)
    assert all(f"{code} --> [*]\n" in drawn for code in s.ENDS)
