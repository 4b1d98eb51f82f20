"""Receipt numbers: twelve digits, each once, none that could be a My Number."""

import pytest

from todoku.formats.codes import contains_my_number
from todoku.intake.receipt import printed_receipt, receipt_number, receipt_number_valid


def test_a_hundred_thousand_receipts_are_all_different_and_none_is_a_my_number():
    numbers = {receipt_number(running) for running in range(1, 100_001)}
    assert len(numbers) == 100_000
    assert not any(contains_my_number(number) for number in numbers)


def test_neighbours_do_not_hold_neighbouring_numbers():
    first, second = int(receipt_number(41)), int(receipt_number(42))
    assert abs(first - second) > 10**9


@pytest.mark.parametrize("place", range(12))
def test_one_wrong_digit_is_found(place):
    number = receipt_number(2_026)
    wrong = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]
    assert receipt_number_valid(number)
    assert not receipt_number_valid(wrong)


def test_a_receipt_is_printed_in_fours():
    assert printed_receipt("123456789012") == "1234-5678-9012"
