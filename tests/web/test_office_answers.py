"""From a case's page: a sheet is sent on request, and a return is answered on the telephone by a call of the office."""

import pytest
from django.utils import timezone

from tests.office_day import OfficeDay
from tests.open_today import open_today
from tests.web.office import Desk, text_of
from todoku.case.tables import Case
from todoku.intake.tables import ContactNote
from todoku.letters.tables import LetterRequest


@pytest.fixture
def agent(town, at_door):
    """Somebody at the telephone, and two cases: one that was invited, one that was returned for its date."""
    programme = open_today(town.programme)
    office = OfficeDay(programme, town.households, timezone.now())
    invited, returned = office.applicants[:2]
    office.invite([invited, returned])
    office.arrive(office.form(returned, applied_on=None))
    office.verdict("reviewer1", "return", codes=["D04"])
    with at_door("office"):
        seat = Desk("call_agent")
        seat.office, seat.invited, seat.returned = office, invited, returned
        yield seat


def test_a_sheet_that_a_caller_asked_for_is_kept_for_the_next_run(agent):
    page = f"case/{agent.invited.number}/"
    shown = text_of(agent.get(page))
    assert "辞退届の用紙" in shown and "代理手続申立書の用紙" in shown and "口座登録等の届出書" not in shown
    agent.post(f"{page}sheet/", {"kind": "decline_form", "asked_by": "ご本人"})
    one = LetterRequest.objects.get()
    assert (one.case_id, one.kind, one.asked_by) == (agent.invited.case, "decline_form", "ご本人")
    agent.post(f"{page}sheet/", {"kind": "decline_form", "asked_by": ""})
    agent.post(f"{page}sheet/", {"kind": "gift", "asked_by": "ご本人"})
    assert LetterRequest.objects.count() == 1


def test_an_answer_is_taken_by_calling_a_known_number_back(agent):
    number = agent.office.submission(agent.returned).phone
    page = f"case/{agent.returned.number}/"
    assert "電話でのお答え" in agent.get(page).content.decode()
    asked = text_of(agent.get(f"{page}answer/"))
    assert number in asked and "申請書を書いた日" in asked and "受取方法" not in asked
    said = {
        "spoken_with": "ご本人", "called_number": "09012345678", "identity_checked": "番号と生年月日",
        "said": "先週の月曜に書いた", "applied_on": f"{agent.office.today}",
    }  # fmt: skip
    refused = agent.post(f"{page}answer/keep/", said)
    assert (refused.status_code, "かけ直してください" in text_of(refused)) == (422, True)
    kept = agent.post(f"{page}answer/keep/", said | {"called_number": number})
    assert kept.headers["Location"] == f"/p/sample/{page}"
    assert ContactNote.objects.get().channel == "outbound"
    assert agent.office.stage(agent.returned) == "received"
    assert agent.office.submission(agent.returned).channel == "phone"


def test_a_case_that_waits_for_no_answer_says_so(agent):
    assert "待っていません" in text_of(agent.get(f"case/{agent.invited.number}/answer/"))
    assert Case.objects.filter(pk=agent.invited.case).exists()
