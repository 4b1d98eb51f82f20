"""A seeded error looks like any second look, is told after the verdict, and goes nowhere: the database sees to that."""

from argparse import Namespace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.review.agreed import agree
from todoku.case import stages
from todoku.case.move import move
from todoku.case.tables import Case, CaseStage
from todoku.commands import rehearse
from todoku.intake.correct_account import correct_account
from todoku.intake.forms import AccountForm
from todoku.intake.tables import Document
from todoku.people.actor import SYSTEM
from todoku.programme.tables import Programme
from todoku.review.claim import claim_next, put_back
from todoku.review.end_seeded import end_seeded
from todoku.review.judge import judge
from todoku.review.put_aside import put_aside
from todoku.review.quality_figures import detections
from todoku.review.quality_tables import SeededLook
from todoku.review.tables import Proposal, Question, Task
from todoku.sampletown.rehearsal import FLAWS, make_rehearsal

ALWAYS = "[review.seeded]\npercent = 50\n"


@pytest.fixture
def stocked(office):
    """Every second claim, drawn by chance, is a seeded error; eight of them lie ready."""
    agree(office, ALWAYS)
    made = make_rehearsal(programme=office.programme, cases=8, actor=SYSTEM, at=office.later())
    assert made.done == 8
    return office


def meet(office, who="reviewer2"):
    """Goes on judging until this person holds a seeded error."""
    while office.applicants:
        office.arrive(office.form(office.applicants.pop(0)))
        office.verdict("reviewer1")
        task = office.claim(who)
        if task.submission.programme_id != office.programme.pk:
            return task
        judge(task, outcome="approve", actor=office.staff[who], at=office.later())
    raise AssertionError("no seeded error was placed")


def test_the_stock_is_made_up_web_applications_with_a_fault_each(stocked) -> None:
    rehearsal = stocked.programme.rehearsal
    tasks = Task.objects.filter(programme=rehearsal)
    assert set(tasks.values_list("step", "state")) == {(2, "open")}
    assert {code for one in SeededLook.objects.all() for code in one.expected_codes} == set(FLAWS.values())
    assert set(CaseStage.objects.filter(case__programme=rehearsal).values_list("stage", flat=True)) == {
        "in_review"
    }
    assert rehearsal.version == stocked.programme.version
    assert not Programme.objects.filter(pk=rehearsal.pk, versions__isnull=False).exists()
    more = make_rehearsal(programme=stocked.programme, cases=3, actor=SYSTEM, at=stocked.later())
    assert (more.done, tasks.count()) == (3, 11)


def test_nothing_is_placed_where_the_terms_are_silent(office) -> None:
    make_rehearsal(programme=office.programme, cases=4, actor=SYSTEM, at=office.later())
    for one in office.applicants[:6]:
        office.arrive(office.form(one))
        office.both()
    assert not SeededLook.objects.filter(staff__isnull=False).exists()


def test_a_second_reviewer_finds_or_misses_it_and_nothing_follows(stocked) -> None:
    task, who = meet(stocked), stocked.staff["reviewer2"]
    look = SeededLook.objects.get(pk=task.pk)
    assert (task.step, task.state, look.staff_id) == (2, "held", who.id)
    assert abs(task.arrived_on - stocked.today) <= timedelta(days=3)
    assert stocked.claim("reviewer2").pk == task.pk
    cases = list(CaseStage.objects.exclude(case_id=task.case_id).order_by("case_id").values())
    proposals, questions = Proposal.objects.count(), Question.objects.count()
    judge(task, outcome="approve", actor=who, at=stocked.later())
    look.refresh_from_db()
    assert (look.detected, look.outcome) == (False, "approve")
    assert list(CaseStage.objects.exclude(case_id=task.case_id).order_by("case_id").values()) == cases
    assert CaseStage.objects.get(case_id=task.case_id).stage == "in_review"
    assert (Proposal.objects.count(), Question.objects.count()) == (proposals, questions)
    found = meet(stocked)
    judge(found, outcome="return", codes=["D13"], actor=who, at=stocked.later())
    (one,) = [one for one in detections(stocked.programme) if one.staff == who.id]
    assert (one.found, one.judged) == (1, 2)
    assert 0 < one.interval.low < 0.5 < one.interval.high < 1


def test_what_is_put_back_goes_to_whoever_comes_next_and_measures_who_judged_it(stocked) -> None:
    task = meet(stocked)
    put_back(task, actor=stocked.staff["reviewer2"], at=stocked.later())
    assert stocked.claim("manager").pk == task.pk
    judge(task, outcome="approve", actor=stocked.staff["manager"], at=stocked.later())
    (one,) = [one for one in detections(stocked.programme) if one.judged]
    assert (one.staff, one.found, one.judged) == (stocked.staff["manager"].id, 0, 1)
    assert Task.objects.get(pk=task.pk).programme == stocked.programme.rehearsal


def test_put_aside_or_passed_over_it_waits_like_any_work(stocked) -> None:
    task, who = meet(stocked), stocked.staff["reviewer2"]
    stocked.arrive(stocked.form(stocked.applicants.pop(0)))
    put_back(task, actor=who, at=stocked.later())
    values = {"programme": stocked.programme, "actor": who}
    other = claim_next(at=stocked.later(), after=task.pk, **values)
    assert other.submission.programme_id == stocked.programme.pk
    put_back(other, actor=who, at=stocked.later())
    task = stocked.claim("reviewer2")
    tomorrow = stocked.today + timedelta(days=1)
    put_aside(task, reason="あす見る", until=tomorrow, actor=who, at=stocked.later())
    assert stocked.claim("reviewer2").pk != task.pk


def test_who_put_its_account_right_is_dealt_other_work(stocked) -> None:
    task, who = meet(stocked), stocked.staff["reviewer2"]
    account = AccountForm(bank="0005", branch="001", account_number="7654321", holder_kana="ヤマダ")
    correct_account(task.submission_id, account, actor=who, at=stocked.later())
    put_back(task, actor=who, at=stocked.later())
    stocked.arrive(stocked.form(stocked.applicants.pop(0)))
    assert stocked.claim("reviewer2").pk != task.pk


def test_at_the_end_none_is_dealt_any_more_and_what_was_made_up_is_named(stocked, capsys) -> None:
    task = meet(stocked)
    assert rehearse.run(Namespace(slug="sample", end=True, cases=1)) == 0
    said = capsys.readouterr().out
    assert "審査から8件を外しました" in said and "架空の案件8件と、その画像16件" in said
    assert all(
        f"{one.sha256}  {one.path}" in said for one in Document.objects.filter(submission=task.submission)
    )
    assert set(
        Task.objects.filter(case__programme=stocked.programme.rehearsal).values_list("state", "programme")
    ) == {("void", stocked.programme.rehearsal.pk)}
    stocked.arrive(stocked.form(stocked.applicants.pop(0)))
    stocked.verdict("reviewer1")
    assert stocked.claim("reviewer2").submission.programme_id == stocked.programme.pk
    assert end_seeded(programme=stocked.programme, at=stocked.later()).done == 0


def test_the_database_lets_no_made_up_case_go_on(stocked) -> None:
    case = Case.objects.filter(programme=stocked.programme.rehearsal).first()
    submission = case.submissions.get()
    rehearsal, at = stocked.programme.rehearsal, stocked.later()
    values = {"case": case, "submission": submission, "outcome": "refuse", "via": "two_persons", "at": at}
    with pytest.raises(IntegrityError, match="a_rehearsal_goes_no_further"), transaction.atomic():
        Proposal.objects.create(**values)
    with pytest.raises(IntegrityError, match="a_rehearsal_goes_no_further"), transaction.atomic():
        Question.objects.create(
            case=case, submission=submission, programme=rehearsal, asked="?", asked_by="x", asked_at=at
        )
    for stage in (stages.PASSED, stages.RETURNED):
        with pytest.raises(IntegrityError, match="a_rehearsal_stays_in_review"), transaction.atomic():
            move([case.pk], programme=rehearsal, to=stage, why="x", actor=SYSTEM, at=at)


def test_a_seeded_error_is_judged_once_and_lies_in_a_rehearsal(stocked) -> None:
    task = meet(stocked)
    judge(task, outcome="return", codes=["D13"], actor=stocked.staff["reviewer2"], at=stocked.later())
    with pytest.raises(IntegrityError, match="a_seeded_error_is_judged_once"), transaction.atomic():
        SeededLook.objects.filter(pk=task.pk).update(detected=False)
    real = Task.objects.filter(programme=stocked.programme).first()
    with pytest.raises(IntegrityError, match="a_seeded_error_stands_in_a_rehearsal"), transaction.atomic():
        SeededLook.objects.create(task=real, programme=stocked.programme, flaw="x", first_outcome="approve")
    stock = Task.objects.filter(programme=stocked.programme.rehearsal, state="open").first()
    for look, to in ((real, stocked.programme.rehearsal), (stock, stocked.programme)):
        with (
            pytest.raises(IntegrityError, match="only_a_seeded_look_comes_to_the_desk"),
            transaction.atomic(),
        ):
            Task.objects.filter(pk=look.pk).update(programme=to)
