"""What the product computes for many at once is what a plain second reading of the same text says of each, by reason."""

import tomllib
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.programme import plain_rules
from todoku.programme.amounts import Household, Member, adjustment_benefit, rounded
from todoku.programme.eligibility import RecipientFacts
from todoku.programme.shipped import SLUGS, version_text
from todoku.programme.terms import parse
from todoku.programme.vocabulary import ACCOUNT_SOURCES, CHILD_ALLOWANCES, LATE_KINDS

DATA = {slug: tomllib.loads(version_text(slug)) for slug in SLUGS}
TERMS = {slug: parse(version_text(slug)) for slug in SLUGS}


def days_of(value: Any) -> set[date]:
    """Every day that stands in a Version: births and base dates at their borders are what matters."""
    if isinstance(value, date):
        return {value}
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set().union(*map(days_of, inner)) if inner else set()


DAYS = sorted(
    {
        day + timedelta(days=shift)
        for slug in SLUGS
        for part in ("programme", "eligibility", "amount", "payout")
        for day in days_of(DATA[slug].get(part, {}))
        for shift in (-1, 0, 1)
    }
)
few = st.integers(0, 3)
births = st.none() | st.sampled_from(DAYS) | st.dates(date(1935, 1, 1), date(2026, 6, 1))
# Mostly nothing: facts that all say yes would only ever find the first reason.
rarely = st.sampled_from([False, False, False, True])
recipients = st.builds(
    RecipientFacts,
    resident_members=few,
    members_taxed=st.sampled_from([0, 0, 1, 2]),
    members_tax_unknown=st.sampled_from([0, 0, 0, 1]),
    members_dependent_of_taxed=st.sampled_from([0, 0, 1, 2]),
    total_income=st.sampled_from([0, 480_000, 480_001, 18_050_000, 18_050_001]),
    income_tax=st.sampled_from([0, 1, 30_000]),
    income_levy=st.sampled_from([0, 1, 10_000]),
    paid_elsewhere=rarely,
    earlier_programme=rarely,
    account_known=st.booleans(),
    head_left=rarely,
    members_levy_only=st.sampled_from([0, 0, 1, 2]),
    resident_on=st.lists(st.sampled_from(DAYS), max_size=4).map(tuple),
    sudden_income_drop=rarely,
    public_assistance=rarely,
    earlier_programme_paid=rarely,
    child_allowance=st.sampled_from(["", *CHILD_ALLOWANCES]),
    single_parent_allowance=st.booleans(),
    public_pension=rarely,
    disabled_child=rarely,
    birth_date=births,
    family_employee=rarely,
    in_facility=rarely,
    account_from=st.lists(st.sampled_from([*ACCOUNT_SOURCES]), max_size=2).map(tuple),
    late_entry=st.sampled_from(["", "", *LATE_KINDS]),
)
members = st.lists(st.builds(Member, births, st.booleans(), rarely), max_size=5).map(tuple)
taxes = st.integers(0, 200_000)


@pytest.mark.parametrize("slug", SLUGS)
@settings(max_examples=30)
@given(rows=st.lists(recipients, min_size=1, max_size=12))
def test_who_is_due_and_why_not_agrees_with_a_plain_second_reading(
    slug: str, rows: list[RecipientFacts]
) -> None:
    together = list(TERMS[slug].judge(rows))
    assert [tuple(one) for one in together] == [plain_rules.judged(DATA[slug], facts) for facts in rows]
    for facts, outcome in zip(rows, together, strict=True):
        for payout in [1, *(one.number for one in TERMS[slug].payouts)]:
            cohort = TERMS[slug].cohort_of(facts, outcome.ground, payout).name
            assert cohort == plain_rules.cohort(DATA[slug], facts, outcome.ground, payout)


@st.composite
def households_of(draw: st.DrawFn, slug: str) -> Household:
    grounds = ["", *(ground.name for ground in TERMS[slug].eligibility.grounds)]
    return Household(
        draw(members), draw(st.integers(0, 9)), draw(taxes), draw(taxes), draw(st.sampled_from(grounds)),
        draw(st.sampled_from([0, 10_000, 40_000, 110_000])), draw(st.booleans()),
    )  # fmt: skip


@pytest.mark.parametrize("slug", SLUGS)
@settings(max_examples=30)
@given(data=st.data())
def test_amounts_of_many_agree_with_a_plain_second_reading(slug: str, data: st.DataObject) -> None:
    rows = data.draw(st.lists(households_of(slug), max_size=10))
    for payout in [1, *(one.number for one in TERMS[slug].payouts)]:
        together = list(TERMS[slug].amounts(rows, payout))
        assert together == [plain_rules.yen(DATA[slug], row, row.ground, payout) for row in rows]


@pytest.mark.parametrize(
    ("yen", "unit", "rounding", "rounded_yen"),
    [
        (14_500, 10_000, "up", 20_000),
        (14_500, 10_000, "down", 10_000),
        (14_500, 10_000, "half_up", 10_000),
        (15_000, 10_000, "half_up", 20_000),
        (14_999, 10_000, "half_up", 10_000),
        (20_000, 10_000, "up", 20_000),
        (0, 10_000, "up", 0),
        (1_250, 100, "half_up", 1_300),
        (101, 100, "up", 200),
        (7, 5, "half_up", 5),
        (8, 5, "half_up", 10),
    ],
)
def test_a_sum_is_rounded_as_the_version_says(yen: int, unit: int, rounding: str, rounded_yen: int) -> None:
    assert rounded(yen, unit, rounding) == rounded_yen


def test_a_cut_of_another_year_brings_its_own_numbers() -> None:
    yen = adjustment_benefit(
        2, 15_000, 5_000, tax_cut_yen=20_000, levy_cut_yen=5_000, rounding_unit_yen=1_000, rounding="down"
    )
    assert yen == 30_000  # 25,000 and 5,000


@pytest.mark.parametrize(
    ("persons", "income_tax", "income_levy", "set_before", "more"),
    [
        (4, 15_000, 38_000, 90_000, 20_000),  # 110,000 by the real tax
        (4, 15_000, 38_000, 110_000, 0),
        (4, 15_000, 38_000, 120_000, 0),  # nothing is asked back
        (1, 15_500, 25_000, 0, 20_000),
        (1, 30_000, 10_000, 0, 0),
    ],
)
def test_what_the_adjustment_benefit_fell_short_of(
    persons: int, income_tax: int, income_levy: int, set_before: int, more: int
) -> None:
    row = Household((), persons, income_tax, income_levy, "shortfall", set_before)
    assert list(TERMS["fusokugaku-2025"].amounts([row])) == [more]


@pytest.mark.parametrize(("abroad", "yen"), [(False, 40_000), (True, 30_000)])
def test_whom_no_cut_could_reach_gets_a_fixed_sum(abroad: bool, yen: int) -> None:
    row = Household(ground="unreached", abroad_on_new_year=abroad)
    assert list(TERMS["fusokugaku-2025"].amounts([row])) == [yen]


def test_a_right_to_buy_is_worth_its_premium() -> None:
    voucher = TERMS["premium-shohinken-2019"].voucher
    assert voucher is not None
    assert (voucher.face_yen, voucher.rights * voucher.price_yen, voucher.premium_yen) == (
        25_000,
        20_000,
        5_000,
    )
