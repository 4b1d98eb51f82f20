"""Pure. What the example recipients of a Version show, and what none of them shows (例のない審査基準).

Comes in: Terms and their examples as they came out. Goes out: every condition, exclusion, ground, cohort, amount branch,
birth at a border, change line, late cohort, payee and payout of the Version, with the names of the examples that show it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from todoku.programme.amount_branches import BRANCHES, Branch
from todoku.programme.contents import Amount, Ground
from todoku.programme.eligibility import limits_of
from todoku.programme.example_results import ExampleResult
from todoku.programme.grounds_agreement import all_amounts
from todoku.programme.predicates import EXCLUSIONS, PREDICATES, Limits, Predicate
from todoku.programme.reasons import REASONS
from todoku.programme.recipient_examples import DUE, NOTHING_DUE
from todoku.programme.terms import Terms
from todoku.programme.vocabulary import (
    CHANGE_EVENTS,
    CHANGE_OUTCOMES,
    CHANGE_PHASES,
    CHANGE_WHO,
    PAYEES,
)

KINDS = {
    "predicate": "支給の条件",
    "exclusion": "除外",
    "ground": "対象となる事由",
    "birth": "生年月日の境",
    "cohort": "対象の区分",
    "amount": "支給額",
    "payout": "支給回",
    "payee": "受け取る方",
    "change": "基準日後の異動",
    "late": "遅れて対象になる方",
}


class Covered(NamedTuple):
    """One thing that the Version rules: its kind (a key of KINDS), its code, its name, the examples that show it."""

    kind: str
    code: str
    label: str
    examples: tuple[str, ...]


Shows = Callable[[ExampleResult], bool]


def coverage(terms: Terms, results: Iterable[ExampleResult]) -> tuple[Covered, ...]:
    """Everything that the Version rules, in the order of KINDS. Only an example that came out as written shows anything."""
    passed = [one for one in results if one.passed]
    return tuple(
        Covered(kind, code, label, tuple(one.example.name for one in passed if shows(one)))
        for look in _LOOKS
        for kind, code, label, shows in look(terms)
    )


_Rows = Iterator[tuple[str, str, str, Shows]]


def _conditions(terms: Terms) -> _Rows:
    """Every reason of every condition that holds for all: an example refused for that reason, by that condition."""
    rules, limits = terms.eligibility, terms.eligibility.limits
    for kind, names, known in (
        ("predicate", rules.predicates, PREDICATES),
        ("exclusion", rules.exclusions, EXCLUSIONS),
    ):
        for name, one, reason in _reasons(names, known):
            label = f"{one.label}：{REASONS[reason].label}"
            yield kind, f"{name}.{reason}", label, _refused(one, reason, limits)


def _reasons(names: Iterable[str], known: dict[str, Predicate]) -> Iterator[tuple[str, Predicate, str]]:
    return ((name, known[name], reason) for name in names for reason in known[name].reasons)


def _refused(one: Predicate, reason: str, limits: Limits) -> Shows:
    return lambda result: (
        result.example.expect == reason and one.test(result.example.recipient, limits) == reason
    )


def _grounds(terms: Terms) -> _Rows:
    """Every ground by which an example is due, and every condition of a ground that alone keeps an example from it."""
    for ground in terms.eligibility.grounds:
        limits = limits_of(ground, terms.eligibility.limits)
        yield "ground", ground.name, ground.title, _due_by(ground.name)
        for kind, names, known in (
            ("predicate", ground.predicates, PREDICATES),
            ("exclusion", ground.exclusions, EXCLUSIONS),
        ):
            for name, one, reason in _reasons(names, known):
                label = f"{ground.title}：{one.label}：{REASONS[reason].label}"
                yield kind, f"{ground.name}.{name}.{reason}", label, _kept_from(ground, one, reason, limits)


def _due_by(name: str) -> Shows:
    return lambda result: result.example.expect == DUE and result.ground == name


def _kept_from(ground: Ground, one: Predicate, reason: str, limits: Limits) -> Shows:
    """Whether only this condition of the ground is not met, for this reason, and the example is not due by the ground."""
    others = [PREDICATES[name] for name in ground.predicates] + [
        EXCLUSIONS[name] for name in ground.exclusions
    ]
    others = [other for other in others if other is not one]

    def shows(result: ExampleResult) -> bool:
        if not result.example.expect or (result.example.expect == DUE and result.ground == ground.name):
            return False
        facts = result.example.recipient
        return one.test(facts, limits) == reason and not any(other.test(facts, limits) for other in others)

    return shows


def _births(terms: Terms) -> _Rows:
    """Births on the first and last day that count, and on the days beside them."""
    rules = terms.eligibility
    asked = [("", rules.predicates, rules.born_on_or_after, rules.born_on_or_before)]
    for ground in rules.grounds:
        limits = limits_of(ground, rules.limits)
        asked.append(
            (f"{ground.name}.", ground.predicates, limits.born_on_or_after, limits.born_on_or_before)
        )
    seen = set()
    for where, predicates, first, last in asked:
        if "born_in_range" not in predicates or (first, last) in seen:
            continue
        seen.add((first, last))
        yield from _borders(where, first, last)
        if rules.disabled_born_on_or_after and not where:
            yield from _borders("disabled.", rules.disabled_born_on_or_after, None, disabled=True)


def _borders(where: str, first: date | None, last: date | None, *, disabled: bool = False) -> _Rows:
    day = timedelta(days=1)
    ground, whose = where.rstrip(".") if not disabled else "", "障害のある児童：" if disabled else ""
    if first:
        yield "birth", f"{where}first", f"{whose}最初の日に生まれた", _born(first, disabled, ground, due=True)
        yield (
            "birth",
            f"{where}before",
            f"{whose}最初の日の前日に生まれた",
            _born(first - day, disabled, ground, due=False),
        )
    if last:
        yield "birth", f"{where}last", f"{whose}最後の日に生まれた", _born(last, disabled, ground, due=True)
        yield (
            "birth",
            f"{where}after",
            f"{whose}最後の日の翌日に生まれた",
            _born(last + day, disabled, ground, due=False),
        )


def _born(day: date, disabled: bool, ground: str, *, due: bool) -> Shows:
    """Whether an example was born on this day and is due (by this ground, where it is a ground's border) or not."""

    def shows(result: ExampleResult) -> bool:
        facts = result.example.facts
        if not result.example.expect or facts.get("disabled_child", False) is not disabled:
            return False
        is_due = result.example.expect == DUE and (not ground or result.ground == ground)
        return facts.get("birth_date") == day and is_due is due

    return shows


def _cohorts(terms: Terms) -> _Rows:
    for cohort in terms.cohorts:
        yield "cohort", cohort.name, cohort.title, _in_cohort(cohort.name)


def _in_cohort(name: str) -> Shows:
    return lambda result: result.example.cohort == name


def _amounts(terms: Terms) -> _Rows:
    """Every branch of every amount that can come into use, by the examples that go it."""
    grounds = {ground.name for ground in terms.eligibility.grounds}
    for table, one in all_amounts(terms):
        number, ground = _place(table)
        siblings = terms.amount.by_ground if number == 1 else terms.payout(number).amount.by_ground
        if not ground and grounds and grounds <= siblings.keys():
            continue  # each ground has an amount of its own: nobody is due the general one
        for name, branch in BRANCHES[one.rule].items():
            if branch.exists(one.parameters):
                takes = _takes(number, {ground} if ground else (grounds or {""}) - siblings.keys())
                label = f"{_prefix(terms, number, ground)}{branch.label}"
                yield "amount", f"{table}.{name}", label, _goes(takes, branch, one)


def _goes(takes: Shows, branch: Branch, amount: Amount) -> Shows:
    return lambda result: takes(result) and branch.goes(amount.parameters, result.example.household)


def _place(table: str) -> tuple[int, str]:
    """The payout and the ground of a table that `all_amounts` names."""
    number = int(table[len("payout（")]) if table.startswith("payout") else 1
    return number, table.rpartition("ground（")[2].rstrip("）") if "ground（" in table else ""


def _prefix(terms: Terms, number: int, ground: str) -> str:
    title = next((one.title for one in terms.eligibility.grounds if one.name == ground), "")
    parts = [terms.payout(number).title] if number > 1 else []
    return "：".join([*parts, *([title] if title else []), ""])


def _takes(number: int, grounds: Iterable[str]) -> Shows:
    """Whether an example was computed by the amount of this payout for one of these grounds."""
    names = set(grounds)

    def shows(result: ExampleResult) -> bool:
        judged = result.example.expect in (DUE, NOTHING_DUE)
        return judged and result.example.payout == number and result.ground in names

    return shows


def _payouts(terms: Terms) -> _Rows:
    for payout in terms.payouts:
        yield "payout", str(payout.number), payout.title, _paid_in(payout.number)


def _paid_in(number: int) -> Shows:
    return lambda result: result.example.payout == number


def _payees(terms: Terms) -> _Rows:
    names = [terms.programme.payee, *(ground.payee for ground in terms.eligibility.grounds)]
    names += [terms.payees.in_facility, terms.payees.evacuated]
    for name in dict.fromkeys(name for name in names if name):
        yield "payee", name, PAYEES[name], _received_by(name)


def _received_by(name: str) -> Shows:
    return lambda result: result.example.payee == name


def _changes(terms: Terms) -> _Rows:
    """Each table of changes as written; one example of its people and phases is enough."""
    lines: dict[int, list[tuple[str, str, str]]] = {}
    then: dict[int, str] = {}
    for change in terms.eligibility.changes:
        lines.setdefault(change.line, []).append((change.event, change.who, change.phase))
        then[change.line] = change.then
    for line, situations in lines.items():
        yield "change", str(line), f"{_line(situations)}：{CHANGE_OUTCOMES[then[line]]}", _changed(situations)


def _line(situations: Sequence[tuple[str, str, str]]) -> str:
    events, all_who, phases = (tuple(dict.fromkeys(column)) for column in zip(*situations, strict=True))
    said = [[CHANGE_EVENTS[one] for one in events], [CHANGE_WHO[one] for one in all_who]]
    return "・".join("／".join(names) for names in [*said, [CHANGE_PHASES[one] for one in phases]])


def _changed(situations: Sequence[tuple[str, str, str]]) -> Shows:
    def shows(result: ExampleResult) -> bool:
        change = result.example.change
        return change is not None and (change.event, change.who, change.phase) in situations

    return shows


def _late(terms: Terms) -> _Rows:
    for late in terms.late:
        yield "late", late.name, late.title, _late_by(late.name, late.closes, after=False)
        if late.days_after:
            label = f"{late.title}（{late.days_after}日以内）"
            yield "late", f"{late.name}.days", label, _late_by(late.name, late.closes, after=True)


def _late_by(name: str, closes: date, *, after: bool) -> Shows:
    def shows(result: ExampleResult) -> bool:
        late = result.example.late
        return late is not None and late.name == name and (late.until > closes) is after

    return shows


_LOOKS: tuple[Callable[[Terms], _Rows], ...] = (
    _conditions, _grounds, _births, _cohorts, _amounts, _payouts, _payees, _changes, _late,
)  # fmt: skip
