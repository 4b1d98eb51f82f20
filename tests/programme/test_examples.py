"""Example recipients: every shipped Version's come out as written, none is idle, and none of its rules is without one."""

from datetime import date

import pytest

from tests.programme.test_terms import APPLY, PUSH, refused
from todoku.programme.changes import left_open, situations
from todoku.programme.coverage import KINDS
from todoku.programme.examples import covered, examples_of, run_examples, uncovered
from todoku.programme.recipient_examples import EXPECTED, RecipientExample
from todoku.programme.shipped import SLUGS, version_text
from todoku.programme.terms import Terms, parse
from todoku.programme.vocabulary import CHANGE_OUTCOMES, PAYEES

TERMS = {slug: parse(version_text(slug)) for slug in SLUGS}


def with_examples(terms: Terms, *examples: RecipientExample) -> Terms:
    return Terms(**{**vars(terms), "examples": examples})


@pytest.mark.parametrize("slug", SLUGS)
def test_every_example_of_a_shipped_programme_comes_out_as_written(slug: str) -> None:
    results = run_examples(TERMS[slug])
    assert [result.example for result in results] == list(examples_of(TERMS[slug]))
    assert {one.example.name: one.differences for one in results if not one.passed} == {}


@pytest.mark.parametrize("slug", SLUGS)
def test_nothing_that_a_shipped_programme_rules_is_without_an_example(slug: str) -> None:
    assert [(one.kind, one.label) for one in uncovered(TERMS[slug])] == []
    assert {one.kind for one in covered(TERMS[slug])} <= KINDS.keys()


@pytest.mark.parametrize("slug", SLUGS)
def test_a_shipped_programme_rules_every_change_that_can_happen(slug: str) -> None:
    assert situations(TERMS[slug]) != ()
    assert left_open(TERMS[slug]) == ()


def otherwise(terms: Terms, example: RecipientExample) -> list[RecipientExample]:
    """The same example with each of its expectations written otherwise."""
    if example.change is not None:
        words = [word for word in CHANGE_OUTCOMES if word != example.change.then]
        return [example._replace(change=example.change._replace(then=word)) for word in words]
    if example.late is not None:
        return [example._replace(late=example.late._replace(until=date(2000, 1, 1)))]
    wrong = [example._replace(expect=word) for word in EXPECTED if word != example.expect]
    if example.amount_yen is not None:
        wrong += [example._replace(amount_yen=example.amount_yen + yen) for yen in (-1, 1, 10_000)]
    if example.payee:
        wrong += [example._replace(payee=word) for word in PAYEES if word != example.payee]
    for what, names in (
        ("cohort", [one.name for one in terms.cohorts]),
        ("ground", [one.name for one in terms.eligibility.grounds]),
    ):
        if getattr(example, what):
            wrong += [example._replace(**{what: name}) for name in names if name != getattr(example, what)]
    return wrong


@pytest.mark.parametrize("slug", SLUGS)
def test_an_example_that_expects_anything_else_fails(slug: str) -> None:
    for example in examples_of(TERMS[slug]):
        wrong = otherwise(TERMS[slug], example)
        results = run_examples(with_examples(TERMS[slug], *wrong))
        assert wrong and [result.example for result in results if result.passed] == []


@pytest.mark.parametrize("slug", SLUGS)
def test_every_example_shows_something_that_would_be_missed(slug: str) -> None:
    named = {name for one in covered(TERMS[slug]) for name in one.examples}
    idle = [example.name for example in examples_of(TERMS[slug]) if example.name not in named]
    # An example may stand for a case that no single rule is about; each of these says so by its outcome.
    assert all(next(e for e in examples_of(TERMS[slug]) if e.name == name).expect for name in idle)
    assert len(idle) * 4 <= len(examples_of(TERMS[slug]))


def test_a_version_without_examples_shows_nothing() -> None:
    bare = with_examples(TERMS[PUSH])
    assert covered(bare) == uncovered(bare) != ()


def test_an_example_that_fails_covers_nothing() -> None:
    (due, *_) = examples_of(TERMS[PUSH])
    wrong = with_examples(TERMS[PUSH], due._replace(amount_yen=1))
    assert all(not one.examples for one in covered(wrong))
    right = with_examples(TERMS[PUSH], due)
    assert {one.kind for one in covered(right) if one.examples} == {"cohort", "amount", "payee"}


def test_what_came_out_otherwise_is_named_beside_what_is_written() -> None:
    (due, *_) = examples_of(TERMS[PUSH])
    (result,) = run_examples(with_examples(TERMS[PUSH], due._replace(amount_yen=40_000, cohort="apply")))
    assert [(one.what, one.written, one.came_out) for one in result.differences] == [
        ("cohort", "apply", "push"),
        ("amount_yen", "40000", "30000"),
    ]


def added(*lines: str) -> str:
    return version_text(APPLY) + "\n[[example]]\n" + "\n".join(lines) + "\n"


DUE = ('name = "例"', 'expect = "due"', 'cohort = "apply"', "amount_yen = 100000")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (('name = "例"', 'expect = "dew"'), "「due」の書き誤り"),
        ((*DUE, "facts = { resident_member = 1 }"), "「resident_members」の書き誤り"),
        ((*DUE, "facts = { members_taxed = true }"), "整数ではありません"),
        ((*DUE, 'facts = { late_entry = "newbon" }'), "「newborn」の書き誤り"),
        ((*DUE, 'facts = { account_known = true, account_from = ["bank"] }'), "という値はありません"),
        ((*DUE, "facts = { members_taxed = 2 }"), "世帯員の数より多く"),
        ((*DUE, "facts = { members_levy_only = 1 }"), "課税者より多く"),
        ((*DUE, "facts = { members_dependent_of_taxed = 2 }"), "世帯員の数より多く"),
        ((*DUE, "facts = { earlier_programme_paid = true }"), "受給したことになっています"),
        ((*DUE, 'facts = { account_from = ["public_account"] }'), "分かっていないことになっています"),
        ((*DUE, "facts = { resident_members = 2 }", "members = [{}]"), "members の数と合いません"),
        ((*DUE, "facts = { head_left = true }"), "ほかに残った方がいません"),
        ((*DUE, "facts = { resident_on = [2020-04-28] }"), "基準日でない日"),
        ((*DUE, "members = [{ birth = 2000-01-01 }]"), "この項目はありません"),
        (('name = "例"', 'expect = "due"', "amount_yen = 1"), "cohort"),
        (('name = "例"', 'expect = "due"', 'cohort = "aply"', "amount_yen = 1"), "「apply」の書き誤り"),
        (('name = "例"', 'expect = "not_resident"', "amount_yen = 1"), "対象でない例に額"),
        ((*DUE, 'ground = "untaxed"'), "この制度にありません"),
        ((*DUE, "payout = 2"), "この制度にありません"),
        (('name = "単身者"', *DUE[1:]), "同じ名前の例"),
        (
            (
                'name = "例"',
                'change = { event = "died", who = "heads", phase = "after_decision", then = "pay" }',
            ),
            "「head」の書き誤り",
        ),
        (
            (*DUE, 'change = { event = "died", who = "head", phase = "after_decision", then = "pay" }'),
            "例を分けてください",
        ),
        (
            ('name = "例"', 'late = { name = "newborn", happened_on = 2020-05-01, until = 2020-06-01 }'),
            "ありません",
        ),
    ],
)
def test_a_mistake_in_an_example_is_named(lines: tuple[str, ...], words: str) -> None:
    said = [problem.sentence for problem in refused(added(*lines))]
    assert any(words in sentence and "example" in sentence for sentence in said), said


def test_an_example_with_no_mistake_is_read() -> None:
    example = parse(added(*DUE, "members = [{}]")).examples[-1]
    assert (example.name, example.amount_yen, example.recipient.resident_members) == ("例", 100_000, 1)


def test_what_happens_after_a_late_cohorts_last_day_is_late_for_it_too() -> None:
    terms = TERMS["kosodate-seikatsu-2021"]
    assert terms.late_deadline("newborn", date(2022, 2, 28)) == date(2022, 3, 15)
    assert terms.late_deadline("newborn", date(2022, 3, 1)) is None
