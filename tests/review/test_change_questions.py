"""A change after the base date that the table leaves open: asked through the manager, decided by a ruling, looked at anew."""

import pytest

from todoku.case.decide_change import CannotDecide
from todoku.case.late_tables import LaterChange, PayeeProposal
from todoku.case.name_payee import Heir
from todoku.case.tables import Case
from todoku.people.actor import SYSTEM
from todoku.registry.tables import Person
from todoku.review.answer import NeedsAnswer, NotForwarded, NotTheOfficer
from todoku.review.answer_change import answer_change, answer_change_by_ruling
from todoku.review.ask_about_changes import CannotAsk, ask_about_change, ask_about_changes
from todoku.review.decide import NothingToDecide, make_list
from todoku.review.give_back import give_back
from todoku.review.rescreen_tables import PastFinding
from todoku.review.settle_change import settle_change, take_back_change
from todoku.review.settle_payee import settle_payee
from todoku.review.tables import Finding, Question, Task


def change_of(office, one, *, event="household_changed", waits_for="municipality") -> LaterChange:
    """What apply_changes leaves of a change on which the table is silent."""
    case = Case.objects.get(pk=one.case)
    return LaterChange.objects.create(
        programme=office.programme, case=case, person_id=case.recipient.head_id, event=event, who="head",
        phase="after_application", rule="ask", found_at=office.at, state="waiting", waits_for=waits_for,
    )  # fmt: skip


def with_family(office):
    """Applicants whose household has a second member."""
    return [one for one in office.applicants if len(one.household.members) > 1]


def second_of(one) -> Person:
    return Person.objects.get(number=one.household.members[1].number)


def head_of(one) -> int:
    return Case.objects.get(pk=one.case).recipient.head_id


def confirm(office, change, who) -> LaterChange:
    """The change once another person has confirmed whom somebody named."""
    waits = PayeeProposal.objects.get(change=change, state="waiting")
    settle_payee(waits, confirmed=True, actor=office.staff[who], at=office.later())
    return LaterChange.objects.get(pk=change.pk)


def ask(office) -> Question:
    ask_about_changes(programme=office.programme, actor=SYSTEM, at=office.later())
    return Question.objects.get(state="with_manager")


def test_the_question_goes_through_the_manager_and_the_ruling_hands_the_case_over_to_a_new_round(office):
    one = with_family(office)[0]
    office.arrive(office.form(one, holder_kana="ﾍﾞﾂ ﾉﾋﾄ"))
    office.claim("reviewer1")
    change = change_of(office, one)
    question = ask(office)
    assert ask_about_changes(programme=office.programme, actor=SYSTEM, at=office.later()).done == 0
    assert "世帯の変更" in question.asked and one.household.head.name not in question.asked
    officer, manager = office.staff["officer"], office.staff["manager"]
    with pytest.raises(CannotDecide, match="業務責任者"):
        settle_change(change, then="pay", order="決裁第1号", actor=manager, at=office.later())
    with pytest.raises(NotForwarded):
        answer_change(question, then="pay", text="よい", actor=officer, at=office.later())
    office.send_question(question)
    with pytest.raises(CannotDecide, match="裁定"):
        settle_change(change, then="pay", order="決裁第1号", actor=officer, at=office.later())
    with pytest.raises(NotTheOfficer):
        answer_change(question, then="pay", text="よい", actor=manager, at=office.later())
    with pytest.raises(NeedsAnswer):
        answer_change(question, then="ask", text="よい", actor=officer, at=office.later())
    ruling = answer_change(
        question, then="new_head", text="世帯の構成を確認した。", payee=second_of(one), actor=officer, at=office.later()
    )  # fmt: skip
    # Who rules names, and somebody else confirms: the officer does not do both.
    change.refresh_from_db()
    assert (change.state, change.waits_for, head_of(one)) == ("waiting", "payee", change.person_id)
    with pytest.raises(CannotDecide, match="本人は確認できません"):
        confirm(office, change, "officer")
    with pytest.raises(CannotAsk, match="確認を待って"):
        ask_about_change(change, actor=manager, at=office.later())
    change = confirm(office, change, "manager")
    assert (change.state, change.outcome, change.order) == ("done", "new_head", ruling.title)
    assert head_of(one) == second_of(one).pk
    # Who looked at the head before holds nothing any more; whoever looks now finds a first look of a round of his own.
    assert list(Task.objects.filter(case_id=one.case).order_by("pk").values_list("state", "round", "step", "reason")) == [
        ("void", 1, 1, "look"), ("open", 2, 1, "payee_changed"),
    ]  # fmt: skip
    take_back_change(change, order="決裁第2号", why="誤り", actor=officer, at=office.later())
    assert head_of(one) == change.payee_before_id
    assert Task.objects.get(case_id=one.case, state="open").round == 3


def test_what_the_checks_found_is_found_of_the_payee_who_is_named_now(office):
    """The account is the second member's: a stranger's while the head was paid, his own once he is the head."""
    one = with_family(office)[0]
    heir = second_of(one)
    office.arrive(office.form(one, holder_kana=heir.kana))
    before = Finding.objects.get(case_id=one.case, code="D12").evidence
    change = change_of(office, one, waits_for="stage")
    settle_change(
        change,
        then="new_head",
        order="決裁第3号",
        payee=heir,
        actor=office.staff["manager"],
        at=office.later(),
    )
    assert Finding.objects.filter(case_id=one.case, code="D12").exists()
    confirm(office, change, "officer")
    assert not Finding.objects.filter(case_id=one.case, code="D12").exists()
    past = PastFinding.objects.get(code="D12")
    assert (past.evidence, past.rescreening) == (before, None)


def test_before_the_decision_the_case_comes_back_and_no_list_takes_it_while_it_waits(office):
    one = with_family(office)[0]
    office.arrive(office.form(one))
    office.both()
    assert office.stage(one) == "passed"
    before = make_list(programme=office.programme, actor=SYSTEM, at=office.later())
    change = change_of(office, one, waits_for="successor")
    with pytest.raises(NothingToDecide):
        make_list(programme=office.programme, actor=SYSTEM, at=office.later())
    settle_change(
        change, then="new_head", order="決裁第4号", payee=second_of(one), actor=office.staff["officer"], at=office.later()
    )  # fmt: skip
    assert (office.stage(one), head_of(one)) == ("passed", change.person_id)
    before.refresh_from_db()
    assert (before.state, before.decisions.get().remark) == ("void", "受け取る方の確認待ち")
    with pytest.raises(NothingToDecide):
        make_list(programme=office.programme, actor=SYSTEM, at=office.later())
    confirm(office, change, "officer2")
    assert (office.stage(one), head_of(one)) == ("in_review", second_of(one).pk)
    assert Task.objects.filter(case_id=one.case, state="open").get().reason == "payee_changed"


def test_a_ruling_for_changes_of_one_line_answers_the_next_and_what_it_leaves_open_waits_for_that(office):
    first, second = with_family(office)[:2]
    change_of(office, first, event="died")
    question = ask(office)
    officer, manager = office.staff["officer"], office.staff["manager"]
    office.send_question(question)
    ruling = answer_change(
        question, then="estate", text="相続人代表者に支給する。", like=True, actor=officer, at=office.later()
    )
    waits = LaterChange.objects.get(case_id=first.case)
    assert (waits.state, waits.waits_for, waits.order) == ("waiting", "heir", ruling.title)
    heir = Heir("相続　花子", "ソウゾク　ハナコ", None, "", "別の市1-2-3")
    settle_change(waits, then="estate", order=waits.order, heir=heir, actor=manager, at=office.later())
    confirm(office, waits, "officer")
    assert LaterChange.objects.get(case_id=first.case).outcome == "estate"
    again = change_of(office, second, event="died")
    next_question = ask(office)
    answer_change_by_ruling(next_question, ruling=ruling, actor=manager, at=office.later())
    again.refresh_from_db()
    assert (again.waits_for, again.order) == ("heir", ruling.title)
    assert Question.objects.get(pk=next_question.pk).by_ruling == ruling


def test_the_manager_need_not_ask_and_may_ask_after_all(office):
    one = with_family(office)[0]
    change = change_of(office, one)
    question, manager = ask(office), office.staff["manager"]
    with pytest.raises(CannotAsk):
        ask_about_change(change, actor=manager, at=office.later())
    give_back(question, words="決裁を受け取った", actor=manager, at=office.later())
    assert Question.objects.get().state == "given_back"
    asked_again = ask_about_change(change, actor=manager, at=office.later())
    officer = office.staff["officer"]
    settle_change(change, then="pay", order="決裁第9号", actor=officer, at=office.later())
    asked_again.refresh_from_db()
    assert (asked_again.state, "決裁第9号" in asked_again.answer) == ("withdrawn", True)
