"""Pure. Which households of the sample town are special, and how many of each kind.

Goes in: seed and size. Comes out: a plan {household serial: Mark}. The plan comes before anybody is born,
so every kind stands in the town from 300 households up, at any size in believable numbers, and the households
of one group (two at one address, the wards of one guardian) fit together without the whole town in memory.
"""

from __future__ import annotations

import random
from typing import NamedTuple

SLOT = 5
"""Households that stand together: a group of up to five fits in one slot, a facility takes several."""

FACILITY_SHARE_MAX = 0.03
FACILITY_RESIDENTS_MAX = 100
FACILITY_PER_HOUSEHOLDS = 20_000
WARDS_PER_GUARDIAN = 4


class Mark(NamedTuple):
    """What is special about one household: the kind, the group it belongs to, its place in that group."""

    kind: str
    group: int
    place: int


class Rate(NamedTuple):
    """How often a kind occurs: at least so many groups, or this share of households; size of a group."""

    at_least: int
    share: float
    size: int = 1


# Shares are our own rounded estimates of a city; the minimum makes each kind testable in a small town.
RATES = {
    "separated_household": Rate(1, 0.005, 2),  # 世帯分離: two households at one address
    "same_name_and_birth": Rate(1, 0.0003, 2),  # 同姓同名同生年月日
    "guardian_ward": Rate(1, 0.0001, WARDS_PER_GUARDIAN),  # 成年被後見人
    "dependants_only": Rate(1, 0.003, 2),  # 扶養親族のみの世帯 and the household that supports it
    "twins": Rate(2, 0.0025),
    "head_under_age": Rate(1, 0.0002),
    "foreign_single_name": Rate(1, 0.0015),
    "foreign_latin": Rate(2, 0.009),
    "foreign_kanji": Rate(2, 0.014),
    "foreign_alias": Rate(2, 0.004),  # 通称名
    "private_character": Rate(2, 0.0025),  # 外字
    "extended_character": Rate(4, 0.018),  # 髙 﨑 德 …
    "vu_kana": Rate(1, 0.0005),
    "long_vowel_kana": Rate(1, 0.001),
    "support_measures": Rate(2, 0.0015),  # 支援措置
    "unknown_birth": Rate(2, 0.0006),
    "died_after_base": Rate(2, 0.003),
    "moved_out_after_base": Rate(2, 0.006),
    "comma_in_building": Rate(2, 0.001),
    "long_address": Rate(2, 0.001),
    "tax_unfiled": Rate(3, 0.015),  # 未申告
}

KINDS = ("facility_resident", *RATES)


def plan(seed: int, households: int) -> dict[int, Mark]:
    """Return what is special about which household; the same seed and size give the same plan."""
    slots = list(range(households // SLOT))
    random.Random(f"{seed}:{households}:plan").shuffle(slots)
    marks: dict[int, Mark] = {}
    for group, residents in enumerate(_facilities(households)):
        taken = [slots.pop() for _ in range(-(-residents // SLOT)) if slots]
        serials = [slot * SLOT + at for slot in taken for at in range(SLOT)][:residents]
        marks.update(
            (serial, Mark("facility_resident", group, place)) for place, serial in enumerate(serials)
        )
    for kind, rate in RATES.items():
        for group in range(max(rate.at_least, round(households * rate.share / rate.size))):
            if not slots:
                return marks
            first = slots.pop() * SLOT
            marks.update((first + place, Mark(kind, group, place)) for place in range(rate.size))
    return marks


def _facilities(households: int) -> list[int]:
    """Return the number of residents of each facility: one hundred, in a small town 3 % of the households."""
    residents = min(FACILITY_RESIDENTS_MAX, int(households * FACILITY_SHARE_MAX))
    return [residents] * max(1, households // FACILITY_PER_HOUSEHOLDS) if residents else []
