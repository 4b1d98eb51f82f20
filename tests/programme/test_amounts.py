"""Amounts due, in whole yen: the rules of real programmes by their published examples and at their edges."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.programme.amounts import (
    AMOUNT_RULES,
    Household,
    Member,
    adjustment_benefit,
    amount,
    amounts,
)

BASE = date(2024, 12, 13)
CHILD_RULE = {
    "base_date": BASE,
    "base_yen": 30_000,
    "child_yen": 20_000,
    "child_born_on_or_after": date(2006, 4, 2),
    "newborn_until": date(2025, 4, 30),
}
ADULT = Member(date(1980, 5, 5))


@pytest.mark.parametrize(
    ("persons", "income_tax", "income_levy", "yen"),
    [
        # Published examples.
        (4, 15_000, 38_000, 110_000),  # 105,000 + 2,000 is rounded up once, as a sum
        (1, 15_500, 25_000, 20_000),
        (1, 30_000, 10_000, 0),  # the cut is used up to the yen: not eligible
        # Edges of the rounding.
        (1, 29_999, 10_000, 10_000),
        (1, 20_000, 10_000, 10_000),  # exactly 10,000 stays 10,000
        (1, 19_999, 10_000, 20_000),
        (1, 30_000, 9_999, 10_000),
        (1, 25_000, 5_000, 10_000),  # 5,000 + 5,000: rounding each part would give 20,000
        # One of the taxes is nil.
        (1, 0, 1, 40_000),
        (1, 1, 0, 40_000),
        (1, 0, 10_000, 30_000),
        (3, 0, 5_000, 120_000),  # 90,000 + 25,000 = 115,000
        # Not eligible: neither tax, nobody counted, or tax enough.
        (1, 0, 0, 0),
        (5, 0, 0, 0),
        (0, 15_000, 10_000, 0),
        (2, 500_000, 300_000, 0),
    ],
)
def test_adjustment_benefit(persons: int, income_tax: int, income_levy: int, yen: int) -> None:
    assert adjustment_benefit(persons, income_tax, income_levy) == yen


taxes = st.integers(min_value=0, max_value=2_000_000)


@given(persons=st.integers(min_value=1, max_value=20), tax=taxes, levy=taxes)
def test_an_adjustment_is_a_multiple_of_10000_that_covers_what_the_cut_could_not_use(
    persons: int, tax: int, levy: int
) -> None:
    yen = adjustment_benefit(persons, tax, levy)
    unused = max(0, 30_000 * persons - tax) + max(0, 10_000 * persons - levy)
    assert yen % 10_000 == 0
    assert yen == 0 if tax == levy == 0 else 0 <= yen - unused < 10_000


@given(persons=st.integers(min_value=1, max_value=20), tax=taxes, levy=taxes, more=taxes)
def test_more_tax_never_raises_an_adjustment(persons: int, tax: int, levy: int, more: int) -> None:
    first = adjustment_benefit(persons, tax + 1, levy)
    assert adjustment_benefit(persons, tax + 1 + more, levy) <= first
    assert adjustment_benefit(persons, tax + 1, levy + more) <= first


def test_a_tax_below_zero_is_a_bug_of_the_caller() -> None:
    with pytest.raises(AssertionError):
        adjustment_benefit(1, -1, 0)


@pytest.mark.parametrize(
    ("members", "yen"),
    [
        ((ADULT,), 100_000),
        (
            (ADULT, Member(None), Member(date(2020, 4, 27))),
            300_000,
        ),  # unknown birth date, born on the base date
        ((ADULT, Member(date(2020, 4, 28), on_base_date=False)), 100_000),  # born the day after
        ((ADULT, Member(date(1950, 1, 1), declines=True)), 100_000),
        ((Member(None, declines=True),), 0),
        ((), 0),
    ],
)
def test_per_person(members: tuple[Member, ...], yen: int) -> None:
    parameters = {"base_date": date(2020, 4, 27), "yen_per_person": 100_000, "yen_abroad": 5_000}
    assert amount("per_person", parameters, Household(members)) == yen


@pytest.mark.parametrize(
    ("members", "yen"),
    [
        ((ADULT,), 30_000),
        ((ADULT, Member(date(2006, 4, 2))), 50_000),  # 18 until the end of the school year
        (
            (ADULT, Member(date(2006, 4, 1))),
            30_000,
        ),  # turned 18 a day before the birthday, so in the year before
        ((ADULT, Member(date(2010, 1, 1)), Member(date(2024, 12, 13))), 70_000),
        ((ADULT, Member(date(2024, 12, 14), on_base_date=False)), 50_000),  # newborn
        ((ADULT, Member(date(2025, 4, 30), on_base_date=False)), 50_000),  # newborn on the last day
        ((ADULT, Member(date(2025, 5, 1), on_base_date=False)), 30_000),
        (
            (ADULT, Member(date(2024, 12, 13), on_base_date=False)),
            30_000,
        ),  # moved in later: counted elsewhere
        ((ADULT, Member(None)), 30_000),  # unknown birth date: a person settles it
        ((ADULT, Member(date(2010, 1, 1), declines=True)), 30_000),
        ((Member(date(2024, 12, 20), on_base_date=False),), 0),  # nobody was here on the base date
    ],
)
def test_household_plus_child(members: tuple[Member, ...], yen: int) -> None:
    assert amount("household_plus_child", CHILD_RULE, Household(members)) == yen


def test_without_a_newborn_date_only_children_of_the_base_date_count() -> None:
    parameters = {**CHILD_RULE, "newborn_until": None}
    household = Household((ADULT, Member(date(2024, 12, 14), on_base_date=False), Member(date(2015, 1, 1))))
    assert amount("household_plus_child", parameters, household) == 50_000


def test_a_constant_amount_asks_nothing() -> None:
    assert amount("constant", {"yen": 50_000}, Household()) == 50_000


births = st.none() | st.dates(min_value=date(1930, 1, 1), max_value=date(2025, 12, 31))
members = st.lists(st.builds(Member, births, st.booleans(), st.booleans()), max_size=6).map(tuple)
households = st.lists(
    st.builds(Household, members, st.integers(min_value=0, max_value=9), taxes, taxes), max_size=20
)
EVERY_PARAMETER = {**CHILD_RULE, "yen": 6_000, "yen_per_person": 100_000, "yen_abroad": 5_000}


@given(towns=households, rule=st.sampled_from(sorted(AMOUNT_RULES)))
def test_a_whole_town_gets_what_each_household_gets_alone(towns: list[Household], rule: str) -> None:
    together = list(amounts(rule, EVERY_PARAMETER, towns))
    assert together == [amount(rule, EVERY_PARAMETER, household) for household in towns]
    assert all(type(yen) is int and yen >= 0 for yen in together)


def test_amounts_come_one_by_one_so_a_city_never_stands_in_memory() -> None:
    seen = []

    def street():
        for number in range(3):
            seen.append(number)
            yield Household((ADULT,))

    stream = amounts("per_person", {"yen_per_person": 1}, street())
    assert next(stream) == 1
    assert seen == [0]
