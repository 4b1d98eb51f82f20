"""Pure. A postal code and the address after the 町域 in, Japan Post's customer barcode out.

カスタマバーコード, by Japan Post's 郵便番号・バーコードマニュアル. Draws nothing: `bars` says which of the
four bar shapes stands at each of the 67 places. Finding the end of the 町域 is `postal.split_address`.
"""

import re
import unicodedata

from todoku.formats.kanji_number import to_int
from todoku.formats.refused import FormatRefused

ADDRESS_SYMBOLS = 13  # what fits between the 7 postal digits and the check digit

_BARS = {
    "0": "144", "1": "114", "2": "132", "3": "312", "4": "123", "5": "141", "6": "321", "7": "213",
    "8": "231", "9": "411", "-": "414", "CC1": "324", "CC2": "342", "CC3": "234", "CC4": "432",
    "CC5": "243", "CC6": "423", "CC7": "441", "CC8": "111",
}  # fmt: skip
_VALUES = {symbol: value for value, symbol in enumerate(_BARS)}
_SYMBOLS = tuple(_BARS)
_START, _STOP = "13", "31"


class BarcodeRefused(FormatRefused):
    """A postal code that carries no customer barcode."""


def has_barcode(postal_code: str) -> bool:
    """Whether letters to this 7-digit code carry a barcode; a 代表郵便番号 (it ends 00) has none."""
    return (
        len(postal_code) == 7 and postal_code.isascii() and postal_code.isdigit() and postal_code[5:] != "00"
    )


def bars(postal_code: str, rest_of_address: str) -> str:
    """67 characters: 1 long, 2 half long upward, 3 half long downward, 4 timing. Refuses as `symbols`."""
    inner = "".join(_BARS[symbol] for symbol in symbols(postal_code, rest_of_address))
    return _START + inner + _STOP


def symbols(postal_code: str, rest_of_address: str) -> list[str]:
    """The 21 symbols between start and stop: 7 postal digits, 13 of the address, the check digit.

    In: a postal code (a hyphen is allowed), and the address that follows the 町域, with its building.
    Out: symbols written 0–9, -, CC1–CC8. Raises BarcodeRefused where `has_barcode` says no.
    """
    code = unicodedata.normalize("NFKC", postal_code).replace("-", "").strip()
    if not has_barcode(code):
        raise BarcodeRefused(
            f"郵便番号「{postal_code}」ではカスタマバーコードを作れません。"
            "末尾が00でない7桁の郵便番号を確認するか、バーコードなしで印刷してください。"
        )
    found: list[str] = []
    for character in address_number(rest_of_address):
        found.extend(_letter(character) if character.isalpha() else (character,))
    found = found[:ADDRESS_SYMBOLS]
    found = [*code, *found, *["CC4"] * (ADDRESS_SYMBOLS - len(found))]
    return [*found, _check(found)]


def _letter(letter: str) -> tuple[str, str]:
    """A–J are CC1 and 0–9, K–T CC2 and 0–9, U–Z CC3 and 0–5."""
    group, digit = divmod(ord(letter) - ord("A"), 10)
    return f"CC{group + 1}", str(digit)


def _check(found: list[str]) -> str:
    return _SYMBOLS[-sum(_VALUES[symbol] for symbol in found) % 19]


_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−ー－─", "-"))
_DROPPED = re.compile(r"[&/・.]")
_KANJI_NUMBER = re.compile("[〇一二三四五六七八九十百]+(?=丁目|丁|番地|番|号|地割|線|の|ノ)")
_FLOOR = re.compile("(?<=[0-9])F(?![A-Z])")
_LETTERS = re.compile("[A-Z]{2,}")
_NOT_KEPT = re.compile("[^0-9A-Z-]+")
_HYPHENS = re.compile("-{2,}")
_BESIDE_LETTER = re.compile("(?<=[A-Z])-|-(?=[A-Z])")


def address_number(rest_of_address: str) -> str:
    """The 住所表示番号 of an address: digits, hyphens and single letters, not yet cut to length.

    In: 第二十一地割大淵川480. Out: 21-480. The rules are the manual's (抜き出し規則), in its order; kanji
    numbers count only before 丁目 丁 番地 番 号 地割 線 の ノ, and the F of a floor (10F) is dropped.
    """
    text = unicodedata.normalize("NFKC", rest_of_address).translate(_DASHES).upper()
    text = _DROPPED.sub("", text)
    text = _KANJI_NUMBER.sub(lambda match: str(to_int(match[0])), text)
    text = _FLOOR.sub(" ", text)
    text = _LETTERS.sub(" ", text)
    text = _HYPHENS.sub("-", _NOT_KEPT.sub("-", text)).strip("-")
    return _BESIDE_LETTER.sub("", text)
