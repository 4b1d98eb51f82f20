"""The difference between two Versions as an official reads it: what changed, in words, and what can no longer change."""

import pytest

from todoku.programme.shipped import SLUGS, version_text
from todoku.programme.terms import parse
from todoku.programme.version_difference import PARTS, changed_values, what_cannot_change

TEXT = version_text("tokubetsu-teigaku-2020")


def _after(*changes: tuple[str, str]):
    text = TEXT
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return parse(text)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("sample_percent = 5 ", "sample_percent = 12.5 "), ("審査", "抜取りの割合（%）", "5", "12.5")),
        (
            ('web = "straight"', 'web = "one_person"'),
            ("審査", "不備のない申請を見る人数・ウェブ", "人の審査を要しない", "一人で審査"),
        ),
        (
            ("[review.checks]", '[review.checks]\nD04 = "note"'),
            ("審査", "指摘の扱い・D04", "（なし）", "記録のみ"),
        ),
        (
            ("closes = 2020-09-10  ", "closes = 2020-09-08  "),
            ("受付", "申請期限", "2020年9月10日（木）", "2020年9月8日（火）"),
        ),
        (
            ('deadline_by = "postmark"', 'deadline_by = "arrival"'),
            ("受付", "期限の数え方", "消印", "到着した日"),
        ),
        (
            ("cap_per_transfer_yen = 2000000", "cap_per_transfer_yen = 1500000"),
            ("支給", "1件の上限", "2,000,000円", "1,500,000円"),
        ),
    ],
)
def test_one_change_of_the_text_is_one_line_in_words(change, expected):
    lines = changed_values(parse(TEXT), _after(change))
    assert len(lines) == 1
    part, name, before, after = lines[0]
    assert (part, before, after) == (expected[0], *expected[2:]) and name.startswith(
        expected[1].split("・")[0]
    )


def test_evidence_that_is_no_longer_asked_for_is_named_by_its_channel():
    lines = changed_values(parse(TEXT), _after(('web = ["identity", "account_proof"]', 'web = ["identity"]')))
    assert [(one.part, one.before, one.after) for one in lines] == [
        ("受付", "本人確認書類、口座確認書類", "本人確認書類")
    ]
    assert lines[0].name.startswith("添える書類・")


def test_a_change_after_the_base_date_is_told_as_who_when_and_what_follows():
    (line,) = changed_values(parse(TEXT), _after(('then = "lapse"  #', 'then = "ask"  #')))
    assert line == (
        "対象となる方",
        "基準日後の異動・死亡・単身世帯の世帯主、または本人・申請（お知らせは申出期限）より前",
        "支給しない",
        "自治体に照会",
    )


def test_an_example_is_told_by_its_name_in_one_line():
    (line,) = changed_values(parse(TEXT), _after(("amount_yen = 400000", "amount_yen = 300000")))
    assert (line.part, line.name) == ("対象者の例", "四人家族")
    assert line.after.startswith("世帯員：昭和")
    assert line.after.endswith("結果 対象、区分 申請書をお送りする世帯、受け取る方 世帯主、支給額 300,000円")


def test_figures_and_facts_are_told_by_their_names_and_not_by_the_keys_of_the_text():
    lines = changed_values(parse(TEXT), parse(TEXT.replace("100000", "110000")))
    told = {one.name: one for one in lines}
    assert (told["1人あたり"].before, told["1人あたり"].after) == ("100,000円", "110,000円")
    assert told["施設で暮らす子"].after.startswith(
        "施設に入所：はい、世帯員：平成22年5月5日生まれ、結果 対象"
    )
    assert not any("_" in text for one in lines for text in one)


def test_units_conditions_and_sources_are_told_in_words():
    lines = changed_values(parse(TEXT), parse(version_text("kosodate-oen-2025")))
    told = {line.name: line.after for line in lines}
    assert (told["単位"], told["受給権者"]) == ("児童", "保護者")
    assert told["支給のお知らせをお送りする方・口座の情報源"] == "児童手当の受給口座"
    assert told["対象となる事由・児童手当の対象の児童・満たす条件"].startswith("児童手当（特例給付を含む）")


def test_the_same_terms_differ_in_nothing_and_a_comment_is_no_change():
    assert changed_values(parse(TEXT), parse(TEXT + "\n# a comment\n")) == ()


@pytest.mark.parametrize("slug", SLUGS)
def test_every_part_of_a_shipped_version_has_a_name(slug):
    lines = changed_values(parse(TEXT), parse(version_text(slug)))
    assert {one.part for one in lines} <= set(PARTS.values())
    assert all(one.before != one.after for one in lines)


def test_a_running_programme_keeps_its_unit_and_the_cohorts_that_have_cases():
    other = parse(version_text("bukkadaka-2024"))
    found = what_cannot_change(parse(TEXT), other, frozenset({"apply", "long-gone"}))
    said = "".join(one.sentence for one in found)
    assert "識別名は、始まった事業では変えられません" in said and "区分「long-gone」には案件がある" in said
    assert what_cannot_change(parse(TEXT), parse(TEXT), frozenset({"apply"})) == ()
