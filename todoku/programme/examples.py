"""Pure. Runs the example recipients of a Version through its own rules, and says what the examples do not show yet.

Comes in: Terms. Goes out: per example what came out otherwise than written, and per rule the examples that show it. The
sheet of criteria prints both, and a Version opens only when every example comes out as written.
"""

from collections.abc import Iterator
from typing import Any

from todoku.programme.coverage import Covered, coverage
from todoku.programme.eligibility import Outcome, after_change
from todoku.programme.example_results import Difference, ExampleResult
from todoku.programme.recipient_examples import DUE, NOTHING_DUE, RecipientExample
from todoku.programme.terms import Terms


def examples_of(terms: Terms) -> tuple[RecipientExample, ...]:
    """The example recipients that the Version holds, in its order."""
    return terms.examples


def run_examples(terms: Terms) -> tuple[ExampleResult, ...]:
    """Every example through the Version's own rules, in its order."""
    return tuple(_run(terms, example) for example in terms.examples)


def covered(terms: Terms) -> tuple[Covered, ...]:
    """Everything that the Version rules, with the names of the examples that show it (none: an empty tuple)."""
    return coverage(terms, run_examples(terms))


def uncovered(terms: Terms) -> tuple[Covered, ...]:
    """What the Version rules and no example shows."""
    return tuple(one for one in covered(terms) if not one.examples)


def _run(terms: Terms, example: RecipientExample) -> ExampleResult:
    if example.change is not None:
        event, who, phase, then = example.change
        came_out = after_change(terms.eligibility.changes, event, who, phase)
        return ExampleResult(example, came_out, differences=tuple(_differs("then", then, came_out)))
    if example.late is not None:
        name, happened_on, until = example.late
        last = terms.late_deadline(name, happened_on)
        return ExampleResult(
            example, f"{last or ''}", differences=tuple(_differs("until", until, last or ""))
        )
    return _judged(terms, example)


def _judged(terms: Terms, example: RecipientExample) -> ExampleResult:
    facts = example.recipient
    outcome = outcome_of(terms, example)
    amount = 0
    if outcome.eligible:
        amount = next(
            iter(terms.amounts([example.household._replace(ground=outcome.ground)], example.payout))
        )
    expect = outcome.reason or (DUE if amount else NOTHING_DUE)
    result = ExampleResult(
        example,
        expect,
        outcome.ground,
        terms.cohort_of(facts, outcome.ground, example.payout).name,
        amount,
        terms.payee_of(facts, outcome.ground),
    )
    return result._replace(differences=tuple(_compared(example, result)))


def outcome_of(terms: Terms, example: RecipientExample) -> Outcome:
    """How the Version judges an example that is neither a change nor a late entry."""
    return next(iter(terms.judge([example.recipient])))


def _compared(example: RecipientExample, result: ExampleResult) -> Iterator[Difference]:
    yield from _differs("expect", example.expect, result.expect)
    for what in ("ground", "cohort", "payee"):
        written = getattr(example, what)
        if written:
            yield from _differs(what, written, getattr(result, what))
    if example.amount_yen is not None:
        yield from _differs("amount_yen", example.amount_yen, result.amount_yen)


def _differs(what: str, written: Any, came_out: Any) -> Iterator[Difference]:
    if written != came_out:
        yield Difference(what, str(written), str(came_out))
