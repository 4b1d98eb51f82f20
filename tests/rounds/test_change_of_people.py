"""People change in mid-programme: a deputy holds roles for a while, work goes over by name, nothing stays with nobody."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.timezone import localdate

from todoku.people.enrol import CannotEnrol, enrol
from todoku.people.grant_deputy import CannotActFor, end_deputy, grant_deputy
from todoku.people.retire import retire
from todoku.people.tables import Deputy, Grant, Organisation, Staff, roles_held
from todoku.programme.tables import Programme
from todoku.review.judge import judge
from todoku.review.tables import Question, Task
from todoku.rounds.open_work import held_by_name, waiting_for_roles, with_nobody
from todoku.rounds.succeed import CannotSucceed, succeed


@pytest.fixture
def day(office):
    """Everybody enrolled; two applications wait, one is held by the first reviewer. The clock is today's, for the database."""
    for who in ("manager", "reviewer1", "reviewer2", "officer", "officer2", "maker", "approver", "treasurer"):
        assert office.staff[who].id
    office.arrive(*[office.form(one, members_corrected=True) for one in office.applicants[:3]])
    office.claim("reviewer1")
    return office


def acting(day, absent, deputy, *, by, days=(0, 10), reason="休暇"):
    today = localdate()
    return grant_deputy(
        day.staff_row(absent), day.staff_row(deputy), municipality_code=day.programme.municipality_id,
        from_on=today + timedelta(days=days[0]), until_on=today + timedelta(days=days[1]), reason=reason,
        actor=day.staff[by], at=timezone.now(),
    )  # fmt: skip


def roles(day, who, *, in_days=0):
    on = localdate() + timedelta(days=in_days)
    held = roles_held(day.staff[who].id, on=on, codes=[day.programme.municipality_id])
    return {role for role, _ in held}


def test_a_deputy_holds_the_roles_for_the_period_and_under_the_own_name(day):
    assert "manager" not in roles(day, "approver")
    made = acting(day, "manager", "approver", by="manager")
    assert roles(day, "approver") == {"payment_approver", "manager"}
    assert roles(day, "approver", in_days=10) == {"payment_approver", "manager"}
    assert roles(day, "approver", in_days=11) == {"payment_approver"}
    assert day.staff_row("approver").roles == {"payment_approver", "manager"}
    assert roles_held(day.staff["approver"].id, on=localdate(), codes=["999999"]).count() == 0
    end_deputy(made, actor=day.staff["manager"], at=timezone.now())
    assert roles(day, "approver") == {"payment_approver"}


@pytest.mark.parametrize(
    ("absent", "deputy", "by", "why"),
    [
        ("maker", "approver", "manager", "一人が兼ねる"),
        ("officer", "treasurer", "officer2", "一人が兼ねる"),
        ("manager", "manager", "officer", "別の二人"),
        ("manager", "officer", "manager", "同じ所属"),
        ("reviewer1", "manager", "manager", "自分を代理"),
        ("officer", "officer2", "officer", "すでに持って"),
        ("manager", "reviewer1", "reviewer2", "業務責任者と"),
    ],
)
def test_what_two_persons_hold_apart_is_not_joined_by_a_deputy(day, absent, deputy, by, why):
    with pytest.raises(CannotActFor, match=why):
        acting(day, absent, deputy, by=by)
    assert not Deputy.objects.exists()


def test_the_database_refuses_both_sides_in_one_hand_and_honours_a_deputy(day):
    today = localdate()
    values = {
        "municipality_code": day.programme.municipality_id, "from_on": today, "until_on": today, "reason": "x",
        "granted_by_id": day.staff["manager"].id, "granted_at": timezone.now(),
    }  # fmt: skip
    for absent, deputy, name in (
        ("maker", "approver", "a_deputy_never_holds_both_sides"),
        ("officer", "reviewer1", "a_deputy_is_of_the_same_organisation"),
        ("reviewer1", "manager", "nobody_grants_oneself_a_deputy"),
        ("maker", "maker", "a_deputy_is_another_person"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Deputy.objects.create(absent=day.staff_row(absent), deputy=day.staff_row(deputy), **values)
    task = Task.objects.get(state="held")
    judge(task, outcome="refer", comment="確認", actor=day.staff["reviewer1"], at=day.later())
    sent = {"state": "sent", "wording": "x", "forwarder_id": day.staff["approver"].id, "forwarded_at": day.at}
    with pytest.raises(IntegrityError, match="the_forwarder_has_the_managers_role"), transaction.atomic():
        Question.objects.update(**sent)
    acting(day, "manager", "approver", by="manager")
    assert Question.objects.update(**sent) == 1


@pytest.mark.parametrize(
    ("who", "role", "acts_for", "name"),
    [
        ("reviewer1", "city_officer", "", "a_role_stays_on_its_side"),
        ("officer", "reviewer", "", "a_role_stays_on_its_side"),
        ("officer", "city_treasurer", "", "nobody_orders_and_pays_out"),
        ("reviewer1", "payment_approver", "maker", "a_deputy_never_holds_both_sides"),
    ],
)
def test_no_later_grant_brings_both_sides_into_one_hand(day, who, role, acts_for, name):
    """The maker's deputy does not become an approver a week later either."""
    if acts_for:
        acting(day, acts_for, who, by="manager")
    staff = day.staff_row(who)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Grant.objects.create(staff=staff, role=role, municipality_code=day.programme.municipality_id)
    with pytest.raises(CannotEnrol):
        enrol(
            staff.username, name=staff.name, organisation=staff.organisation, roles=[role],
            municipality_code=day.programme.municipality_id, password="a long enough password 1",
        )  # fmt: skip
    assert role not in roles(day, who)


def test_nobody_comes_to_the_other_side_with_roles_in_hand(day):
    officer, reviewer = day.staff_row("officer"), day.staff_row("reviewer1")
    with pytest.raises(IntegrityError, match="a_person_stays_on_one_side"), transaction.atomic():
        Staff.objects.filter(pk=reviewer.pk).update(organisation=officer.organisation)
    with pytest.raises(IntegrityError, match="an_employer_stays_on_its_side"), transaction.atomic():
        Organisation.objects.filter(pk=reviewer.organisation_id).update(kind="municipality")
    assert day.staff_row("reviewer1").organisation.kind == "office"


def test_who_judged_an_application_does_not_answer_what_is_asked_about_it(day):
    task = Task.objects.get(state="held")
    judge(task, outcome="refer", comment="確認", actor=day.staff["reviewer1"], at=day.later())
    question = Question.objects.get()
    day.send_question(question)
    values = {
        "state": "answered",
        "ruling": "grant",
        "answer": "x",
        "answered_by": "x",
        "answered_at": day.at,
    }
    with (
        pytest.raises(IntegrityError, match="who_judged_an_application_does_not_answer"),
        transaction.atomic(),
    ):
        Question.objects.filter(pk=question.pk).update(answerer_id=day.staff["reviewer1"].id, **values)
    assert Question.objects.get().state == "sent"


def test_held_work_goes_to_the_successor_and_the_leaver_is_out_after_the_last_day(day):
    leaver, successor = day.staff_row("reviewer1"), day.staff_row("reviewer2")
    held = held_by_name(day.programme, [leaver.pk])
    assert [one.kind for one in held] == ["review"]
    done = succeed(
        leaver, successor, programme=day.programme, leaves_on=localdate(), note="旧姓の通帳は裁定を見る。",
        actor=day.staff["manager"], at=timezone.now(),
    )  # fmt: skip
    assert (done.handed, done.note) == ({"review": 1}, "旧姓の通帳は裁定を見る。")
    assert held_by_name(day.programme, [leaver.pk]) == []
    assert [one.row for one in held_by_name(day.programme, [successor.pk])] == [held[0].row]
    assert "reviewer" in roles(day, "reviewer1") and roles(day, "reviewer1", in_days=1) == set()


def test_a_programme_that_is_only_being_prepared_holds_up_no_hand_over(day):
    Programme.objects.create(
        municipality=day.programme.municipality,
        slug="next-year",
        name="来年の給付金",
        created_at=timezone.now(),
    )
    done = succeed(
        day.staff_row("reviewer1"), day.staff_row("reviewer2"), programme=day.programme, leaves_on=localdate(),
        actor=day.staff["manager"], at=timezone.now(),
    )  # fmt: skip
    assert done.handed == {"review": 1}


def test_what_the_successor_judged_already_goes_to_the_pile(day):
    task = Task.objects.get(state="held")
    judge(task, outcome="approve", actor=day.staff["reviewer1"], at=day.later())
    second = day.claim("reviewer2")
    assert second.step == 2
    succeed(
        day.staff_row("reviewer2"), day.staff_row("reviewer1"), programme=day.programme, actor=day.staff["manager"],
        at=timezone.now(),
    )  # fmt: skip
    second.refresh_from_db()
    assert (second.state, second.claimed_by_id, second.for_staff_id) == ("open", None, None)


def test_nobody_leaves_whose_role_nobody_else_holds_while_work_waits(day):
    manager = day.staff_row("manager")
    task = Task.objects.get(state="held")
    judge(task, outcome="refer", comment="確認", actor=day.staff["reviewer1"], at=day.later())
    with pytest.raises(CannotSucceed, match="業務責任者の仕事が残って"):
        succeed(
            manager, day.staff_row("reviewer2"), programme=day.programme, leaves_on=localdate(),
            actor=day.staff["manager"], at=timezone.now(),
        )  # fmt: skip
    with pytest.raises(CannotSucceed, match="同じ所属"):
        succeed(
            manager,
            day.staff_row("officer"),
            programme=day.programme,
            actor=day.staff["manager"],
            at=timezone.now(),
        )
    assert manager.grants.get().until_on is None


def test_open_work_of_who_is_gone_is_listed(day):
    assert with_nobody(day.programme) == []
    retire("reviewer1", actor=day.staff["manager"], at=timezone.now())
    (lost,) = with_nobody(day.programme)
    assert (lost.name, lost.pieces, lost.side) == ("審査中の申請", 1, "office")
    assert day.staff["reviewer1"].name in lost.whose
    assert {grant.until_on for grant in Staff.objects.get(username="reviewer1").grants.all()} == {localdate()}
    retire("reviewer2", actor=day.staff["manager"], at=timezone.now())
    assert "審査担当（今日は誰もいません）" in [one.whose for one in with_nobody(day.programme)]
    assert [pile.kind for pile in waiting_for_roles(day.programme, ["reviewer"])] == ["review_pile"]
