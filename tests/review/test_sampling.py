"""A random sample that comes out the same on every run and grows without changing."""

from hypothesis import given
from hypothesis import strategies as st

from todoku.review.sampling import is_sampled, sampled

NUMBERS = [f"{number:013d}" for number in range(20_000)]
numbers = st.text(alphabet="0123456789", min_size=13, max_size=13)
shares = st.floats(min_value=0, max_value=100)


def test_the_sample_has_about_the_wanted_size() -> None:
    for percent in (0.5, 5, 50):
        chosen = sum(1 for _ in sampled(NUMBERS, seed="town", percent=percent))
        assert abs(chosen - 200 * percent) < 4 * (200 * percent) ** 0.5  # four standard deviations


def test_nobody_at_0_and_everybody_at_100_percent() -> None:
    assert list(sampled(NUMBERS, seed="town", percent=0)) == []
    assert list(sampled(NUMBERS, seed="town", percent=100)) == NUMBERS


@given(number=numbers, percent=shares)
def test_the_same_number_and_seed_give_the_same_answer_alone_and_in_bulk(number: str, percent: float) -> None:
    alone = is_sampled(number, seed="town", percent=percent)
    assert list(sampled([number], seed="town", percent=percent)) == ([number] if alone else [])


@given(number=numbers, less=shares, more=shares)
def test_a_raised_share_only_adds(number: str, less: float, more: float) -> None:
    low, high = sorted((less, more))
    assert is_sampled(number, seed="town", percent=high) or not is_sampled(number, seed="town", percent=low)


def test_another_seed_is_another_sample() -> None:
    assert set(sampled(NUMBERS, seed="a", percent=5)) != set(sampled(NUMBERS, seed="b", percent=5))
