"""Pure. One member of a recipient as the rules need it: what the roll says, and what the lists beside it add.

Comes in: one line of case/members.py. Goes out: whether and since when the member counts. Nothing is decided here.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from todoku.programme.terms import Terms
from todoku.registry.base_date import DEATH, on_base_date

# What the roll says of a person's tax (課税区分); whatever is neither taxed nor untaxed is not known yet.
TAXED, UNTAXED = frozenset({"taxed", "levy_only"}), frozenset({"untaxed"})
LEVY_ONLY = "levy_only"

Period = tuple[date | None, date | None]


class RollMember(NamedTuple):
    """One member as the rules need it; head first within a recipient. `supporter_taxed`: depends on a taxed person.

    From `total_income` on by the lists (registry/list_tables.py), yen before any cut; a programme without lists has none.
    """

    is_head: bool
    birth_date: date | None
    moved_in_on: date | None
    left_on: date | None
    left_reason: str
    tax_class: str
    supporter_taxed: bool
    total_income: int = 0
    income_tax: int = 0
    income_levy: int = 0
    persons: int = 0
    granted_yen: int = 0
    abroad: bool = False
    family_employee: bool = False
    earlier: bool = False  # a target of an earlier benefit, also if declined
    earlier_paid: bool = False
    paid_elsewhere: bool = False
    assisted: Period | None = None  # 生活保護, since and until
    placed: Period | None = None  # 施設入所
    allowance: str = ""  # a key of programme.vocabulary.CHILD_ALLOWANCES
    single_parent: bool = False
    public_pension: bool = False
    disabled: bool = False
    receiver_known: bool = False

    def counts(self, base_date: date) -> bool:
        """Whether the member was registered on the base date."""
        return on_base_date(
            base_date,
            birth_date=self.birth_date,
            moved_in_on=self.moved_in_on,
            left_on=self.left_on,
            left_reason=self.left_reason,
        )


def born_later(birth_date: date) -> RollMember:
    """A child born after the base date, as the rules of a household take it: registered, and taxed by nobody."""
    return RollMember(False, birth_date, None, None, "", "untaxed", False)


def resident_on(member: RollMember, terms: Terms, days: Sequence[date]) -> tuple[date, ...]:
    """Of the programme's base dates, those on which this member was registered."""
    return tuple(day for day in days if member.counts(day) and not _died_that_day(member, day, terms))


def _died_that_day(member: RollMember, day: date, terms: Terms) -> bool:
    return not terms.snapshot.died_on_base_date and member.left_reason == DEATH and member.left_on == day


def late_kind(member: RollMember, terms: Terms) -> str:
    """How somebody came in after the base date: a key of LATE_KINDS for which the Version has a cohort; "" else.

    A roll shows births alone: every other late entry rests on papers, and is opened by an order.
    """
    born = member.birth_date
    if born is None or born <= terms.programme.base_date:
        return ""
    return "newborn" if any(one.kind == "newborn" and born <= one.until for one in terms.late) else ""


def holds_on(period: Period | None, days: Sequence[date]) -> bool:
    """Whether something held on one of these days; an open end has no limit."""
    if period is None:
        return False
    since, until = period
    return any((since is None or since <= day) and (until is None or day <= until) for day in days)
