"""The key inside a letter: eight characters that nobody mistakes, typed back in any width."""

import random

import pytest

from todoku.letters.letter_key import KEY_ALPHABET, letter_key, shown_key, typed_key


def test_a_key_is_drawn_from_the_source_that_is_handed_in() -> None:
    keys = [letter_key(random.Random(5).randrange) for _ in range(2)]
    assert keys[0] == keys[1] and len(keys[0]) == 8 and set(keys[0]) <= set(KEY_ALPHABET)
    source = random.Random(5)
    assert len({letter_key(source.randrange) for _ in range(1000)}) == 1000


def test_no_two_characters_look_or_sound_alike() -> None:
    assert not set(KEY_ALPHABET) & set("0OQ1IL2Z5S8BUV")
    assert len(set(KEY_ALPHABET)) == len(KEY_ALPHABET) == 22


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("3467-9ACD", "34679ACD"),
        ("３４６７　９ａｃｄ", "34679ACD"),
        (shown_key("34679ACD"), "34679ACD"),
        ("3467-9ACO", None),  # O is no character of a key
        ("3467-9AC", None),
        ("", None),
    ],
)
def test_a_key_is_read_as_a_person_types_it(typed: str, key: str | None) -> None:
    assert typed_key(typed) == key
