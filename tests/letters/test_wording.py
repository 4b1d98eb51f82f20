"""The programme's words over our own: what is missing or misspelt is refused by its key, before anything is printed."""

from pathlib import Path

import pytest
from django.conf import settings

from benches.letters import WORDING
from todoku.programme.shipped import version_text
from todoku.programme.terms import parse
from todoku.sheets.form_layout import compile_layout
from todoku.sheets.programme_wording import wording_of
from todoku.sheets.wording import KINDS, WordingRefused, complete, defaults


def test_each_name_that_only_the_programme_knows_is_asked_for() -> None:
    for name in ("programme", "municipality", "mayor", "office", "phone", "documents"):
        with pytest.raises(WordingRefused) as refused:
            complete("form", {key: value for key, value in WORDING.items() if key != name})
        assert name in refused.value.sentence


def test_only_a_decision_that_is_a_disposition_says_how_to_appeal() -> None:
    gift = version_text("tokubetsu-teigaku-2020")
    ruled = gift.replace('legal_basis = "gift"', 'legal_basis = "disposition"').replace(
        "[wording]", '[wording]\nappeal = "3か月以内に審査請求、6か月以内に処分の取消しの訴えができます。"'
    )
    told = {
        kind: "appeal" in wording_of(kind, parse(ruled), municipality="見本市", mayor="見本市長")
        for kind in KINDS
    }
    assert {kind for kind, says in told.items() if says} == {"granted", "refused"}
    assert "appeal" not in wording_of("refused", parse(gift), municipality="見本市", mayor="見本市長")


def test_a_misspelt_key_is_refused_by_name() -> None:
    with pytest.raises(WordingRefused) as refused:
        complete("form", {**WORDING, "titel": "申請書"})
    assert "titel" in refused.value.sentence


@pytest.mark.parametrize("kind", KINDS)
def test_no_placeholder_is_left_in_any_sentence(kind: str) -> None:
    words = str({key: text for key, text in complete(kind, WORDING).items() if key != "more"})
    assert (
        "{programme}" not in words
        and "{mayor}" not in words
        and "{title}" not in words
        and "{payer}" not in words
    )


def test_a_programme_replaces_single_sentences() -> None:
    words = complete("form", {**WORDING, "lead": "{programme}を申請します。"})
    assert words["lead"] == "物価高騰対策給付金を申請します。"
    assert words["members_title"] == defaults()["form"]["members_title"]


def test_a_key_of_another_kind_is_no_fault() -> None:
    assert complete("granted", {**WORDING, "steps": ["書く"]})["title"] == "物価高騰対策給付金 支給決定通知書"


@pytest.mark.parametrize("kind", KINDS)
def test_the_shipped_words_fit_their_sheets(fonts_dir: Path, kind: str) -> None:
    others = {"form": ("form", 4), "gift": ("gift", 2), "reminder": ("postcard", 2)}
    template, pages = others.get(kind, ("letter", 8))
    assert compile_layout(template, complete(kind, WORDING), fonts_dir).pages == pages


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("lead", "印刷された内容を確かめてください。" * 12),
        ("title", "とても長い名前の給付金の申請書" * 8),
        ("notes", ["ご注意ください。" * 40] * 3),
        ("office", "給付金コールセンター" * 9),
        ("fraud_warning", "お金を求めることはありません。" * 30),
    ],
)
def test_words_too_long_for_the_sheet_are_refused_and_not_laid_over_others(
    fonts_dir: Path, key: str, text: object
) -> None:
    with pytest.raises(WordingRefused) as refused:
        compile_layout("form", complete("form", {**WORDING, key: text}), fonts_dir)
    assert "長すぎて" in refused.value.sentence


def test_a_longer_sentence_is_set_smaller_on_two_lines(fonts_dir: Path) -> None:
    lead = "特別定額給付金の申請書をお送りします。印刷された内容を確かめ、令和2年8月21日 必着までに申請してください。"
    assert compile_layout("form", complete("form", {**WORDING, "lead": lead}), fonts_dir).pages == 4


def test_a_character_that_cannot_be_printed_is_refused_in_the_wording(fonts_dir: Path) -> None:
    with pytest.raises(WordingRefused) as refused:
        compile_layout("form", complete("form", {**WORDING, "mayor": "\U0001f9ff市長"}), fonts_dir)
    assert "\U0001f9ff" in refused.value.sentence
    assert compile_layout("form", complete("form", {**WORDING, "mayor": "𠮷田市長"}), fonts_dir).pages == 4


def test_the_languages_stand_where_the_web_is_offered_and_name_each_of_them() -> None:
    gift = version_text("tokubetsu-teigaku-2020")
    offered = wording_of("return", parse(gift), municipality="見本市", mayor="見本市長")
    assert "languages" not in offered, "our own words"
    named = defaults()["common"]["languages"].split("・")
    assert len(named) == len(settings.LANGUAGES) - 1 and {"English", "中文", "한국어", "Tiếng Việt"} <= set(
        named
    )
    found = next(line for line in gift.splitlines() if line.startswith("channels"))
    by_paper = gift.replace(found, 'channels = ["paper"]').replace("without_letter = true", "")
    paper = parse(by_paper)
    assert wording_of("return", paper, municipality="見本市", mayor="見本市長")["languages"] == ""


def test_names_of_who_declines_are_asked_only_where_each_person_can() -> None:
    each, whole = (
        wording_of("decline_form", parse(version_text(code)), municipality="見本市", mayor="見本市長")
        for code in ("tokubetsu-teigaku-2020", "bukkadaka-2024")
    )
    assert "decline_who_title" not in each and whole["decline_who_title"] == ""
