"""Who is due and who is not, with the reason; which cohort takes whom; what follows a death or a move."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.programme.cohorts import CONDITION_LABELS, CONDITIONS
from todoku.programme.eligibility import (
    EXCLUSIONS,
    PREDICATES,
    REASONS,
    Limits,
    RecipientFacts,
    after_change,
    judge,
    judge_all,
)
from todoku.programme.shipped import version_text
from todoku.programme.terms import parse

LOW_INCOME = ("resident_on_base_date", "all_members_untaxed", "not_only_dependants")
TAXPAYER = ("income_within_limit", "has_tax_to_cut")
ELSEWHERE = ("paid_elsewhere", "earlier_programme")
HOUSEHOLD_BENEFIT = parse(version_text("bukkadaka-2024"))


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (RecipientFacts(resident_members=3), ""),
        (RecipientFacts(resident_members=0), "not_resident"),
        (RecipientFacts(resident_members=3, members_taxed=1), "taxed"),  # one taxed member is enough
        (RecipientFacts(resident_members=3, members_tax_unknown=1), "tax_unknown"),
        (RecipientFacts(resident_members=3, members_taxed=1, members_tax_unknown=1), "taxed"),
        (RecipientFacts(resident_members=2, members_dependent_of_taxed=1), ""),
        (RecipientFacts(resident_members=2, members_dependent_of_taxed=2), "only_dependants"),
        # What nothing can change comes before what a declaration could change.
        (
            RecipientFacts(resident_members=1, members_tax_unknown=1, members_dependent_of_taxed=1),
            "only_dependants",
        ),
        (RecipientFacts(paid_elsewhere=True), "paid_elsewhere"),
        (RecipientFacts(earlier_programme=True), "earlier_programme"),
        (RecipientFacts(members_taxed=1, paid_elsewhere=True), "taxed"),
    ],
)
def test_a_programme_for_untaxed_households(facts: RecipientFacts, reason: str) -> None:
    outcome = judge(LOW_INCOME, ELSEWHERE, facts)
    assert outcome == (reason == "", reason, "")


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (RecipientFacts(income_tax=1, total_income=18_050_000), ""),
        (RecipientFacts(income_tax=1, total_income=18_050_001), "income_over_limit"),
        (RecipientFacts(income_levy=1), ""),
        (RecipientFacts(), "no_tax"),
    ],
)
def test_the_adjustment_benefit_for_taxpayers(facts: RecipientFacts, reason: str) -> None:
    assert judge(TAXPAYER, (), facts, limits=Limits(18_050_000)).reason == reason


def test_every_reason_against_has_a_sentence_for_the_letter() -> None:
    assert all(reason.sentence.endswith("。") for reason in REASONS.values())


counts = st.integers(min_value=0, max_value=4)
facts_of_anybody = st.builds(
    RecipientFacts,
    resident_members=counts,
    members_taxed=counts,
    members_tax_unknown=counts,
    members_dependent_of_taxed=counts,
    total_income=st.integers(min_value=0, max_value=30_000_000),
    income_tax=counts,
    income_levy=counts,
    paid_elsewhere=st.booleans(),
    earlier_programme=st.booleans(),
    account_known=st.booleans(),
    head_left=st.booleans(),
)


@given(rows=st.lists(facts_of_anybody, max_size=20))
def test_judging_many_is_judging_each(rows: list[RecipientFacts]) -> None:
    together = list(judge_all(tuple(PREDICATES), tuple(EXCLUSIONS), rows, limits=Limits(18_050_000)))
    alone = [judge(tuple(PREDICATES), tuple(EXCLUSIONS), row, limits=Limits(18_050_000)) for row in rows]
    assert together == alone
    assert all((outcome.reason == "") is outcome.eligible for outcome in together)
    assert all(outcome.eligible or outcome.reason in REASONS for outcome in together)


@pytest.mark.parametrize(
    ("facts", "cohort"),
    [
        (RecipientFacts(account_known=True), "push"),
        (RecipientFacts(account_known=True, members_tax_unknown=1), "apply"),
        (RecipientFacts(account_known=True, head_left=True), "apply"),  # the known account is the head's
        (RecipientFacts(), "confirm"),
        (RecipientFacts(members_tax_unknown=1), "apply"),
        (RecipientFacts(head_left=True), "apply"),
    ],
)
def test_cohorts_of_the_household_benefit(facts: RecipientFacts, cohort: str) -> None:
    assert HOUSEHOLD_BENEFIT.cohort_of(facts).name == cohort


@given(facts=facts_of_anybody)
def test_everybody_falls_into_a_cohort_of_a_shipped_programme(facts: RecipientFacts) -> None:
    assert HOUSEHOLD_BENEFIT.cohort_of(facts).mode in {"push", "confirm", "apply"}


def test_every_condition_has_a_name_for_the_desks() -> None:
    assert CONDITIONS.keys() == CONDITION_LABELS.keys()


@dataclass(frozen=True)
class Ruling:
    event: str
    who: str
    phase: str
    then: str


def test_a_change_follows_the_table_of_the_version_and_is_asked_where_the_table_is_silent() -> None:
    table = [
        Ruling("died", "head", "before_application", "new_head"),
        Ruling("died", "sole_member", "before_application", "lapse"),
    ]
    assert after_change(table, "died", "head", "before_application") == "new_head"
    assert after_change(table, "died", "sole_member", "before_application") == "lapse"
    assert after_change(table, "moved_out", "head", "before_application") == "ask"
