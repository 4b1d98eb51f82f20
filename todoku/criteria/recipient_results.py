"""Pure. The example recipients of a Version as the criteria sheet shows them: facts in words, expected, came out.

Takes Terms; leaves text. Judging is `programme/examples.py`'s, by the rules that judge every recipient.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from todoku.formats.wareki import format_wareki
from todoku.programme import vocabulary as words
from todoku.programme.amounts import Member
from todoku.programme.example_results import WHAT, Difference, ExampleResult
from todoku.programme.examples import run_examples
from todoku.programme.recipient_examples import EXPECTED, RecipientExample
from todoku.programme.terms import Terms

RECIPIENT_FACTS = {
    "resident_members": "基準日に記録のある人",
    "members_taxed": "均等割が課税されている人",
    "members_tax_unknown": "課税の分からない人",
    "members_dependent_of_taxed": "課税者に扶養されている人",
    "members_levy_only": "均等割だけ課税の人",
    "total_income": "合計所得（円）",
    "income_tax": "所得税（円）",
    "income_levy": "住民税所得割（円）",
    "paid_elsewhere": "ほかの自治体で受給",
    "earlier_programme": "前の給付金の対象",
    "earlier_programme_paid": "前の給付金を受給",
    "account_known": "口座が分かっている",
    "account_from": "口座の出どころ",
    "head_left": "世帯主が死亡・転出",
    "resident_on": "記録のある基準日",
    "sudden_income_drop": "家計が急変",
    "public_assistance": "生活保護を受けている",
    "child_allowance": "児童手当",
    "single_parent_allowance": "児童扶養手当",
    "public_pension": "公的年金",
    "disabled_child": "障害のある児童",
    "birth_date": "生年月日",
    "family_employee": "事業専従者",
    "in_facility": "施設に入所",
    "guardian_known": "保護者が分かっている",
    "late_entry": "後から加わった事情",
    "persons": "本人と扶養親族などの人数",
    "paid_before_yen": "先に支給した額（円）",
    "abroad_on_new_year": "1月1日に国外",
}
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
        yield _member(member)


def _member(member: Member) -> str:
    born = f"{format_wareki(member.birth_date)}生まれ" if member.birth_date else "生年月日不詳"
    registered = "" if member.on_base_date else "、基準日に記録なし"
    return f"世帯員：{born}{registered}{'、辞退' if member.declines else ''}"


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
