"""Wilson's interval against published examples, and what must hold of any interval."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.review.intervals import wilson


# R. G. Newcombe, Statistics in Medicine 17 (1998) 857–872, table I, method 3 (score, without correction).
@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_published_examples_come_out(hits, of, low, high) -> None:
    found = wilson(hits, of)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)
    assert found.share == hits / of


@given(of=st.integers(1, 5000), data=st.data())
def test_the_share_lies_within_and_more_looks_make_it_narrower(of, data) -> None:
    hits = data.draw(st.integers(0, of))
    few, many = wilson(hits, of), wilson(hits * 4, of * 4)
    assert 0 <= few.low <= few.share <= few.high <= 1
    assert many.high - many.low < few.high - few.low
    assert wilson(of - hits, of).low == pytest.approx(1 - few.high)


def test_nothing_is_known_of_nothing() -> None:
    assert wilson(0, 0) == (0.0, 0.0, 1.0)
