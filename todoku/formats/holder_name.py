"""Pure. The kana of an account holder and the names a person is known by in, how well they agree out.

口座名義の照合: it decides nothing. A tier and the name it rests on are stored with both raw strings and
RULE_VERSION; the programme says which tiers pass without a person. Kana to kana only: it never reads kanji.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from todoku.formats.kana import KanaRefused, bank_kana

RULE_VERSION = "2026-11"

T0, T1, T2, T3, T4, T5, T6, T7 = "T0", "T1", "T2", "T3", "T4", "T5", "T6", "T7"
TIERS = {
    T0: "一致",
    T1: "空白・記号の違いだけ",
    T2: "読みが同じ表記の違い",
    T3: "姓名の順の違い",
    T4: "旧氏・通称名・英字氏名と一致",
    T5: "長い名義が途中で切れている",
    T6: "姓だけ一致、または世帯員の名義",
    T7: "一致しない",
}
"""What each tier says to a reviewer."""

_CUT_AT = 30  # 受取人名 C(30): a bank may know only the first 30 bytes


class Tier(NamedTuple):
    """`code` T0…T7, `name`: the given name it was found by (empty for T7)."""

    code: str
    name: str


class _Written(NamedTuple):
    """One name in the forms it is compared in."""

    given: str
    half: str
    words: tuple[str, ...]
    joined: str
    sound: str


def tier(holder: str, names: Sequence[str], household: Sequence[str] = ()) -> Tier:
    """How well an account holder's kana agrees with a recipient's names.

    In: the holder as written; the recipient's kana first, then aliases (旧氏・通称名のカナ, 英字氏名), each in any
    written form; the kana of the other members of the household. Out: the best tier. An alias that agrees
    exactly or but for spaces is T4. Names that the bank cannot carry are left out; an empty holder is T7.
    """
    if names and _half(holder) == _half(names[0]) != "":
        return Tier(T0, names[0])  # nearly all of a bulk run ends here
    account = _written(holder)
    if account is None:
        return Tier(T7, "")
    known = [written for written in map(_written, names) if written is not None]
    found = [_agrees(account, name, alias=place > 0) for place, name in enumerate(known)]
    found += [_relates(account, written) for written in map(_written, household) if written is not None]
    return min(found, key=lambda one: one.code, default=Tier(T7, ""))


def _half(name: str) -> str:
    try:
        return bank_kana(name)
    except KanaRefused:
        return ""


def _written(name: str) -> _Written | None:
    half = _half(name)
    if not half:
        return None
    words = tuple(word for word in re.split("[ ().]+", _NOT_A_LONG_VOWEL.sub(" ", half)) if word)
    # Word by word: in ヤマモト　ウメ the two vowels that meet are no long vowel.
    return _Written(name, half, words, re.sub("[ ().-]", "", half), "".join(map(_sound, words)))


# Between kana a hyphen is a long vowel and belongs to its word; elsewhere it parts two words.
_NOT_A_LONG_VOWEL = re.compile("(?<![ｱ-ﾟ])-|-(?![ｱ-ﾟ ]|$)")


def _agrees(account: _Written, name: _Written, alias: bool) -> Tier:
    if account.half == name.half:
        return Tier(T4 if alias else T0, name.given)
    if account.joined == name.joined:
        return Tier(T4 if alias else T1, name.given)
    if account.sound == name.sound:
        return Tier(T4 if alias else T2, name.given)
    if len(name.words) > 1 and sorted(map(_sound, account.words)) == sorted(map(_sound, name.words)):
        return Tier(T3, name.given)
    if _is_cut(account.half, name.half) or _is_cut(name.half, account.half):
        return Tier(T5, name.given)
    if len(name.words) > 1 and account.words[:1] == name.words[:1]:
        return Tier(T6, name.given)
    return Tier(T7, "")


def _relates(account: _Written, member: _Written) -> Tier:
    same = account.joined == member.joined or account.sound == member.sound
    return Tier(T6, member.given) if same else Tier(T7, "")


def _is_cut(short: str, long: str) -> bool:
    """The shorter is what a 30-byte field keeps of the longer."""
    return len(long) > _CUT_AT and len(short) >= _CUT_AT - 1 and long.startswith(short)


_SAME_SOUND = (("ﾁﾞ", "ｼﾞ"), ("ﾂﾞ", "ｽﾞ"), ("ｳﾞｱ", "ﾊﾞ"), ("ｳﾞｲ", "ﾋﾞ"), ("ｳﾞｴ", "ﾍﾞ"), ("ｳﾞｵ", "ﾎﾞ"), ("ｳﾞ", "ﾌﾞ"))
_O = "ｵｺｿﾄﾉﾎﾓﾖﾛ"
_U = "ｳｸｽﾂﾇﾌﾑﾕﾙ"
_E = "ｴｹｾﾃﾈﾍﾒﾚ"
_I = "ｲｷｼﾁﾆﾋﾐﾘ"
_LONG = re.compile(f"(?<=[{_O}])([ﾞﾟ]?)[ｳｵ]|(?<=[{_U}])([ﾞﾟ]?)ｳ|(?<=[{_E}])([ﾞﾟ]?)ｲ|(?<=[{_I}])([ﾞﾟ]?)ｲ")


def _sound(word: str) -> str:
    """One form for spellings read alike: ヂ→ジ ヅ→ズ ヴァ→バ, long vowels dropped (ー オウ オオ ウウ エイ イイ)."""
    sound = word.replace("-", "")
    for written, read in _SAME_SOUND:
        sound = sound.replace(written, read)
    return _LONG.sub(lambda match: next((mark for mark in match.groups() if mark), ""), sound)
