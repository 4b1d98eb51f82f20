"""A second reading of a Version, for comparison alone: straight from its TOML data, one recipient after the other.

Written from the published rules and not from the product's code: no table of conditions, no compiled amounts, no shared
constants. Slow and plain on purpose.
"""

from datetime import date
from typing import Any

STILL_OPEN = ["tax_unknown", "self_tax_unknown", "no_child_allowance", "birth_unknown"]


def judged(version: dict[str, Any], facts: Any) -> tuple[bool, str, str]:
    """(due, reason against, ground) of one recipient."""
    rules = version["eligibility"]
    against = []
    for name in rules.get("predicates", []):
        against.append(condition(name, facts, rules, rules, []))
    met, reason_of_grounds = "", ""
    if "ground" in rules:
        met, reason_of_grounds = by_grounds(rules, facts)
        against.append(reason_of_grounds)
    for name in rules.get("exclusions", []):
        against.append(exclusion(name, facts))
    reason = weightiest(against)
    if reason and reason not in STILL_OPEN:
        met = ""
    return reason == "", reason, met


def by_grounds(rules: dict[str, Any], facts: Any) -> tuple[str, str]:
    found = []
    for ground in rules["ground"]:
        own_births = ground if "born_on_or_after" in ground or "born_on_or_before" in ground else rules
        all_against = [
            condition(name, facts, rules, own_births, ground.get("base_dates", []))
            for name in ground["predicates"]
        ] + [exclusion(name, facts) for name in ground.get("exclusions", [])]
        met = 0
        while met < len(all_against) and all_against[met] == "":
            met += 1
        found.append((ground["name"], weightiest(all_against), met))
    for name, reason, _ in found:
        if reason == "":
            return name, ""
    hopeful = [one for one in found if one[1] in STILL_OPEN]
    candidates = hopeful or found
    furthest = max(met for _, _, met in candidates)
    name, reason, _ = next(one for one in candidates if one[2] == furthest)
    return (name if hopeful else ""), reason


def weightiest(reasons: list[str]) -> str:
    given = [reason for reason in reasons if reason != ""]
    final = [reason for reason in given if reason not in STILL_OPEN]
    return (final + given + [""])[0]


def exclusion(name: str, facts: Any) -> str:
    match name:
        case "paid_elsewhere" if facts.paid_elsewhere:
            return "paid_elsewhere"
        case "earlier_programme" if facts.earlier_programme:
            return "earlier_programme"
        case "public_assistance" if facts.public_assistance:
            return "public_assistance"
    return ""


def condition(
    name: str, facts: Any, rules: dict[str, Any], births: dict[str, Any], base_dates: list[date]
) -> str:
    taxed, unknown, levy_only = facts.members_taxed, facts.members_tax_unknown, facts.members_levy_only
    match name:
        case "resident_on_base_date":
            here = set(facts.resident_on) & set(base_dates) if base_dates else facts.resident_members > 0
            return "" if here else "not_resident"
        case "all_members_untaxed":
            return "taxed" if taxed > 0 else "tax_unknown" if unknown > 0 else ""
        case "no_income_levy":
            return "income_levied" if taxed - levy_only > 0 else "tax_unknown" if unknown > 0 else ""
        case "levy_only_household":
            if taxed - levy_only > 0:
                return "income_levied"
            if unknown > 0:
                return "tax_unknown"
            return "" if levy_only > 0 else "all_untaxed"
        case "not_only_dependants":
            alone = facts.resident_members > 0 and facts.members_dependent_of_taxed >= facts.resident_members
            return "only_dependants" if alone else ""
        case "sudden_income_drop":
            return "" if facts.sudden_income_drop else "no_income_drop"
        case "self_untaxed":
            return "self_taxed" if taxed > 0 else "self_tax_unknown" if unknown > 0 else ""
        case "not_dependent_of_taxed":
            return "dependent_of_taxed" if facts.members_dependent_of_taxed > 0 else ""
        case "income_within_limit":
            return "" if facts.total_income <= rules["income_limit_yen"] else "income_over_limit"
        case "has_tax_to_cut":
            return "no_tax" if facts.income_tax + facts.income_levy == 0 else ""
        case "no_tax_to_cut":
            return "" if facts.income_tax + facts.income_levy == 0 else "has_tax"
        case "cannot_be_dependant":
            return "" if facts.family_employee or facts.total_income >= 480_001 else "could_be_dependant"
        case "child_allowance":
            return "" if facts.child_allowance in ("regular", "reduced", "employer") else "no_child_allowance"
        case "child_allowance_in_full":
            return {"": "no_child_allowance", "reduced": "allowance_reduced"}.get(facts.child_allowance, "")
        case "single_parent_allowance":
            return "" if facts.single_parent_allowance else "no_single_parent_allowance"
        case "public_pension":
            return "" if facts.public_pension else "no_public_pension"
        case "born_in_range":
            return birth(facts, rules, births)
    raise NotImplementedError(name)


def birth(facts: Any, rules: dict[str, Any], births: dict[str, Any]) -> str:
    if facts.birth_date is None:
        return "birth_unknown"
    first = births.get("born_on_or_after", date.min)
    if facts.disabled_child:
        first = rules.get("disabled_born_on_or_after", first)
    if facts.birth_date < first:
        return "born_outside"
    return "born_outside" if facts.birth_date > births.get("born_on_or_before", date.max) else ""


def cohort(version: dict[str, Any], facts: Any, ground: str, payout: int = 1) -> str:
    """The cohort of the line for whoever came late; else the first cohort that takes the recipient in that payout."""
    for line in version.get("late", []):
        if payout == 1 and line["kind"] == facts.late_entry:
            return str(line["cohort"])
    unsettled = facts.members_tax_unknown > 0 or facts.head_left
    for one in version["cohort"]:
        if one.get("payout", 1) != payout:
            continue
        if "grounds" in one and ground not in one["grounds"]:
            continue
        if one["condition"] == "everyone":
            return str(one["name"])
        if unsettled:
            continue
        if one["condition"] == "tax_confirmed":
            return str(one["name"])
        assert one["condition"] == "known_account"
        sources = one.get("account_sources")
        if facts.account_known and (not sources or any(source in facts.account_from for source in sources)):
            return str(one["name"])
    raise AssertionError("nobody falls through")


def yen(version: dict[str, Any], household: Any, ground: str, payout: int) -> int:
    """The amount in yen."""
    rule = version["amount"]
    if payout > 1:
        rule = next(one["amount"] for one in version["payout"] if one["number"] == payout)
    for own in rule.get("ground", []):
        if own["ground"] == ground:
            rule = own
    numbers = rule.get("parameters", {})
    match rule["rule"]:
        case "constant":
            return int(numbers["yen"])
        case "per_person":
            total = 0
            for member in household.members:
                if member.on_base_date and not member.declines:
                    total += numbers["yen_per_person"]
            return int(total)
        case "household_plus_child" | "per_child":
            if all(not member.on_base_date for member in household.members):
                return 0
            children = [member for member in household.members if is_child(member, numbers, version)]
            return int(numbers.get("base_yen", 0) + numbers["child_yen"] * len(children))
        case "adjustment_benefit":
            return left_over(household)
        case "shortfall_benefit":
            more = left_over(household) - household.paid_before_yen
            return more if more > 0 else 0
        case "constant_or_abroad":
            return int(numbers["yen_abroad" if household.abroad_on_new_year else "yen"])
    raise NotImplementedError(rule["rule"])


def is_child(member: Any, numbers: dict[str, Any], version: dict[str, Any]) -> bool:
    if member.declines or member.birth_date is None or member.birth_date < numbers["child_born_on_or_after"]:
        return False
    if member.on_base_date:
        return True
    if "newborn_until" not in numbers:
        return False
    return (
        version["programme"]["base_date"] < member.birth_date
        and member.birth_date <= numbers["newborn_until"]
    )


def left_over(household: Any) -> int:
    """定額減税 of 2024: 30,000 and 10,000 yen a person, what is left in whole 10,000 yen upwards."""
    if household.persons == 0 or (household.income_tax, household.income_levy) == (0, 0):
        return 0
    left = 0
    if household.income_tax < household.persons * 30_000:
        left += household.persons * 30_000 - household.income_tax
    if household.income_levy < household.persons * 10_000:
        left += household.persons * 10_000 - household.income_levy
    full, rest = divmod(left, 10_000)
    return full * 10_000 + (10_000 if rest else 0)
