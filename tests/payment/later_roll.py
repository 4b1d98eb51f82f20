"""A roll that comes after the decision: some heads are off the register since then."""

from collections.abc import Mapping
from datetime import timedelta

from tests.payment.ground import Money
from tests.town_fixture import take
from todoku.sampletown.household import Household, Person


def later_roll(money: Money, left: Mapping[str, str]) -> None:
    """`left`: household number → why its head is off the register. Taken in half an hour; the clock stands an hour on."""
    households = [
        _without_head(one, left[one.number]) if one.number in left else one for one in money.town.households
    ]
    take(money.programme, households, at=money.at + timedelta(minutes=30))
    money.at += timedelta(hours=1)


def _without_head(household: Household, why: str) -> Household:
    return household._replace(members=(_off(household.head, why), *household.members[1:]))


def _off(head: Person, why: str) -> Person:
    return head._replace(marks=(*head.marks, why), removed_on="2026/11/30", removed_for=why)
