"""Deaths and moves after the base date: the Version's table is applied once, with history, and an order can take it back."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from tests.payee import named, proposed
from tests.town_fixture import AT, MANAGER, households_of, make_sample_programme, open_sample, take
from todoku.case import door_keys
from todoku.case.apply_changes import apply_changes, waiting_changes
from todoku.case.change_rules import Standing, phase_of, waits_for, who_of
from todoku.case.decide_change import CannotDecide, decide_change, undo_change
from todoku.case.late_tables import LaterChange
from todoku.case.move import move
from todoku.case.name_payee import Heir
from todoku.case.tables import Case, CaseEvent, CaseStage, DoorKey
from todoku.letters.for_new_payees import reissue_for_new_payees
from todoku.letters.tables import Reissue
from todoku.people.actor import Actor
from todoku.programme.contents import Cohort
from todoku.programme.tables import Programme
from todoku.registry.tables import Person, Recipient

LATER = AT + timedelta(days=42)
DIED = date(2026, 12, 20)
CLERK = Actor(id=None, name="受付 担当", roles=frozenset({"clerk"}), door="office")


@pytest.fixture
def programme(database, var_folder):
    return make_sample_programme()


@pytest.fixture
def town(programme):
    """Forty households with a case each; nobody has left them, the first two have several members."""
    households = [
        one for one in households_of(programme, 60) if not any(m.removed_on or m.marks for m in one.members)
    ][:40]
    households.sort(key=lambda household: len(household.members) < 3)
    take(programme, households)
    open_sample(programme)
    assert not LaterChange.objects.exists()
    return households


def alone(households):
    return next(one for one in households if len(one.members) == 1)


def case_of(household):
    return Case.objects.get(recipient__household_number=household.number)


def died(person):
    return person._replace(removed_on=f"{DIED:%Y/%m/%d}", removed_for="死亡", marks=("死亡",))


def without(households, *changed):
    return [one for one in households if one.number not in {new.number for new in changed}] + list(changed)


def new_head(household):
    """The head died; the second member heads the household on the later roll."""
    head, heir, *others = household.members
    return household._replace(
        members=(heir._replace(relation="世帯主"), died(head)._replace(relation="夫"), *others)
    )


def applied(programme, households, at=LATER):
    take(programme, households, at=at)
    return apply_changes(programme=programme, actor=MANAGER, at=at)


def invite(programme, case):
    move([case.pk], programme=programme, to="invited", why="発送", actor=MANAGER, at=AT)


def stage(case):
    return CaseStage.objects.get(case=case).stage


def test_who_lived_alone_and_died_before_applying_lapses_with_history_once(programme, town):
    one = alone(town)
    case = case_of(one)
    report = applied(programme, without(town, one._replace(members=(died(one.head),))))
    assert (report.done, report.waiting) == (1, 0) and "支給しない" in report.note
    change = LaterChange.objects.get()
    assert (change.event, change.who, change.phase, change.rule, change.outcome, change.state) == (
        "died", "sole_member", "before_application", "lapse", "lapse", "done",
    )  # fmt: skip
    assert stage(case) == "lapsed"
    assert "制度の定め" in CaseEvent.objects.filter(case=case, to_stage="lapsed").get().move.why
    again = apply_changes(programme=programme, actor=MANAGER, at=LATER)
    assert (again.done, again.waiting, LaterChange.objects.count()) == (0, 0, 1)


def test_the_new_head_receives_with_a_key_of_his_own(programme, town):
    one = town[0]
    case = case_of(one)
    door = DoorKey.objects.get(case=case)
    amount = case.entitlement.amount_yen
    assert applied(programme, without(town, new_head(one))).done == 1
    case = case_of(one)
    heir = Person.objects.get(number=one.members[1].number)
    assert case.recipient.head_id == heir.pk
    fresh = DoorKey.objects.get(case=case)
    assert (fresh.issue, fresh.key_token != door.key_token) == (2, True)
    born = heir.birth_date
    token = door_keys.lookup_token(case.number, born, lookup_secret=settings.LOOKUP_SECRET) if born else None
    assert fresh.lookup_token == token
    # Who was alive on the base date still counts, and nothing else about the case changed.
    assert (case.entitlement.amount_yen, stage(case)) == (amount, "listed")
    change = LaterChange.objects.get()
    assert (change.payee_before.number, change.payee_after.number) == (one.head.number, heir.number)


def test_a_form_that_had_left_is_sent_again_to_the_new_head_once(programme, town):
    first, second = town[0], town[1]
    invite(programme, case_of(first))
    applied(programme, without(town, new_head(first), new_head(second)))
    report = reissue_for_new_payees(programme=programme, actor=MANAGER, at=LATER)
    assert report.done == 1 and Reissue.objects.get().case == case_of(first)
    assert reissue_for_new_payees(programme=programme, actor=MANAGER, at=LATER).done == 0


def test_where_the_roll_names_no_new_head_a_person_chooses_one(programme, town):
    one = town[0]
    head, heir, *others = one.members
    report = applied(programme, without(town, one._replace(members=(died(head), heir, *others))))
    assert (report.done, report.waiting) == (0, 1)
    change = LaterChange.objects.get()
    assert (change.rule, change.waits_for, change.state) == ("new_head", "successor", "waiting")
    payee = Person.objects.get(number=heir.number)
    decided = named(change, then="new_head", payee=payee, order="決裁第7号", at=LATER)
    assert decided.state == "done" and case_of(one).recipient.head_id == payee.pk
    with pytest.raises(CannotDecide, match="判断済み"):
        decide_change(change, then="pay", order="決裁第8号", actor=MANAGER, at=LATER)


def test_after_the_application_the_heirs_representative_receives(programme, town):
    one = alone(town)
    case = case_of(one)
    invite(programme, case)
    move([case.pk], programme=programme, to="received", why="到着", actor=MANAGER, at=AT)
    report = applied(programme, without(town, one._replace(members=(died(one.head),))))
    change = LaterChange.objects.get()
    assert report.waiting == 1
    assert (change.phase, change.rule, change.waits_for) == ("after_application", "estate", "heir")
    heir = Heir("相続　花子", "ソウゾク　ハナコ", date(1970, 1, 2), "220-0012", "別の市1-2-3")
    with pytest.raises(CannotDecide, match="住所"):
        proposed(change, then="estate", heir=heir._replace(address=""), order="1", at=LATER)
    named(change, then="estate", heir=heir, order="決裁第9号", why="戸籍を確認", at=LATER)
    head = case_of(one).recipient.head
    assert (head.name, head.outside, head.postal_code) == ("相続　花子", True, "2200012")
    assert DoorKey.objects.get(case=case).initials == "ソ・ハ"
    assert not Recipient.objects.filter(household_number=head.household_number).exists()


def test_an_order_takes_a_lapse_back_and_the_change_is_not_found_again(programme, town):
    one = alone(town)
    case = case_of(one)
    invite(programme, case)
    applied(programme, without(town, one._replace(members=(died(one.head),))))
    change = LaterChange.objects.get()
    with pytest.raises(CannotDecide, match="理由"):
        undo_change(change, order="決裁第3号", why=" ", actor=MANAGER, at=LATER)
    undo_change(change, order="決裁第3号", why="同姓同名の別人", actor=MANAGER, at=LATER)
    assert stage(case) == "invited"
    assert apply_changes(programme=programme, actor=MANAGER, at=LATER).done == 0
    assert LaterChange.objects.get().state == "undone"


def test_an_order_gives_the_case_back_to_the_head_before(programme, town):
    one = town[0]
    applied(programme, without(town, new_head(one)))
    undo_change(LaterChange.objects.get(), order="決裁第4号", why="誤った異動情報", actor=MANAGER, at=LATER)
    assert case_of(one).recipient.head.number == one.head.number
    assert DoorKey.objects.get(case=case_of(one)).issue == 3


def test_of_two_changes_of_payee_the_later_one_is_taken_back_first(programme, town):
    one = town[0]
    applied(programme, without(town, new_head(one)))
    first, case = LaterChange.objects.get(), case_of(one)
    second = LaterChange.objects.create(
        programme=programme, case=case, person=first.payee_after, event="died", who="head", phase="before_application",
        rule="estate", found_at=LATER, state="waiting", waits_for="heir",
    )  # fmt: skip
    heir = Heir("相続　花子", "ソウゾク　ハナコ", date(1970, 1, 2), "220-0012", "別の市1-2-3")
    second = named(second, then="estate", heir=heir, order="決裁第5号", at=LATER)
    with pytest.raises(CannotDecide, match="もう一度変わって"):
        undo_change(first, order="決裁第6号", why="誤り", actor=MANAGER, at=LATER)
    assert case_of(one).recipient.head_id == second.payee_after_id
    for change in (second, first):
        undo_change(change, order="決裁第6号", why="誤り", actor=MANAGER, at=LATER)
    assert case_of(one).recipient.head.number == one.head.number


@pytest.mark.parametrize(
    ("actor", "order", "says"), [(CLERK, "決裁第1号", "権限"), (MANAGER, " ", "決裁番号")]
)
def test_only_who_may_and_with_an_order_decides(programme, town, actor, order, says):
    one = town[0]
    head, heir, *others = one.members
    applied(programme, without(town, one._replace(members=(died(head), heir, *others))))
    with pytest.raises(CannotDecide, match=says):
        decide_change(LaterChange.objects.get(), then="pay", order=order, actor=actor, at=LATER)
    assert waiting_changes(programme) == 1


def test_a_member_who_died_still_counts_and_a_change_the_table_is_silent_on_is_asked(programme, town):
    one = town[0]
    *rest, last = one.members
    report = applied(programme, without(town, one._replace(members=(*rest, died(last)))))
    change = LaterChange.objects.get()
    assert (change.who, change.rule, report.done) == ("member", "pay", 1)
    # A head who moves into another household of the town: the table leaves it to the municipality.
    other, guest = town[1], alone(town)
    mover, heir, *staying = other.members
    left = other._replace(members=(heir._replace(relation="世帯主"), *staying))
    joined = guest._replace(members=(*guest.members, mover._replace(relation="同居人")))
    last_roll = without(town, left, joined, one._replace(members=(*rest, died(last))))
    report = applied(programme, last_roll, LATER + timedelta(days=1))
    asked = LaterChange.objects.get(event="household_changed")
    assert (asked.rule, asked.waits_for, report.waiting) == ("ask", "municipality", 1)
    decide_change(asked, then="pay", order="決裁第5号", actor=MANAGER, at=LATER)
    assert LaterChange.objects.filter(state="waiting").count() == 0


def test_a_case_that_is_being_moved_is_waited_for_and_judged_where_it_then_stands(programme, town):
    """Somebody files the application at this very moment: it does not lapse under his hands."""
    one = alone(town)
    case = case_of(one)
    invite(programme, case)
    take(programme, without(town, one._replace(members=(died(one.head),))), at=LATER)

    def apply():
        try:
            return apply_changes(programme=Programme.objects.get(pk=programme.pk), actor=MANAGER, at=LATER)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            move([case.pk], programme=programme, to="received", why="到着", actor=MANAGER, at=LATER)
            running = [pool.submit(apply) for _ in range(2)]
            wait_for_locks(2)
        reports = [each.result(timeout=120) for each in running]
    change = LaterChange.objects.get()
    assert (stage(case), change.state, change.waits_for) == ("received", "waiting", "stage")
    assert sum(report.waiting for report in reports) == 1


def wait_for_locks(count):
    """Until so many processes of the database wait for a row."""
    for _ in range(1200):  # a busy machine takes its time
        with connection.cursor() as cursor:
            cursor.execute("select pg_stat_clear_snapshot()")
            cursor.execute(
                "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
            )
            if cursor.fetchone()[0] >= count:
                return
        time.sleep(0.05)
    raise AssertionError("nobody waits")


def test_statements_do_not_grow_with_the_changes(database, var_folder):
    counts = []
    for slug, size in (("few", 6), ("many", 60)):
        programme = make_sample_programme(slug=slug)
        households = [
            one for one in households_of(programme, size) if not any(m.removed_on for m in one.members)
        ]
        take(programme, households)
        open_sample(programme)
        take(
            programme,
            [one._replace(members=(died(one.head), *one.members[1:])) for one in households],
            at=LATER,
        )
        with CaptureQueriesContext(connection) as queries:
            assert apply_changes(programme=programme, actor=MANAGER, at=LATER).done
        counts.append(len(queries))
    assert counts[0] == counts[1]


PUSH = Cohort("push", "お知らせ", "push", "known_account", date(2026, 12, 10))
APPLY = Cohort("apply", "申請", "apply", "everyone", None)


@pytest.mark.parametrize(
    ("stage_then", "silent", "cohort", "day", "phase"),
    [
        ("listed", False, APPLY, date(2026, 12, 1), "before_application"),
        ("invited", False, APPLY, date(2026, 12, 20), "before_application"),
        ("received", False, APPLY, date(2026, 12, 20), "after_application"),
        ("passed", False, APPLY, date(2026, 12, 20), "after_application"),
        ("invited", False, PUSH, date(2026, 12, 10), "before_application"),
        ("invited", False, PUSH, date(2026, 12, 11), "after_opt_out"),
        ("passed", True, PUSH, date(2026, 12, 11), "after_opt_out"),
        ("in_review", False, PUSH, date(2026, 12, 11), "after_application"),
        ("decided", False, PUSH, date(2026, 12, 11), "after_decision"),
        ("paying", False, APPLY, date(2026, 12, 11), "after_decision"),
    ],
)
def test_the_phase_is_that_of_the_day(stage_then, silent, cohort, day, phase):
    assert phase_of(Standing(stage_then, stage_then, silent), cohort, day) == phase


@pytest.mark.parametrize(
    ("unit", "payee", "member", "members", "who"),
    [
        ("household", True, True, 1, "sole_member"), ("household", True, True, 3, "head"),
        ("household", False, True, 3, "member"), ("person", True, True, 1, "sole_member"),
        ("person", True, False, 1, "head"), ("taxpayer", True, True, 1, "sole_member"),
        ("child", True, False, 2, "guardian"), ("child", False, True, 2, "child"),
    ],
)  # fmt: skip
def test_who_it_happened_to_by_unit(unit, payee, member, members, who):
    assert who_of(unit, is_payee=payee, is_member=member, members=members) == who


@pytest.mark.parametrize(
    ("rule", "at", "successor", "waits"),
    [
        ("pay", "paying", False, ""), ("lapse", "invited", False, ""), ("lapse", "received", False, "stage"),
        ("new_head", "listed", True, ""), ("new_head", "listed", False, "successor"),
        ("new_head", "in_review", True, "stage"), ("new_guardian", "returned", True, ""),
        ("estate", "received", True, "heir"), ("ask", "listed", True, "municipality"),
    ],
)  # fmt: skip
def test_what_the_rule_alone_cannot_do_waits(rule, at, successor, waits):
    assert waits_for(rule, at, has_successor=successor) == waits
