"""Pure. From a recipient's lines on the roll to what is due: facts for the rules, the amount, or the reason why not.

Takes flat lines of members and the programme's Terms; judges residence on the base date by registry.base_date,
eligibility and amount by the programme's own rules. Decides nothing about payment.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from todoku.programme.amounts import Household
from todoku.programme.amounts import Member as CountedMember
from todoku.programme.contents import Cohort
from todoku.programme.eligibility import REASONS, HouseholdFacts, after_change
from todoku.programme.terms import Terms
from todoku.registry.base_date import DEATH, on_base_date

# What the roll says of a person's tax (課税区分); whatever is neither taxed nor untaxed is not known yet.
TAXED, UNTAXED = frozenset({"taxed", "levy_only"}), frozenset({"untaxed"})

LAPSED, NOTHING_DUE, NO_MEMBERS = "lapsed", "nothing_due", "no_members"
NOT_DUE: dict[str, str] = {
    **{code: reason.label for code, reason in REASONS.items()},
    LAPSED: "単身の世帯主が基準日の後に死亡",
    NOTHING_DUE: "計算した額が0円",
    NO_MEMBERS: "数える世帯員がいない（別の世帯で計上済み、または最新の名簿に記載なし）",
}


class RollMember(NamedTuple):
    """One member as the rules need it; head first within a recipient. `supporter_taxed`: depends on a taxed person."""

    is_head: bool
    birth_date: date | None
    moved_in_on: date | None
    left_on: date | None
    left_reason: str
    tax_class: str
    supporter_taxed: bool

    def counts(self, base_date: date) -> bool:
        """Whether the member was registered on the base date."""
        return on_base_date(
            base_date,
            birth_date=self.birth_date,
            moved_in_on=self.moved_in_on,
            left_on=self.left_on,
            left_reason=self.left_reason,
        )


class Due(NamedTuple):
    """What is due to one recipient, or why not: `reason` is a key of NOT_DUE and "" when something is due."""

    amount_yen: int
    member_count: int
    cohort: str
    reason: str


Recipient = tuple[Sequence[RollMember], bool]  # members, and whether the head's account is known


def judge(recipients: Iterable[Recipient], terms: Terms) -> Iterator[Due]:
    """For each recipient in order: what is due under these terms."""
    known = [(members, _facts(members, account_known, terms)) for members, account_known in recipients]
    outcomes = terms.judge(facts for _, facts in known)
    amounts = terms.amounts(household(members, terms.programme.base_date) for members, _ in known)
    for (members, facts), outcome, yen in zip(known, outcomes, amounts, strict=True):
        cohort = terms.cohort_of(facts)
        reason = _reason(members, facts, outcome.reason, cohort, terms) or ("" if yen else NOTHING_DUE)
        yield Due(0 if reason else yen, facts.resident_members, "" if reason else cohort.name, reason)


def _reason(
    members: Sequence[RollMember], facts: HouseholdFacts, reason: str, cohort: Cohort, terms: Terms
) -> str:
    """Why no case is opened, or ""."""
    if not members:
        return NO_MEMBERS
    # What more evidence could settle (未申告, moved in) is asked by an application; the review looks at the evidence.
    if reason and not (REASONS[reason].is_open and cohort.mode == "apply"):
        return reason
    return LAPSED if _lapsed(members, facts, terms) else ""


def household(members: Sequence[RollMember], base_date: date) -> Household:
    """The household as the amount rules take it."""
    return Household(tuple(CountedMember(m.birth_date, m.counts(base_date)) for m in members))


def shares(members: Sequence[RollMember], terms: Terms) -> list[int]:
    """What each member adds to the amount in yen, in the order given, for the lines of a form; sums to the amount."""
    whole = household(members, terms.programme.base_date)
    steps = (whole._replace(members=whole.members[: count + 1]) for count in range(len(members)))
    totals = list(terms.amounts(steps))
    return [total - before for before, total in zip([0, *totals], totals, strict=False)]


def _facts(members: Sequence[RollMember], account_known: bool, terms: Terms) -> HouseholdFacts:
    here = [member for member in members if member.counts(terms.programme.base_date)]
    head_gone = any(member.is_head and member.left_reason for member in here)
    return HouseholdFacts(
        resident_members=len(here),
        members_taxed=sum(member.tax_class in TAXED for member in here),
        members_tax_unknown=sum(member.tax_class not in TAXED | UNTAXED for member in here),
        members_dependent_of_taxed=sum(member.supporter_taxed for member in here),
        account_known=account_known,
        head_left=head_gone and any(not member.left_reason for member in here),
    )


def _lapsed(members: Sequence[RollMember], facts: HouseholdFacts, terms: Terms) -> bool:
    """Whether the one member of a household died and the Version rules that nothing is paid then."""
    if facts.resident_members != 1 or not any(m.is_head and m.left_reason == DEATH for m in members):
        return False
    changes = terms.eligibility.changes
    return after_change(changes, "died", "sole_member", "before_application") == "lapse"
