"""Pure. A person's name as received in, a key to search by, initials, and the characters no font draws out.

The stored name is never changed by anything here (名前は届いたまま): keys are for finding, not for showing.
"""

import re
import unicodedata
from collections.abc import Callable

# Pairs of a variant form and the form most people type (縮退). Only for the search key: a search should find
# too much rather than miss a person. Compatibility forms that NFKC already folds are not repeated.
_VARIANTS = (
    "髙高 﨑崎 嵜崎 碕崎 德徳 濵浜 濱浜 邉辺 邊辺 齋斎 齊斉 澤沢 廣広 國国 櫻桜 龍竜 瀧滝 眞真 "
    "惠恵 榮栄 學学 藏蔵 冨富 圓円 壽寿 嶋島 嶌島 峯峰 桒桑 栁柳 槇槙 𠮷吉 彌弥 靜静 淸清 增増 "
    "黑黒 舘館 薗園 渕淵 渊淵 曾曽 曻昇 條条 縣県 實実 鐵鉄 禮礼 萬万 豐豊 佛仏 與与 莊荘 藪薮 "
    "檜桧 凜凛 遙遥 堯尭 晉晋 敎教 鄕郷 緖緒 步歩 歷歴 飮飲 靑青 淺浅 兒児 關関 鹽塩 鷗鴎 麴麹 "
    "籠篭 "
)
_FOLD = str.maketrans({pair[0]: pair[1] for pair in _VARIANTS.split()})
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−-ｰ─", "ー"))
_TO_KATAKANA = {code: code + 0x60 for code in range(ord("ぁ"), ord("ゖ") + 1)}
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_GRAPHEME = re.compile("(?s).[\ufe00-\ufe0f\U000e0100-\U000e01ef\u0300-\u036f\u3099\u309a]*")
_NO_LETTER = re.compile(r"[\s・,.，．'’()（）［］\[\]＿_]")


def search_key(text: str) -> str:
    """The form under which a name is found: one width, katakana, common kanji forms, no spaces or selectors.

    In: any name. Out: a key to compare with other keys only. Never show it, never store it as the name.
    """
    key = unicodedata.normalize("NFKC", _SELECTORS.sub("", text)).casefold()
    key = unicodedata.normalize("NFKC", key).translate(_DASHES).translate(_TO_KATAKANA).translate(_FOLD)
    return unicodedata.normalize("NFKC", _NO_LETTER.sub("", key))


def initials(kana: str) -> str:
    """First letters of a kana or Latin name, for pages that name nobody: ヤマダ　タロウ → ヤ・タ."""
    words = unicodedata.normalize("NFKC", kana).replace("・", " ").split()
    return "・".join(word[0].upper() for word in words)


def graphemes(text: str) -> list[str]:
    """A name cut into what a reader sees as one character: a kanji keeps its variation selector (IVS)."""
    return _GRAPHEME.findall(text)


def has_gaiji(text: str) -> bool:
    """Whether a vendor's own character (外字, private use area) is in the text."""
    return _GAIJI.search(text) is not None


_GAIJI = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")


def undrawable(text: str, has_glyph: Callable[[str], bool]) -> list[str]:
    """Characters that must be checked by hand before printing: 外字, and what `has_glyph` says no to.

    `has_glyph` is asked for one grapheme (a character with its selector) at a time. Out: each once, in order.
    """
    asked = dict.fromkeys(graphemes(text))
    return [one for one in asked if not one.isspace() and (has_gaiji(one) or not has_glyph(one))]
