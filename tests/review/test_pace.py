"""A verdict given in a much shorter time than usual is noted, and where the terms say so somebody else looks once more."""

import pytest

from tests.review.agreed import agree
from todoku.programme.quality import Fast
from todoku.review.answer_by_phone import PhoneAnswer
from todoku.review.claim import NothingWaits
from todoku.review.log_contact import Tried, log_contact
from todoku.review.open_contact import open_contact
from todoku.review.pace import least_seconds, usual_seconds
from todoku.review.quality_tables import FastVerdict
from todoku.review.tables import Proposal, Task
from todoku.review.undo import undo


@pytest.mark.parametrize(
    ("usual", "least"),
    [
        (None, 4.0),
        (8.0, 4.0),
        (40.0, 10.0),
        (400.0, 30.0),
    ],  # the floor, the floor, a quarter, never above half a minute
)
def test_fast_is_measured_by_the_persons_own_time_above_a_floor(usual, least) -> None:
    assert least_seconds(Fast(), usual) == least


def test_nothing_is_usual_before_ten_looks_and_one_long_look_changes_little() -> None:
    assert usual_seconds([20.0] * 9) is None
    assert usual_seconds([20.0] * 9 + [3600.0]) == 20.0


@pytest.fixture
def hurried(office):
    """Looks of twenty seconds count as fast here, and are looked at again."""
    return agree(office, "[review.fast]\nagain = true\nseconds = 25")


def test_where_the_terms_are_silent_a_fast_verdict_is_noted_and_nothing_else(office) -> None:
    agree(office, "[review.fast]\nseconds = 25")
    office.arrive(office.form(office.applicants[0]))
    first, second = office.both()
    assert office.stage(office.applicants[0]) == "passed"
    noted = FastVerdict.objects.order_by("verdict_id").values_list("verdict_id", "seconds", "looked_again")
    assert list(noted) == [(first.pk, 20.0, False), (second.pk, 20.0, False)]


def test_a_fast_return_by_one_is_looked_at_by_another_before_the_letter(hurried) -> None:
    one = hurried.applicants[0]
    hurried.arrive(hurried.form(one, account_evidence=""))
    hurried.verdict("reviewer1", "return", codes=["D30"])
    assert hurried.stage(one) == "in_review"
    assert Task.objects.get(state="open").step == 2
    with pytest.raises(NothingWaits):
        hurried.claim("reviewer1")
    hurried.later(minutes=1)
    task = hurried.claim("reviewer2")
    assert task.case_id == one.case


def test_a_fast_second_look_is_looked_at_once_more_by_somebody_else(hurried) -> None:
    one = hurried.applicants[0]
    hurried.arrive(hurried.form(one))
    hurried.both()
    assert hurried.stage(one) == "in_review"
    again = Task.objects.get(state="open")
    assert (again.reason, again.round, again.step) == ("fast_look", 2, 1)
    for who in ("reviewer1", "reviewer2"):  # both were fast
        with pytest.raises(NothingWaits):
            hurried.claim(who)
    agree(hurried, "[review.fast]\nagain = true\nseconds = 5")
    hurried.verdict("manager")
    assert hurried.stage(one) == "passed"
    assert Proposal.objects.get().via == "one_person"


def test_a_fast_return_at_the_second_look_waits_for_a_third_person_before_the_letter(hurried) -> None:
    one = hurried.applicants[0]
    hurried.arrive(hurried.form(one))
    hurried.verdict("reviewer1")
    hurried.verdict("reviewer2", "return", codes=["D30"])
    assert hurried.stage(one) == "in_review"
    again = Task.objects.get(state="open")
    assert (again.reason, again.round, again.step) == ("fast_look", 2, 1)
    agree(hurried, "[review.fast]\nagain = true\nseconds = 5")
    hurried.verdict("manager", "return", codes=["D30"])
    assert hurried.stage(one) == "returned"


def test_a_fast_agreement_on_declining_is_looked_at_again_before_there_is_no_way_back(hurried) -> None:
    one = hurried.applicants[0]
    hurried.arrive(hurried.form(one, declines=True))
    hurried.both("decline", comment="本人に電話で確かめた")
    assert (hurried.stage(one), Task.objects.get(state="open").reason) == ("in_review", "fast_look")
    agree(hurried, "[review.fast]\nagain = true\nseconds = 5")
    # The manager has looked: whoever looks again may be anybody else.
    hurried.verdict("reviewer2", "decline", comment="もう一度確かめた")
    assert hurried.stage(one) == "declined"


def test_a_verdict_that_a_call_gave_is_not_measured_as_a_look(hurried) -> None:
    hurried.arrive(hurried.form(hurried.applicants[0], phone="0452223333", applied_on=None))
    who = hurried.staff["reviewer1"]
    planned = open_contact(
        hurried.claim("reviewer1"), codes=["D04"], next_at=hurried.at, actor=who, at=hurried.at
    )
    said = PhoneAnswer(
        spoken_with="本人", called_number="0452223333", identity_checked="氏名と生年月日", said="4月1日です。",
        applied_on=hurried.today,
    )  # fmt: skip
    done = log_contact(planned, Tried("answered", "0452223333", answer=said), actor=who, at=hurried.later())
    assert done.state == "answered" and not FastVerdict.objects.exists()


def test_undo_takes_the_further_look_along(hurried) -> None:
    one = hurried.applicants[0]
    hurried.arrive(hurried.form(one))
    _, second = hurried.both()
    task = undo(second, actor=hurried.staff["reviewer2"], at=hurried.later(seconds=10))
    assert (task.state, task.step) == ("held", 2)
    assert not Task.objects.filter(reason="fast_look", state="open").exists()
    assert hurried.stage(one) == "in_review"
