"""What a return asks for: each code's sheets, what the web form asks again, and what a call can settle."""

import pytest

from todoku.review.asked import BY_PHONE, by_phone, on_paper, parts_of, sentences_of, web_parts
from todoku.review.codes import CODES
from todoku.sheets.letter_sheets import BACK


@pytest.mark.parametrize(
    ("codes", "sheets", "web"),
    [
        (["D02"], ("sign",), {"signature"}),
        (["D04"], ("sign",), {"phone"}),
        (["D05"], ("sign", "account", "attach", "proxy"), None),
        (["D20"], ("attach",), {"identity"}),
        (["D30"], ("attach",), {"account_proof"}),
        (["D10"], ("account",), {"account", "account_proof"}),
        (["D13", "D20"], ("account", "attach"), {"account", "account_proof", "identity"}),
        (["D02", "D30"], ("sign", "attach"), {"signature", "account_proof"}),
        (["D01"], ("sign", "account", "attach"), None),
        (["D06"], ("attach", "proxy"), None),
        (["D24"], (), None),
    ],
)
def test_only_what_is_missing_is_asked_for(
    codes: list[str], sheets: tuple[str, ...], web: set[str] | None
) -> None:
    assert on_paper(codes).sheets == sheets
    assert web_parts(codes) == web


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_an_answer_on_paper_by_web_or_by_telephone_or_asks_nothing(code: str) -> None:
    answer = on_paper([code])
    assert set(answer.sheets) <= set(BACK)
    assert bool(answer.sheets) or code in BY_PHONE or not parts_of([code])


def test_an_account_a_payee_or_an_identity_is_never_taken_by_telephone() -> None:
    spoken = {code for code in CODES if by_phone([code])}
    assert not {code for code in spoken if parts_of([code]) & {"identity", "account_proof", "proxy", "whole"}}
    # Of the way of receiving only what needs no account: the verb asks.
    assert {code for code in spoken if "account" in parts_of([code])} == {"D07"}
    assert by_phone(["D04", "D41"]) and not by_phone(["D04", "D20"]) and not by_phone([])


def test_each_paper_is_asked_for_in_one_place() -> None:
    answer = on_paper(["D13", "D20"])
    assert (answer.identity_papers, answer.account_papers) == ("本人確認書類の写し", "")
    assert on_paper(["D30"]).account_papers == "通帳またはキャッシュカードの写し"


def test_a_letter_offers_a_call_only_where_it_settles_everything() -> None:
    first, second = sentences_of(["D41", "D04"])
    assert "お電話でもお答えいただけます" in first and "お電話でもお答えいただけます" in second
    assert not any("お電話でも" in one for one in sentences_of(["D20", "D04", "D07"]))
    # Another way than a transfer is chosen on the sheet that is enclosed.
    assert sentences_of(["D20", "D07"])[0] == CODES["D07"].sentence and on_paper(["D07"]).sheets == (
        "account",
    )
    assert "口座振込のほかの方法" in sentences_of(["D07"])[0]


def test_no_sentence_names_a_place_that_the_enclosed_sheets_lack() -> None:
    for code, named in (
        ("D01", "同封の用紙"),
        ("D02", "署名の用紙"),
        ("D03", "署名の用紙"),
        ("D05", "代理手続申立書"),
    ):
        assert named in CODES[code].sentence and on_paper([code]).sheets
    assert not any(
        place in code.sentence for code in CODES.values() for place in ("押印欄", "代理欄", "同封の申請書")
    )
