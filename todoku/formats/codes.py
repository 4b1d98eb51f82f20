"""Pure. Check digits: municipality codes, corporate numbers, our own case numbers, and My Number.

My Number (個人番号) is known here only so that it can be kept out: it is never stored, nor made by accident.
"""

import operator
import re
import unicodedata

_RUN = re.compile(r"[0-9]{12,}")
_GROUPED = re.compile(r"(?<![0-9])([0-9]{4})[ -]([0-9]{4})[ -]([0-9]{4})(?![0-9])")


def municipality_code_valid(code: str) -> bool:
    """6-digit 全国地方公共団体コード: weights 6 5 4 3 2, check digit (11 − Σ mod 11) mod 10."""
    if not _digits(code, 6):
        return False
    total = sum(int(d) * w for d, w in zip(code[:5], (6, 5, 4, 3, 2), strict=True))
    return (11 - total % 11) % 10 == int(code[5])


_MY_NUMBER_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def my_number_valid(number: str) -> bool:
    """12 digits, the last a check digit (平成26年総務省令第85号5条); one random number in eleven is valid."""
    if not _digits(number, 12):
        return False
    rest = sum(map(operator.mul, map(int, number), _MY_NUMBER_WEIGHTS)) % 11
    return (0 if rest <= 1 else 11 - rest) == int(number[11])


def contains_my_number(text: str) -> bool:
    """Whether any 12 digits in a row, or 4-4-4 with spaces or hyphens, could be a My Number."""
    plain = unicodedata.normalize("NFKC", text)
    for run in _RUN.findall(plain):
        if any(my_number_valid(run[i : i + 12]) for i in range(len(run) - 11)):
            return True
    return any(my_number_valid("".join(groups)) for groups in _GROUPED.findall(plain))


def corporate_number_valid(number: str) -> bool:
    """13-digit 法人番号, check digit first: 9 − (Σ mod 9), weights 1 and 2 in turn from the right."""
    if not _digits(number, 13):
        return False
    total = sum(int(d) * (1 + i % 2) for i, d in enumerate(reversed(number[1:])))
    return 9 - total % 9 == int(number[0])


_DOUBLED = dict(zip("0123456789", (0, 2, 4, 6, 8, 1, 3, 5, 7, 9), strict=True))


def check_digit(digits: str) -> str:
    """The 13th digit of a case number (受付番号) for its first 12: ISO/IEC 7812 (Luhn), mod 10.

    From the right every second digit, beginning with the last, is doubled (9 taken off above 9); the digit
    fills the sum to the next ten. It finds every single wrong digit and every swap of neighbours but 09↔90.
    """
    assert _digits(digits, 12), "a case number is made from 12 digits"
    return str(-(sum(map(int, digits[::2])) + sum(map(_DOUBLED.__getitem__, digits[1::2]))) % 10)


def case_number_valid(number: str) -> bool:
    """13 digits with the right check digit, in any width, printed 4-4-5 or in one piece."""
    plain = plain_number(number)
    return _digits(plain, 13) and check_digit(plain[:12]) == plain[12]


def case_number(random_12_digits: str) -> str | None:
    """12 random digits and their check digit; None where a My Number would be hidden inside: draw again."""
    number = random_12_digits + check_digit(random_12_digits)
    return None if my_number_valid(number[:12]) or my_number_valid(number[1:]) else number


def plain_number(text: str) -> str:
    """A number as typed or read out, without spaces, hyphens and width."""
    return re.sub(r"[\s‐‑–—―−ー-]", "", unicodedata.normalize("NFKC", text))


def printed_number(number: str) -> str:
    """A 13-digit case number as it is printed: 4-4-5."""
    return f"{number[:4]}-{number[4:8]}-{number[8:]}"


def _digits(text: str, size: int) -> bool:
    return len(text) == size and text.isascii() and text.isdigit()
