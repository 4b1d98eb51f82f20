"""Pure. How much is due: rules by name, each over flat tuples, for one page and a whole city.

Takes households that `eligibility` has let through, gives whole yen; it does not judge eligibility itself,
except that a formula which leaves nothing to pay gives 0. No float touches money.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple, Protocol

# 定額減税補足給付金（調整給付）: the cuts per person that the tax reform of 2024 granted, and the rounding
# of the benefit.
INCOME_TAX_CUT_YEN = 30_000
INCOME_LEVY_CUT_YEN = 10_000
ADJUSTMENT_UNIT_YEN = 10_000

Parameters = Mapping[str, Any]
ROUNDINGS = {"up": "切上げ", "down": "切捨て", "half_up": "四捨五入"}


class Member(NamedTuple):
    """One member as far as the amount depends on it. `birth_date` is None where the roll has 不詳."""

    birth_date: date | None = None
    on_base_date: bool = True  # as registered on the base date; the registry has applied the late rules
    declines: bool = False  # this person's part was declined (一人ずつの辞退)


class Household(NamedTuple):
    """The recipient as far as the amount depends on it; all but members and ground for taxpayers (yen before any cut)."""

    members: tuple[Member, ...] = ()
    persons: int = 0  # 本人＋控除対象配偶者＋扶養親族, living in Japan, those under 16 included
    income_tax: int = 0
    income_levy: int = 0
    ground: str = ""  # `Outcome.ground`: amounts can differ by the ground on which somebody is due
    paid_before_yen: int = 0  # what an earlier programme set for the same cut (当初調整給付額), paid or not
    abroad_on_new_year: bool = False  # not resident in Japan on 1 January of the year of the cut


class Rule(NamedTuple):
    """An amount rule that a Version may name: its parameters with their kinds, and what it makes of them."""

    label: str
    units: tuple[str, ...]
    parameters: dict[str, str]  # name -> "yen" | "yen", "date", "rounding"; with "?" it may be left out
    compile: Callable[[Parameters], Callable[[Household], int]]
    least: Callable[[Parameters], int]  # the smallest amount above 0, for the caps


def rounded(yen: int, unit_yen: int, rounding: str) -> int:
    """A sum rounded to a whole multiple of `unit_yen`, by a key of ROUNDINGS."""
    if rounding == "down":
        return yen // unit_yen * unit_yen
    if rounding == "half_up":
        return (2 * yen + unit_yen) // (2 * unit_yen) * unit_yen
    assert rounding == "up", f"no such rounding: {rounding!r}"
    return -(-yen // unit_yen) * unit_yen


def adjustment_benefit(
    persons: int,
    income_tax: int,
    income_levy: int,
    *,
    tax_cut_yen: int = INCOME_TAX_CUT_YEN,
    levy_cut_yen: int = INCOME_LEVY_CUT_YEN,
    rounding_unit_yen: int = ADJUSTMENT_UNIT_YEN,
    rounding: str = "up",
) -> int:
    """定額減税補足給付金（調整給付）in yen; 0 where nothing is due.

    `persons` counts the taxpayer, the spouse and the dependants; `income_tax` is the estimated national tax
    of the year and `income_levy` the 所得割, both before the cut. What the cut of 30,000 and 10,000 a
    person cannot use up of each tax is added first and the sum rounded up to 10,000 (cities round the sum,
    never the two parts). Whoever pays neither tax is not eligible. The income limit (合計所得 18,050,000円)
    is a matter of eligibility.
    """
    assert income_tax >= 0 and income_levy >= 0, "a tax before the cut is never below zero"
    if persons < 1 or (income_tax == 0 and income_levy == 0):
        return 0
    unused_tax = max(0, tax_cut_yen * persons - income_tax)
    unused_levy = max(0, levy_cut_yen * persons - income_levy)
    return rounded(unused_tax + unused_levy, rounding_unit_yen, rounding)


def _constant(parameters: Parameters) -> Callable[[Household], int]:
    yen: int = parameters["yen"]
    return lambda household: yen


def _per_person(parameters: Parameters) -> Callable[[Household], int]:
    yen: int = parameters["yen_per_person"]

    def amount(household: Household) -> int:
        return yen * sum(on_base_date and not declines for _, on_base_date, declines in household.members)

    return amount


def _household_plus_child(parameters: Parameters) -> Callable[[Household], int]:
    """Base plus addition per child born on or after a date.

    A member not registered on the base date counts as a child only when born after it and by `newborn_until`
    (a newborn, 新生児). A member whose birth date is unknown is never counted by itself: a person settles it.
    """
    base_yen: int = parameters["base_yen"]
    addition = _per_child(parameters)

    def amount(household: Household) -> int:
        if not any(member.on_base_date for member in household.members):
            return 0
        return base_yen + addition(household)

    return amount


def _per_child(parameters: Parameters) -> Callable[[Household], int]:
    """The addition for children alone, counted as `_household_plus_child` says."""
    child_yen: int = parameters["child_yen"]
    born_from: date = parameters["child_born_on_or_after"]
    base_date: date = parameters["base_date"]
    newborn_until: date = parameters.get("newborn_until") or base_date

    def is_child(member: Member) -> bool:
        born, on_base_date, declines = member
        if born is None or born < born_from or declines:
            return False
        return on_base_date or base_date < born <= newborn_until

    def amount(household: Household) -> int:
        members = household.members
        if not any(member.on_base_date for member in members):
            return 0
        return child_yen * sum(map(is_child, members))

    return amount


def _cut(parameters: Parameters) -> Callable[[Household], int]:
    """What a cut cannot use up, with the numbers of the Version where it has its own."""
    given = {name: parameters[name] for name in CUT_PARAMETERS if name in parameters}

    def amount(household: Household) -> int:
        return adjustment_benefit(household.persons, household.income_tax, household.income_levy, **given)

    return amount


def _shortfall(parameters: Parameters) -> Callable[[Household], int]:
    """不足額給付 I: what the cut could not use up by the real tax, less what was set from the estimate."""
    due = _cut(parameters)

    def amount(household: Household) -> int:
        return max(0, due(household) - household.paid_before_yen)

    return amount


def _constant_or_abroad(parameters: Parameters) -> Callable[[Household], int]:
    """不足額給付 II: a fixed sum, a smaller one for whoever did not live in Japan on New Year's Day."""
    yen, yen_abroad = int(parameters["yen"]), int(parameters["yen_abroad"])
    return lambda household: yen_abroad if household.abroad_on_new_year else yen


def _unit(parameters: Parameters) -> int:
    return int(parameters.get("rounding_unit_yen", ADJUSTMENT_UNIT_YEN))


# The numbers of a cut where a Version has its own; left out, those of the reform of 2024 hold.
CUT_PARAMETERS = {
    "tax_cut_yen": "yen?",
    "levy_cut_yen": "yen?",
    "rounding_unit_yen": "yen?",
    "rounding": "rounding?",
}

AMOUNT_RULES: dict[str, Rule] = {
    "constant": Rule(
        "一律の額",
        ("household", "person", "taxpayer", "child"),
        {"yen": "yen"},
        _constant,
        lambda parameters: int(parameters["yen"]),
    ),
    "per_person": Rule(
        "一人あたりの額 × 対象者の数",
        ("household", "person", "child"),
        {"yen_per_person": "yen"},
        _per_person,
        lambda parameters: int(parameters["yen_per_person"]),
    ),
    "household_plus_child": Rule(
        "世帯の額 ＋ 子ども一人あたりの加算",
        ("household",),
        {"base_yen": "yen", "child_yen": "yen", "child_born_on_or_after": "date", "newborn_until": "date?"},
        _household_plus_child,
        lambda parameters: int(parameters["base_yen"]),
    ),
    "per_child": Rule(
        "子ども一人あたりの額 × 子どもの数",
        ("household",),
        {"child_yen": "yen", "child_born_on_or_after": "date", "newborn_until": "date?"},
        _per_child,
        lambda parameters: int(parameters["child_yen"]),
    ),
    "adjustment_benefit": Rule(
        "定額減税で引ききれない額（定めがなければ1万円単位に切上げ）",
        ("taxpayer",),
        CUT_PARAMETERS,
        _cut,
        _unit,
    ),
    "shortfall_benefit": Rule(
        "実績で計算した引ききれない額 − 当初の調整給付の額",
        ("taxpayer",),
        CUT_PARAMETERS,
        _shortfall,
        _unit,
    ),
    "constant_or_abroad": Rule(
        "一律の額（その年の1月1日に国外に住んでいた方は別の額）",
        ("person", "taxpayer"),
        {"yen": "yen", "yen_abroad": "yen"},
        _constant_or_abroad,
        lambda parameters: min(int(parameters["yen"]), int(parameters["yen_abroad"])),
    ),
}


def amounts(rule: str, parameters: Parameters, households: Iterable[Household]) -> Iterator[int]:
    """The amount in yen for each household, in order. `parameters` as `Terms.amount.parameters` holds
    them."""
    return map(AMOUNT_RULES[rule].compile(parameters), households)


class AmountRule(Protocol):
    """What `amounts_by_ground` needs of [amount]: its rule, and the rules of single grounds."""

    @property
    def rule(self) -> str: ...
    @property
    def parameters(self) -> Parameters: ...
    @property
    def by_ground(self) -> Mapping[str, "AmountRule"]: ...


def amounts_by_ground(rule: AmountRule, households: Iterable[Household]) -> Iterator[int]:
    """The amount in yen for each household, in order: by the rule of its ground, else by the general one."""
    general = AMOUNT_RULES[rule.rule].compile(rule.parameters)
    own = {name: AMOUNT_RULES[one.rule].compile(one.parameters) for name, one in rule.by_ground.items()}
    if not own:
        return map(general, households)
    return (own.get(household.ground, general)(household) for household in households)


def amount(rule: str, parameters: Parameters, household: Household) -> int:
    """The amount in yen for one household: the same rule, for a page."""
    return next(amounts(rule, parameters, [household]))
