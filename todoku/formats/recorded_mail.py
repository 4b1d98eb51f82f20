"""Pure. The number of a recorded letter (書留等の引受番号, お問い合わせ番号): 11 digits, the last a check digit.

Printed 3-2-5-1 (131-12-38385-2): the eleventh digit is the remainder of the first ten by seven.
"""

import unicodedata

from todoku.formats.refused import FormatRefused

DIGITS = 11


class RecordedMailRefused(FormatRefused):
    """What was typed is no number of a recorded letter."""


def recorded_mail_number(typed: str) -> str:
    """The eleven digits of a typed or scanned number, in one width without hyphens. Raises RecordedMailRefused."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKC", typed) if sign not in "-‐‑–—ー− ")
    if not (plain.isascii() and plain.isdigit() and len(plain) == DIGITS):
        raise RecordedMailRefused("引受番号は11桁の数字です。郵便局の控えにある番号を入力してください。")
    if int(plain[:10]) % 7 != int(plain[10]):
        raise RecordedMailRefused(
            "引受番号の検査数字が合いません。控えの番号を、もう一度一桁ずつ確かめてください。"
        )
    return plain


def printed_recorded_mail(number: str) -> str:
    """As it stands on the slip: 131-12-38385-2."""
    return f"{number[:3]}-{number[3:5]}-{number[5:10]}-{number[10:]}" if len(number) == DIGITS else number
