"""Pure. What a resident holds: number and birth date open the status, the key printed inside the letter lets apply.

The database keeps keyed digests only. The letter's key is derived from a secret of the office, so that it can be
printed again without being stored; the public door holds only the look-up secret and can verify, not make, a key.
"""

import hmac
import unicodedata
from datetime import date

# Left out: 0 O Q, 1 I L, 2 Z, 5 S, 8 B, U V, which are mistaken for one another in print or over the telephone.
# 8 of these 22 signs are 35 bits, beside a number of 40 and a birth date: too many to try through a throttled door.
KEY_ALPHABET = "34679ACDEFGHJKMNPRTWXY"
KEY_LENGTH = 8


def lookup_token(number: str, birth_date: date, *, lookup_secret: str) -> str:
    """The digest that number (13 digits) and birth date make together: one index probe, one time class."""
    return _digest(lookup_secret, f"lookup|{number}|{birth_date.isoformat()}")


def key_token(number: str, letter_key: str, *, lookup_secret: str) -> str:
    """The digest of the letter's key as kept in DoorKey."""
    return _digest(lookup_secret, f"key|{number}|{tidy_key(letter_key)}")


def letter_key(number: str, issue: int, *, letter_key_secret: str) -> str:
    """The key printed inside the letter: 8 signs of KEY_ALPHABET, another one for each issue (再発行)."""
    raw = hmac.digest(letter_key_secret.encode(), f"letter|{number}|{issue}".encode(), "sha256")
    # 64 of the 256 bits: 22 to the 8th is 36 bits, so no sign is likelier than another by more than 1 in 10 million.
    value, signs = int.from_bytes(raw[:8], "big"), []
    for _ in range(KEY_LENGTH):
        value, rest = divmod(value, len(KEY_ALPHABET))
        signs.append(KEY_ALPHABET[rest])
    return "".join(signs)


def shown_key(key: str) -> str:
    """The key as printed, in two groups of four."""
    return f"{key[:4]} - {key[4:]}" if key else ""


def tidy_key(typed: str) -> str:
    """A key as typed, brought to the printed form: full width, small letters, blanks and hyphens do not matter."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", typed).upper() if sign.isalnum())


def tidy_number(typed: str) -> str:
    """A case number as typed, digits only."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", typed) if sign.isdigit())


def _digest(secret: str, text: str) -> str:
    assert secret, "the look-up secret is not set"
    return hmac.digest(secret.encode(), text.encode(), "sha256").hex()
