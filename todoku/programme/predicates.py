"""Pure. The conditions that a Version may name, each a test over flat facts that gives the reason against or "".

Comes in: facts of one recipient and the Version's limits. Goes out: a key of REASONS, "" where the condition is met.
"""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from todoku.programme.recipient_facts import RecipientFacts

# 合計所得金額 above which nobody can be counted as a dependant (所得税法, for the year 2024): 480,000 yen.
DEPENDANT_INCOME_MAX_YEN = 480_000


class Limits(NamedTuple):
    """The Version's limits that conditions ask for; a ground's own take the place of the Version's.

    `base_dates` is empty unless a ground has its own: then the counted residence on any base date is enough.
    """

    income_limit_yen: int = 0
    born_on_or_after: date | None = None
    born_on_or_before: date | None = None
    disabled_born_on_or_after: date | None = None
    base_dates: tuple[date, ...] = ()


NO_LIMITS = Limits()
Test = Callable[[RecipientFacts, Limits], str]


class Predicate(NamedTuple):
    """One condition a Version may name: its name in Japanese, its test, and every reason the test can give."""

    label: str
    test: Test
    reasons: tuple[str, ...]
    needs: str = ""  # the key of [eligibility] without which it means nothing


def _resident(facts: RecipientFacts, limits: Limits) -> str:
    if limits.base_dates:
        return "" if any(day in facts.resident_on for day in limits.base_dates) else "not_resident"
    return "" if facts.resident_members else "not_resident"


def _all_members_untaxed(facts: RecipientFacts, limits: Limits) -> str:
    if facts.members_taxed:
        return "taxed"
    return "tax_unknown" if facts.members_tax_unknown else ""


def _no_income_levy(facts: RecipientFacts, limits: Limits) -> str:
    if facts.members_taxed > facts.members_levy_only:
        return "income_levied"
    return "tax_unknown" if facts.members_tax_unknown else ""


def _levy_only_household(facts: RecipientFacts, limits: Limits) -> str:
    """均等割のみ課税世帯: somebody pays 均等割, nobody 所得割. An unknown tax could still be the levy alone."""
    against = _no_income_levy(facts, limits)
    return against or ("" if facts.members_levy_only else "all_untaxed")


def _not_only_dependants(facts: RecipientFacts, limits: Limits) -> str:
    # A household of nobody is caught by residence, not here.
    only = 0 < facts.resident_members <= facts.members_dependent_of_taxed
    return "only_dependants" if only else ""


def _self_untaxed(facts: RecipientFacts, limits: Limits) -> str:
    if facts.members_taxed:
        return "self_taxed"
    return "self_tax_unknown" if facts.members_tax_unknown else ""


def _income_within_limit(facts: RecipientFacts, limits: Limits) -> str:
    return "income_over_limit" if facts.total_income > limits.income_limit_yen else ""


def _cannot_be_dependant(facts: RecipientFacts, limits: Limits) -> str:
    free = facts.family_employee or facts.total_income > DEPENDANT_INCOME_MAX_YEN
    return "" if free else "could_be_dependant"


def _child_allowance(facts: RecipientFacts, limits: Limits) -> str:
    return "" if facts.child_allowance else "no_child_allowance"


def _child_allowance_in_full(facts: RecipientFacts, limits: Limits) -> str:
    if facts.child_allowance == "reduced":
        return "allowance_reduced"
    return _child_allowance(facts, limits)


def _born_in_range(facts: RecipientFacts, limits: Limits) -> str:
    """Born within the days named, both included; a child with a disability from an earlier day on."""
    born, first, last = facts.birth_date, limits.born_on_or_after, limits.born_on_or_before
    if born is None:
        return "birth_unknown"
    if facts.disabled_child and limits.disabled_born_on_or_after is not None:
        first = limits.disabled_born_on_or_after
    inside = (first is None or first <= born) and (last is None or born <= last)
    return "" if inside else "born_outside"


def _met(fact: str, reason: str) -> Test:
    """A condition that one fact meets."""
    return lambda facts, limits: "" if getattr(facts, fact) else reason


def _hit(fact: str, reason: str) -> Test:
    """An exclusion that one fact brings about."""
    return lambda facts, limits: reason if getattr(facts, fact) else ""


PREDICATES: dict[str, Predicate] = {
    "resident_on_base_date": Predicate("基準日に住民基本台帳に記録されている", _resident, ("not_resident",)),
    "all_members_untaxed": Predicate(
        "世帯全員の住民税均等割が非課税", _all_members_untaxed, ("taxed", "tax_unknown")
    ),
    "no_income_levy": Predicate(
        "世帯全員の住民税所得割が課税されていない", _no_income_levy, ("income_levied", "tax_unknown")
    ),
    "levy_only_household": Predicate(
        "住民税均等割のみが課税される世帯",
        _levy_only_household,
        ("income_levied", "tax_unknown", "all_untaxed"),
    ),
    "not_only_dependants": Predicate(
        "課税者の扶養親族等だけの世帯でない", _not_only_dependants, ("only_dependants",)
    ),
    "sudden_income_drop": Predicate(
        "家計が急変した（予期せず収入が減った）",
        _met("sudden_income_drop", "no_income_drop"),
        ("no_income_drop",),
    ),
    "self_untaxed": Predicate(
        "本人の住民税均等割が非課税", _self_untaxed, ("self_taxed", "self_tax_unknown")
    ),
    "not_dependent_of_taxed": Predicate(
        "課税者の扶養親族等でない",
        _hit("members_dependent_of_taxed", "dependent_of_taxed"),
        ("dependent_of_taxed",),
    ),
    "income_within_limit": Predicate(
        "合計所得金額が上限以下", _income_within_limit, ("income_over_limit",), "income_limit_yen"
    ),
    "has_tax_to_cut": Predicate(
        "所得税か住民税所得割がある",
        lambda facts, limits: "" if facts.income_tax or facts.income_levy else "no_tax",
        ("no_tax",),
    ),
    "no_tax_to_cut": Predicate(
        "所得税も住民税所得割も0円",
        lambda facts, limits: "has_tax" if facts.income_tax or facts.income_levy else "",
        ("has_tax",),
    ),
    "cannot_be_dependant": Predicate(
        "税の制度上、扶養親族等になれない（事業専従者、または合計所得48万円超）",
        _cannot_be_dependant,
        ("could_be_dependant",),
    ),
    "child_allowance": Predicate(
        "児童手当（特例給付を含む）の対象の児童", _child_allowance, ("no_child_allowance",)
    ),
    "child_allowance_in_full": Predicate(
        "児童手当（特例給付を除く）の対象の児童",
        _child_allowance_in_full,
        ("allowance_reduced", "no_child_allowance"),
    ),
    "single_parent_allowance": Predicate(
        "児童扶養手当の対象の児童",
        _met("single_parent_allowance", "no_single_parent_allowance"),
        ("no_single_parent_allowance",),
    ),
    "public_pension": Predicate(
        "公的年金等の受給により児童扶養手当を受けていない",
        _met("public_pension", "no_public_pension"),
        ("no_public_pension",),
    ),
    "born_in_range": Predicate(
        "対象の期間に生まれた", _born_in_range, ("born_outside", "birth_unknown"), "born_on_or_after"
    ),
    "paid_before": Predicate(
        "前の給付金を受けた", _met("earlier_programme_paid", "not_paid_before"), ("not_paid_before",)
    ),
}

EXCLUSIONS: dict[str, Predicate] = {
    "paid_elsewhere": Predicate(
        "同様の給付金を他の自治体で受給", _hit("paid_elsewhere", "paid_elsewhere"), ("paid_elsewhere",)
    ),
    "earlier_programme": Predicate(
        "前の給付金の対象（未申請・辞退を含む）",
        _hit("earlier_programme", "earlier_programme"),
        ("earlier_programme",),
    ),
    "paid_before": Predicate(
        "前の給付金を受給", _hit("earlier_programme_paid", "paid_before"), ("paid_before",)
    ),
    "public_assistance": Predicate(
        "基準日に生活保護を受給", _hit("public_assistance", "public_assistance"), ("public_assistance",)
    ),
}

# Predicates that mean nothing without a limit in the Version: name → the key of [eligibility] or of the ground.
NEEDS: dict[str, str] = {name: one.needs for name, one in PREDICATES.items() if one.needs}
