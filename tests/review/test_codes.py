"""The master of deficiencies: every code can be written to a resident and handled by the office."""

import pytest

from todoku.review.code_sentences import explain
from todoku.review.codes import CODES, ENCLOSURES, HANDLINGS, Code


@pytest.mark.parametrize("code", CODES.values(), ids=lambda code: code.code)
def test_a_code_is_complete(code: Code) -> None:
    assert code.name
    assert code.sentence.endswith("。")
    assert code.handling in HANDLINGS
    assert code.on_form in {"stop", "warn", "silent"}
    assert set(code.enclose) <= ENCLOSURES.keys()


@pytest.mark.parametrize("code", CODES.values(), ids=lambda code: code.code)
def test_only_while_the_resident_is_awaited_does_the_clock_stop(code: Code) -> None:
    assert code.clock_stops is (code.handling in {"return", "phone"})


@pytest.mark.parametrize("code", CODES.values(), ids=lambda code: code.code)
def test_no_sentence_asks_for_a_secret_or_a_machine(code: Code) -> None:
    assert not any(word in code.sentence for word in ("暗証番号", "ATM", "ＡＴＭ", "手数料"))


def test_what_is_returned_says_what_to_enclose() -> None:
    assert all(code.enclose for code in CODES.values() if code.handling == "return")


def test_the_exact_sentence_is_said_where_the_reason_is_known() -> None:
    assert explain("D11", {"why": "branch"}).text().startswith("この支店は見つかりません。")
    assert explain("D11", {}).text() == CODES["D11"].sentence
    assert explain("D42", {"why": "late"}).text() == CODES["D42"].sentence
