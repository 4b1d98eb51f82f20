"""Pure. The branches of every amount rule: the cases in which it computes differently, so that examples can show each.

Comes in: a rule's parameters and a household. Goes out: whether the household goes this branch. It computes no amount.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from todoku.programme.amounts import (
    AMOUNT_RULES,
    CUT_PARAMETERS,
    Household,
    Member,
    Parameters,
    adjustment_benefit,
)


class Branch(NamedTuple):
    """One branch of a rule: its name in Japanese, whether a household goes it, and whether a Version has it at all."""

    label: str
    goes: Callable[[Parameters, Household], bool]
    exists: Callable[[Parameters], bool] = lambda parameters: True


def _here(household: Household) -> list[Member]:
    return [member for member in household.members if member.on_base_date]


def _children(parameters: Parameters, household: Household) -> list[Member]:
    first = parameters["child_born_on_or_after"]
    return [
        one for one in _here(household) if one.birth_date and one.birth_date >= first and not one.declines
    ]


def _born_on_first_day(parameters: Parameters, household: Household) -> bool:
    first = parameters["child_born_on_or_after"]
    return any(member.birth_date == first for member in _here(household))


def _born_the_day_before(parameters: Parameters, household: Household) -> bool:
    eve = parameters["child_born_on_or_after"] - timedelta(days=1)
    return any(member.birth_date == eve for member in _here(household))


def _newborn(parameters: Parameters, household: Household) -> bool:
    last = parameters["newborn_until"]
    births = [one.birth_date for one in household.members if one.birth_date and not one.on_base_date]
    return any(parameters["base_date"] < born <= last for born in births)


def _born_on_last_day(parameters: Parameters, household: Household) -> bool:
    last = parameters["newborn_until"]
    return any(member.birth_date == last and not member.on_base_date for member in household.members)


def _born_too_late(parameters: Parameters, household: Household) -> bool:
    births = [one.birth_date for one in household.members if one.birth_date and not one.on_base_date]
    return any(born > parameters["newborn_until"] for born in births)


def _counts_newborns(parameters: Parameters) -> bool:
    return bool(parameters.get("newborn_until"))


def _unused(parameters: Parameters, household: Household) -> int:
    given = {name: parameters[name] for name in CUT_PARAMETERS if name in parameters}
    return adjustment_benefit(household.persons, household.income_tax, household.income_levy, **given)


def _exact(parameters: Parameters, household: Household) -> bool:
    """Whether what is left is a whole multiple by itself, so that rounding changes nothing."""
    by_yen = {**parameters, "rounding_unit_yen": 1}
    return 0 < _unused(by_yen, household) == _unused(parameters, household)


def _is_rounded(parameters: Parameters, household: Household) -> bool:
    return not _exact(parameters, household) and _unused(parameters, household) > 0


_CHILDREN = {
    "child": Branch("子どもがいる", lambda p, h: bool(_children(p, h))),
    "first_day": Branch("対象の最初の日に生まれた子ども", _born_on_first_day),
    "day_before": Branch("対象の最初の日の前日に生まれた方（数えない）", _born_the_day_before),
    "newborn": Branch("基準日の後に生まれた新生児", _newborn, _counts_newborns),
    "last_day": Branch("新生児の期限の日に生まれた子ども", _born_on_last_day, _counts_newborns),
    "too_late": Branch("新生児の期限の後に生まれた子ども（数えない）", _born_too_late, _counts_newborns),
}
_ROUNDING = {
    "rounded": Branch("端数がある（丸める）", _is_rounded),
    "exact": Branch("端数がない", _exact),
    "nothing": Branch("引ききれる（0円）", lambda p, h: h.persons > 0 and _unused(p, h) == 0),
}

BRANCHES: dict[str, dict[str, Branch]] = {
    "constant": {"flat": Branch("一律", lambda p, h: True)},
    "per_person": {
        "one": Branch("一人", lambda p, h: len(_here(h)) == 1),
        "several": Branch("二人以上", lambda p, h: len(_here(h)) > 1),
        "declined": Branch(
            "辞退した方がいる（数えない）", lambda p, h: any(one.declines for one in h.members)
        ),
        "absent": Branch(
            "基準日に登録のない方がいる（数えない）", lambda p, h: len(_here(h)) < len(h.members)
        ),
    },
    "household_plus_child": {
        "no_child": Branch("子どもがいない", lambda p, h: bool(_here(h)) and not _children(p, h)),
        **_CHILDREN,
    },
    "per_child": _CHILDREN,
    "adjustment_benefit": _ROUNDING,
    "shortfall_benefit": {
        "more": Branch("当初の給付額より多い", lambda p, h: 0 < h.paid_before_yen < _unused(p, h)),
        "first": Branch("当初の給付がなかった", lambda p, h: h.paid_before_yen == 0 < _unused(p, h)),
        "enough": Branch(
            "当初の給付で足りている（0円）", lambda p, h: 0 < _unused(p, h) <= h.paid_before_yen
        ),
    },
    "constant_or_abroad": {
        "home": Branch("国内に住んでいた", lambda p, h: not h.abroad_on_new_year),
        "abroad": Branch("1月1日に国外に住んでいた", lambda p, h: h.abroad_on_new_year),
    },
}
assert BRANCHES.keys() == AMOUNT_RULES.keys(), "every amount rule says its branches"
