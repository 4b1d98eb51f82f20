"""Pure. Receipt numbers (受付番号): a running number in, 12 digits with a check digit out.

The digits are scattered, so that two people who apply one after the other do not hold neighbouring numbers, and
none of them is a valid My Number. A receipt opens nothing: it only lets two people talk about the same application.
"""

from todoku.formats.codes import check_digit, contains_my_number

# 11 digits, the check digit and nothing else.
SPACE = 10**11
# Multiplying by a number that shares no factor with 10 visits every place of the space exactly once.
_STEP, _START = 61_803_398_879, 27_182_818_284
# A running number has this many candidates: one in eleven is a valid My Number, so ten in a row never are.
_TRIES = 10


def receipt_number(running: int) -> str:
    """12 digits for a running number (1, 2, 3 …, below 10,000,000,000); another running number, other digits."""
    assert 0 < running < SPACE // _TRIES, "the receipt numbers of this installation are used up"
    for attempt in range(_TRIES):
        digits = f"{((running * _TRIES + attempt) * _STEP + _START) % SPACE:011d}"
        number = digits + check_digit("0" + digits)
        if not contains_my_number(number):
            return number
    raise AssertionError(f"ten candidates in a row are valid My Numbers: {running}")


def receipt_number_valid(number: str) -> bool:
    """12 digits whose last is the check digit of the others; hyphens and blanks are not taken off."""
    return (
        len(number) == 12
        and number.isascii()
        and number.isdigit()
        and check_digit("0" + number[:11]) == number[11]
    )


def printed_receipt(number: str) -> str:
    """A receipt number as it is printed and read aloud: 4-4-4."""
    return f"{number[:4]}-{number[4:8]}-{number[8:]}"
