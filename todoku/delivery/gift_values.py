"""Pure. Which codes make an amount: so many of each value, exactly, from what lies in stock; the largest values first.

Takes amounts and counts by value; gives a plan, or what is missing of each value.
"""

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

Codes = tuple[tuple[int, int], ...]  # (value in yen, how many), the largest value first


class Share(NamedTuple):
    """How one payment of an amount is made up, and how many payments are made up so."""

    amount_yen: int
    codes: Codes
    payments: int


class Plan(NamedTuple):
    """What to assign; `lacking` says how many codes of each value are missing (empty: the plan is whole)."""

    shares: tuple[Share, ...]
    lacking: Mapping[int, int]


def plan(payments: Mapping[int, int], stock: Mapping[int, int], values: tuple[int, ...]) -> Plan:
    """Codes for so many payments of each amount. All or nothing: with anything lacking, no share is given.

    In: amount → payments; value → codes in stock; the values that the terms allow.
    """
    left = Counter({value: stock.get(value, 0) for value in values})
    shares: list[Share] = []
    for amount, wanted in sorted(payments.items(), reverse=True):
        while wanted:
            codes = made_of(amount, tuple(sorted(((v, n) for v, n in left.items() if n > 0), reverse=True)))
            if codes is None:
                return Plan((), _lacking(payments, stock, values))
            can = min(wanted, *(left[value] // count for value, count in codes))
            shares.append(Share(amount, codes, can))
            left.subtract({value: count * can for value, count in codes})
            wanted -= can
    return Plan(tuple(shares), {})


@lru_cache(maxsize=256)
def made_of(amount_yen: int, stock: Codes) -> Codes | None:
    """The amount from these codes, as few as the largest values allow; None where it cannot be made exactly.

    `stock` stands with the largest value first; an endless stock is a count as large as the amount.
    """
    if amount_yen == 0:
        return ()
    if not stock:
        return None
    (value, count), *rest = stock
    for used in range(min(count, amount_yen // value), -1, -1):
        others = made_of(amount_yen - used * value, tuple(rest))
        if others is not None:
            return ((value, used), *others) if used else others
    return None


def _lacking(
    payments: Mapping[int, int], stock: Mapping[int, int], values: tuple[int, ...]
) -> dict[int, int]:
    """What would have to be ordered if every payment were made of the largest values."""
    needed: Counter[int] = Counter()
    for amount, wanted in payments.items():
        endless = tuple((value, amount // value) for value in sorted(values, reverse=True) if value <= amount)
        codes = made_of(amount, endless)
        if codes is None:
            needed[amount] += wanted  # no value of the terms fits: named by the amount itself
            continue
        needed.update({value: count * wanted for value, count in codes})
    short = {value: count - stock.get(value, 0) for value, count in needed.items()}
    return {value: count for value, count in sorted(short.items(), reverse=True) if count > 0}
