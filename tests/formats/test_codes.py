"""Check digits, and keeping My Number out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.formats import codes


@pytest.mark.parametrize(
    "code", ["011002", "131016", "141003", "281000", "271004", "122327", "052124", "452033"]
)
def test_municipality_codes_have_a_check_digit(code: str) -> None:
    assert codes.municipality_code_valid(code)
    assert not codes.municipality_code_valid(code[:5] + str((int(code[5]) + 1) % 10))
    assert not codes.municipality_code_valid(code[:5])


@pytest.mark.parametrize("number", ["621498320257", "123456789018", "023456789013"])
def test_my_numbers_are_recognised_so_that_they_can_be_kept_out(number: str) -> None:
    assert codes.my_number_valid(number)
    assert codes.contains_my_number(f"備考: {number} を確認")
    assert codes.contains_my_number(f"9{number}")
    assert codes.contains_my_number("-".join((number[:4], number[4:8], number[8:])))
    assert codes.contains_my_number(number.translate(str.maketrans("0123456789", "０１２３４５６７８９")))


def test_other_numbers_are_not_taken_for_my_numbers() -> None:
    assert not codes.my_number_valid("123456789012")
    assert not codes.contains_my_number("03-1234-5678 090-1234-5678")
    assert not codes.contains_my_number("")


@pytest.mark.parametrize("number", ["7000012050002", "3000020141003", "8000020130001", "8700110005901"])
def test_corporate_numbers_carry_their_check_digit_first(number: str) -> None:
    assert codes.corporate_number_valid(number)
    assert not codes.corporate_number_valid("0" + number[1:])


@pytest.mark.parametrize(
    ("digits", "digit"),
    [("000000000000", "0"), ("123456789012", "8"), ("401288888888", "1"), ("999999999999", "2")],
)
def test_the_check_digit_of_a_case_number(digits: str, digit: str) -> None:
    assert codes.check_digit(digits) == digit


TWELVE = st.text("0123456789", min_size=12, max_size=12)


@given(TWELVE, st.integers(0, 12), st.integers(1, 9))
def test_every_single_wrong_digit_of_a_case_number_is_found(digits: str, place: int, by: int) -> None:
    number = digits + codes.check_digit(digits)
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    assert codes.case_number_valid(number)
    assert not codes.case_number_valid(wrong)


@given(TWELVE)
def test_a_case_number_never_hides_a_my_number(digits: str) -> None:
    number = codes.case_number(digits)
    if number is None:
        made = digits + codes.check_digit(digits)
        assert codes.my_number_valid(made[:12]) or codes.my_number_valid(made[1:])
    else:
        assert codes.case_number_valid(number)
        assert codes.case_number_valid(codes.printed_number(number))
        assert not codes.contains_my_number(number)


def test_a_case_number_is_read_as_people_type_it() -> None:
    assert codes.printed_number("1234567890128") == "1234-5678-90128"
    assert codes.case_number_valid("１２３４ー５６７８　９０１２８")
    assert not codes.case_number_valid("123456789012")
    assert codes.case_number("123456789018") is None
