"""A rule of a shipped Version cannot be changed unnoticed: each change makes one of its examples come out otherwise."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from todoku.programme.contents import Amount, Eligibility
from todoku.programme.examples import run_examples
from todoku.programme.shipped import SLUGS, version_text
from todoku.programme.terms import Terms, parse

DAY = timedelta(days=1)
Changed = tuple[str, Terms]


def without(names: tuple[Any, ...]) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    for place, name in enumerate(names):
        yield name, names[:place] + names[place + 1 :]


def with_rules(terms: Terms, **values: Any) -> Terms:
    return replace(terms, eligibility=replace(terms.eligibility, **values))


def rules_less_one(terms: Terms) -> Iterator[Changed]:
    rules: Eligibility = terms.eligibility
    for key in ("predicates", "exclusions", "grounds"):
        for name, rest in without(getattr(rules, key)):
            yield f"without {key} {name}", with_rules(terms, **{key: rest})
    for place, ground in enumerate(rules.grounds):
        for key in ("predicates", "exclusions"):
            for name, rest in without(getattr(ground, key)):
                other = replace(ground, **{key: rest})
                grounds = (*rules.grounds[:place], other, *rules.grounds[place + 1 :])
                yield f"{ground.name} without {key} {name}", with_rules(terms, grounds=grounds)


def births_moved(terms: Terms) -> Iterator[Changed]:
    rules = terms.eligibility
    keys = ("born_on_or_after", "born_on_or_before", "disabled_born_on_or_after")
    for key in keys:
        for shift in (DAY, -DAY) if getattr(rules, key) else ():
            yield f"{key} {shift}", with_rules(terms, **{key: getattr(rules, key) + shift})
    for place, ground in enumerate(rules.grounds):
        for key in keys[:2]:
            for shift in (DAY, -DAY) if getattr(ground, key) else ():
                other = replace(ground, **{key: getattr(ground, key) + shift})
                grounds = (*rules.grounds[:place], other, *rules.grounds[place + 1 :])
                yield f"{ground.name} {key} {shift}", with_rules(terms, grounds=grounds)


def other_amounts(amount: Amount) -> Iterator[tuple[str, Amount]]:
    """The amount with one of its numbers or days otherwise."""
    for key, value in amount.parameters.items():
        if key == "base_date":
            continue
        for shift in (DAY, -DAY) if isinstance(value, date) else (1_000, -1_000) if value else ():
            yield f"{key} {shift}", replace(amount, parameters={**amount.parameters, key: value + shift})
    for ground, own in amount.by_ground.items():
        yield f"no amount for {ground}", replace(amount, by_ground={})
        for what, other in other_amounts(own):
            yield f"{ground} {what}", replace(amount, by_ground={**amount.by_ground, ground: other})


def amounts_moved(terms: Terms) -> Iterator[Changed]:
    for what, other in other_amounts(terms.amount):
        yield f"amount {what}", replace(terms, amount=other)
    for payout in terms.payouts:
        for what, other in other_amounts(payout.amount):
            yield f"payout {what}", replace(terms, payouts=(replace(payout, amount=other),))


def the_rest(terms: Terms) -> Iterator[Changed]:
    for cohort in terms.cohorts:
        if cohort.condition != "everyone":  # somebody must take whoever is left
            rest = tuple(one for one in terms.cohorts if one != cohort)
            yield f"without cohort {cohort.name}", replace(terms, cohorts=rest)
    for change in {one.line: one for one in terms.eligibility.changes}.values():
        rest = tuple(one for one in terms.eligibility.changes if one.line != change.line)
        if change.then != "ask":  # what has no line is asked as well
            yield f"without the change {change}", with_rules(terms, changes=rest)
    for late in terms.late:
        others = tuple(replace(one, closes=one.closes - DAY) if one == late else one for one in terms.late)
        yield f"{late.name} closes sooner", replace(terms, late=others)
        if late.days_after:
            others = tuple(replace(one, days_after=14) if one == late else one for one in terms.late)
            yield f"{late.name} has fewer days", replace(terms, late=others)
    if terms.eligibility.income_limit_yen:
        for yen in (-1, 1):
            limit = terms.eligibility.income_limit_yen + yen
            yield f"income limit {limit}", with_rules(terms, income_limit_yen=limit)
    for key in ("in_facility", "evacuated"):
        if getattr(terms.payees, key) not in ("", terms.programme.payee):
            yield f"payee {key}", replace(terms, payees=replace(terms.payees, **{key: ""}))


@pytest.mark.parametrize("slug", SLUGS)
def test_an_example_notices_every_change_of_a_rule(slug: str) -> None:
    terms = parse(version_text(slug))
    changed = [one for look in (rules_less_one, births_moved, amounts_moved, the_rest) for one in look(terms)]
    unnoticed = [what for what, other in changed if all(result.passed for result in run_examples(other))]
    assert len(changed) > 10
    assert unnoticed == []
