"""The rate of an application follows channel, codes noted and criteria raised; a bad interval raises a rate by the rule."""

from dataclasses import replace

import pytest

from todoku.programme.contents import Review
from todoku.programme.quality import Quality, Sample
from todoku.review.sample_measure import Looked, measure
from todoku.review.sample_rates import Key, agreed_percent, percent_of, rates_for, risen, was_judged
from todoku.review.sampling import caught_by, is_sampled

RULE = Sample(channels={"web": 10.0}, codes={"D40": 50.0})
REVIEW = Review(passes={"web": "straight"}, sample_percent=5.0, checks={}, quality=Quality(sample=RULE))
NUMBERS = [f"{number:013d}" for number in range(3000)]


@pytest.mark.parametrize(
    ("key", "percent"),
    [(Key("web"), 10.0), (Key("paper"), 5.0), (Key("web", "D40"), 50.0), (Key("paper", "D12"), 5.0)],
)
def test_the_version_says_the_rate(key, percent) -> None:
    assert agreed_percent(REVIEW, key) == percent


def test_a_raised_rate_never_lowers_what_was_agreed() -> None:
    assert percent_of(REVIEW, {Key("web"): 2.0}, Key("web")) == 10.0
    assert percent_of(REVIEW, {Key("web"): 20.0}, Key("web")) == 20.0


def test_an_application_is_measured_by_its_channel_its_notes_and_what_was_raised() -> None:
    raised = {Key("web", "D12"): 40.0, Key("paper", "D12"): 80.0}
    assert rates_for(REVIEW, {}, "web", (), by_bank=True, identity=True) == {"": 10.0}
    assert rates_for(REVIEW, {}, "web", ("D40", "D11"), by_bank=True, identity=True) == {
        "": 10.0,
        "D40": 50.0,
    }
    assert rates_for(REVIEW, raised, "web", (), by_bank=True, identity=True) == {"": 10.0, "D12": 40.0}
    assert rates_for(REVIEW, raised, "web", (), by_bank=False, identity=True) == {"": 10.0}


def test_a_criterion_that_had_nothing_to_judge_is_not_measured() -> None:
    assert [was_judged(code, by_bank=False, identity=False) for code in ("D12", "D20", "D40")] == [
        False, False, True,
    ]  # fmt: skip


def test_the_plain_sample_of_a_channel_stays_the_same_whatever_else_is_raised() -> None:
    plain = {number for number in NUMBERS if is_sampled(number, seed="s", percent=10)}
    caught = {number: caught_by(number, seed="s", rates={"": 10.0, "D12": 40.0}) for number in NUMBERS}
    assert {number for number, by in caught.items() if by == ""} == plain
    assert {n for n, by in caught.items() if by is not None} == {
        n for n in NUMBERS if is_sampled(n, seed="s", percent=40)
    }


@pytest.mark.parametrize(
    ("percent", "looked", "wrong", "to"),
    [
        (5.0, 79, 79, None),  # too few looks to know
        (5.0, 80, 0, None),  # 0 of 80: at most 4.6%
        (5.0, 80, 1, 10.0),  # 1 of 80: at most 6.7%
        (60.0, 80, 1, 100.0),
        (100.0, 80, 40, None),
        (0.0, 80, 1, None),
    ],
)
def test_a_rate_rises_once_the_upper_bound_passes_the_limit(percent, looked, wrong, to) -> None:
    assert risen(percent, RULE, looked=looked, wrong=wrong) == to


def test_the_version_sets_limit_and_step() -> None:
    strict = replace(RULE, limit_percent=4.0, times=3.0, most_percent=12.0)
    assert risen(5.0, strict, looked=80, wrong=0) == 12.0


def test_an_error_is_counted_where_it_can_tell_something() -> None:
    groups = [
        Looked("web", "", True, 0, "agreed", frozenset(), frozenset(), 60),
        Looked("web", "", False, 0, "agreed", frozenset(), frozenset(), 30),
        Looked("web", "", True, 1, "otherwise", frozenset({"D12"}), frozenset(), 2),
        Looked("web", "", True, 1, "open", frozenset(), frozenset(), 5),
        Looked("web", "D40", True, 1, "otherwise", frozenset({"D40"}), frozenset({"D40"}), 3),
    ]
    found = {one.key: one for one in measure(REVIEW, groups, [(Key("web"), 20.0)])}
    assert found[Key("web")] == (
        Key("web"),
        92,
        2,
        5,
        2,
        2,
    )  # three caught by D40's own rate tell nothing of the channel
    assert found[Key("web", "D12")] == (Key("web", "D12"), 62, 2, 5, 62, 2)  # cash was not judged by D12
    assert found[Key("web", "D40")] == (Key("web", "D40"), 95, 3, 5, 95, 3)
    assert found[Key("web")].interval.high == pytest.approx(0.0755, abs=0.001)
