"""Why a transfer did not arrive: every reason on record has words and, where something usually helps, what helps."""

import pytest

from todoku.case.failure_wording import CURES, REASONS, failure_wording
from todoku.formats import bank_report
from todoku.payment.tables import Result


def test_every_reason_that_a_bank_gives_or_a_person_keys_has_words() -> None:
    assert set(REASONS) == {code for code, _ in Result.REASONS}
    assert set(bank_report.REASONS) <= set(REASONS)
    assert set(CURES) <= set(REASONS)


@pytest.mark.parametrize("reason", list(REASONS))
def test_what_is_said_is_whole_sentences_without_a_code(reason: str) -> None:
    said = [sentence.text() for sentence in failure_wording(reason)]
    assert said[0] == REASONS[reason]
    assert all(sentence.endswith("。") and sentence.count("。") == 1 for sentence in said)
    assert not any(char.isascii() for char in "".join(said))


def test_a_name_that_differs_is_cured_by_the_passbooks_kana() -> None:
    why, cure = failure_wording(bank_report.NAME_MISMATCH)
    assert "口座名義" in why.text() and "通帳の表紙のとおりのカナで" in cure.text()


def test_nobody_looks_for_a_mistake_in_an_account_whose_payment_was_called_back() -> None:
    assert len(failure_wording("RECALLED")) == 1
