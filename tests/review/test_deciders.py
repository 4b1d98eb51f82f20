"""Who decides by the agreed criteria decides: in the step, and in the database where somebody writes past the step."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.next_version import next_version
from tests.review.agreed import agree
from todoku.people.tables import Staff
from todoku.programme.deciders import deciders_of
from todoku.review.answer import answer
from todoku.review.claim import NothingWaits
from todoku.review.hand_on import CannotTake, hand_on
from todoku.review.judge import NotYourTask, judge
from todoku.review.office_may import NotForTheOffice
from todoku.review.tables import Finding, Question, Screening, Task, Verdict
from todoku.review.who_decides import MANAGER, MUNICIPALITY, Unmet, decider_of

STRANGER = {"holder_kana": "ﾍﾞﾂ ﾉﾋﾄ"}
DECLINES = '[criteria.codes.D50]\ndecides = "{}"'
APPLICANT = '[criteria.codes.D05]\ndecides = "manager"'
UNSIGNED = '[criteria.codes.D02]\ndecides = "manager"'


def past_the_step(office, task, who="reviewer1", outcome="approve", codes=(), **more):
    """A verdict as a repair by hand would write it, its task closed with it."""
    staff = office.staff[who].id
    with transaction.atomic():
        Verdict.objects.create(
            task=task, case_id=task.case_id, submission_id=task.submission_id, step=task.step, round=task.round,
            staff_id=staff, outcome=outcome, codes=list(codes), at=timezone.now(), **more,
        )  # fmt: skip
        Task.objects.filter(pk=task.pk).update(state="done")


def test_a_version_says_who_decides_when_it_opens_and_never_otherwise(office):
    version = office.programme.version
    assert version.deciders == deciders_of(version.terms.criteria)
    assert version.deciders["codes"]["D50"] == MANAGER and version.deciders["tiers"]["T7"] == MUNICIPALITY
    version.deciders = version.deciders | {"tiers": {}}
    with pytest.raises(IntegrityError, match="version_is_frozen_when_opened"), transaction.atomic():
        version.save()
    agree(office, DECLINES.format("two_persons"))
    assert office.programme.version.deciders["codes"]["D50"] == "two_persons"


@pytest.mark.parametrize(
    ("outcome", "codes"),
    [("approve", ()), ("return", ("D12",)), ("refuse", ("D42",)), ("refuse", ("D43",))],
)
def test_the_database_takes_no_verdict_on_what_the_municipality_decides(office, outcome, codes):
    office.arrive(office.form(office.applicants[0], **STRANGER))
    with pytest.raises(IntegrityError, match="the_municipality_decides_what_is_its_own"):
        past_the_step(office, Task.objects.get(), outcome=outcome, codes=codes)
    assert not Verdict.objects.exists()


@pytest.mark.parametrize(
    ("ruling", "outcome", "codes", "allowed"),
    [
        ("grant", "approve", (), True), ("return", "return", ("D12",), True), ("refuse", "refuse", ("D43",), True),
        ("grant", "refuse", ("D43",), False), ("return", "approve", (), False),
    ],
)  # fmt: skip
def test_the_database_takes_the_verdict_of_the_ruling_and_no_other(office, ruling, outcome, codes, allowed):
    office.arrive(office.form(office.applicants[0], **STRANGER))
    office.verdict("reviewer1", "refer", comment="名義の確認")
    question = office.send_question(Question.objects.get())
    answer(question, ruling=ruling, text="裁定", actor=office.staff["officer"], at=office.later())
    task = Task.objects.get(state="open")
    if allowed:
        past_the_step(office, task, outcome=outcome, codes=codes)
        return
    with pytest.raises(IntegrityError, match="the_municipality_decides_what_is_its_own"):
        past_the_step(office, task, outcome=outcome, codes=codes)


def test_what_was_found_after_the_answer_is_asked_about_anew(office):
    one = office.applicants[0]
    office.arrive(office.form(one, members_corrected=True))
    office.verdict("reviewer1", "refer", comment="世帯員の確認")
    question = office.send_question(Question.objects.get())
    answer(question, ruling="grant", text="裁定", actor=office.staff["officer"], at=office.later())
    found = Finding.objects.first()
    Finding.objects.create(
        submission_id=found.submission_id, case_id=one.case, code="D44", severity="look", at=office.later()
    )
    with pytest.raises(NotForTheOffice, match="D44"):
        office.verdict("reviewer1")
    with pytest.raises(IntegrityError, match="the_municipality_decides_what_is_its_own"):
        past_the_step(office, Task.objects.get(state="held"))


def test_a_return_that_asks_for_what_is_the_offices_is_nobodys_else(office):
    office.arrive(office.form(office.applicants[0], account_evidence="", **STRANGER))
    past_the_step(office, Task.objects.get(), outcome="return", codes=("D12", "D30"))
    assert Verdict.objects.get().outcome == "return"


def test_a_decline_goes_from_the_reviewer_to_the_manager_and_to_nobody_else(office):
    one = office.applicants[0]
    office.arrive(office.form(one, declines=True))
    office.verdict("reviewer1", "decline", comment="電話で確かめた。")
    assert office.stage(one) == "in_review"
    task = Task.objects.get(state="open")
    assert (task.step, task.for_manager) == (2, True)
    with pytest.raises(NothingWaits, match="業務責任者が決める申請"):
        office.claim("reviewer2")
    with (
        pytest.raises(IntegrityError, match="a_managers_look_is_held_by_the_manager"),
        transaction.atomic(),
    ):
        Task.objects.filter(pk=task.pk).update(
            state="held", claimed_by_id=office.staff["reviewer2"].id, claimed_at=office.at
        )
    with pytest.raises(IntegrityError, match="a_managers_look_stays_the_managers"), transaction.atomic():
        Task.objects.filter(pk=task.pk).update(for_manager=False)
    with pytest.raises(IntegrityError, match="a_managers_look_is_judged_by_the_manager"):
        past_the_step(office, task, "reviewer2", "decline", comment="x")
    held = office.claim("manager")
    assert held == task
    other = Staff.objects.get(pk=office.staff["reviewer2"].id)
    with pytest.raises(CannotTake):
        hand_on(held, words="お願いします", to=other, actor=office.staff["manager"], at=office.later())
    judge(held, outcome="decline", comment="手紙も届いた。", actor=office.staff["manager"], at=office.later())
    assert office.stage(one) == "declined"


def test_a_manager_who_disagrees_does_not_outvote_the_reviewer(office):
    agree(office, APPLICANT)
    one = office.applicants[0]
    office.arrive(office.form(one))
    office.verdict("reviewer1", "refuse", codes=["D05"])
    office.verdict("manager", "approve")
    assert office.stage(one) == "with_municipality"
    assert "判定が分かれました" in Question.objects.get().asked


def test_where_the_manager_looked_first_a_reviewer_looks_second(office):
    one = office.applicants[0]
    office.arrive(office.form(one, declines=True))
    office.verdict("manager", "decline", comment="電話で確かめた。")
    assert not Task.objects.get(state="open").for_manager
    office.verdict("reviewer1", "decline", comment="同じ")
    assert office.stage(one) == "declined"


def test_a_return_for_the_managers_reason_alone_is_seen_by_the_manager(office):
    agree(office, UNSIGNED)
    one, other = office.applicants[:2]
    office.arrive(office.form(one, signed=False))
    office.verdict("reviewer1", "return", codes=["D02"])
    assert office.stage(one) == "in_review" and Task.objects.get(state="open").for_manager
    office.verdict("manager", "return", codes=["D02"])
    assert office.stage(one) == "returned"
    # What the office asks for anyway goes with the same letter.
    office.arrive(office.form(other, signed=False, account_evidence=""))
    office.verdict("reviewer1", "return", codes=["D02", "D30"])
    assert office.stage(other) == "returned"


def test_one_person_who_would_have_been_enough_is_not_where_the_manager_decides(office):
    agree(office, APPLICANT)
    one = office.applicants[0]
    office.arrive(office.form(one))
    Screening.objects.update(persons=1, sampled=True)
    office.verdict("reviewer1", "refuse", codes=["D05"])
    assert office.stage(one) == "in_review" and Task.objects.get(state="open").for_manager


def test_the_database_settles_nothing_of_the_managers_without_one(office):
    office.arrive(office.form(office.applicants[0], declines=True))
    first = Task.objects.get()
    for outcome in ("decline", "approve"):
        with pytest.raises(IntegrityError, match="what_is_the_managers_goes_to_the_manager"):
            past_the_step(office, first, outcome=outcome, comment="x")
    past_the_step(office, first, "manager", "decline", comment="x")


def test_a_second_look_that_was_opened_before_is_handed_to_the_manager(office):
    agree(office, DECLINES.format("two_persons"))
    one = office.applicants[0]
    office.arrive(office.form(one, declines=True))
    office.verdict("reviewer1", "decline", comment="電話で確かめた。")
    text = office.programme.version.text.replace(DECLINES.format("two_persons"), DECLINES.format("manager"))
    next_version(office.programme, text, at=office.at)
    held = office.claim("reviewer2")
    with pytest.raises(NotForTheOffice, match="「引継ぎ」で業務責任者に"):
        judge(held, outcome="decline", comment="同じ", actor=office.staff["reviewer2"], at=office.later())
    manager = Staff.objects.get(pk=office.staff["manager"].id)
    hand_on(held, words="決めてください", to=manager, actor=office.staff["reviewer2"], at=office.later())
    office.verdict("manager", "decline", comment="同じ")
    assert office.stage(one) == "declined"


def test_who_is_no_manager_any_more_judges_no_look_of_the_managers(office):
    office.arrive(office.form(office.applicants[0], declines=True))
    office.verdict("reviewer1", "decline", comment="電話で確かめた。")
    held = office.claim("manager")
    reviewer = office.staff["manager"]._replace(roles=frozenset({"reviewer"}))
    with pytest.raises(NotYourTask, match="業務責任者が判定します"):
        judge(held, outcome="decline", comment="x", actor=reviewer, at=office.later())


@pytest.mark.parametrize(
    ("code", "evidence", "by"),
    [
        ("D12", {"tier": "T7"}, "municipality"), ("D12", {"tier": "T2"}, "two_persons"), ("D12", {"tier": "T4"}, "municipality"),
        ("D50", {}, "manager"), ("D44", {}, "municipality"), ("D99", {}, "two_persons"),
    ],
)  # fmt: skip
def test_who_decides_by_code_and_tier(office, code, evidence, by):
    assert decider_of(Unmet(code, evidence), office.programme.version.deciders) == by
