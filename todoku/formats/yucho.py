"""Pure. The symbol and number of a ゆうちょ passbook in, the account that other banks can pay to out.

The rule is the bank's own (記号番号 → 店名・預金種目・口座番号). A symbol whose branch is not in the bank
master is refused; a check digit that disagrees is only a hint that something was miscopied.
"""

import re
import unicodedata
from typing import NamedTuple

from todoku.formats import bank_master
from todoku.formats.refused import FormatRefused

ORDINARY, CURRENT = 1, 2  # 預金種目: 普通, 当座

_SYMBOL = re.compile(r"([01]\d{3}0)(?:-\d)?")
_SAVINGS_NUMBER = re.compile(r"\d{1,7}1")
_GIRO_NUMBER = re.compile(r"\d{1,6}")


class Account(NamedTuple):
    """An account (口座): bank of 4 digits, branch of 3, kind (1 普通 2 当座 4 貯蓄 9 その他), number of 7."""

    bank: str
    branch: str
    kind: int
    number: str


class YuchoRefused(FormatRefused):
    """A symbol and number that no ゆうちょ account can have."""


def transfer_account(symbol: str, number: str) -> Account:
    """記号 (5 digits; the digit between the two, `-n`, may follow) and 番号 (≤ 8 digits) to an account.

    記号 1abc0: branch ab8, ordinary, the number without its final 1. 記号 0abc0: branch ab9, current, the
    number as it is. Both padded to 7 digits. Raises YuchoRefused with the remedy.
    """
    symbol, number = _written(symbol, number)
    branch_code = symbol[1:3] + ("8" if symbol[0] == "1" else "9")
    if bank_master.branch(bank_master.YUCHO, branch_code) is None:
        raise YuchoRefused(
            f"記号{symbol}から求めた店番{branch_code}は、ゆうちょ銀行にありません。"
            "通帳の記号(5桁)をもう一度確認してください。"
        )
    if symbol[0] == "1":
        return Account(bank_master.YUCHO, branch_code, ORDINARY, number[:-1].zfill(7))
    return Account(bank_master.YUCHO, branch_code, CURRENT, number.zfill(7))


def check_digit_agrees(symbol: str, number: str) -> bool:
    """Whether the fourth digit of the symbol fits the rest; False hints at miscopying (転記誤りの可能性).

    The formula is not published; it was found from known pairs, so it must never refuse an account alone.
    """
    symbol, number = _written(symbol, number)
    digits = [int(d) for d in symbol[:3] + "0" + symbol[4] + number.zfill(8)]
    total = digits[12]
    for i in range(0, 12, 3):
        third = digits[i + 2] * 2
        total += digits[i] + 3 * digits[i + 1] + (third if third < 10 else third - 9)
    return total % 10 == int(symbol[3])


def _written(symbol: str, number: str) -> tuple[str, str]:
    """Both as plain digits, in the shape a passbook has, or refused."""
    match = _SYMBOL.fullmatch(_plain(symbol))
    if match is None:
        raise YuchoRefused(
            "記号は、1または0で始まり0で終わる5桁の数字です。通帳の1ページ目の「記号」を入力してください。"
        )
    number = _plain(number)
    if match[1][0] == "1" and not (_SAVINGS_NUMBER.fullmatch(number) and int(number) > 1):
        raise YuchoRefused(
            "番号は、末尾が1の2桁から8桁の数字です。通帳の1ページ目の「番号」を省略せずに入力してください。"
        )
    if match[1][0] == "0" and not (_GIRO_NUMBER.fullmatch(number) and int(number) > 0):
        raise YuchoRefused("振替口座の番号は、6桁までの数字です。「番号」をもう一度確認してください。")
    return match[1], number


def _plain(text: str) -> str:
    wide = unicodedata.normalize("NFKC", text).translate(_HYPHENS)
    return "".join(wide.split())


_HYPHENS = str.maketrans(dict.fromkeys("‐‑–—―−ー", "-"))
