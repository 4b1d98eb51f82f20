"""Pure. The example recipients of a Version as the criteria sheet shows them: facts in words, expected, came out.

Takes Terms; leaves text. Judging is `programme/examples.py`'s, by the rules that judge every recipient.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from todoku.formats.wareki import format_wareki
from todoku.programme import vocabulary as words
from todoku.programme.example_results import WHAT, Difference, ExampleResult
from todoku.programme.examples import run_examples
from todoku.programme.fact_words import RECIPIENT_FACTS, member_in_words
from todoku.programme.recipient_examples import EXPECTED, RecipientExample
from todoku.programme.terms import Terms

_WORDS: dict[str, str] = {
    **EXPECTED, **words.CHILD_ALLOWANCES, **words.LATE_KINDS, **words.ACCOUNT_SOURCES, **words.PAYEES,
    **words.CHANGE_OUTCOMES,
}  # fmt: skip


class RecipientResult(NamedTuple):
    """One example recipient: lines of facts, of what was expected, of what came out."""

    name: str
    facts: tuple[str, ...]
    expected: tuple[str, ...]
    found: tuple[str, ...]
    came_out: bool


def recipient_results(terms: Terms) -> tuple[RecipientResult, ...]:
    """Every example recipient of the Version, in its order."""
    return tuple(_result(one, terms) for one in run_examples(terms))


def _result(result: ExampleResult, terms: Terms) -> RecipientResult:
    example = result.example
    found = tuple(_found(result, terms))
    differing = {one.what: one for one in result.differences}
    expected = tuple(_expected(example, differing, terms)) or found
    return RecipientResult(example.name, tuple(_facts(example)), expected, found, result.passed)


def _facts(example: RecipientExample) -> Iterator[str]:
    if example.change is not None:
        event, who, phase, _ = example.change
        yield f"{words.CHANGE_WHO[who]}の{words.CHANGE_EVENTS[event]}（{words.CHANGE_PHASES[phase]}）"
    if example.late is not None:
        yield f"{example.late.name}：{format_wareki(example.late.happened_on)}"
    for key, value in example.facts.items():
        yield f"{RECIPIENT_FACTS.get(key, key)}：{_told(value)}"
    for member in example.members:
        yield member_in_words(member)


def _expected(example: RecipientExample, differing: Mapping[str, Difference], terms: Terms) -> Iterator[str]:
    """What the example says must come of it; of a change or a late entry, what follows."""
    if example.change is not None:
        yield _told(example.change.then)
    elif example.late is not None:
        yield f"{format_wareki(example.late.until)}まで申請できる"
    else:
        yield _told(example.expect)
        if example.amount_yen is not None:
            yield f"{example.amount_yen:,}円"
        if example.cohort:
            yield _cohort(example.cohort, terms)
        if example.payee:
            yield f"{_told(example.payee)}が受け取る"
    for one in differing.values():
        yield f"（{WHAT[one.what]}が違う）"


def _found(result: ExampleResult, terms: Terms) -> Iterator[str]:
    example = result.example
    if example.late is not None:
        yield f"{result.expect}まで申請できる" if result.expect else "申請できない"
        return
    yield _told(result.expect)
    if example.change is None:
        if result.amount_yen or example.amount_yen is not None:
            yield f"{result.amount_yen:,}円"
        if example.cohort:
            yield _cohort(result.cohort, terms)
        if example.payee:
            yield f"{_told(result.payee)}が受け取る"


def _cohort(name: str, terms: Terms) -> str:
    return next((one.title for one in terms.cohorts if one.name == name), name)


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, date):
        return format_wareki(value)
    if isinstance(value, tuple | list):
        return "、".join(_told(one) for one in value)
    if isinstance(value, int):
        return f"{value:,}"
    return _WORDS.get(value, str(value)) or "なし"
