"""Pure. A small TOML text about who pays in, the payer of a bank file out.

For the bank file made alone, without a programme in any database: the municipality's code, a short name of the
programme, the account that is debited and how the payment stands in the books. Its [payer] is the one of a
municipality's own text. Every mistake is named with its remedy, all of them at once.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from todoku.formats import bank_master
from todoku.formats.codes import municipality_code_valid
from todoku.formats.fiscal_year import accounts_open, fiscal_year, year_name
from todoku.formats.kana import KanaRefused, bank_kana
from todoku.formats.toml_text import Mistake, TextRefused, loaded, unknown
from todoku.formats.zengin_layout import CLIENT_NAME_BYTES, Header

ACCOUNT_KINDS = (1, 2, 9)  # 普通, 当座, その他: what the header's field allows
BOOK_TEXT_MAX = 100
_KEYS = ("municipality", "programme", "payer", "books")
_PAYER_KEYS = (
    "requester_code", "requester_kana", "bank", "branch", "account_kind", "account_number", "bank_profile"
)  # fmt: skip
_BOOK_KEYS = ("fiscal_year", "budget_item", "payment_order")


class PayerRefused(TextRefused):
    """The text names no payer; `mistakes` holds every one found."""

    TITLE = "支払元の設定"


class Payer(NamedTuple):
    """Who pays: municipality's code, short name of the programme, the bank file's header values, the books' words.

    `bank_profile` is "" where the text leaves it open; `fiscal_year` 0 means that of the value date.
    """

    municipality: str
    programme: str
    requester_code: str
    requester_kana: str
    bank: str
    branch: str
    account_kind: int
    account_number: str
    bank_profile: str = ""
    fiscal_year: int = 0
    budget_item: str = ""
    payment_order: str = ""


def parse(text: str) -> Payer:
    """The payer that a text describes; raises PayerRefused naming every mistake."""
    data = loaded(text, PayerRefused)
    mistakes = unknown(data, _KEYS)
    payer = _table(data, "payer", True, mistakes)
    books = _table(data, "books", False, mistakes)
    mistakes += unknown(payer, _PAYER_KEYS, "payer") + unknown(books, _BOOK_KEYS, "books")
    bank, branch = _digits(payer, "bank", 4, mistakes), _digits(payer, "branch", 3, mistakes)
    _known(bank, branch, mistakes)
    found = Payer(
        _code(data, mistakes),
        _slug(data, mistakes),
        _digits(payer, "requester_code", 10, mistakes),
        _kana(payer, mistakes),
        bank,
        branch,
        _kind(payer, mistakes),
        _digits(payer, "account_number", 7, mistakes),
        _words(payer, "payer.bank_profile", mistakes),
        _year(books, mistakes),
        _words(books, "books.budget_item", mistakes),
        _words(books, "books.payment_order", mistakes),
    )
    if mistakes:
        raise PayerRefused(mistakes)
    return found


def header(payer: Payer, value_date: date) -> Header:
    """The header of a bank file of this payer, the bank's and branch's names as in the master."""
    bank = bank_master.bank(payer.bank)
    branch = bank_master.branch(payer.bank, payer.branch)
    return Header(
        payer.requester_code,
        payer.requester_kana,
        f"{value_date.month:02}{value_date.day:02}",
        payer.bank,
        bank.kana if bank else "",
        payer.branch,
        branch.kana if branch else "",
        payer.account_kind,
        payer.account_number,
    )


def booked_year(payer: Payer, value_date: date) -> int:
    """The fiscal year whose money is paid; raises PayerRefused where its books do not take the value date."""
    year = payer.fiscal_year or fiscal_year(value_date)
    if not accounts_open(year, value_date):
        what = f"振込指定日は{year_name(year)}の出納整理期間の外です。"
        raise PayerRefused([Mistake("books.fiscal_year", what, "会計年度か振込指定日を直してください。")])
    return year


def _table(data: Mapping[str, Any], key: str, needed: bool, mistakes: list[Mistake]) -> Mapping[str, Any]:
    table = data.get(key, {})
    if not isinstance(table, dict) or (needed and key not in data):
        mistakes.append(Mistake(key, "この表がありません。", f"[{key}] を書いてください。"))
        return {}
    return table


def _digits(table: Mapping[str, Any], key: str, size: int, mistakes: list[Mistake]) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not re.fullmatch(f"[0-9]{{{size}}}", value):
        remedy = f'{key} = "{"0" * size}" のように、前の0も含めて引用符の中に書いてください。'
        mistakes.append(Mistake(f"payer.{key}", f"{size}桁の数字ではありません。", remedy))
        return ""
    return value


def _known(bank: str, branch: str, mistakes: list[Mistake]) -> None:
    if bank and bank_master.bank(bank) is None:
        mistakes.append(
            Mistake("payer.bank", "金融機関一覧にありません。", "指定金融機関に確かめてください。")
        )
    elif bank and branch and bank_master.branch(bank, branch) is None:
        mistakes.append(
            Mistake("payer.branch", "支店の一覧にありません。", "指定金融機関に確かめてください。")
        )


def _code(data: Mapping[str, Any], mistakes: list[Mistake]) -> str:
    code = data.get("municipality")
    if not isinstance(code, str) or not municipality_code_valid(code):
        remedy = 'municipality = "141003" のように、検査数字を含む6桁で書いてください。'
        mistakes.append(Mistake("municipality", "全国地方公共団体コードではありません。", remedy))
        return ""
    return code


def _slug(data: Mapping[str, Any], mistakes: list[Mistake]) -> str:
    slug = data.get("programme")
    if not isinstance(slug, str) or not re.fullmatch("[a-z0-9][a-z0-9_-]{0,49}", slug):
        remedy = 'programme = "kyufu-2026" のように、英小文字・数字・- で書いてください。'
        mistakes.append(Mistake("programme", "事業の略称が書かれていないか、使えない文字です。", remedy))
        return ""
    return slug


def _kana(table: Mapping[str, Any], mistakes: list[Mistake]) -> str:
    written = table.get("requester_kana")
    if not isinstance(written, str) or not written.strip():
        remedy = 'requester_kana = "ミホンシカイケイカンリシャ" のように書いてください。'
        mistakes.append(Mistake("payer.requester_kana", "書かれていません。", remedy))
        return ""
    try:
        half = bank_kana(written)
    except KanaRefused as refused:
        mistakes.append(
            Mistake("payer.requester_kana", refused.sentence, "銀行に届け出たカナで書いてください。")
        )
        return ""
    if len(half) > CLIENT_NAME_BYTES:
        what = f"半角で{len(half)}文字あります。"
        mistakes.append(Mistake("payer.requester_kana", what, f"{CLIENT_NAME_BYTES}文字以内にしてください。"))
    return half


def _kind(table: Mapping[str, Any], mistakes: list[Mistake]) -> int:
    kind = table.get("account_kind")
    if type(kind) is not int or kind not in ACCOUNT_KINDS:
        remedy = "普通は 1、当座は 2、その他は 9 と書いてください。"
        mistakes.append(Mistake("payer.account_kind", "預金種目ではありません。", remedy))
        return 0
    return kind


def _year(table: Mapping[str, Any], mistakes: list[Mistake]) -> int:
    year = table.get("fiscal_year", 0)
    if type(year) is not int or (year and not 2000 <= year <= 2200):
        remedy = "fiscal_year = 2026 のように、会計年度が始まる西暦の年を書いてください。"
        mistakes.append(Mistake("books.fiscal_year", "会計年度ではありません。", remedy))
        return 0
    return year


def _words(table: Mapping[str, Any], path: str, mistakes: list[Mistake]) -> str:
    key = path.rpartition(".")[2]
    value = table.get(key, "")
    if not isinstance(value, str) or len(value) > BOOK_TEXT_MAX or not value.isprintable():
        remedy = f"{BOOK_TEXT_MAX}文字までの文字列を書いてください。"
        mistakes.append(Mistake(path, "文字列ではないか、長すぎます。", remedy))
        return ""
    return value
