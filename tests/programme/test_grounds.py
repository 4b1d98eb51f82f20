"""Grounds, cohorts by ground, payees, late cohorts, payouts: what they rule, and every contradiction by its name."""

from datetime import date

import pytest

from tests.programme.test_terms import refused
from todoku.programme.amounts import Household, Member
from todoku.programme.cohorts import account_source
from todoku.programme.eligibility import RecipientFacts, after_change
from todoku.programme.shipped import version_text
from todoku.programme.terms import parse

CHILD, TWO_PAYOUTS, SUDDEN = "kosodate-oen-2025", "kakaku-juten-2023", "hikazei-rinji-2021"
TAXPAYER, VOUCHER, MONTHS = "fusokugaku-2025", "premium-shohinken-2019", "rinji-fukushi-2015"


@pytest.mark.parametrize(
    ("facts", "reason", "ground"),
    [
        (RecipientFacts(resident_members=2), "", "untaxed"),
        # The first ground met is the one; what a later ground would give changes nothing.
        (RecipientFacts(resident_members=2, sudden_income_drop=True), "", "untaxed"),
        (RecipientFacts(resident_members=2, members_taxed=1, sudden_income_drop=True), "", "sudden_drop"),
        # No ground is met: the first one says why.
        (RecipientFacts(resident_members=2, members_taxed=1), "taxed", ""),
        # One could still be met: it asks for evidence.
        (RecipientFacts(resident_members=2, members_tax_unknown=1), "tax_unknown", "untaxed"),
        # Unless something that nothing can change stands against it.
        (
            RecipientFacts(resident_members=2, members_tax_unknown=1, paid_elsewhere=True),
            "paid_elsewhere",
            "",
        ),
    ],
)
def test_one_ground_is_enough(facts: RecipientFacts, reason: str, ground: str) -> None:
    (outcome,) = parse(version_text(SUDDEN)).judge([facts])
    assert outcome == (reason == "", reason, ground)


def test_a_ground_has_base_dates_of_its_own() -> None:
    terms = parse(version_text(VOUCHER))
    assert terms.base_dates == (date(2019, 1, 1), date(2019, 6, 1), date(2019, 7, 31), date(2019, 9, 30))
    child = RecipientFacts(birth_date=date(2019, 9, 1), resident_on=(date(2019, 9, 30),))
    came_in_spring = RecipientFacts(birth_date=date(1950, 1, 1), resident_on=(date(2019, 6, 1),))
    assert [one.ground for one in terms.judge([child, came_in_spring])] == ["small_child", ""]


@pytest.mark.parametrize(
    ("facts", "ground", "payee"),
    [
        (RecipientFacts(), "untaxed", "self"),
        (RecipientFacts(), "small_child", "head"),
        (RecipientFacts(late_entry="dv"), "small_child", "self"),
    ],
)
def test_the_payee_is_the_exceptions_then_the_grounds_then_the_programmes(
    facts: RecipientFacts, ground: str, payee: str
) -> None:
    assert parse(version_text(VOUCHER)).payee_of(facts, ground) == payee


def test_a_child_in_a_facility_is_paid_through_it() -> None:
    terms = parse(version_text(CHILD))
    assert terms.payee_of(RecipientFacts(in_facility=True), "allowance") == "facility"
    assert terms.payee_of(RecipientFacts(), "allowance") == "guardian"


@pytest.mark.parametrize(
    ("sources", "known", "source"),
    [
        (("earlier_payment", "public_account"), ("public_account", "earlier_payment"), "earlier_payment"),
        (("earlier_payment", "public_account"), ("public_account",), "public_account"),
        (("earlier_payment",), ("child_allowance",), ""),
        (("applicant", "public_account"), ("applicant",), ""),  # the applicant is asked
    ],
)
def test_an_account_is_taken_from_the_first_source_that_has_one(
    sources: tuple[str, ...], known: tuple[str, ...], source: str
) -> None:
    assert account_source(sources, known) == source


def test_a_second_payout_has_an_amount_of_its_own() -> None:
    terms = parse(version_text(TWO_PAYOUTS))
    family = Household((Member(date(1980, 1, 1)), Member(date(2015, 1, 1))), ground="levy_only")
    assert [list(terms.amounts([family], payout)) for payout in (1, 2)] == [[100_000], [50_000]]
    assert terms.payout(2).follows == 1


def test_a_deadline_of_months_is_counted_from_the_opening() -> None:
    terms = parse(version_text(MONTHS))
    assert (terms.intake.opens, terms.deadline) == (date(2015, 9, 1), date(2015, 12, 1))


@pytest.mark.parametrize(
    ("who", "phase", "then"),
    [
        ("guardian", "before_application", "new_guardian"),
        ("guardian", "after_application", "ask"),
        (
            "child",
            "before_application",
            "ask",
        ),  # nothing is ruled: a child's custody changes with its guardian
    ],
)
def test_a_change_of_custody_follows_the_table(who: str, phase: str, then: str) -> None:
    assert after_change(parse(version_text(CHILD)).eligibility.changes, "custody_changed", who, phase) == then


# One mistake each: what was written, what it became, and where and how the refusal names it.
MISTAKES = [
    (SUDDEN, 'name = "sudden_drop"', 'name = "untaxed"', "eligibility.ground", "同じ名前が二つ"),
    (SUDDEN, 'grounds = ["untaxed"]', 'grounds = ["untaxd"]', "cohort（confirm）", "「untaxed」の書き誤り"),
    (
        SUDDEN,
        'predicates = ["sudden_income_drop"]',
        'predicates = ["sudden_drop"]',
        "eligibility.ground（2番目）",
        "という値はありません",
    ),
    (
        SUDDEN,
        'condition = "tax_confirmed"',
        'condition = "tax_confirmed"\naccount_sources = ["public_account"]',
        "cohort（confirm）",
        "known_account",
    ),
    (
        SUDDEN,
        'condition = "everyone"',
        'condition = "everyone"\ngrounds = ["untaxed"]',
        "cohort",
        "一部の事由に限られています",
    ),
    (SUDDEN, 'who = "head"', 'who = "guardian"', "eligibility.change", "支給の単位が児童の制度だけ"),
    (
        SUDDEN,
        'who = "member"\nphase = ["before',
        'who = ["member", "memberr"]\nphase = ["before',
        "eligibility.change（5番目）",
        "「member」の書き誤り",
    ),
    (SUDDEN, 'then = "lapse"', 'then = "new_head"', "eligibility.change", "世帯主の変更だけに使えます"),
    (
        SUDDEN,
        'event = "moved_out"',
        'event = "household_changed"',
        "eligibility.change",
        "同じ場合の定めが二つ",
    ),
    (SUDDEN, 'kind = "dv"', 'kind = "dvv"', "late（2番目）", "「dv」の書き誤り"),
    (
        SUDDEN,
        'cohort = "apply"\nevidence',
        'cohort = "aply"\nevidence',
        "late（corrected_tax）",
        "「apply」の書き誤り",
    ),
    (SUDDEN, "until = 2022-09-30", "until = 2022-10-31", "late（corrected_tax）", "対象となる最後の日"),
    (SUDDEN, 'evacuated = "self"', 'evacuated = "selv"', "payee", "「self」の書き誤り"),
    (SUDDEN, 'evacuated = "self"', 'evacuated = "guardian"', "payee", "「保護者」を受け取る方にはできません"),
    (SUDDEN, 'payee = "head"', 'payee = "taxpayer"', "programme", "「納税義務者」を受け取る方にはできません"),
    (SUDDEN, "registered_late = true", 'registered_late = "yes"', "snapshot", "true か false"),
    (TWO_PAYOUTS, "number = 2", "number = 3", "payout", "番号が続いていません"),
    (TWO_PAYOUTS, "follows = 1", "follows = 2", "payout（2）", "後の支給回"),
    (TWO_PAYOUTS, 'ground = "levy_only"', 'ground = "levy"', "amount.ground", "levy_only"),
    (
        TWO_PAYOUTS,
        'rule = "per_child"',
        'rule = "per_kid"',
        "payout（1番目）.amount",
        "「per_child」の書き誤り",
    ),
    (
        TWO_PAYOUTS,
        "child_born_on_or_after = 2005-04-02",
        "child_born_on_or_after = 2005-04-01",
        "payout（2）.amount.parameters",
        "2005-04-02 にしてください",
    ),
    (TWO_PAYOUTS, "cap_per_transfer_yen = 700000", "cap_per_transfer_yen = 99999", "payment", "100,000円"),
    (
        CHILD,
        "born_on_or_before = 2026-03-31",
        "born_on_or_before = 2025-09-01",
        "eligibility.ground（newborn）",
        "範囲が逆",
    ),
    (
        CHILD,
        "born_on_or_after = 2007-04-02",
        "born_on_or_after = 2007-04-01",
        "eligibility.ground（allowance）",
        "学年では前の年度",
    ),
    (
        CHILD,
        "born_on_or_after = 2007-04-02\nborn_on_or_before = 2025-09-30\n",
        "",
        "eligibility.ground（allowance）",
        "条件 born_in_range に要る値",
    ),
    (CHILD, 'unit = "child"', 'unit = "person"', "eligibility.change", "支給の単位が児童の制度だけ"),
    (TAXPAYER, "income_limit_yen = 18050000", "", "eligibility.ground（shortfall）", "要る値"),
    (TAXPAYER, 'unit = "taxpayer"', 'unit = "household"', "amount", "使えません"),
    (
        TAXPAYER,
        'rule = "shortfall_benefit"',
        'rule = "shortfall_benefit"\nparameters = { rounding = "upp" }',
        "amount.parameters",
        "「up」の書き誤り",
    ),
    (
        SUDDEN,
        'title = "家計急変世帯"',
        'title = "2022年9月30日までの家計急変世帯"',
        "eligibility.ground",
        "日付「2022年9月30日」",
    ),
    (VOUCHER, "yen = 5000 ", "yen = 6000 ", "amount", "yen = 5000"),
    (VOUCHER, "price_yen = 4000", "price_yen = 5000", "voucher", "券面の額より安くありません"),
    (VOUCHER, "usable_until = 2020-03-31", "usable_until = 2020-01-31", "voucher", "販売の最後の日"),
    (VOUCHER, "further_base_dates = [", "further_base_dates = [2019-07-31, ", "programme", "同じ日付が二度"),
    (MONTHS, "closes_after_months = 3", "closes_after_months = 30", "intake", "範囲の外"),
    (MONTHS, "closes_after_months = 3", "closes_after_months = 3\ncloses = 2015-12-01", "intake", "二通り"),
]


@pytest.mark.parametrize(("slug", "old", "new", "table", "words"), MISTAKES)
def test_a_contradiction_is_named_with_its_place_and_remedy(
    slug: str, old: str, new: str, table: str, words: str
) -> None:
    text = version_text(slug)
    assert old in text, f"the shipped text no longer holds {old!r}"
    problems = refused(text.replace(old, new, 1))
    assert any(words in one.sentence for one in problems if one.table == table), problems
