"""Usual practice is complete, can be overridden piece by piece, and every code that the checks find has an example."""

import pytest

from todoku.criteria.application_results import judged
from todoku.formats.holder_name import TIERS
from todoku.programme.criteria_tables import (
    CriteriaTables,
    CriterionText,
    Evidence,
    HolderTier,
)
from todoku.programme.fact_words import APPLICATION_FACTS
from todoku.programme.shipped import SLUGS, version_text
from todoku.programme.standard import agreed, examples, is_own, standard
from todoku.programme.terms import TermsRefused, parse
from todoku.programme.vocabulary import CHECK_CODES
from todoku.review.checks import FOUND_BY_CHECKS
from todoku.review.codes import CODES
from todoku.review.findings import Facts

TEXT = version_text("tokubetsu-teigaku-2020")


def test_every_code_has_its_criterion_with_what_counts_and_who_decides():
    codes = standard().tables.codes
    assert set(codes) == set(CODES) == CHECK_CODES
    assert [
        code
        for code, one in codes.items()
        if not (one.criterion and one.evidence and one.fails and one.decides)
    ] == []


def test_every_tier_of_the_holders_name_has_its_meaning():
    assert [one.tier for one in standard().tables.holders] == list(TIERS)


def test_who_has_neither_licence_nor_passport_finds_papers_that_count():
    groups = {one.group for one in standard().tables.evidence}
    names = " ".join(one.name for one in standard().tables.evidence)
    assert {"identity", "identity_pair", "identity_word"} <= groups
    assert "資格確認書" in names and "在留カード" in names and "施設" in names


def test_no_two_rules_speak_of_the_same_thing():
    tables = standard().tables
    for keys in (
        [(one.field, one.kind) for one in tables.alterations],
        [(one.group, one.name) for one in tables.evidence],
        [one.name for one in tables.others],
        [one.name for one in standard().applications],
    ):
        assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("slug", SLUGS)
def test_the_examples_come_out_as_written_under_every_shipped_version(slug):
    terms = parse(version_text(slug))
    results = judged(
        examples(terms.applications), [one.name for one in terms.applications], terms, agreed(terms.criteria)
    )
    assert [one.name for one in results if not one.came_out] == []
    off = {code for code, severity in terms.review.checks.items() if severity == "off"}
    assert FOUND_BY_CHECKS - off - {code for one in results for code in one.found} == set()


def test_every_fact_of_an_example_has_its_word():
    used = {key for one in standard().applications for key in one.facts}
    assert used <= set(APPLICATION_FACTS) <= set(Facts._fields)


def test_a_version_overrides_one_word_of_a_criterion_and_keeps_the_rest():
    own = CriteriaTables(codes={"D12": CriterionText(decides="two_persons")})
    usual, made = standard().tables.codes["D12"], agreed(own).codes["D12"]
    assert (made.decides, made.criterion, made.evidence) == ("two_persons", usual.criterion, usual.evidence)
    assert agreed(own).codes["D13"] == standard().tables.codes["D13"]


def test_a_version_adds_replaces_and_strikes_rows():
    licence = standard().tables.evidence[0]
    own = CriteriaTables(
        evidence=(
            Evidence(licence.group, licence.name, accepted=False),
            Evidence("identity", "顔写真のある社員証", "氏名", "有効期限内"),
        ),
        holders=(HolderTier("T2", "表記の違いは人が見ない。", (), ""),),
    )
    made = agreed(own)
    names = [one.name for one in made.evidence]
    assert licence.name not in names and names[-1] == "顔写真のある社員証"
    assert len(names) == len(standard().tables.evidence)
    assert [one.meaning for one in made.holders if one.tier == "T2"] == ["表記の違いは人が見ない。"]


def test_the_text_of_a_version_says_what_is_agreed_otherwise():
    altered = '[[criteria.alteration]]\nfield = "account"\nkind = "seal"\nmeaning = "accept"\n'
    terms = parse(f'{TEXT}\n[criteria.codes.D20]\nfails = "電話する。"\n{altered}')
    made = agreed(terms.criteria)
    assert made.codes["D20"].fails == "電話する。"
    assert ("account", "seal", "accept") in [(one.field, one.kind, one.meaning) for one in made.alterations]


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ('[criteria.codes.D99]\nfails = "x"\n', "D99"),
        ('[criteria.codes.D20]\ndecides = "mayor"\n', "mayor"),
        ('[[criteria.alteration]]\nfield = "acount"\nkind = "seal"\nmeaning = "accept"\n', "account"),
        ('[[criteria.evidence]]\ngroup = "identity"\n', "name"),
        ('[[application]]\nname = "a"\ntells = "b"\nexpected = { D98 = "look" }\ndecides = "manager"\n', "D98"),
        ('[[application]]\nname = "a"\ntells = "b"\nexpected = { D12 = "off" }\ndecides = "manager"\n', "off"),
        ('[[application]]\nname = "a"\nexpected = {}\ndecides = "manager"\n', "tells"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_criteria_is_named(table, named):
    with pytest.raises(TermsRefused, match=named):
        parse(f"{TEXT}\n{table}")


def test_an_example_of_the_same_name_takes_the_standards_place():
    name = standard().applications[0].name
    own = parse(
        f'{TEXT}\n[[application]]\nname = "{name}"\ntells = "別の話。"\nexpected = {{}}\ndecides = "passes"\n'
    )
    made = examples(own.applications)
    assert [one.tells for one in made if one.name == name] == ["別の話。"]
    assert len(made) == len(standard().applications)
    assert is_own(own.applications, name) and not is_own(own.applications, made[1].name)
