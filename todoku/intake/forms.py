"""Pure. What one application says, flat, whichever way it came: keyed from paper or typed on the web.

Takes what was written, gives what is kept: digits as digits, a ゆうちょ passbook's symbol and number beside the
account they mean. What is missing or wrong stays as it was written: a deficiency is data, found by the checks.
"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol

from todoku.formats.yucho import YuchoRefused, transfer_account
from todoku.ground.step import Refusal

# How a person judges a copy: absent, fine, not to be read, out of date, a needed side missing.
EVIDENCE = ("", "clear", "unclear", "expired", "cut")


BANK = "bank"  # the rail that needs an account
SEVERAL = "several"  # more than one box of 受取方法 is marked on the paper


class RailNotOffered(Refusal):
    """The terms do not offer this way of receiving (受取方法)."""


class TooLong(Refusal):
    """Something was typed that no form has room for: a slip of the keys, so nothing is kept."""


class AccountFields(Protocol):
    """The account as written: of a bank by codes, or of ゆうちょ by symbol (記号) and number (番号)."""

    @property
    def bank(self) -> str: ...
    @property
    def branch(self) -> str: ...
    @property
    def kind(self) -> int: ...
    @property
    def account_number(self) -> str: ...
    @property
    def holder_kana(self) -> str: ...
    @property
    def yucho_symbol(self) -> str: ...
    @property
    def yucho_number(self) -> str: ...


@dataclass(frozen=True)
class AccountForm:
    """An account alone: a correction by staff."""

    bank: str = ""
    branch: str = ""
    kind: int = 1
    account_number: str = ""
    holder_kana: str = ""
    yucho_symbol: str = ""
    yucho_number: str = ""


class Proofs(NamedTuple):
    """The papers that show who applies (本人確認書類): two kinds at most, each with the day that it carries."""

    first: str = ""
    first_on: date | None = None
    second: str = ""
    second_on: date | None = None


NO_PROOFS = Proofs()


@dataclass(frozen=True)
class PaperForm:
    """A paper form (申請書) as an operator keys it, or an application taken at the counter.

    `number` is the 13-digit case number as printed, in any width. `identity_evidence` and `account_evidence` are
    words of EVIDENCE. `rail` is how the money is wanted (受取方法), "" where nothing is marked, SEVERAL where more than
    one box is: a deficiency, where the terms offer a choice.
    `key` makes a second press of the same page, or a second run of the same file, harmless.
    """

    number: str
    arrived_on: date
    postmark_on: date | None = None
    applied_on: date | None = None
    applicant_is_recipient: bool = True
    applicant_name: str = ""
    phone: str = ""
    signed: bool = True
    declines: bool = False
    members_corrected: bool = False
    identity_evidence: str = ""
    account_evidence: str = ""
    bank: str = ""
    branch: str = ""
    kind: int = 1
    account_number: str = ""
    holder_kana: str = ""
    yucho_symbol: str = ""
    yucho_number: str = ""
    rail: str = ""
    channel: str = "paper"
    key: str | None = None
    # Which papers show who applies; the day that counts for them, where they came with an earlier application.
    proofs: Proofs = NO_PROOFS
    proofs_counted_on: date | None = None
    # The envelope that it came in (its id) and the day on which that was opened, where it was opened with us.
    envelope: int | None = None
    opened_on: date | None = None


@dataclass(frozen=True)
class WebForm:
    """What a resident sends from the web form. `declines`: nothing is applied for, the benefit is declined (辞退)."""

    phone: str = ""
    bank: str = ""
    branch: str = ""
    kind: int = 1
    account_number: str = ""
    holder_kana: str = ""
    yucho_symbol: str = ""
    yucho_number: str = ""
    declines: bool = False
    rail: str = BANK
    proofs: Proofs = NO_PROOFS


class AccountRow(NamedTuple):
    """An account as one row of AccountVersion keeps it."""

    bank: str
    branch: str
    kind: int
    number: str
    holder_kana: str
    yucho_symbol: str
    yucho_number: str


def account_row(form: AccountFields) -> AccountRow:
    """The account to keep. A ゆうちょ symbol and number that mean an account are kept beside it; others alone.

    Raises TooLong where the keys slipped.
    """
    symbol, number = plain_symbol(form.yucho_symbol), plain_digits(form.yucho_number)
    if symbol or number:
        try:
            meant = transfer_account(symbol, number)
            bank, branch, kind, account = meant
        except YuchoRefused:
            bank, branch, kind, account = "", "", 1, ""
    else:
        bank, branch, kind = plain_digits(form.bank), plain_digits(form.branch), form.kind
        account = plain_digits(form.account_number)
    row = AccountRow(bank, branch, kind, account, " ".join(form.holder_kana.split()), symbol, number)
    for value, size, name in zip(row, _ROOM, _NAMES, strict=True):
        if isinstance(value, str) and len(value) > size:
            raise TooLong(f"{name}は{size}文字までです。書かれたとおりか確かめて、入力し直してください。")
    return row


_ROOM = (4, 3, 0, 8, 100, 5, 8)
_NAMES = (
    "金融機関コード",
    "支店コード",
    "口座の種類",
    "口座番号",
    "口座名義",
    "ゆうちょの記号",
    "ゆうちょの番号",
)


def ask_rail(rail: str, offered: Collection[str]) -> None:
    """Passes where the terms offer this way of receiving. Raises RailNotOffered."""
    if rail not in offered:
        raise RailNotOffered("この給付金では選べない受取方法です。受取方法を選び直してください。")


def is_blank(row: AccountRow) -> bool:
    """Whether no account was written at all."""
    return not (
        row.bank or row.branch or row.number or row.holder_kana or row.yucho_symbol or row.yucho_number
    )


def plain_digits(text: str) -> str:
    """Typed digits in one width, without blanks and hyphens; other characters stay, to be seen by the checks."""
    return re.sub(r"[\s‐‑–—―−ー-]", "", unicodedata.normalize("NFKC", text))


def plain_symbol(text: str) -> str:
    """記号 without the digit that some passbooks print after it (10180-2)."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return plain_digits(re.split(r"(?<=\d{5})[\s‐‑–—―−ー-]+", plain, maxsplit=1)[0])
