"""Numbers in kanji."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.formats.kanji_number import to_int, to_kanji


@pytest.mark.parametrize(
    ("kanji", "number"),
    [("二十一", 21), ("百五", 105), ("一〇三", 103), ("十", 10), ("百", 100), ("九百九十九", 999)],
)
def test_kanji_are_read(kanji: str, number: int) -> None:
    assert to_int(kanji) == number


@given(st.integers(0, 99_999))
def test_what_was_written_is_read_back(number: int) -> None:
    assert to_int(to_kanji(number)) == number
