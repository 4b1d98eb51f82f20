"""How a resident wants to receive the money: asked only where there is a choice; without an account nothing asks for one."""

import pytest

from tests.open_today import letters, open_today
from tests.programme.offering import offering
from tests.web.resident import Resident, a_photo, text_of
from todoku.intake.tables import Submission


@pytest.fixture
def letter(town):
    open_today(town.programme, change=offering)
    return letters(town.programme)[0]


@pytest.fixture
def resident(letter, at_door):
    with at_door("resident"):
        opened = Resident(letter)
        opened.open()
        opened.answer("who", "phone")
        yield opened


@pytest.fixture
def kept(at_door):
    """What the office finds of applications: how each is to be paid, its account's number, its documents."""

    def rows():
        with at_door("office"):
            return [
                (
                    one.rail,
                    one.account_evidence,
                    [account.number for account in one.accounts.all()],
                    sorted(document.kind for document in one.documents.all()),
                )
                for one in Submission.objects.all()
            ]

    return rows


def chosen(resident, way):
    return resident.post("apply/way/", {"way": way}).headers["Location"]


def test_it_is_not_asked_where_the_terms_offer_one_way_alone(town, at_door):
    open_today(town.programme)
    letter = letters(town.programme)[0]
    with at_door("resident"):
        plain = Resident(letter)
        plain.open()
        plain.answer("who")
        assert (
            plain.post("apply/phone/", {"phone": "045-000-0000"}).headers["Location"].endswith("/apply/rail/")
        )
        assert plain.get("apply/way/").headers["Location"].endswith("/apply/rail/")


def test_every_way_of_the_terms_is_offered_with_what_it_means(resident):
    said = text_of(resident.get("apply/way/"))
    for words in (
        "口座に振り込む",
        "デジタルギフトを手紙で",
        "窓口で現金",
        "現金書留",
        "メールやSMSでリンクをお送りすることはありません",
    ):
        assert words in said
    assert "市役所 本庁舎 1階 給付金窓口" in said
    assert "受取方法を選んでください" in text_of(resident.post("apply/way/", {"way": "stamps"}))


@pytest.mark.parametrize(
    ("way", "next_word"),
    [
        ("gift", "2次元コードを手紙で"),
        ("cash", "日と場所を手紙で"),
        ("registered_mail", "現金書留でお送りします"),
    ],
)
def test_without_a_transfer_no_account_is_asked_for_and_none_is_kept(resident, kept, way, next_word):
    assert chosen(resident, way).endswith("/apply/paper/")
    assert resident.get("apply/rail/").headers["Location"].endswith("/apply/paper/")
    resident.show_who()
    review = text_of(resident.get("apply/review/"))
    assert "受取方法" in review and "口座番号" not in review
    assert resident.post("apply/send/").headers["Location"] == "/sample/receipt/"
    assert next_word in text_of(resident.get("receipt/"))
    assert kept() == [(way, "", [], ["identity"])]


def test_whoever_chooses_the_bank_still_names_an_account(resident, kept):
    assert chosen(resident, "bank").endswith("/apply/rail/")
    assert resident.get("apply/review/").headers["Location"].endswith("/apply/rail/")
    resident.answer("rail", "bank", "branch", "number")
    resident.post("apply/holder/", {"holder_kana": resident.letter.kana})
    resident.show_who()
    resident.post("apply/passbook/", {"photo": a_photo()})
    assert resident.post("apply/send/").headers["Location"] == "/sample/receipt/"
    assert kept() == [("bank", "clear", ["1234567"], ["account", "identity"])]


def test_a_change_of_mind_takes_the_account_back(resident, kept):
    chosen(resident, "bank")
    resident.answer("rail", "bank", "branch", "number")
    chosen(resident, "gift")
    resident.show_who()
    resident.post("apply/send/")
    assert kept() == [("gift", "", [], ["identity"])]


def test_a_way_that_the_terms_no_longer_offer_is_not_taken(resident, kept):
    chosen(resident, "gift")
    resident.show_who()
    session = resident.client.session
    session["visit"] = session["visit"] | {"draft": session["visit"]["draft"] | {"way": "stamps"}}
    session.save()
    assert resident.post("apply/send/").headers["Location"].endswith("/apply/way/")
    assert kept() == []


def test_the_status_speaks_of_no_transfer_to_whom_none_is_made(resident):
    chosen(resident, "gift")
    resident.show_who()
    resident.post("apply/send/")
    said = text_of(resident.get("status/"))
    assert "手紙でお知らせします" in said and "お届け" in said
    assert "振込" not in said and "通帳" not in said
