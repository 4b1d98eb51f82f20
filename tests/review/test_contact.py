"""Confirmation with the applicant: planned at the desk, called by a script, logged, completed, or turned into a letter."""

from datetime import timedelta

import pytest

from todoku.case.tables import CaseStage
from todoku.intake.tables import ContactNote, Submission
from todoku.review.answer_by_phone import PhoneAnswer
from todoku.review.claim import NothingWaits
from todoku.review.codes import CODES
from todoku.review.contact_script import NEVER, script
from todoku.review.desk_tables import CaseComment, Contact, ContactTry
from todoku.review.log_contact import Tried, end_contact, log_contact
from todoku.review.open_contact import WAITS_DAYS_MAX, CannotContact, open_contact
from todoku.review.tables import Task, Verdict

PHONE = "0452223333"


@pytest.fixture
def form(office):
    one = office.applicants[0]
    office.arrive(office.form(one, phone=PHONE, signed=False))
    return one


def planned(office, codes, who="reviewer1"):
    task = office.claim(who)
    return open_contact(task, codes=codes, next_at=office.at, actor=office.staff[who], at=office.at)


def answer(**more):
    return PhoneAnswer(
        spoken_with="本人",
        called_number=PHONE,
        identity_checked="氏名と生年月日",
        said="書き忘れました。",
        **more,
    )


def missed(office, contact, who="reviewer1"):
    tried = Tried("not_reached", PHONE, next_at=office.at + timedelta(hours=4))
    return log_contact(contact, tried, actor=office.staff[who], at=office.later())


def test_the_script_asks_the_letters_sentences_and_never_a_pin():
    spoken = script(["D20", "D04"], office="給付金コールセンター", programme="給付金", words="旧姓ですか")
    assert spoken.asked == (CODES["D04"].sentence, CODES["D20"].sentence, "旧姓ですか")
    assert any("暗証番号" in line for line in NEVER) and any("ATM" in line for line in NEVER)
    assert "給付金コールセンター" in spoken.opening


def test_a_look_that_waits_for_a_call_is_dealt_to_nobody_but_returns(office, form):
    contact = planned(office, ["D02"])
    with pytest.raises(NothingWaits):
        office.claim("reviewer2")
    office.at += timedelta(days=WAITS_DAYS_MAX, minutes=1)
    assert office.claim("reviewer2").pk == contact.task_id


def test_a_contact_asks_something_at_a_possible_time(office, form):
    task = office.claim("reviewer1")
    actor = office.staff["reviewer1"]
    with pytest.raises(CannotContact, match="1つ以上"):
        open_contact(task, codes=["D43"], next_at=office.at, actor=actor, at=office.at)
    with pytest.raises(CannotContact, match="日時"):
        open_contact(task, codes=["D02"], next_at=office.at - timedelta(hours=1), actor=actor, at=office.at)
    assert not Contact.objects.exists()


def test_what_a_call_settles_completes_the_application(office, form):
    contact = planned(office, ["D51"])
    done = log_contact(
        contact, Tried("answered", PHONE, answer=answer()), actor=office.staff["reviewer1"], at=office.later()
    )
    assert done.state == "answered"
    assert Verdict.objects.get().codes == ["D51"]
    assert Submission.objects.filter(case_id=form.case, channel="phone").exists()
    assert CaseStage.objects.get(pk=form.case).stage == "received"
    assert ContactNote.objects.filter(case_id=form.case, channel="outbound").count() == 1


def test_what_a_call_does_not_settle_stands_beside_the_case(office, form):
    contact = planned(office, ["D02"])
    log_contact(
        contact, Tried("answered", PHONE, answer=answer()), actor=office.staff["reviewer1"], at=office.later()
    )
    assert "書き忘れました" in CaseComment.objects.get(kind="contact").words
    assert not Verdict.objects.exists()
    assert office.claim("reviewer2").pk == contact.task_id


def test_an_answer_says_who_and_how_it_was_made_sure_at_a_known_number(office, form):
    contact = planned(office, ["D02"])
    actor = office.staff["reviewer1"]
    with pytest.raises(CannotContact, match="本人と確かめたか"):
        vague = PhoneAnswer(spoken_with="", called_number=PHONE, identity_checked="", said="はい")
        log_contact(contact, Tried("answered", PHONE, answer=vague), actor=actor, at=office.later())
    with pytest.raises(CannotContact, match="申請書か名簿にある番号"):
        log_contact(contact, Tried("answered", "0312345678", answer=answer()), actor=actor, at=office.later())
    assert not ContactTry.objects.exists()


def test_after_three_tries_the_same_is_asked_by_letter(office, form):
    contact = planned(office, ["D02"])
    assert [missed(office, contact).state for _ in range(3)] == ["open", "open", "letter"]
    verdict = Verdict.objects.get()
    assert (verdict.outcome, verdict.codes) == ("return", ["D02"])
    assert CaseStage.objects.get(pk=form.case).stage == "returned"
    assert ContactTry.objects.count() == 3


def test_who_may_not_judge_it_leaves_the_letter_to_the_next_reviewer(office, form):
    office.verdict("reviewer1")
    contact = planned(office, ["D02"], who="reviewer2")
    for _ in range(3):
        missed(office, contact)
    assert "返戻にしてください" in CaseComment.objects.get(kind="contact").words
    task = Task.objects.get(pk=contact.task_id)
    assert (task.state, task.not_before) == ("open", None)


def test_a_contact_that_is_given_up_returns_the_look_with_its_reason(office, form):
    contact = planned(office, ["D02"])
    end_contact(contact, words="書類が届いた", actor=office.staff["reviewer2"], at=office.later())
    assert office.claim("reviewer2").pk == contact.task_id
    with pytest.raises(CannotContact, match="終わっています"):
        missed(office, contact)
    assert CaseComment.objects.get(kind="contact").words == "書類が届いた"


def test_a_verdict_ends_the_contact_of_its_look(office, form):
    contact = planned(office, ["D02"])
    Task.objects.filter(pk=contact.task_id).update(not_before=None)
    office.verdict("reviewer2", "return", codes=["D02"])
    contact.refresh_from_db()
    assert contact.state == "closed"
