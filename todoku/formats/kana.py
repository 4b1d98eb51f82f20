"""Pure. Any written name in, the bank's half-width kana (JIS X 0201) out.

Every name that goes to a bank passes here: account holders, the client's own name, bank and branch names.
It never guesses: a kanji or an unknown sign is refused by name and position, not dropped.
Classes of permitted characters follow the Zengin record standard (全銀協 付録1).
"""

import re
import unicodedata

from todoku.formats.refused import FormatRefused

_BASE = "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝ"
_COMMON = _BASE + "ﾞﾟ0123456789 "
_LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

BANK_NAME = frozenset(_COMMON + _LATIN + "-")
"""Bank and branch names (銀行名・支店名)."""
PARTY_NAME = frozenset(_COMMON + _LATIN + "()-.")
"""Payee and client names (受取人名・依頼人名)."""
PARTY_NAME_WITH_WO = PARTY_NAME | {"ｦ"}
"""Payee names at banks that took over the 2019 revision, which permits ｦ."""
EDI = frozenset(_COMMON + _LATIN + "ｦ\\｢｣()-/.")
"""EDI information (EDI情報)."""

# One by one, these all mean "long vowel or hyphen" in names that people type.
_DASHES = "-‐‑‒–—―−ー－ｰ─━﹣˗"
_SMALL = str.maketrans("ァィゥェォッャュョヮヵヶヰヱ", "アイウエオツヤユヨワカケイエ")
_MARKS = {"\u3099": "ﾞ", "\u309a": "ﾟ", "゛": "ﾞ", "゜": "ﾟ", "ﾞ": "ﾞ", "ﾟ": "ﾟ"}
_FULL = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワンヲ「」"
_HALF = dict(zip(_FULL, _BASE + "ｦ｢｣", strict=True))
_STRAY_MARK = re.compile("(?<![ｳｶ-ﾄﾊ-ﾎ])ﾞ|(?<![ﾊ-ﾎ])ﾟ")
_NOT_WRITABLE = "\ufffd"


class KanaRefused(FormatRefused):
    """A name the bank cannot carry. `position` counts from 0 in the text; `character` stands there."""

    def __init__(self, sentence: str, position: int, character: str) -> None:
        super().__init__(sentence)
        self.position = position
        self.character = character


def _one(character: str) -> str:
    """The half-width form of one written character, or U+FFFD."""
    if character in _MARKS:
        return _MARKS[character]
    if character in _DASHES:
        return "-"
    half = []
    for part in unicodedata.normalize("NFD", _large_katakana(character)):
        if part in _MARKS:
            half.append(_MARKS[part])
        elif part in _HALF:
            half.append(_HALF[part])
        elif part in _DASHES:
            half.append("-")
        elif part in "・\t\r\n":
            half.append(" ")
        elif "!" <= part <= "~" or part == " ":
            half.append(part.upper())
        else:
            return _NOT_WRITABLE
    return "".join(half)


def _large_katakana(character: str) -> str:
    wide = unicodedata.normalize("NFKC", character)
    katakana = "".join(chr(ord(c) + 0x60) if "ぁ" <= c <= "ゖ" else c for c in wide)
    return katakana.translate(_SMALL)


class _Table(dict[int, str]):
    """Filled as characters turn up, so that a bulk run pays for each character once."""

    def __init__(self, allowed: frozenset[str]) -> None:
        super().__init__()
        self._allowed = allowed

    def __missing__(self, code: int) -> str:
        half = _one(chr(code))
        if half == "ｦ" and half not in self._allowed:
            half = "ｵ"
        if not self._allowed.issuperset(half):
            half = _NOT_WRITABLE
        self[code] = half
        return half


_tables: dict[frozenset[str], _Table] = {}


def bank_kana(text: str, allowed: frozenset[str] = PARTY_NAME) -> str:
    """Any written kana or Latin name to the bank's half-width form; one character is one byte in cp932.

    In: a name in hiragana, katakana of any width, or Latin letters. Out: only characters of `allowed`
    (default: payee names); small kana become large, long vowels `-`, ヲ becomes ｵ unless `allowed` has ｦ.
    Raises KanaRefused for kanji, signs, stray voicing marks and for an empty name. Not cut to a length.
    """
    table = _tables.get(allowed)
    if table is None:
        table = _tables.setdefault(allowed, _Table(allowed))
    half = " ".join(text.translate(table).split())
    if _NOT_WRITABLE in half or _STRAY_MARK.search(half) or not half:
        raise _refusal(text, table)
    return half


def _refusal(text: str, table: _Table) -> KanaRefused:
    if not text.strip():
        return KanaRefused("名義のカナが空欄です。通帳やカードに書かれたカナ名義を入力してください。", 0, "")
    position = _first_wrong(text, table)
    character = text[position]
    return KanaRefused(
        f"名義の{position + 1}文字目「{_shown(character)}」は銀行の振込データに書けない文字です。"
        "通帳やカードに書かれたカナ名義(カナ・英大文字・数字と ( ) - . )で入力してください。",
        position,
        character,
    )


def _first_wrong(text: str, table: _Table) -> int:
    before = ""
    for position, character in enumerate(text):
        half = table[ord(character)]
        if half == _NOT_WRITABLE or _STRAY_MARK.search(before + half):
            return position
        before += half
    return len(text) - 1


def _shown(character: str) -> str:
    """Invisible characters are named by their code point, since a reader cannot see them."""
    if unicodedata.category(character)[0] in "CZ":
        return f"U+{ord(character):04X}"
    return character


def cut_to(half: str, size: int) -> str:
    """The first `size` bytes of a half-width name (先頭より30桁), never parting a kana from its mark."""
    if len(half) <= size:
        return half
    if half[size] in "ﾞﾟ":
        size -= 1
    return half[:size].rstrip()
