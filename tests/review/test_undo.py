"""A verdict is taken back within a minute, by its giver, and only while nobody has gone on from it."""

from datetime import timedelta

import pytest

from todoku.review.decide import make_list
from todoku.review.tables import Finding, Question, Task, Verdict
from todoku.review.undo import UNDO_SECONDS, TooLate, undo
from todoku.rounds.due_letters import make_due_letters


@pytest.fixture
def paper(office):
    one = office.applicants[0]
    office.arrive(office.form(one))
    return one


def take_back(office, verdict, *, seconds=30, who="reviewer1"):
    return undo(verdict, actor=office.staff[who], at=verdict.at + timedelta(seconds=seconds))


def test_a_first_approval_is_taken_back_with_the_look_that_it_opened(office, paper):
    verdict = office.verdict("reviewer1")
    task = take_back(office, verdict)
    assert (task.state, task.claimed_by_id) == ("held", office.staff["reviewer1"].id)
    assert Task.objects.get(step=2).state == "void"
    verdict.refresh_from_db()
    assert verdict.undone_at is not None
    office.verdict("reviewer1", "return", codes=["D22"])
    assert office.stage(paper) == "returned"


@pytest.mark.parametrize(
    ("outcome", "values", "stage"),
    [("return", {"codes": ["D22"]}, "returned"), ("refer", {"comment": "確認をお願いします。"}, "with_municipality")],
)  # fmt: skip
def test_a_return_and_a_question_are_taken_back(office, paper, outcome, values, stage):
    verdict = office.verdict("reviewer1", outcome, **values)
    assert office.stage(paper) == stage
    take_back(office, verdict)
    assert office.stage(paper) == "in_review"
    assert not Question.objects.filter(answered_at__isnull=True).exists()
    assert not Finding.objects.exists()
    office.verdict("reviewer1")
    assert Task.objects.filter(step=2, state="open").count() == 1


def test_the_second_approval_is_taken_back_before_it_stands_on_a_list(office, paper):
    _, second = office.both()
    take_back(office, second, who="reviewer2")
    assert office.stage(paper) == "in_review"
    office.verdict("reviewer2")
    assert office.stage(paper) == "passed"


def test_a_minute_is_a_minute_and_another_person_cannot(office, paper):
    verdict = office.verdict("reviewer1")
    with pytest.raises(TooLate):
        take_back(office, verdict, seconds=UNDO_SECONDS + 1)
    with pytest.raises(TooLate):
        take_back(office, verdict, who="reviewer2")
    take_back(office, verdict, seconds=UNDO_SECONDS)
    with pytest.raises(TooLate):
        take_back(office, verdict)
    assert Verdict.objects.get().undone_at == verdict.at + timedelta(seconds=UNDO_SECONDS)


def test_too_late_once_the_second_reviewer_has_opened_it(office, paper):
    verdict = office.verdict("reviewer1")
    office.claim("reviewer2")
    with pytest.raises(TooLate, match="次の担当者"):
        take_back(office, verdict)
    assert Task.objects.get(step=2).state == "held"


def test_too_late_once_it_stands_on_a_list(office, paper):
    _, second = office.both()
    make_list(programme=office.programme, actor=office.staff["manager"], at=second.at)
    with pytest.raises(TooLate, match="決定の一覧"):
        take_back(office, second, who="reviewer2")
    assert office.stage(paper) == "passed"


def test_too_late_once_the_letter_is_printed(office, paper):
    verdict = office.verdict("reviewer1", "return", codes=["D22"])
    made = make_due_letters(programme=office.programme, actor=office.staff["printer"], at=verdict.at)
    assert made.done == 1
    with pytest.raises(TooLate, match="印刷"):
        take_back(office, verdict)
    assert office.stage(paper) == "returned"


def test_what_the_person_holds_meanwhile_goes_back_to_the_pile(office):
    office.arrive(*(office.form(one) for one in office.applicants[:2]))
    verdict = office.verdict("reviewer1")
    other = office.claim("reviewer1")
    take_back(office, verdict)
    assert Task.objects.get(pk=other.pk).state == "open"
    assert Task.objects.get(state="held").pk == verdict.task_id
