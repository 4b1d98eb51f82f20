"""Somebody without a letter at the public door: the same form with who he is in front, and nothing about any case."""

import pytest

from tests.open_today import letters, open_today
from tests.web.resident import Resident, a_photo, errors_of, text_of
from todoku.case.tables import Case
from todoku.intake.keyless_tables import UnmatchedApplication
from todoku.intake.tables import Submission

WHO = {
    "name": {"name": "山田　太郎", "kana": "やまだ　たろう"},
    "birth": {"era": "昭和", "year": "33", "month": "3", "day": "14"},
    "home": {"postal_code": "231-0017", "address": "横浜市中区港町1-1", "building": "見本荘201"},
}


@pytest.fixture
def letter(town):
    open_today(town.programme)
    return letters(town.programme)[0]


@pytest.fixture
def resident(letter, at_door):
    with at_door("resident"):
        opened = Resident(letter)
        assert opened.post("without-letter/").headers["Location"] == "/sample/apply/"
        yield opened


def fill(resident: Resident, **other) -> None:
    answers = WHO | other
    resident.answer("name", "birth", "home", **answers)
    resident.answer("phone", "rail", "bank", "branch", "number")
    assert resident.post("apply/holder/", {"holder_kana": "ヤマダ タロウ"}).status_code == 302
    resident.show_who()
    assert resident.post("apply/passbook/", {"photo": a_photo()}).status_code == 302


def test_it_is_sent_once_and_shows_a_receipt_and_no_status(letter, at_door):
    with at_door("resident"):
        resident = Resident(letter)
        resident.post("without-letter/")
        fill(resident)
        shown = text_of(resident.get("apply/review/"))
        first = resident.post("apply/send/")
        again = resident.post("apply/send/")
        words = text_of(resident.get("receipt/"))
    assert "山田 太郎" in shown and "2310017" in shown
    assert first.headers["Location"] == again.headers["Location"] == "/sample/receipt/"
    kept = UnmatchedApplication.objects.get()
    assert (kept.name, kept.kana, kept.birth_date.isoformat()) == ("山田 太郎", "やまだ たろう", "1958-03-14")
    assert (kept.postal_code, kept.number, kept.phone) == ("2310017", "1234567", "0450000000")
    assert "ご本人を確かめてから" in words and "振り込む予定" not in words and "申請の状況を見る" not in words
    assert not Submission.objects.exists()


def test_whoever_is_typed_the_answer_is_the_same(letter, at_door):
    """A head of the roll and somebody invented: the same receipt, no word that tells one from the other."""
    head = Case.objects.select_related("recipient__head").get(pk=letter.case).recipient.head
    known = {
        "name": {"name": head.name, "kana": head.kana},
        "birth": {"era": "西暦", "year": head.birth_date.year, "month": head.birth_date.month, "day": head.birth_date.day},
        "home": {"postal_code": head.postal_code, "address": head.address, "building": head.building},
    }  # fmt: skip
    pages = []
    with at_door("resident"):
        for answers in (WHO, known):
            one = Resident(letter)
            one.post("without-letter/")
            fill(one, **answers)
            one.post("apply/send/")
            pages.append(text_of(one.get("receipt/")).split("これからのこと")[1])
    assert pages[0] == pages[1] and UnmatchedApplication.objects.count() == 2


def test_no_page_of_a_case_opens_by_it(resident):
    fill(resident)
    for page in ("status/", "decline/"):
        answer = resident.get(page)
        assert answer.status_code == 302 and "/look-up/" in answer.headers["Location"], page


@pytest.mark.parametrize(
    ("page", "answers", "sentence"),
    [
        ("name", {"name": "山田太郎", "kana": "山田"}, "漢字は使えません"),
        ("name", {"name": "", "kana": "ヤマダ"}, "お名前を入力してください"),
        ("birth", {"era": "令和", "year": "90", "month": "1", "day": "1"}, "先の日付"),
        ("birth", {"era": "昭和", "year": "33", "month": "13", "day": "1"}, "年・月・日とも"),
        ("home", {"postal_code": "231", "address": "港町"}, "郵便番号は7桁"),
        ("home", {"postal_code": "2310017", "address": "123456789018"}, "マイナンバー"),
    ],
)
def test_what_cannot_be_is_said_with_its_remedy(resident, page, answers, sentence):
    for earlier in list(WHO)[: list(WHO).index(page)]:
        resident.answer(earlier, **WHO)
    answered = resident.post(f"apply/{page}/", answers)
    assert answered.status_code == 200
    assert sentence in errors_of(answered)


def test_without_the_switch_there_is_no_such_way(town, at_door):
    off = open_today(
        town.programme, change=lambda text: text.replace("without_letter = true", "without_letter = false")
    )
    anybody = letters(off)[0]
    with at_door("resident"):
        resident = Resident(anybody)
        assert "なくした方" not in text_of(resident.get(""))
        assert resident.post("without-letter/").status_code == 404


def test_too_many_from_one_address_are_asked_to_wait(letter, at_door):
    with at_door("resident"):
        answers = [Resident(letter).post("without-letter/").status_code for _ in range(31)]
    assert answers[:30] == [302] * 30 and answers[30] == 429
