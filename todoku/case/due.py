"""Pure. From a recipient's lines on the roll and the lists to what is due: facts for the rules, the amount, or why not.

Takes flat lines of members and the programme's Terms; judges residence on the base date by registry.base_date,
eligibility and amount by the programme's own rules. A child is judged by itself; one recipient may have several. Decides
nothing about payment.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from todoku.case.roll_member import (
    LEVY_ONLY,
    TAXED,
    UNTAXED,
    RollMember,
    holds_on,
    late_kind,
    resident_on,
)
from todoku.programme.amounts import Household
from todoku.programme.amounts import Member as CountedMember
from todoku.programme.contents import Cohort
from todoku.programme.eligibility import REASONS, after_change
from todoku.programme.recipient_facts import RecipientFacts
from todoku.programme.terms import Terms
from todoku.registry.base_date import DEATH

__all__ = ["NOT_DUE", "Due", "RollMember", "household", "judge", "payees", "shares"]

LAPSED, NOTHING_DUE, NO_MEMBERS = "lapsed", "nothing_due", "no_members"
NOT_DUE: dict[str, str] = {
    **{code: reason.label for code, reason in REASONS.items()},
    LAPSED: "単身の世帯主が基準日の後に死亡",
    NOTHING_DUE: "計算した額が0円",
    NO_MEMBERS: "数える世帯員がいない（別の世帯で計上済み、または最新の名簿に記載なし）",
}


class Due(NamedTuple):
    """What is due to one recipient, or why not: `reason` is a key of NOT_DUE and "" when something is due.

    `late`: a key of LATE_KINDS where somebody came in after the base date.
    """

    amount_yen: int
    member_count: int
    cohort: str
    reason: str
    late: str = ""


Account = str | bool
"""Where the payee's account is known from (a key of ACCOUNT_SOURCES), or only whether it is."""
Recipient = tuple[Sequence[RollMember], Account]


class _Part(NamedTuple):
    """What is judged at once: a recipient's members together, or one child of several; `here`: who of them was registered."""

    members: Sequence[RollMember]
    facts: RecipientFacts
    here: Sequence[bool]


def judge(
    recipients: Iterable[Recipient], terms: Terms, payout: int = 1, *, paid_before: bool = False
) -> Iterator[Due]:
    """For each recipient in order: what is due under these terms, for one payout (支給回).

    `paid_before`: an earlier payout was decided for them and paid, and what was found then holds: neither who is eligible
    nor an unknown tax is asked again, only what is due and whether the table of changes ends it.
    """
    days = terms.base_dates
    together = [_parts(members, account, terms, days) for members, account in recipients]
    dues = _judge([part for parts in together for part in parts], terms, payout, paid_before)
    if terms.programme.unit != "child":
        yield from dues
        return
    order = [cohort.name for cohort in terms.cohorts]
    for parts in together:
        yield _of_children([next(dues) for _ in parts], order)


def _parts(
    members: Sequence[RollMember], account: Account, terms: Terms, days: Sequence[date]
) -> list[_Part]:
    if terms.programme.unit == "child" and members:
        return [_part([one], account, terms, days) for one in members]
    return [_part(members, account, terms, days)]


def _judge(parts: Sequence[_Part], terms: Terms, payout: int, paid_before: bool = False) -> Iterator[Due]:
    if paid_before:
        parts = [part._replace(facts=part.facts._replace(members_tax_unknown=0)) for part in parts]
    outcomes = list(terms.judge(part.facts for part in parts))
    households = (
        _household(part, outcome.ground, terms) for part, outcome in zip(parts, outcomes, strict=True)
    )
    for part, outcome, yen in zip(parts, outcomes, terms.amounts(households, payout), strict=True):
        cohort = terms.cohort_of(part.facts, outcome.ground, payout)
        against = "" if paid_before else outcome.reason
        reason = _reason(part, against, cohort, terms) or ("" if yen else NOTHING_DUE)
        yield Due(
            0 if reason else yen, part.facts.resident_members, "" if reason else cohort.name, reason, part.facts.late_entry
        )  # fmt: skip


def _of_children(dues: Sequence[Due], order: Sequence[str]) -> Due:
    """One recipient's children together: the sum, invited as the child that needs most; the first reason where none is due."""
    due = [one for one in dues if not one.reason]
    if not due:
        return dues[0]
    cohort = max((one.cohort for one in due), key=order.index)
    late = due[0].late if all(one.late for one in due) else ""
    return Due(sum(one.amount_yen for one in due), len(due), cohort, "", late)


def _reason(part: _Part, reason: str, cohort: Cohort, terms: Terms) -> str:
    """Why no case is opened, or ""."""
    if not part.members:
        return NO_MEMBERS
    # What more evidence could settle (未申告, moved in) is asked by an application; the review looks at the evidence.
    if reason and not (REASONS[reason].is_open and cohort.mode == "apply"):
        return reason
    return LAPSED if _lapsed(part, terms) else ""


def payees(people: Iterable[RollMember], terms: Terms) -> Iterator[str]:
    """Who receives for each person by himself, in order: a key of PAYEES, by `Terms.payee_of`."""
    parts = [_part([one], "", terms, terms.base_dates) for one in people]
    for part, outcome in zip(parts, terms.judge(part.facts for part in parts), strict=True):
        yield terms.payee_of(part.facts, outcome.ground)


def household(members: Sequence[RollMember], base_date: date) -> Household:
    """The household as the amount rules take it."""
    return Household(tuple(CountedMember(m.birth_date, m.counts(base_date)) for m in members))


def _household(part: _Part, ground: str, terms: Terms) -> Household:
    """The recipient as the amount rules take it; who is not a household is its only member, with a tax of its own."""
    members = part.members
    if terms.programme.unit == "household" or not members:
        pairs = zip(members, part.here, strict=True)
        return Household(tuple([CountedMember(one.birth_date, here) for one, here in pairs]), ground=ground)
    one = members[0]
    return Household(
        (CountedMember(one.birth_date, bool(part.facts.resident_members)),), max(one.persons, 1), one.income_tax,
        one.income_levy, ground, one.granted_yen, one.abroad,
    )  # fmt: skip


def shares(members: Sequence[RollMember], terms: Terms, payout: int = 1) -> list[int]:
    """What each member adds to the amount in yen, in the order given, for the lines of a form; sums to the amount."""
    days = terms.base_dates
    if terms.programme.unit != "household":
        alone = [_part([one], False, terms, days) for one in members]
        return [due.amount_yen for due in _judge(alone, terms, payout)]
    part = _part(members, False, terms, days)
    amount = terms.amount if payout == 1 else terms.payout(payout).amount
    ground = next(iter(terms.judge([part.facts]))).ground if amount.by_ground else ""
    whole = _household(part, ground, terms)
    steps = (whole._replace(members=whole.members[: count + 1]) for count in range(len(members)))
    totals = list(terms.amounts(steps, payout))
    return [total - before for before, total in zip([0, *totals], totals, strict=False)]


def _part(members: Sequence[RollMember], account: Account, terms: Terms, days: Sequence[date]) -> _Part:
    """Members with the flat facts of their household, or of the one person, child or taxpayer. `days`: terms.base_dates."""
    if len(days) == 1 and terms.snapshot.died_on_base_date:
        here = [member.counts(days[0]) for member in members]
    else:
        here = [bool(resident_on(member, terms, days)) for member in members]
    facts = _counted(members, here, account, days)
    if terms.eligibility.grounds:
        on = {day for member in members for day in resident_on(member, terms, days)}
        facts = facts._replace(resident_on=tuple(sorted(on)))
    if terms.programme.unit != "household":
        return _Part(members, _of_one(facts, members[0], terms, days) if members else facts, here)
    return _Part(members, facts, here)


def _counted(
    members: Sequence[RollMember], here: Sequence[bool], account: Account, days: Sequence[date]
) -> RecipientFacts:
    """What is counted over the members: in one loop, since a city has a million households."""
    count = taxed = unknown = dependent = levy_only = placed = 0
    head_gone = stays = earlier = earlier_paid = elsewhere = assisted = False
    for member, counts in zip(members, here, strict=True):
        if member.earlier:
            earlier = True
            earlier_paid, elsewhere = earlier_paid or member.earlier_paid, elsewhere or member.paid_elsewhere
        if not counts:
            continue
        count += 1
        if member.tax_class in TAXED:
            taxed += 1
            levy_only += member.tax_class == LEVY_ONLY
        elif member.tax_class not in UNTAXED:
            unknown += 1
        dependent += member.supporter_taxed
        if member.assisted is not None and holds_on(member.assisted, days):
            assisted = True
        if member.placed is not None:
            placed += holds_on(member.placed, days)
        if not member.left_reason:
            stays = True
        elif member.is_head:
            head_gone = True
    return RecipientFacts(
        resident_members=count, members_taxed=taxed, members_tax_unknown=unknown, members_dependent_of_taxed=dependent,
        paid_elsewhere=elsewhere, earlier_programme=earlier, account_known=bool(account), head_left=head_gone and stays,
        members_levy_only=levy_only, public_assistance=assisted, earlier_programme_paid=earlier_paid,
        account_from=(account,) if isinstance(account, str) and account else (), in_facility=0 < count == placed,
    )  # fmt: skip


def _of_one(counted: RecipientFacts, one: RollMember, terms: Terms, days: Sequence[date]) -> RecipientFacts:
    """What the lists say of a person, child or taxpayer besides. A newborn counts by the late rules."""
    late = late_kind(one, terms)
    taxed = terms.programme.unit != "child"
    return counted._replace(
        resident_members=1 if late else counted.resident_members,
        total_income=one.total_income if taxed else 0,
        income_tax=one.income_tax if taxed else 0,
        income_levy=one.income_levy if taxed else 0,
        paid_elsewhere=one.paid_elsewhere,
        earlier_programme=one.earlier,
        earlier_programme_paid=one.earlier_paid,
        public_assistance=holds_on(one.assisted, days),
        child_allowance=one.allowance,
        single_parent_allowance=one.single_parent,
        public_pension=one.public_pension,
        disabled_child=one.disabled,
        birth_date=one.birth_date,
        family_employee=one.family_employee,
        in_facility=holds_on(one.placed, days),
        guardian_known=one.receiver_known or one.placed is not None or terms.programme.unit != "child",
        head_left=False,
        late_entry=late,
    )


def _lapsed(part: _Part, terms: Terms) -> bool:
    """Whether the one who alone counts died, and the Version rules that nothing is paid then."""
    unit, members = terms.programme.unit, part.members
    if part.facts.resident_members != 1:
        return False
    if not any((m.is_head or unit != "household") and m.left_reason == DEATH for m in members):
        return False
    who = "child" if unit == "child" else "sole_member"
    return after_change(terms.eligibility.changes, "died", who, "before_application") == "lapse"
