"""The programme's words over our own: what is missing or misspelt is refused by its key, before anything is printed."""

import pytest

from benches.letters import WORDING
from todoku.letters.wording import KINDS, WordingRefused, complete, defaults


def test_each_name_that_only_the_programme_knows_is_asked_for() -> None:
    for name in ("programme", "municipality", "mayor", "office", "phone", "documents"):
        with pytest.raises(WordingRefused) as refused:
            complete("form", {key: value for key, value in WORDING.items() if key != name})
        assert name in refused.value.sentence


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
