"""Pure. Cells of a list of facts in, values or the kind of problem out, each converter by its name.

A converter takes one cell and gives a value of JSON's kinds (a day in ISO form, None where the cell is blank and may be),
or the Kind of problem that it met. Blank means "not said"; what must be said is the list's own matter.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from todoku.formats import csv_list
from todoku.formats.csv_list import Kind, plain
from todoku.formats.kana import KanaRefused, bank_kana
from todoku.formats.wareki import parse_date

Value = str | int | bool | None
Converter = Callable[[str], "Value | Kind"]

BAD_NUMBER = Kind("番号として読めません", "名簿と同じ番号を、15桁までの英数字で入れてください。")
BAD_YEN = Kind("金額として読めません", "0以上の整数（円）にしてください。")
BAD_COUNT = Kind("人数として読めません", "0から99までの整数にしてください。")
BAD_DAY = Kind("日付として読めません", "2026/04/01 か 令和8年4月1日 のような日付にしてください。")
BAD_MONTH = Kind("月として読めません", "2025/09 か 令和7年9月 のような月にしてください。")
UNKNOWN_WORD = Kind(
    "知らない語です", "一覧の見方にある語か、有・無（1・0）のどちらかを使って出力し直してください。"
)
TOO_LONG = Kind("長すぎます", "文字数を減らしてください。")
BAD_KANA = Kind("口座名義に書けない文字があります", "カタカナの口座名義にしてください。")

PERSONS_MAX = 99
_NUMBER = re.compile("[0-9A-Za-z]{1,15}")
_MONTH = re.compile(r"(\d{4})(?:年|[-/.])?(\d{1,2})月?(?:分|[-/.]\d{1,2})?")
_ERA_MONTH = re.compile(r"(令和|平成|R|H|r|h)[-.]?(\d{1,2}|元)(?:年|[-/.])(\d{1,2})月?分?")
_FIRST_YEARS = {"令和": 2018, "R": 2018, "r": 2018, "平成": 1988, "H": 1988, "h": 1988}
YES, NO = frozenset({"1", "有", "あり", "○", "〇", "該当", "はい", "TRUE"}), frozenset(
    {"0", "無", "なし", "×", "✕", "非該当", "いいえ", "FALSE", "-"}
)  # fmt: skip


def number(cell: str) -> Value | Kind:
    """宛名番号 and the like, with its leading zeros; "" where blank."""
    text = plain(cell)
    return text if not text or _NUMBER.fullmatch(text) else BAD_NUMBER


@lru_cache(maxsize=50_000)
def yen(cell: str) -> Value | Kind:
    """Whole yen; None where blank."""
    if not cell:
        return None
    found = csv_list.yen(cell)
    return BAD_YEN if found is None else found


@lru_cache(maxsize=1_000)
def persons(cell: str) -> Value | Kind:
    """A head-count; None where blank."""
    text = plain(cell).removesuffix("人")
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and int(text) <= PERSONS_MAX else BAD_COUNT


@lru_cache(maxsize=1_000)
def truth(cell: str) -> Value | Kind:
    """Yes or no; blank is no."""
    text = plain(cell).upper()
    if text in YES:
        return True
    return False if not text or text in NO else UNKNOWN_WORD


@lru_cache(maxsize=50_000)
def day(cell: str) -> Value | Kind:
    """A day in ISO form; None where blank."""
    if not cell.strip():
        return None
    parsed = parse_date(cell)
    return parsed.date.isoformat() if parsed.date is not None and not parsed.warnings else BAD_DAY


@lru_cache(maxsize=10_000)
def month(cell: str) -> Value | Kind:
    """A month as its first day in ISO form; None where blank."""
    text = plain(cell)
    if not text:
        return None
    if era := _ERA_MONTH.fullmatch(text):
        year, of_year = _FIRST_YEARS[era[1]] + (1 if era[2] == "元" else int(era[2])), int(era[3])
    elif western := _MONTH.fullmatch(text):
        year, of_year = int(western[1]), int(western[2])
    else:
        return BAD_MONTH
    return f"{year:04d}-{of_year:02d}-01" if 1900 <= year <= 2200 and 1 <= of_year <= 12 else BAD_MONTH


def text(longest: int) -> Converter:
    """Words as they came, up to so many characters."""
    return lambda cell: cell.strip() if len(cell.strip()) <= longest else TOO_LONG


def word(words: Mapping[str, str]) -> Converter:
    """One of the words of a list, as our code for it; "" where blank."""
    codes = {plain(written): code for written, code in words.items()}

    def convert(cell: str) -> Value | Kind:
        bare = plain(cell)
        return codes.get(bare, UNKNOWN_WORD) if bare else ""

    return convert


def digits(longest: int) -> Converter:
    """A code of digits, filled up with zeros in front; "" where blank."""
    bad = Kind(f"{longest}桁までの数字ではありません", "コードを数字で入れてください。")

    def convert(cell: str) -> Value | Kind:
        bare = plain(cell)
        if not bare:
            return ""
        return bare.zfill(longest) if bare.isascii() and bare.isdigit() and len(bare) <= longest else bad

    return convert


def postal_code(cell: str) -> Value | Kind:
    """郵便番号 without its hyphen; "" where blank."""
    bare = plain(cell).replace("-", "")
    bad = Kind("7桁の郵便番号ではありません", "郵便番号を確かめるか、空欄にしてください。")
    return bare if not bare or (len(bare) == 7 and bare.isascii() and bare.isdigit()) else bad


def holder(cell: str) -> Value | Kind:
    """An account's holder as the bank file carries it; "" where blank."""
    if not cell.strip():
        return ""
    try:
        return bank_kana(cell)
    except KanaRefused:
        return BAD_KANA
