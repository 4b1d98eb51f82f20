"""Pure. Example recipients of a Version ([[example]]): the facts of one recipient in words, and what must come of them.

A table under reading in, frozen values out. `examples.py` runs them through the rules of the same Version; what an example
says of names in other tables is held against them by `examples_agreement.py`.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from todoku.programme import vocabulary as words
from todoku.programme.amounts import Household, Member
from todoku.programme.reasons import REASONS
from todoku.programme.recipient_facts import RecipientFacts
from todoku.programme.toml_table import Table

NAME_MAX = 80
COUNT_MAX = 10**10
DUE, NOTHING_DUE = "due", "nothing_due"
# What an example can expect: due, due nothing by the formula, or a reason against.
EXPECTED: dict[str, str] = {
    DUE: "対象",
    NOTHING_DUE: "計算した額が0円",
    **{code: reason.label for code, reason in REASONS.items()},
}
# Facts that are words, or lists of words.
_CHOICES = {"child_allowance": words.CHILD_ALLOWANCES, "late_entry": words.LATE_KINDS}
_LISTS = {"account_from": words.ACCOUNT_SOURCES}
# What the amount alone asks for; income_tax and income_levy stand among the facts and serve both.
AMOUNT_FACTS = ("persons", "paid_before_yen", "abroad_on_new_year")
KNOWN: dict[str, Any] = {
    **RecipientFacts._field_defaults,
    **{name: Household._field_defaults[name] for name in AMOUNT_FACTS},
}


class ChangeExample(NamedTuple):
    """What happened after the base date, to whom, and when (a line of [[eligibility.change]] or none), and what follows."""

    event: str
    who: str
    phase: str
    then: str


class LateExample(NamedTuple):
    """What happened on which day to somebody of a late cohort, and until when that one may apply."""

    name: str
    happened_on: date
    until: date


class RecipientExample(NamedTuple):
    """One example recipient (対象者の例). A change or a late entry stands alone; else `expect` says what comes of the facts."""

    name: str
    facts: Mapping[str, Any] = {}
    members: tuple[Member, ...] = ()
    payout: int = 1
    expect: str = ""
    ground: str = ""
    cohort: str = ""
    payee: str = ""
    amount_yen: int | None = None
    change: ChangeExample | None = None
    late: LateExample | None = None

    @property
    def recipient(self) -> RecipientFacts:
        """The facts as the conditions take them; members given say how many are registered, where no fact does."""
        given = {key: value for key, value in self.facts.items() if key not in AMOUNT_FACTS}
        if self.members:
            given.setdefault("resident_members", sum(member.on_base_date for member in self.members))
        return RecipientFacts(**given)

    @property
    def household(self) -> Household:
        """The facts as the amount rules take them; the ground is added by whoever has judged it."""
        wanted = {*AMOUNT_FACTS, "income_tax", "income_levy"}
        return Household(self.members, **{key: value for key, value in self.facts.items() if key in wanted})


def example(table: Table) -> RecipientExample:
    """One [[example]]."""
    name = table.text("name", longest=NAME_MAX, example='"二人世帯、どちらも非課税"')
    kinds = [key for key in ("change", "late") if key in table.data]
    if len(kinds) > 1 or (kinds and "expect" in table.data):
        table.note("", "一つの例に二つのことが書かれています。", "例を分けてください。")
    if "change" in table.data:
        found = RecipientExample(name, change=_change(table.table("change")))
    elif "late" in table.data:
        found = RecipientExample(name, late=_late(table.table("late")))
    else:
        found = _judged(table, name)
    table.no_others()
    return found


def _judged(table: Table, name: str) -> RecipientExample:
    expect = table.choice("expect", EXPECTED)
    due = expect == DUE
    return RecipientExample(
        name,
        facts=_facts(table.table("facts", required=False)),
        members=tuple(_member(row) for row in table.tables("members", required=False)),
        payout=table.whole("payout", least=1, most=9) if "payout" in table.data else 1,
        expect=expect,
        ground=table.text("ground", required=False),
        cohort=table.text("cohort", required=due),
        payee=table.choice("payee", words.PAYEES) if "payee" in table.data else "",
        amount_yen=table.whole("amount_yen", least=1) if due or "amount_yen" in table.data else None,
    )


def _change(table: Table) -> ChangeExample:
    change = ChangeExample(
        event=table.choice("event", words.CHANGE_EVENTS),
        who=table.choice("who", words.CHANGE_WHO),
        phase=table.choice("phase", words.CHANGE_PHASES),
        then=table.choice("then", words.CHANGE_OUTCOMES),
    )
    table.no_others()
    return change


def _late(table: Table) -> LateExample:
    late = LateExample(table.text("name"), table.day("happened_on"), table.day("until"))
    table.no_others()
    return late


def _member(table: Table) -> Member:
    """One member as far as the amount depends on it; without `born` the roll has 不詳."""
    member = Member(
        birth_date=table.day_if_given("born"),
        on_base_date="on_base_date" not in table.data or table.truth("on_base_date"),
        declines=table.truth("declines"),
    )
    table.asked.add("on_base_date")
    table.no_others()
    return member


def _facts(table: Table) -> dict[str, Any]:
    """The facts given, each of its kind; an unknown word is a mistake by `no_others`."""
    table.asked.update(KNOWN)
    facts = {key: _fact(table, key) for key in table.data if key in KNOWN}
    table.no_others()
    return facts


def _fact(table: Table, key: str) -> Any:
    if key in _CHOICES:
        return table.choice(key, _CHOICES[key])
    if key in _LISTS:
        return table.choices(key, _LISTS[key], required=False)
    if key == "birth_date":
        return table.day_if_given(key)
    if key == "resident_on":
        return table.days(key)
    if isinstance(KNOWN[key], bool):
        return table.truth(key)
    return table.whole(key, most=COUNT_MAX)
