"""Pure. Reads the tables of a Version that say who is due what: eligibility, amounts, cohorts, payees, payouts.

One function per table, as in `read_tables.py`: a `Table` under reading in, its frozen value out, mistakes noted.
"""

from dataclasses import fields
from datetime import date
from typing import Any

from todoku.programme import vocabulary as words
from todoku.programme.amounts import AMOUNT_RULES, ROUNDINGS
from todoku.programme.cohorts import CONDITIONS
from todoku.programme.contents import (
    Amount,
    Change,
    Cohort,
    Eligibility,
    Ground,
    Late,
    PayeeExceptions,
    Payout,
    Snapshot,
    Voucher,
)
from todoku.programme.predicates import EXCLUSIONS, PREDICATES
from todoku.programme.read_tables import CAP_YEN_MAX, DAYS_MAX
from todoku.programme.toml_table import Table


def payees(table: Table) -> PayeeExceptions:
    """[payee]."""
    given = {
        key: table.choice(key, words.PAYEES) for key in ("in_facility", "evacuated") if key in table.data
    }
    table.asked.update(("in_facility", "evacuated"))
    table.no_others()
    return PayeeExceptions(**given)


def snapshot(table: Table) -> Snapshot:
    """[snapshot]."""
    usual = Snapshot()
    snapshot = Snapshot(
        *(
            table.truth(one.name) if one.name in table.data else getattr(usual, one.name)
            for one in fields(usual)
        )
    )
    table.asked.update(one.name for one in fields(usual))
    table.no_others()
    return snapshot


def amount(table: Table, base_date: date) -> Amount:
    """[amount], with the amounts of single grounds."""
    by_ground = {}
    for row in table.tables("ground", required=False):
        ground = row.text("ground")
        if ground in by_ground:
            row.note("ground", "同じ事由の額が二つあります。", "一つを消してください。")
        by_ground[ground] = _amount(row, base_date)
    found = _amount(table, base_date)
    return Amount(found.rule, found.parameters, by_ground)


def _amount(table: Table, base_date: date) -> Amount:
    """A rule with the parameters that it asks for, no others."""
    rule = table.choice("rule", AMOUNT_RULES)
    kinds = AMOUNT_RULES[rule].parameters if rule in AMOUNT_RULES else {}
    inner = table.table("parameters", required=any(not kind.endswith("?") for kind in kinds.values()))
    parameters: dict[str, Any] = {"base_date": base_date}
    for name, kind in kinds.items():
        if not kind.endswith("?") or name in inner.data:
            parameters[name] = _parameter(inner, name, kind.rstrip("?"))
    if rule in AMOUNT_RULES:
        inner.asked.update(kinds)
        inner.no_others()
    table.no_others()
    return Amount(rule, parameters)


def _parameter(table: Table, name: str, kind: str) -> Any:
    if kind == "date":
        return table.day(name)
    if kind == "rounding":
        return table.choice(name, ROUNDINGS)
    return table.whole(name, least=1, most=CAP_YEN_MAX)


def payout(table: Table, base_date: date) -> Payout:
    """One [[payout]]."""
    payout = Payout(
        number=table.whole("number", least=2, most=9),
        title=table.text("title", longest=60),
        follows=table.whole("follows", most=8, required=False),
        amount=amount(table.table("amount"), base_date),
    )
    table.no_others()
    return payout


def voucher(table: Table) -> Voucher:
    """[voucher]."""
    voucher = Voucher(
        rights=table.whole("rights", least=1, most=100),
        price_yen=table.whole("price_yen", least=1, most=CAP_YEN_MAX),
        notes=table.whole("notes", least=1, most=1000),
        note_yen=table.whole("note_yen", least=1, most=CAP_YEN_MAX),
        sold_until=table.day("sold_until"),
        usable_until=table.day("usable_until"),
    )
    table.no_others()
    return voucher


def eligibility(table: Table) -> Eligibility:
    """[eligibility]."""
    grounds = tuple(ground(inner) for inner in table.tables("ground", required=False))
    eligibility = Eligibility(
        predicates=table.choices("predicates", PREDICATES, required=not grounds),
        exclusions=table.choices("exclusions", EXCLUSIONS, required=False),
        income_limit_yen=table.whole("income_limit_yen", required=False),
        changes=tuple(
            one for line, inner in enumerate(table.tables("change"), 1) for one in changes(inner, line)
        ),
        grounds=grounds,
        born_on_or_after=table.day_if_given("born_on_or_after"),
        born_on_or_before=table.day_if_given("born_on_or_before"),
        disabled_born_on_or_after=table.day_if_given("disabled_born_on_or_after"),
    )
    table.no_others()
    return eligibility


def ground(table: Table) -> Ground:
    """One [[eligibility.ground]]."""
    ground = Ground(
        name=table.text("name", longest=30, example='"untaxed"'),
        title=table.text("title", longest=60),
        predicates=table.choices("predicates", PREDICATES),
        exclusions=table.choices("exclusions", EXCLUSIONS, required=False),
        base_dates=table.days("base_dates"),
        born_on_or_after=table.day_if_given("born_on_or_after"),
        born_on_or_before=table.day_if_given("born_on_or_before"),
        payee=table.choice("payee", words.PAYEES) if "payee" in table.data else "",
    )
    table.asked.add("payee")
    table.no_others()
    return ground


def changes(table: Table, line: int) -> list[Change]:
    """One [[eligibility.change]]: a line for each of the people and phases that it names."""
    event = table.choice("event", words.CHANGE_EVENTS)
    all_who = table.choice_or_choices("who", words.CHANGE_WHO)
    phases = table.choice_or_choices("phase", words.CHANGE_PHASES)
    then = table.choice("then", words.CHANGE_OUTCOMES)
    table.no_others()
    return [Change(event, who, phase, then, line) for who in all_who for phase in phases]


def cohort(table: Table) -> Cohort:
    """One [[cohort]]."""
    cohort = Cohort(
        name=table.text("name", longest=30, example='"apply"'),
        title=table.text("title", longest=60),
        mode=table.choice("mode", words.MODES),
        condition=table.choice("condition", CONDITIONS),
        opt_out_date=table.day_if_given("opt_out_date"),
        grounds=table.texts("grounds"),
        account_sources=table.choices("account_sources", words.ACCOUNT_SOURCES, required=False),
        payout=table.whole("payout", least=2, most=9) if "payout" in table.data else 1,
        closes=table.day_if_given("closes"),
    )
    table.no_others()
    return cohort


def late(table: Table) -> Late:
    """One [[late]]."""
    late = Late(
        name=table.text("name", longest=30, example='"newborn"'),
        title=table.text("title", longest=60),
        kind=table.choice("kind", words.LATE_KINDS),
        cohort=table.text("cohort", longest=30),
        evidence=table.choices("evidence", words.LATE_EVIDENCE),
        until=table.day("until"),
        closes=table.day("closes"),
        days_after=table.whole("days_after", most=DAYS_MAX, required=False),
    )
    table.no_others()
    return late
