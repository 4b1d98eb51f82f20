"""Pure. What a person and a household of the sample town are, and the numbers they carry.

Plain values only; every other file of this room builds or writes these.
"""

from __future__ import annotations

from typing import NamedTuple

UNTAXED, LEVY_ONLY, TAXED, UNFILED, UNKNOWN = 1, 2, 3, 4, 0
"""課税区分 of one person: 非課税, 均等割のみ, 課税, 未申告, and not yet known (moved in since 1 January)."""

CITY_LEVY_YEN = 3_000
PREFECTURE_LEVY_YEN = 1_000
"""均等割額 of city and prefecture per person and year, standard rates since 令和6年度."""

MEMBERS_MAX = 16
"""Numbers kept free for one household: at most eight are born into it, the others may join later."""

_PRIME = 99_999_989  # the largest below 10**8: a product modulo a prime never meets itself within the range


class Person(NamedTuple):
    """A resident as the register writes them. `birth` is "yyyy/mm/dd", 00 where month or day is unknown."""

    number: str
    name: str
    kana: str
    birth: str
    sex: int
    relation: str
    tax: int
    income_levy: int
    supporter: str = ""
    latin: str = ""
    alias: str = ""
    alias_kana: str = ""
    marks: tuple[str, ...] = ()
    removed_on: str = ""
    removed_for: str = ""

    @property
    def levied(self) -> bool:
        """Whether the per-capita levy (均等割) falls on the person."""
        return self.tax in (LEVY_ONLY, TAXED)


class Address(NamedTuple):
    """住所 and 方書 as the register writes them; `postal_code` has 7 digits and no hyphen."""

    postal_code: str
    street: str
    building: str


class Household(NamedTuple):
    """A household (世帯), head first.

    `serial` counts the households of the town from 0; `kinds` names what is special about this one;
    `guardian` is a ward's 後見人 (name, kana); `former` is where it lived before it moved in on `moved_in`
    ("yyyy/mm/dd"), or before it moved within the town; `assisted_since` is the day from which it receives
    public assistance (生活扶助).
    """

    serial: int
    number: str
    address: Address
    members: tuple[Person, ...]
    phone: str = ""
    moved_in: str = ""
    former: Address | None = None
    assisted_since: str = ""
    guardian: tuple[str, str] | None = None
    kinds: tuple[str, ...] = ()

    @property
    def head(self) -> Person:
        """The head (世帯主); in the office's words the recipient that a letter goes to."""
        return self.members[0]

    @property
    def tax(self) -> int:
        """課税区分 of the household: taxed if one is, then levy only, then not known, then untaxed."""
        classes = {person.tax for person in self.members}
        return next(tax for tax in (TAXED, LEVY_ONLY, UNKNOWN, UNFILED, UNTAXED) if tax in classes)


def person_number(serial: int, place: int) -> str:
    """Return the 宛名番号 of one member: 10 digits, too short to hold a 12-digit My Number by accident."""
    return f"{((serial * MEMBERS_MAX + place + 1) * 48_271 + 12_345) % _PRIME:010d}"


def household_number(serial: int) -> str:
    """Return the 世帯番号: 10 digits, in a range apart from the 宛名番号."""
    return f"{500_000_000 + ((serial + 1) * 69_621 + 54_321) % _PRIME:010d}"
