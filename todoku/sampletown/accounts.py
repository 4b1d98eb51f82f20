"""Pure. The bank accounts of the sample town: real banks and branches, invented numbers.

Goes in: a household. Comes out: its account, always the same one for the same seed. Every branch stands in
the bank master; an account of ゆうちょ has the symbol and number of its passbook, check digit included.
"""

from __future__ import annotations

import random
from functools import lru_cache
from typing import NamedTuple

from todoku.formats import bank_master, kana, yucho
from todoku.sampletown.household import Household

ORDINARY, CURRENT, SAVINGS = 1, 2, 4

# How people bank, in parts of about a hundred: ゆうちょ, the large city banks, two banks without counters,
# and the regional bank of the prefecture. Our own rounded estimate.
_EVERYWHERE = {bank_master.YUCHO: 22, "0005": 14, "0009": 13, "0001": 10, "0010": 4, "0036": 5, "0033": 2}
_REGIONAL_WEIGHT = 30
_REGIONAL = dict(
    entry.split(":")
    for entry in (
        "01:0116 02:0117 03:0123 04:0125 05:0119 06:0122 07:0126 08:0130 09:0129 "
        "10:0128 11:0017 12:0134 13:0137 14:0138 15:0140 16:0144 17:0146 18:0147 "
        "19:0142 20:0143 21:0153 22:0149 23:0542 24:0155 25:0157 26:0158 27:0159 "
        "28:0562 29:0162 30:0163 31:0166 32:0167 33:0168 34:0169 35:0170 36:0172 "
        "37:0173 38:0174 39:0175 40:0177 41:0179 42:0181 43:0182 44:0183 45:0184 "
        "46:0185 47:0187 "
    ).split()
)

KNOWN_SHARE = 0.6
KNOWN_HEADINGS = (
    "宛名番号",
    "口座名義",
    "口座番号",
    "支店コード",
    "金融機関コード",
    "預金種別",
    "取込元種別",
)
_SOURCES = ("公金受取口座", "前回給付", "児童手当")


class Account(NamedTuple):
    """An account as its holder names it.

    `kind` is "bank" or "yucho"; `bank`, `branch`, `account_kind`, `number` are what a bank file needs; for
    yucho `symbol` (記号) and `yucho_number` (番号) stand in the passbook. `holder_kana` is half-width.
    """

    kind: str
    bank: str
    branch: str
    account_kind: int
    number: str
    symbol: str
    yucho_number: str
    holder_kana: str


def account_of(household: Household, seed: int, prefecture: str, which: int = 0) -> Account:
    """Return the head's account; `which` = 1 gives another account of the same person.

    `prefecture` is the first two digits of the municipality code and decides the regional bank. The holder is
    the head by the registered reading, or by the 通称名 where there is one (half of the time).
    """
    rng = random.Random(f"{seed}:account:{household.serial}:{which}")
    head = household.head
    holder = head.alias_kana if head.alias_kana and rng.random() < 0.5 else head.kana
    holder_kana = kana.bank_kana(holder)
    banks = _banks(prefecture)
    bank = banks[int(rng.random() * len(banks))]
    if bank == bank_master.YUCHO:
        return _yucho(rng, holder_kana)
    codes = branch_codes(bank)
    kind = SAVINGS if rng.random() < 0.01 else ORDINARY
    number = f"{1_000_000 + int(rng.random() * 8_999_999):07d}"
    return Account("bank", bank, codes[int(rng.random() * len(codes))], kind, number, "", "", holder_kana)


def is_known(household: Household, seed: int) -> bool:
    """Say whether the municipality already knows the household's account (about 60 % of households)."""
    return random.Random(f"{seed}:known:{household.serial}").random() < KNOWN_SHARE


def bank_weights(prefecture: str) -> dict[str, int]:
    """Return the banks that people of a prefecture use, by code, with their weights."""
    weights = _EVERYWHERE | {_REGIONAL[prefecture]: _REGIONAL_WEIGHT}
    return {bank: weight for bank, weight in weights.items() if bank_master.bank(bank)}


@lru_cache(maxsize=64)
def _banks(prefecture: str) -> tuple[str, ...]:
    """Return bank codes, each as often as its weight."""
    return tuple(bank for bank, weight in bank_weights(prefecture).items() for _ in range(weight))


@lru_cache(maxsize=64)
def branch_codes(bank: str) -> tuple[str, ...]:
    """Return every branch code of a bank that the master knows."""
    codes = (f"{code:03d}" for code in range(1_000))
    return tuple(code for code in codes if bank_master.branch(bank, code))


def _yucho(rng: random.Random, holder_kana: str) -> Account:
    """Draw an ordinary savings passbook: 記号 1abc0, where ab8 is the branch and c the check digit."""
    savings = [code for code in branch_codes(bank_master.YUCHO) if code.endswith("8")]
    area = savings[int(rng.random() * len(savings))][:2]
    number = f"{100_000 + int(rng.random() * 9_899_999)}1"
    symbols = (f"1{area}{digit}0" for digit in range(10))
    symbol = next(symbol for symbol in symbols if yucho.check_digit_agrees(symbol, number))
    paid = yucho.transfer_account(symbol, number)
    return Account("yucho", paid.bank, paid.branch, paid.kind, paid.number, symbol, number, holder_kana)


def known_row(household: Household, account: Account) -> tuple[str, ...]:
    """Return one line of the known accounts file, in the order of KNOWN_HEADINGS."""
    source = _SOURCES[household.serial % 3 if len(household.members) > 2 else household.serial % 2]
    return (
        household.head.number,
        account.holder_kana,
        account.number,
        account.branch,
        account.bank,
        str(account.account_kind),
        source,
    )
