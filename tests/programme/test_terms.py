"""A Version's text becomes terms, or is refused with every mistake named beside its remedy."""

import json
import re
from dataclasses import FrozenInstanceError
from datetime import date

import pytest

from todoku.programme.agreement import disagreements
from todoku.programme.amounts import Household, Member
from todoku.programme.eligibility import RecipientFacts
from todoku.programme.shipped import SLUGS, version_text
from todoku.programme.terms import Terms, TermsRefused, parse
from todoku.programme.toml_table import Problem

APPLY, PUSH, TAX = "tokubetsu-teigaku-2020", "bukkadaka-2024", "chosei-kyufu-2024"


def refused(text: str) -> tuple[Problem, ...]:
    with pytest.raises(TermsRefused) as caught:
        parse(text)
    return caught.value.problems


def changed(slug: str, old: str, new: str) -> str:
    text = version_text(slug)
    assert old in text, f"the shipped text no longer holds {old!r}"
    return text.replace(old, new, 1)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_shipped_programme_is_without_mistakes(slug: str) -> None:
    terms = parse(version_text(slug))
    assert terms.programme.slug == slug
    assert disagreements(terms) == []


def test_the_programme_of_2020_by_its_published_rules() -> None:
    terms = parse(version_text(APPLY))
    assert terms.programme.base_date == date(2020, 4, 27)
    assert (terms.programme.unit, terms.programme.payee) == ("household", "head")
    assert terms.deadline == date(2020, 9, 10)
    assert terms.deadline_words == "2020年9月10日（木）（郵送は当日消印有効）"
    assert terms.passbook_kana == "ﾄｸﾍﾞﾂﾃｲｶﾞｸｷﾕｳﾌｷﾝ"
    assert [cohort.mode for cohort in terms.cohorts] == ["apply"]
    assert terms.opt_out_date is None
    family = Household((Member(), Member(), Member(declines=True), Member()))
    assert list(terms.amounts([family])) == [300_000]


def test_the_household_benefit_of_2024_by_its_published_rules() -> None:
    terms = parse(version_text(PUSH))
    assert terms.programme.base_date == date(2024, 12, 13)
    assert [cohort.mode for cohort in terms.cohorts] == ["push", "confirm", "apply"]
    assert terms.opt_out_date == date(2025, 2, 12)
    family = Household((Member(date(1985, 1, 1)), Member(date(2006, 4, 2)), Member(date(2006, 4, 1))))
    assert list(terms.amounts([family])) == [50_000]
    outcomes = terms.judge([RecipientFacts(), RecipientFacts(members_taxed=1)])
    assert [outcome.reason for outcome in outcomes] == ["", "taxed"]


def test_the_adjustment_benefit_of_2024_by_its_published_rules() -> None:
    terms = parse(version_text(TAX))
    assert (terms.programme.unit, terms.programme.payee) == ("taxpayer", "taxpayer")
    assert terms.eligibility.income_limit_yen == 18_050_000
    assert list(terms.amounts([Household((), 4, 15_000, 38_000)])) == [110_000]


@pytest.mark.parametrize(
    ("received_on", "pays_on"),
    [
        (date(2020, 5, 12), date(2020, 6, 5)),  # Tuesday, the first day
        (date(2020, 5, 15), date(2020, 6, 5)),  # Friday, the closing day itself
        (date(2020, 5, 16), date(2020, 6, 12)),  # Saturday after it
        (date(2020, 7, 3), date(2020, 7, 27)),  # the 24th is a holiday
        (date(2020, 9, 10), date(2020, 10, 2)),  # the deadline
        (date(2020, 9, 25), date(2020, 10, 16)),  # the last line
        (date(2020, 9, 26), None),
    ],
)
def test_the_payment_day_follows_the_day_of_reception(received_on: date, pays_on: date | None) -> None:
    slot = parse(version_text(APPLY)).payment_date_for(received_on)
    assert (slot.pays_on if slot else None) == pays_on


@pytest.mark.parametrize(("channel", "persons"), [("paper", 2), ("web", 0)])
def test_paper_is_seen_by_two_persons_and_clean_web_by_none(channel: str, persons: int) -> None:
    assert parse(version_text(APPLY)).reviewers(channel) == persons


@pytest.mark.parametrize("slug", SLUGS)
def test_sentences_are_filled_for_a_municipality(slug: str) -> None:
    terms = parse(version_text(slug))
    said = [*terms.wording_for("試験市").values()]
    for name in terms.letters:
        letter = terms.letter_for(name, "試験市")
        said += [letter.title, letter.lead]
    assert not any("{" in sentence or "}" in sentence for sentence in said)
    assert any("試験市" in sentence for sentence in said)
    assert any(terms.deadline_words in sentence for sentence in said)


@pytest.mark.parametrize("slug", SLUGS)
def test_what_is_public_can_be_written_as_json(slug: str) -> None:
    public = parse(version_text(slug)).public("試験市")
    assert json.loads(json.dumps(public)) == public
    assert public["contact"]["contact"] == "試験市給付金コールセンター"
    assert public["calendar"][0].keys() == {"received_by", "pays_on"}


def test_intake_is_open_from_the_first_to_the_last_day() -> None:
    terms = parse(version_text(APPLY))
    days = [date(2020, 5, 11), date(2020, 5, 12), date(2020, 9, 10), date(2020, 9, 11)]
    assert [terms.is_open(day) for day in days] == [False, True, True, False]


# One mistake each: what was written, what it became, and where and how the refusal names it.
MISTAKES = [
    # a mistyped key, a missing one, a table nobody knows
    (
        APPLY,
        "deadline_by =",
        "deadlin_by =",
        "intake",
        "deadlin_by",
        "「deadline_by」の書き誤りではありませんか",
    ),
    (APPLY, "deadline_by =", "deadlin_by =", "intake", "deadline_by", "書かれていません"),
    (APPLY, "[decline]", "[declines]", "全体", "declines", "「decline」の書き誤り"),
    (APPLY, "[decline]", "[declines]", "decline", "", "この表がありません"),
    (APPLY, "format = 1", "format = 2", "全体", "format", "範囲の外"),
    # a wrong kind of value
    (APPLY, "opens = 2020-05-12", 'opens = "2020-05-12"', "intake", "opens", "日付ではありません"),
    (APPLY, "opens = 2020-05-12", "opens = 2020-05-12T00:00:00", "intake", "opens", "日付ではありません"),
    (APPLY, "yen_per_person = 100000", "yen_per_person = 1e5", "amount.parameters", "yen_per_person", "整数"),
    (
        APPLY,
        "yen_per_person = 100000",
        "yen_per_person = true",
        "amount.parameters",
        "yen_per_person",
        "整数",
    ),
    (
        APPLY,
        "yen_per_person = 100000",
        "yen_per_person = 0",
        "amount.parameters",
        "yen_per_person",
        "範囲の外",
    ),
    (APPLY, "sample_percent = 5", "sample_percent = 500", "review", "sample_percent", "範囲の外"),
    (APPLY, 'channels = ["paper", "web"]', 'channels = "paper"', "intake", "channels", "一覧ではありません"),
    (APPLY, 'channels = ["paper", "web"]', "channels = [1]", "intake", "channels", "文字列でないもの"),
    (APPLY, 'channels = ["paper", "web"]', 'channels = ["web", "web"]', "intake", "channels", "二度"),
    (APPLY, 'channels = ["paper", "web"]', "channels = []", "intake", "channels", "一つも書かれていません"),
    # a word that does not exist
    (
        APPLY,
        'legal_basis = "gift"',
        'legal_basis = "gifts"',
        "programme",
        "legal_basis",
        "「gift」の書き誤り",
    ),
    (APPLY, 'rule = "per_person"', 'rule = "per_persons"', "amount", "rule", "「per_person」の書き誤り"),
    (APPLY, '"resident_on_base_date"', '"resident"', "eligibility", "predicates", "という値はありません"),
    (
        APPLY,
        "[review.checks]",
        '[review.checks]\nD99 = "look"',
        "review.checks",
        "D99",
        "この項目はありません",
    ),
    (APPLY, "[review.checks]", '[review.checks]\nD12 = "lok"', "review.checks", "D12", "「look」の書き誤り"),
    (APPLY, 'slug = "tokubetsu', 'slug = "Tokubetsu', "programme", "slug", "英小文字"),
    (APPLY, 'phone = "0120-000-000"', 'phone = "call us"', "contact", "phone", "電話番号の形"),
    (APPLY, 'url = "https:', 'url = "http:', "contact", "url", "https://"),
    # dates that contradict each other or the banks
    (
        APPLY,
        "closes = 2020-09-10",
        "closes = 2020-05-01",
        "intake",
        "closes",
        "受付開始日（2020-05-12）より前",
    ),
    (
        APPLY,
        "closes = 2020-09-10",
        "closes = 2020-12-10",
        "payment.calendar",
        "",
        "申請期限（2020-12-10）より前",
    ),
    (APPLY, "base_date = 2020-04-27", "base_date = 2021-04-27", "intake", "closes", "基準日"),
    (
        APPLY,
        "pays_on = 2020-07-27",
        "pays_on = 2020-07-24",  # a holiday
        "payment.calendar（8番目）",
        "pays_on",
        "2020-07-24（金）は銀行の休業日です。銀行の営業日（次は 2020-07-27）",
    ),
    (APPLY, "pays_on = 2020-06-05", "pays_on = 2020-06-06", "payment.calendar（1番目）", "pays_on", "（土）"),
    (
        APPLY,
        "pays_on = 2020-06-05",
        "pays_on = 2020-05-15",
        "payment.calendar（1番目）",
        "pays_on",
        "より後の日",
    ),
    (
        APPLY,
        "received_by = 2020-05-22",
        "received_by = 2020-05-15",
        "payment.calendar（2番目）",
        "",
        "順が逆",
    ),
    (APPLY, "pays_on = 2020-06-12", "pays_on = 2020-06-05", "payment.calendar（2番目）", "", "順が逆"),
    (
        APPLY,
        "repay_deadline = 2020-12-25",
        "repay_deadline = 2020-10-15",
        "payment",
        "repay_deadline",
        "最後の振込日",
    ),
    (
        APPLY,
        "declined_on = 2020-09-11",
        "declined_on = 2020-09-09",
        "unclaimed",
        "deemed_declined_on",
        "申請期限",
    ),
    (PUSH, "opt_out_date = 2025-02-12", "", "cohort（push）", "opt_out_date", "申出期限がありません"),
    (
        PUSH,
        "opt_out_date = 2025-02-12",
        "opt_out_date = 2025-05-12",
        "cohort（push）",
        "opt_out_date",
        "より前",
    ),
    (
        PUSH,
        'mode = "confirm"',
        'mode = "confirm"\nopt_out_date = 2025-02-12',
        "cohort（confirm）",
        "opt_out_date",
        "お知らせ（push）の区分だけ",
    ),
    # money
    (
        APPLY,
        "transfer_yen = 2000000",
        "transfer_yen = 99999",
        "payment",
        "cap_per_transfer_yen",
        "100000 以上",
    ),
    (
        APPLY,
        "account_yen = 5000000",
        "account_yen = 1999999",
        "payment",
        "cap_per_account_yen",
        "2000000 以上",
    ),
    (PUSH, 'unit = "household"', 'unit = "taxpayer"', "amount", "rule", "使えません"),
    (
        PUSH,
        "child_yen = 20000",
        "child_yenn = 20000",
        "amount.parameters",
        "child_yenn",
        "「child_yen」の書き誤り",
    ),
    (TAX, "income_limit_yen = 18050000", "", "eligibility", "income_limit_yen", "要る値"),
    # the name in passbooks
    (APPLY, "トクベツテイガクキュウフキン", "特別定額給付金", "payment", "passbook_name", "1文字目「特」"),
    (APPLY, "トクベツテイガクキュウフキン", "ガギグゲゴ" * 4 + "ア", "payment", "passbook_name", "41文字"),
    # cohorts, channels, review
    (PUSH, 'name = "confirm"', 'name = "push"', "cohort", "name", "同じ名前の区分"),
    (
        APPLY,
        'condition = "everyone"',
        'condition = "head_left"',
        "cohort",
        "condition",
        "どの区分にも入らない",
    ),
    (APPLY, 'channels = ["paper", "web"]', 'channels = ["web"]', "intake", "deadline_by", "消印"),
    (APPLY, 'web = "straight"', "", "review.passes", "web", "書かれていません"),
    (APPLY, 'web = ["identity", "account_proof"]', "", "intake.evidence", "web", "書かれていません"),
    (APPLY, 'web = ["identity",', 'web = ["signature",', "intake.evidence", "web", "署名はありません"),
    (APPLY, 'who = "sole_member"', 'who = "head"', "eligibility.change", "", "同じ場合の定めが二つ"),
    # sentences and letters
    (APPLY, 'caution = "', 'cautions = "', "wording", "cautions", "「caution」の書き誤り"),
    (APPLY, 'caution = "', 'cautions = "', "wording", "caution", "書かれていません"),
    (
        APPLY,
        "申請は{deadline}までです",
        "申請は9月10日までです",
        "wording",
        "how_to_apply",
        "日付「9月10日」",
    ),
    (
        APPLY,
        "申請は{deadline}までです",
        "申請は{dedline}までです",
        "wording",
        "how_to_apply",
        "「deadline」の書き誤り",
    ),
    (APPLY, "申請は{deadline}までです", "申請は{deadlineまでです", "wording", "how_to_apply", "波かっこ"),
    (
        APPLY,
        "申請は{deadline}までです",
        "申請は{opt_out}までです",
        "wording",
        "how_to_apply",
        "区分がないのに",
    ),
    (APPLY, '"{municipality}給付金', '"{contact}給付金', "contact", "name", "引用できない語 {contact}"),
    (
        PUSH,
        "[letters.notice]",
        "[letters.acknowledgement]",
        "letters.notice",
        "",
        "「支給のお知らせ」の文面がありません",
    ),
    (APPLY, "[letters.refusal]", "[letters.refusals]", "letters", "refusals", "「refusal」の書き誤り"),
    (APPLY, 'legal_basis = "gift"', 'legal_basis = "disposition"', "wording", "appeal", "教示文がありません"),
    (APPLY, 'privacy = "', 'appeal = "', "wording", "appeal", "贈与による"),
    (APPLY, 'hours = "平日', 'hours = " " # "', "contact", "hours", "空です"),
    (APPLY, 'short_name = "特別', 'short_name = "' + "長" * 20, "programme", "short_name", "20文字以内"),
]


@pytest.mark.parametrize(("slug", "old", "new", "table", "key", "words"), MISTAKES)
def test_a_mistake_is_named_with_its_place_and_remedy(
    slug: str, old: str, new: str, table: str, key: str, words: str
) -> None:
    named = [p for p in refused(changed(slug, old, new)) if (p.table, p.key) == (table, key)]
    assert any(words in problem.sentence for problem in named), refused(changed(slug, old, new))


def test_all_mistakes_are_named_at_once() -> None:
    text = version_text(APPLY)
    for old, new in [
        ("closes = 2020-09-10", "closes = 2020-05-01"),
        ("pays_on = 2020-06-05", "pays_on = 2020-06-06"),
        ("deadline_by =", "deadlin_by ="),
        ("トクベツテイガクキュウフキン", "特別定額給付金"),
    ]:
        text = text.replace(old, new, 1)
    named = {(problem.table, problem.key) for problem in refused(text)}
    assert named == {
        ("intake", "closes"),
        ("payment.calendar（1番目）", "pays_on"),
        ("intake", "deadlin_by"),
        ("intake", "deadline_by"),
        ("payment", "passbook_name"),
    }


def test_a_date_that_cannot_be_read_is_named_once_and_not_compared() -> None:
    problems = refused(changed(APPLY, "closes = 2020-09-10", 'closes = "soon"'))
    assert [(problem.table, problem.key) for problem in problems] == [("intake", "closes")]


def test_a_text_that_is_not_toml_is_refused_with_its_line() -> None:
    (problem,) = refused('format = 1\n[programme\nslug = "x"\n')
    assert "2行目" in problem.sentence
    (problem,) = refused("format =")
    assert "TOMLとして読めません" in problem.sentence


def test_an_empty_text_names_every_table_that_is_missing() -> None:
    tables = {problem.table for problem in refused("")}
    assert {
        "programme",
        "amount",
        "eligibility",
        "cohort",
        "intake",
        "review",
        "payment",
        "contact",
    } <= tables


def test_a_list_where_tables_belong_is_refused() -> None:
    problems = refused(changed(APPLY, "[[cohort]]", "[cohort]"))
    assert ("cohort", "") in {(problem.table, problem.key) for problem in problems}


def test_a_business_is_no_unit_yet_and_refused_by_name() -> None:
    (problem,) = [
        one for one in refused(changed(APPLY, 'unit = "household"', 'unit = "business"')) if one.key == "unit"
    ]
    assert "「business」という値はありません" in problem.sentence and "household" in problem.sentence


def test_a_disposition_with_its_instructions_is_accepted() -> None:
    text = changed(APPLY, 'legal_basis = "gift"', 'legal_basis = "disposition"')
    text = text.replace(
        "[letters.application]",
        'appeal = "審査請求は3か月以内、処分の取消しの訴えは6か月以内にできます。"\n[letters.application]',
    )
    assert parse(text).wording["appeal"].startswith("審査請求")
    half = refused(text.replace("、処分の取消しの訴えは6か月以内に", ""))
    assert any("「取消し」・「6か月」がありません" in problem.sentence for problem in half)


def test_severities_of_checks_can_be_set_by_the_version() -> None:
    terms = parse(changed(APPLY, "[review.checks]", '[review.checks]\nD12 = "return"\nD51 = "off"'))
    assert terms.review.checks == {"D12": "return", "D51": "off"}


def test_the_refusal_can_be_shown_as_it_stands() -> None:
    with pytest.raises(TermsRefused) as caught:
        parse(changed(APPLY, "deadline_by =", "deadlin_by ="))
    assert caught.value.sentence.startswith("制度の定義に2件の誤りがあります。")
    assert caught.value.remedy


def test_terms_cannot_be_changed() -> None:
    terms: Terms = parse(version_text(APPLY))
    with pytest.raises(FrozenInstanceError):
        terms.deemed_declined_on = date(2021, 1, 1)  # type: ignore[misc]


LATER_TABLES = ("[payee]", "[snapshot]", "[[late]]", "[[example]]")


def test_a_version_from_before_the_later_tables_is_read_as_it_was() -> None:
    blocks = re.split(r"(?m)^(?=\[)", version_text(APPLY))
    earlier = parse("".join(block for block in blocks if not block.startswith(LATER_TABLES)))
    assert (earlier.late, earlier.examples, earlier.payouts, earlier.eligibility.grounds) == ((), (), (), ())
    assert (earlier.snapshot.registered_late, earlier.snapshot.died_on_base_date) == (False, True)
    assert earlier.payee_of(RecipientFacts(in_facility=True, late_entry="dv")) == "head"
    assert [*earlier.judge([RecipientFacts()])] == [(True, "", "")]
    assert earlier.base_dates == (date(2020, 4, 27),)
