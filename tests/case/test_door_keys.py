"""What a resident holds: digests that only the right number, birth date and key make, and a key nobody mistakes."""

from datetime import date

import pytest

from todoku.case.door_keys import (
    KEY_ALPHABET,
    KEY_LENGTH,
    key_token,
    letter_key,
    lookup_token,
    shown_key,
    tidy_key,
    tidy_number,
)

NUMBER = "1234567890128"


def test_no_two_signs_of_a_key_look_or_sound_alike():
    assert not set(KEY_ALPHABET) & set("0OQ1IL2Z5S8BUV")
    assert len(set(KEY_ALPHABET)) == len(KEY_ALPHABET) == 22


def test_a_key_is_the_same_on_every_print_and_another_for_each_case_issue_and_installation():
    key = letter_key(NUMBER, 1, letter_key_secret="one")
    assert key == letter_key(NUMBER, 1, letter_key_secret="one")
    assert len(key) == KEY_LENGTH and set(key) <= set(KEY_ALPHABET)
    others = {
        letter_key(NUMBER, 2, letter_key_secret="one"),
        letter_key("1234567890136", 1, letter_key_secret="one"),
        letter_key(NUMBER, 1, letter_key_secret="two"),
    }
    assert key not in others and len(others) == 3


def test_keys_of_many_cases_use_every_sign_about_equally():
    counts = dict.fromkeys(KEY_ALPHABET, 0)
    for case in range(5_000):
        for sign in letter_key(f"{case:013}", 1, letter_key_secret="one"):
            counts[sign] += 1
    mean = 5_000 * KEY_LENGTH / len(KEY_ALPHABET)
    assert max(abs(count - mean) for count in counts.values()) < mean / 5


@pytest.mark.parametrize("typed", ["3467-9ACD", "３４６７　９ａｃｄ", "3467 - 9ACD", shown_key("34679ACD")])
def test_a_key_is_read_as_a_person_types_it(typed):
    assert tidy_key(typed) == "34679ACD"
    assert key_token(NUMBER, typed, lookup_secret="s") == key_token(NUMBER, "34679ACD", lookup_secret="s")


def test_a_number_is_read_in_any_width_and_grouping():
    assert tidy_number("１２３４-5678 90128") == NUMBER


def test_a_digest_tells_apart_number_birth_date_key_and_secret():
    born = date(1950, 4, 1)
    token = lookup_token(NUMBER, born, lookup_secret="s")
    assert token != lookup_token(NUMBER, date(1950, 4, 2), lookup_secret="s")
    assert token != lookup_token("1234567890136", born, lookup_secret="s")
    assert token != lookup_token(NUMBER, born, lookup_secret="t")
    assert token != key_token(NUMBER, born.isoformat(), lookup_secret="s")
