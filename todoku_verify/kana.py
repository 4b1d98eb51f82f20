"""A written name in, the bytes of the bank's half-width kana (JIS X 0201) out, by a table of its own.

Rule: Zengin record standard, 付録1 (no small kana, no ｰ, no ｦ unless the bank took the revision of 2019). Nothing is
guessed: a kanji, a stray voicing mark or any other sign has no bytes.
"""

import re
import unicodedata

# In JIS X 0201 these stand in this order from 0xB1 on.
_KANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン"
_INSTEAD = dict(zip("ァィゥェォッャュョヮヵヶヰヱ", "アイウエオツヤユヨワカケイエ", strict=True))
_AS_HYPHEN = "-‐‒–—―−ー─━˗"  # all of these are typed for a long vowel or a hyphen
_VOICED, _HALF_VOICED, _WO = 0xDE, 0xDF, 0xA6
_NAME = re.compile(rb"(?:[ 0-9A-Z().\xa6\xb1-\xdd-]|(?<=[\xb3\xb6-\xc4\xca-\xce])\xde|(?<=[\xca-\xce])\xdf)+")


def _table() -> dict[str, int]:
    table = {kana: 0xB1 + place for place, kana in enumerate(_KANA)}
    table |= {small: table[large] for small, large in _INSTEAD.items()}
    table["ヲ"] = _WO
    table |= {chr(ord(kana) - 0x60): byte for kana, byte in table.items()}  # hiragana
    table |= {
        letter: ord(letter.upper()) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    }
    table |= {sign: ord(sign) for sign in " 0123456789()."} | dict.fromkeys(_AS_HYPHEN, ord("-"))
    return table | {"・": ord(" "), "\u3099": _VOICED, "\u309a": _HALF_VOICED}


_BYTES = _table()


def zengin(text: str, *, wo: bool = False) -> bytes | None:
    """The name as the bank writes it, uncut; None if it cannot be written. `wo`: ヲ stays ｦ, else it becomes ｵ."""
    parts = unicodedata.normalize("NFKD", text.replace("゛", "\u3099").replace("゜", "\u309a"))
    try:
        name = b" ".join(bytes(map(_BYTES.__getitem__, parts)).split())
    except KeyError:
        return None
    if _NAME.fullmatch(name) is None:
        return None
    return name if wo else name.replace(b"\xa6", b"\xb5")


def field(name: bytes, size: int) -> bytes:
    """The first `size` bytes (先頭より30桁), never a kana without its mark, filled up with blanks."""
    cut = size - 1 if name[size : size + 1] in (b"\xde", b"\xdf") else size
    return name[:cut].ljust(size)
