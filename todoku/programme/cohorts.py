"""Pure. Which cohort (対象の区分) takes a recipient, and from which source its account comes.

Comes in: the Version's cohorts and flat facts. Goes out: a cohort's name, an account's source. It judges no eligibility.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from todoku.programme.recipient_facts import RecipientFacts

# The last source is the recipient itself: where it is reached, the recipient is asked for an account.
APPLICANT = "applicant"


def _settled(facts: RecipientFacts) -> bool:
    """Nothing about this recipient is left to be shown: the tax is known, the head is there."""
    return not facts.members_tax_unknown and not facts.head_left


# The first cohort whose condition holds takes the recipient.
CONDITIONS: dict[str, Callable[[RecipientFacts], bool]] = {
    "known_account": lambda facts: facts.account_known and _settled(facts),
    "tax_confirmed": _settled,
    "guardian_known": lambda facts: facts.guardian_known and not facts.late_entry,
    "late_entry": lambda facts: bool(facts.late_entry),
    "head_left": lambda facts: facts.head_left,
    "everyone": lambda facts: True,
}
CONDITION_LABELS = {
    "known_account": "振込先の口座が分かっている",
    "tax_confirmed": "課税状況が分かっている",
    "guardian_known": "養育している方が分かっている",
    "late_entry": "名簿を作った後に対象になった",
    "head_left": "世帯主が基準日の後に死亡・転出した",
    "everyone": "そのほかすべて",
}


class CohortRule(Protocol):
    """What sorting needs of a cohort of a Version; empty lists allow everything."""

    @property
    def name(self) -> str: ...
    @property
    def condition(self) -> str: ...
    @property
    def grounds(self) -> tuple[str, ...]: ...
    @property
    def account_sources(self) -> tuple[str, ...]: ...
    @property
    def payout(self) -> int: ...


class LateRule(Protocol):
    """What sorting needs of a late line of a Version."""

    @property
    def kind(self) -> str: ...
    @property
    def cohort(self) -> str: ...


def cohort_of(
    cohorts: Sequence[CohortRule], facts: RecipientFacts, ground: str = "", *, late: Sequence[LateRule] = (),
    payout: int = 1,
) -> str:  # fmt: skip
    """The name of the cohort a recipient belongs to. The last cohort of a payout takes everyone who is left.

    Who came in late is in the cohort of that late line whatever is known of account and tax: it may be what is known of
    the home that somebody fled from.
    """
    if facts.late_entry and payout == 1 and (named := late_cohort(late, facts.late_entry)):
        return named
    return next(cohort.name for cohort in cohorts if _takes(cohort, facts, ground, payout))


def late_cohort(late: Sequence[LateRule], kind: str) -> str:
    """The cohort of whoever came in late in this way; "" where the Version has no line for it."""
    return next((one.cohort for one in late if one.kind == kind), "")


def _takes(cohort: CohortRule, facts: RecipientFacts, ground: str, payout: int) -> bool:
    if cohort.payout != payout or cohort.grounds and ground not in cohort.grounds:
        return False
    if cohort.account_sources and cohort.condition == "known_account":
        if not account_source(cohort.account_sources, facts.account_from):
            return False
    return CONDITIONS[cohort.condition](facts)


def account_source(sources: Sequence[str], known: Sequence[str]) -> str:
    """The first of the Version's sources from which an account is known; "" where the recipient must be asked."""
    return next((source for source in sources if source in known and source != APPLICANT), "")
