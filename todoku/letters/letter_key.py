"""Pure. The key printed inside a letter (確認キー): with it, number and birth date are enough to apply by web.

Eight characters of an alphabet without look-alikes, so that it survives being read aloud and typed by anybody.
Randomness is handed in; a real run hands in `secrets.randbelow`.
"""

import unicodedata
from collections.abc import Callable

# Left out: 0 O Q, 1 I L, 2 Z, 5 S, 8 B, U V, which are mistaken for one another in print or over the telephone.
KEY_ALPHABET = "34679ACDEFGHJKMNPRTWXY"
KEY_LENGTH = 8


def letter_key(randbelow: Callable[[int], int]) -> str:
    """A new key; `randbelow(n)` returns an integer from 0 to n - 1."""
    return "".join(KEY_ALPHABET[randbelow(len(KEY_ALPHABET))] for _ in range(KEY_LENGTH))


def shown_key(key: str) -> str:
    """The key as printed, in two groups of four."""
    return f"{key[:4]} - {key[4:]}" if key else ""


def typed_key(text: str) -> str | None:
    """The key that a person typed (full width, small letters, blanks and hyphens allowed), or None if it cannot be one."""
    wide = unicodedata.normalize("NFKC", text).upper()
    key = "".join(letter for letter in wide if letter.isalnum())
    return key if len(key) == KEY_LENGTH and set(key) <= set(KEY_ALPHABET) else None
