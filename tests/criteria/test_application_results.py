"""An application example is judged by the checks that judge everybody: what comes out otherwise than written is seen."""

import pytest

from todoku.criteria.application_results import judged
from todoku.programme.application_examples import ApplicationExample
from todoku.programme.shipped import version_text
from todoku.programme.standard import agreed
from todoku.programme.terms import parse

TEXT = version_text("tokubetsu-teigaku-2020")
TERMS = parse(TEXT)


def result(facts, expected, decides, terms=TERMS, *, own=True, where=()):
    example = ApplicationExample("例", "例の話。", facts, expected, decides, where)
    found = judged([example], ["例"] if own else [], terms, agreed(terms.criteria))
    return found[0] if found else None


@pytest.mark.parametrize(
    ("facts", "expected", "decides"),
    [
        ({"channel": "web"}, {}, "straight"),
        ({"channel": "paper"}, {}, "two_persons"),
        ({"has_identity": False}, {"D20": "return"}, "two_persons"),
        ({"holder_kana": "ヤマダ ジロウ", "household_kanas": ["ヤマダ ジロウ"]}, {"D12": "look"}, "municipality"),
        # The tier's own rule is lighter than the criterion's.
        ({"recipient_kana": "ミホン ミヅホ", "holder_kana": "ミホン ミズホ"}, {"D12": "look"}, "two_persons"),
        # The hardest of several criteria decides.
        ({"has_identity": False, "recipient_left_reason": "died"}, {"D20": "return", "D43": "look"}, "municipality"),
        # Of two findings of one code the worse counts.
        ({"identity_clear": False, "proof_quality": "unclear"}, {"D23": "return"}, "two_persons"),
        ({"channel": "paper", "arrived_on": "closes+2", "postmark_on": "closes"}, {}, "two_persons"),
        ({"channel": "paper", "arrived_on": "closes+2", "postmark_on": "closes+1"}, {"D42": "look"}, "municipality"),
        ({"channel": "web", "arrived_on": "closes+1"}, {"D42": "look"}, "municipality"),
    ],
)  # fmt: skip
def test_an_example_comes_out_as_the_checks_say(facts, expected, decides):
    assert result(facts, expected, decides).came_out


@pytest.mark.parametrize(
    ("facts", "expected", "decides"),
    [
        ({"has_identity": False}, {}, "two_persons"),
        ({"has_identity": False}, {"D20": "look"}, "two_persons"),
        ({"has_identity": False}, {"D20": "return"}, "municipality"),
        ({}, {"D20": "return"}, "two_persons"),
        ({"channel": "web"}, {}, "two_persons"),
    ],
)  # fmt: skip
def test_what_comes_out_otherwise_than_written_is_seen(facts, expected, decides):
    assert not result(facts, expected, decides).came_out


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"signd": True}, "signed"),
        ({"signed": "yes"}, "true か false"),
        ({"arrived_on": "closing"}, "closes"),
        ({"account": ["0001", 1]}, "account"),
        ({"identity_differs": "address"}, "一覧"),
        ({"identity_differs": [1]}, "文字列"),
        ({"channel": "fax"}, "fax"),
    ],
)  # fmt: skip
def test_facts_that_cannot_be_read_fail_the_example_with_the_remedy(facts, said):
    found = result(facts, {}, "straight")
    assert not found.came_out and said in found.fault


def test_a_standard_example_follows_the_severity_that_the_terms_rule():
    ruled = parse(TEXT.replace("[review.checks]\n", '[review.checks]\nD20 = "look"\nD21 = "off"\n'))
    assert result({"has_identity": False}, {"D20": "return"}, "two_persons", ruled, own=False).came_out
    assert result({"identity_expired": True}, {"D21": "return"}, "two_persons", ruled, own=False).came_out
    # What the Version itself wrote is taken at its word.
    assert not result({"has_identity": False}, {"D20": "return"}, "two_persons", ruled).came_out


def test_an_example_stands_only_where_the_terms_ask_for_what_it_is_about():
    bare = parse(
        TEXT.replace('paper = ["identity", "account_proof", "signature"]', 'paper = ["account_proof"]')
    )
    asked = {"channel": "paper", "signed": False}
    assert result(asked, {"D02": "return"}, "two_persons", own=False, where=("paper", "signature")).came_out
    assert (
        result(asked, {"D02": "return"}, "two_persons", bare, own=False, where=("paper", "signature")) is None
    )


def test_the_municipality_can_leave_a_criterion_to_two_persons():
    terms = parse(TEXT + '\n[criteria.codes.D43]\ndecides = "two_persons"\n')
    died = {"recipient_left_reason": "died"}
    assert result(died, {"D43": "look"}, "two_persons", terms).came_out
    assert result(died, {"D43": "look"}, "municipality", terms, own=False).came_out
    assert not result(died, {"D43": "look"}, "municipality", terms).came_out
    assert not result({"recipient_left_reason": "died"}, {"D43": "look"}, "two_persons").came_out
