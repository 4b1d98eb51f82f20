"""Pure. Who is due: predicates by name over flat facts of a recipient, and the reason when somebody is not.

Takes facts that the registry has counted, gives (eligible, reason, ground). Also says what the Version's table rules
when somebody dies or moves after the base date. It computes no amount.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple, Protocol

from todoku.programme.predicates import EXCLUSIONS, NO_LIMITS, PREDICATES, Limits, Test
from todoku.programme.reasons import REASONS
from todoku.programme.recipient_facts import RecipientFacts

__all__ = [
    "EXCLUSIONS", "PREDICATES", "REASONS", "Limits", "Outcome", "RecipientFacts", "after_change",
    "judge", "judge_all",
]  # fmt: skip


class Outcome(NamedTuple):
    """Whether a recipient is due, the reason code when not ("" when it is), and by which ground.

    `ground`: the first ground met; of a recipient whose only reason is open, the ground it could still meet; else "".
    """

    eligible: bool
    reason: str
    ground: str = ""


class GroundRule(Protocol):
    """What judging needs of one ground (対象となる事由): conditions of its own, and limits in place of the Version's."""

    @property
    def name(self) -> str: ...
    @property
    def predicates(self) -> tuple[str, ...]: ...
    @property
    def exclusions(self) -> tuple[str, ...]: ...
    @property
    def base_dates(self) -> tuple[date, ...]: ...
    @property
    def born_on_or_after(self) -> date | None: ...
    @property
    def born_on_or_before(self) -> date | None: ...


class _Way(NamedTuple):
    """One ground made ready: its name, its tests and the limits they are given."""

    name: str
    tests: list[Test]
    limits: Limits


def judge_all(
    predicates: Sequence[str],
    exclusions: Sequence[str],
    recipients: Iterable[RecipientFacts],
    *,
    limits: Limits = NO_LIMITS,
    grounds: Sequence[GroundRule] = (),
) -> Iterator[Outcome]:
    """For each recipient in order: due or not, with the first reason in the Version's order.

    Every predicate must be met, no exclusion, and one of the grounds where there are any. A reason that more evidence
    could change gives way to one that nothing can change; between grounds it is the other way round: whoever could
    still meet one is asked for its evidence, else the first ground says why not.
    """
    before = [PREDICATES[name].test for name in predicates]
    after = [EXCLUSIONS[name].test for name in exclusions]
    ways = [_way(ground, limits) for ground in grounds]
    for facts in recipients:
        reasons = [reason for test in before if (reason := test(facts, limits))]
        ground = ""
        if ways:
            ground, against = _best(ways, facts)
            reasons += [against] if against else []
        reasons += [reason for test in after if (reason := test(facts, limits))]
        reason = _heaviest(reasons)
        yield Outcome(not reasons, reason, ground if not reason or REASONS[reason].is_open else "")


def _way(ground: GroundRule, limits: Limits) -> _Way:
    tests = [PREDICATES[name].test for name in ground.predicates]
    tests += [EXCLUSIONS[name].test for name in ground.exclusions]
    return _Way(ground.name, tests, limits_of(ground, limits))


def limits_of(ground: GroundRule, limits: Limits) -> Limits:
    """The limits that hold for a ground: its own range of births and base dates where it has them."""
    if ground.born_on_or_after or ground.born_on_or_before:
        limits = limits._replace(
            born_on_or_after=ground.born_on_or_after, born_on_or_before=ground.born_on_or_before
        )
    return limits._replace(base_dates=ground.base_dates)


def _best(ways: Sequence[_Way], facts: RecipientFacts) -> tuple[str, str]:
    """(ground, reason against): the first ground met; else the open one in which the recipient came furthest; else no
    ground, and the reason of the one in which it came furthest: its first conditions say whom a ground is for."""
    final = still_open = (-1, "", "")
    for name, tests, limits in ways:
        reasons = [test(facts, limits) for test in tests]
        against = _heaviest([reason for reason in reasons if reason])
        if not against:
            return name, ""
        passed = next(place for place, reason in enumerate(reasons) if reason)
        if REASONS[against].is_open:
            still_open = max(still_open, (passed, name, against), key=_passed)
        else:
            final = max(final, (passed, "", against), key=_passed)
    return still_open[1:] if still_open[1] else final[1:]


def _passed(found: tuple[int, str, str]) -> int:
    """How many conditions of a ground were met before the first that was not; `max` keeps the first of equals."""
    return found[0]


def _heaviest(reasons: Sequence[str]) -> str:
    """The first reason that nothing can change, else the first; "" where there is none."""
    for reason in reasons:
        if not REASONS[reason].is_open:
            return reason
    return reasons[0] if reasons else ""


def judge(
    predicates: Sequence[str],
    exclusions: Sequence[str],
    facts: RecipientFacts,
    *,
    limits: Limits = NO_LIMITS,
    grounds: Sequence[GroundRule] = (),
) -> Outcome:
    """The same for one recipient."""
    return next(judge_all(predicates, exclusions, [facts], limits=limits, grounds=grounds))


class ChangeRule(Protocol):
    """What `after_change` needs of one line of a Version's table of changes."""

    @property
    def event(self) -> str: ...
    @property
    def who(self) -> str: ...
    @property
    def phase(self) -> str: ...
    @property
    def then(self) -> str: ...


def after_change(changes: Iterable[ChangeRule], event: str, who: str, phase: str) -> str:
    """What the Version rules for a death or a move after the base date; "ask" where it rules nothing."""
    for rule in changes:
        if (rule.event, rule.who, rule.phase) == (event, who, phase):
            return rule.then
    return "ask"
