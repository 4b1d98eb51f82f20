"""A returned application answered by web: the page shows what is missing and takes only that, photos and all."""

import pytest
from django.utils import timezone

from tests.office_day import OfficeDay
from tests.open_today import letters, open_today
from tests.web.resident import LICENCE, VALID, Resident, a_photo, text_of
from todoku.case.tables import CaseStage
from todoku.intake.register_web import register_web
from todoku.intake.tables import AccountVersion, Document, Submission
from todoku.people.actor import SYSTEM
from todoku.review.codes import CODES


@pytest.fixture
def sent_back(town):
    """An application on paper that was returned for the codes given; gives the letter that its resident holds."""
    programme = open_today(town.programme)
    office = OfficeDay(programme, town.households, timezone.now())
    by_case = {letter.case: letter for letter in letters(programme)}

    def send_back(codes, **changes):
        one = next(one for one in office.applicants if one.case in by_case)
        office.invite([one])
        office.arrive(office.form(one, **changes))
        office.verdict("reviewer1", "return", codes=codes)
        return by_case[one.case]

    return send_back


def taken_in():
    one = Submission.objects.order_by("-pk").first()
    register_web(programme=one.programme, actor=SYSTEM, at=timezone.now())
    one.refresh_from_db()
    return one


def test_a_missing_photo_is_all_that_is_asked_for(sent_back, at_door):
    letter = sent_back(["D20"], identity_evidence="")
    with at_door("resident"):
        resident = Resident(letter)
        resident.look_up()
        status = text_of(resident.get("status/"))
        assert CODES["D20"].sentence in status and "ウェブで直して送る" in status
        resident.open()
        assert resident.get("apply/").headers["Location"] == "/sample/apply/paper/"
        # What was not asked for has no page here.
        assert resident.get("apply/number/").headers["Location"] == "/sample/apply/paper/"
        resident.answer("paper", "paper_day", paper=LICENCE, paper_day=VALID)
        assert "1 / 2" in text_of(resident.get("apply/identity/"))
        answered = resident.post("apply/identity/", {"photo": a_photo()})
        assert answered.headers["Location"] == "/sample/apply/review/"
        review = text_of(resident.get("apply/review/"))
        assert (
            "直していただくところだけを送ります" in review
            and "本人確認書類" in review
            and "口座番号" not in review
        )
        assert resident.post("apply/send/").headers["Location"] == "/sample/receipt/"
    after = taken_in()
    assert (after.channel, after.state, after.rail) == ("web", "received", "bank")
    assert AccountVersion.objects.filter(submission=after).count() == 1
    assert list(Document.objects.filter(submission=after).values_list("kind", flat=True)) == ["identity"]
    assert CaseStage.objects.get(pk=after.case_id).stage == "received"


def test_a_missing_signature_is_given_by_the_button(sent_back, at_door):
    letter = sent_back(["D02"], signed=False)
    with at_door("resident"):
        resident = Resident(letter)
        resident.open()
        assert resident.get("apply/").headers["Location"] == "/sample/apply/review/"
        assert "署名の代わりに" in text_of(resident.get("apply/review/"))
        resident.post("apply/send/")
    after = taken_in()
    assert (after.state, after.identity_evidence, after.account_evidence) == ("received", "clear", "clear")


def test_an_account_is_asked_for_with_its_passbook_and_nothing_else(sent_back, at_door):
    letter = sent_back(["D10"], holder_kana="")
    with at_door("resident"):
        resident = Resident(letter)
        resident.open()
        assert resident.get("apply/").headers["Location"] == "/sample/apply/rail/"
        resident.answer("rail", "bank", "branch", "number")
        resident.post("apply/holder/", {"holder_kana": letter.kana})
        assert resident.get("apply/").headers["Location"] == "/sample/apply/passbook/"
        resident.post("apply/passbook/", {"photo": a_photo()})
        assert resident.get("apply/").headers["Location"] == "/sample/apply/review/"
        assert "この内容で送る" in text_of(resident.get("apply/review/"))
        resident.post("apply/send/")
    after = taken_in()
    account = AccountVersion.objects.get(submission=after)
    assert (account.number, account.entered_by) == ("1234567", "申請者")
    assert after.phone and after.identity_evidence == "clear"


def test_what_asks_for_the_whole_application_asks_for_all_of_it(sent_back, at_door):
    letter = sent_back(["D05", "D20"], applicant_is_recipient=False, identity_evidence="")
    with at_door("resident"):
        resident = Resident(letter)
        resident.open()
        assert resident.get("apply/").headers["Location"] == "/sample/apply/who/"


def test_where_a_call_is_enough_the_page_says_so(sent_back, at_door):
    letter = sent_back(["D04"], applied_on=None)
    with at_door("resident"):
        resident = Resident(letter)
        resident.look_up()
        assert "お電話でもお答えいただけます" in text_of(resident.get("status/"))
