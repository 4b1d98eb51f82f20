"""A verdict is withdrawn with a reason until the decision; what it caused is listed before and stopped."""

from datetime import timedelta

import pytest

from tests.proofs import proofed
from todoku.case.tables import CaseStage
from todoku.letters.dispatch import dispatch
from todoku.letters.release import release
from todoku.letters.tables import PrintRun, PulledPiece
from todoku.people.tables import AuditEvent
from todoku.review.consequences import consequences
from todoku.review.decide import decide, make_list
from todoku.review.desk_tables import Contact
from todoku.review.open_contact import open_contact
from todoku.review.tables import Decision, DecisionList, Question, Task, Verdict
from todoku.review.withdraw import CannotWithdraw, withdraw
from todoku.rounds.due_letters import due_items, make_due_letters

WHY = "通帳の名義を読み違えた"


def undone(office, verdict, who="reviewer1", why=WHY):
    office.at += timedelta(minutes=10)
    return withdraw(verdict, why=why, actor=office.staff[who], at=office.at)


def words(caused):
    return " ".join(one.what for one in caused)


@pytest.fixture
def form(office):
    office.arrive(office.form(office.applicants[0]))
    return office.applicants[0]


def test_a_first_approval_is_withdrawn_and_its_second_look_stops(office, form):
    verdict = office.verdict("reviewer1")
    second = office.claim("reviewer2")
    caused = undone(office, verdict)
    assert "二次審査をしています" in words(caused)
    verdict.refresh_from_db()
    assert (verdict.withdrawn_by_id, verdict.withdrawn_why) == (office.staff["reviewer1"].id, WHY)
    second.refresh_from_db()
    assert second.state == "void"
    again = Task.objects.get(state="open")
    assert (again.round, again.step, again.reason) == (2, 1, "withdrawn")
    assert office.stage(form) == "in_review"
    office.both()
    assert office.stage(form) == "passed"
    assert AuditEvent.objects.filter(action="verdict.withdraw", subject_id=form.case).exists()


def test_it_needs_a_reason_and_the_person_or_the_lead(office, form):
    verdict = office.verdict("reviewer1")
    with pytest.raises(CannotWithdraw, match="理由"):
        undone(office, verdict, why=" ")
    with pytest.raises(CannotWithdraw, match="本人か業務責任者"):
        undone(office, verdict, who="reviewer2")
    assert Verdict.objects.get().undone_at is None
    undone(office, verdict, who="manager")
    with pytest.raises(CannotWithdraw, match="取消し済み"):
        undone(office, verdict)


def test_a_list_lets_the_case_go_and_a_decision_does_not(office, form):
    _, second = office.both()
    made = make_list(programme=office.programme, actor=office.staff["manager"], at=office.later())
    assert f"決定一覧{made.pk}に載っています" in words(consequences(second))
    undone(office, second, who="reviewer2")
    assert Decision.objects.get().outcome == "sent_back"
    assert DecisionList.objects.get().state == "void"
    _, second = office.both()
    made = make_list(programme=office.programme, actor=office.staff["manager"], at=office.later())
    decide(made, sha256=made.sha256, actor=office.staff["officer"], at=office.later())
    with pytest.raises(CannotWithdraw, match="担当課の指示"):
        undone(office, second, who="reviewer2")
    assert office.stage(form) == "decided"


def test_a_question_is_taken_back(office, form):
    verdict = office.verdict("reviewer1", "refer", comment="世帯主ですか")
    assert "業務責任者の確認を待つ照会" in words(undone(office, verdict))
    assert Question.objects.get().state == "withdrawn"
    assert office.stage(form) == "in_review"


def test_a_letter_that_waits_is_not_printed(office, form):
    verdict = office.verdict("reviewer1", "return", codes=["D30"])
    assert "印刷を待っています" in words(undone(office, verdict))
    assert not list(due_items("return", office.programme, office.today))


def test_a_printed_letter_is_pulled_also_where_the_case_is_returned_again(office, form):
    verdict = office.verdict("reviewer1", "return", codes=["D30"])
    make_due_letters(programme=office.programme, actor=office.staff["printer"], at=office.later())
    assert "抜き取りの一覧に載せます" in " ".join(one.then for one in consequences(verdict))
    undone(office, verdict)
    assert PulledPiece.objects.get().letter.case_id == form.case
    assert CaseStage.objects.get(pk=form.case).stage == "in_review"
    office.verdict("reviewer2", "return", codes=["D20"])
    assert PulledPiece.objects.count() == 1


def test_a_posted_letter_forbids(office, form):
    verdict = office.verdict("reviewer1", "return", codes=["D30"])
    make_due_letters(programme=office.programme, actor=office.staff["printer"], at=office.later())
    run = PrintRun.objects.get(kind="return")
    release(proofed(run), actor=office.staff["manager"], at=office.later())
    dispatch(run, posted_on=office.today, counted=1, actor=office.staff["printer"], at=office.later())
    with pytest.raises(CannotWithdraw, match="差し出しました"):
        undone(office, verdict)
    assert office.stage(form) == "returned"


def test_after_another_round_the_first_ones_verdict_stays(office, form):
    first = office.verdict("reviewer1")
    undone(office, first)
    second = office.verdict("reviewer2")
    undone(office, second, who="manager")
    third = office.verdict("reviewer1")
    with pytest.raises(CannotWithdraw):
        undone(office, first)
    assert third.round == 3


def test_a_planned_call_is_given_up_with_it(office, form):
    verdict = office.verdict("reviewer1")
    task = office.claim("reviewer2")
    open_contact(task, codes=["D04"], next_at=office.at, actor=office.staff["reviewer2"], at=office.at)
    assert "確認連絡を予定しています" in words(undone(office, verdict))
    assert Contact.objects.get().state == "closed"
