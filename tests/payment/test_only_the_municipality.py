"""Only the municipality decides, lets go on and releases: by the roles that its own people hold, in the database itself."""

import pytest
from django.db import IntegrityError, connection, transaction

from tests.payment.planted import past_triggers, plant, plant_grant
from tests.payment.test_refusals import COLUMNS, COPY_OF_FIRST, FIRST, refused, run
from todoku.payment.approve import CannotApprove
from todoku.payment.close_hold import CannotClose, close_hold
from todoku.payment.hold import hold
from todoku.payment.hold_kinds import BY_HAND, KINDS
from todoku.payment.side_tables import Halt, Hold
from todoku.payment.sweep import sweep
from todoku.payment.tables import Transfer
from todoku.people.actor import SYSTEM
from todoku.people.enrol import CannotEnrol, enrol
from todoku.people.tables import Grant, Organisation, Staff
from todoku.review.tables import Decision


def decide_by_sql(money, listed: int, decider: str, values: str = "") -> str:
    """What the database says to a list that is set decided under this person's id."""
    return refused(
        f"update todoku_decisionlist set state = 'decided', decided_at = now(), decided_by = 'x', decider_id = %s {values} "
        "where id = %s", money.staff[decider].id if decider else None, listed,
    )  # fmt: skip


def test_only_an_officer_of_the_municipality_decides_a_list_even_by_sql(money):
    money.reviewed(2)
    listed = money.list_made().pk
    for decider in ("", "manager", "maker", "treasurer", "viewer"):
        assert "only_an_officer_decides_a_list" in decide_by_sql(money, listed, decider)
    said = decide_by_sql(money, listed, "officer", ", total_yen = total_yen + 1")
    assert "a_list_totals_its_decisions" in said
    for change in ("programme_id = programme_id + 1", "kind = 'supplement'", "made_by = 'x'"):
        said = refused(f"update todoku_decisionlist set {change} where id = %s", listed)
        assert "a_list_stays_whose_it_is" in said
    said = refused(
        "insert into todoku_decisionlist (programme_id, state, grants, refusals, total_yen, sha256, made_at, made_by, "
        "decided_by) select programme_id, 'decided', 0, 0, 0, '', now(), 'x', 'x' from todoku_decisionlist where id = %s",
        listed,
    )
    assert "a_list_begins_open" in said
    run("update todoku_decisionlist set state = 'void' where id = %s", listed)
    assert "a_list_moves_only_forward" in decide_by_sql(money, listed, "officer")


TWO_LISTS = (
    "update todoku_decision set decision_list_id = (select min(id) from todoku_decisionlist where state = '{to}') "
    "where id = (select min(d.id) from todoku_decision d join todoku_decisionlist l on l.id = d.decision_list_id "
    "where l.state = '{of}')"
)


def test_a_decision_neither_moves_to_a_decided_list_nor_away_from_one(money):
    money.reviewed(2)
    money.list_made()
    assert "what_was_decided_stays" in refused(TWO_LISTS.format(of="open", to="decided"))
    assert "what_was_decided_stays" in refused(TWO_LISTS.format(of="decided", to="open"))


def test_a_decision_that_is_in_force_no_more_never_comes_in_force_again(money):
    run("update todoku_decision set in_force = false where id = (select min(id) from todoku_decision)")
    said = refused(
        "update todoku_decision set in_force = true where id = (select min(id) from todoku_decision)"
    )
    assert "what_was_decided_stays" in said


def test_nothing_is_paid_on_a_list_that_nobody_decided(money):
    """Neither is a decision born in force, nor does one that was put in force by hand pay before its list is decided."""
    money.ready()
    run(f"update todoku_transfer set state = 'void' where id = {FIRST}")
    first = Transfer.objects.order_by("pk").first()
    run("update todoku_decision set in_force = false where id = %s", first.decision_id)
    run(
        "insert into todoku_decisionlist (programme_id, state, grants, refusals, total_yen, sha256, made_at, made_by, "
        "decided_by) values (%s, 'open', 1, 0, %s, '', now(), 'x', '')", money.programme.pk, first.amount_yen,
    )  # fmt: skip
    again = (
        "insert into todoku_decision (decision_list_id, case_id, part, outcome, reason, amount_yen, rail, account_id, "
        "remark, in_force) select (select max(id) from todoku_decisionlist), case_id, part, outcome, reason, amount_yen, "
        "rail, account_id, '', {in_force} from todoku_decision where id = %s"
    )
    assert "a_decision_begins_out_of_force" in refused(again.format(in_force="true"), first.decision_id)
    run(again.format(in_force="false"), first.decision_id)
    run("update todoku_decision set in_force = true where id = (select max(id) from todoku_decision)")
    said = refused(COPY_OF_FIRST.replace("'ready', " + COLUMNS, "'ready', " + COLUMNS.replace(
        "decision_id", "(select max(id) from todoku_decision)")))  # fmt: skip
    assert "only_a_decided_list_is_paid" in said


def holds(money, staff: int, role: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select holds_role(%s, %s, %s)", [staff, role, money.programme.pk])
        return bool(cursor.fetchone()[0])


def granted(money, username: str, role: str) -> int:
    """The same person, to whom somebody wrote this role for this municipality into the table past its own guard."""
    staff, code = money.staff[username].id, money.programme.municipality_id
    with pytest.raises(IntegrityError, match="a_role_stays_on_its_side"), transaction.atomic():
        Grant.objects.create(staff_id=staff, role=role, municipality_code=code)
    plant_grant(staff, role, code)
    return staff


def test_a_role_of_the_municipality_is_held_by_its_own_people_alone(money):
    assert holds(money, money.staff["officer"].id, "city_officer")
    for role in ("city_officer", "city_treasurer"):
        assert not holds(money, granted(money, "maker", role), role)
    assert not holds(money, granted(money, "officer", "payment_approver"), "payment_approver")
    elsewhere = Organisation.objects.create(kind="municipality", name="隣町", municipality_code="141305")
    Staff.objects.filter(pk=money.staff["treasurer"].id).update(organisation=elsewhere)
    assert not holds(money, money.staff["treasurer"].id, "city_treasurer")


def test_the_people_of_another_municipality_are_enrolled_for_nothing_here(money):
    elsewhere = Organisation.objects.create(kind="municipality", name="隣町", municipality_code="141305")
    with pytest.raises(CannotEnrol, match="団体コード141305の所属"):
        enrol(
            "next-door", name="隣町 会計", organisation=elsewhere, roles=["city_treasurer"], password="a long enough one 1",
            municipality_code=money.programme.municipality_id,
        )  # fmt: skip
    assert not Staff.objects.filter(username="next-door").exists()


RELEASE = (
    "update todoku_halt set first_release_by_id = %s, first_release_at = now(), released_by_id = %s, released_at = now(), "
    "release_reason = 'x'"
)


def test_a_halt_is_released_by_two_who_hold_a_role_for_it_here(money):
    money.ready()
    found = sweep(programme=money.programme, occasion="hand", actor=SYSTEM, at=money.at)
    Halt.objects.create(programme=money.programme, invariant="I-01", evidence="x", sweep=found, at=money.at)
    ids = {name: actor.id for name, actor in money.staff.items()}
    for first, second, name in (
        ("manager", "viewer", "the_municipality_takes_part_in_a_release"),
        ("reviewer1", "officer", "a_halt_is_released_by_who_may"),
        ("officer", "clerk", "a_halt_is_released_by_who_may"),
    ):
        assert name in refused(RELEASE, ids[first], ids[second])
    said = refused("update todoku_halt set first_release_by_id = %s, first_release_at = now()", ids["clerk"])
    assert "a_halt_is_released_by_who_may" in said
    run(RELEASE, ids["manager"], ids["treasurer"])
    assert Halt.objects.get().released_at is not None


CLOSE = "update todoku_hold set closed_at = now(), closed_by_id = %s, outcome = 'x' where closed_at is null"


@pytest.mark.parametrize("kind", BY_HAND)
def test_a_hold_is_closed_by_who_may_and_goes_on_only_by_its_owner(money, kind):
    money.ready()
    case = Transfer.objects.order_by("pk").first().case
    hold(case, kind=kind, reason="申立て", actor=money.staff["officer"], at=money.at)
    for change in ("due_on = due_on + 30", "owner_role = 'clerk'"):
        assert "a_hold_is_closed_but_never_rewritten" in refused(f"update todoku_hold set {change}")
    for username in ("maker", "clerk", "treasurer", "viewer"):
        assert "a_hold_is_closed_by_who_may" in refused(CLOSE, money.staff[username].id)
    manager = money.staff["manager"].id
    if KINDS[kind].owner_role == "city_officer":
        assert "the_municipality_lets_a_held_payment_go_on" in refused(CLOSE, manager)
        run(CLOSE, money.staff["officer"].id)
    else:
        run(CLOSE, manager)
    assert Hold.objects.get().closed_at is not None


@pytest.mark.parametrize("outcome", ["hand_back", "stop"])
def test_the_office_stops_what_the_municipality_holds(money, outcome):
    money.ready()
    case = Transfer.objects.order_by("pk").first().case
    one = hold(case, kind="death", reason="届出", actor=money.staff["officer"], at=money.at)
    said = {"words": "家族に確かめた", "actor": money.staff["manager"], "at": money.at}
    with pytest.raises(CannotClose, match="担当課の判断"):
        close_hold(one, outcome="pay", **said)
    assert close_hold(one, outcome=outcome, **said).closed_by_id == money.staff["manager"].id
    assert Transfer.objects.get(case=case).state == "void"


@pytest.mark.parametrize("what", ["another version of the account", "the form"])
def test_who_keyed_any_part_of_an_application_does_not_approve_its_payment(money, what):
    batch, approver = money.sealed(), money.staff["approver"].id
    account = Decision.objects.order_by("pk").first().account
    if what == "the form":
        plant(f"update todoku_entry set staff_id = {approver} where submission_id = {account.submission_id}")
    else:
        run(
            "insert into todoku_accountversion (submission_id, version, bank, branch, kind, number, holder_kana, "
            "yucho_symbol, yucho_number, entered_at, entered_by, staff_id) select submission_id, version + 1, bank, branch, "
            "kind, number, holder_kana, '', '', entered_at, '', %s from todoku_accountversion where id = %s",
            approver, account.pk,
        )  # fmt: skip
    with pytest.raises(CannotApprove, match="あなたが入力・訂正した口座"):
        money.approve(batch, "approver")
    by_hand = "insert into todoku_approval (batch_id, side, staff_id, sha256, at) values (%s, 'office', %s, %s, now())"
    said = refused(by_hand, batch.pk, approver, batch.sha256)
    assert "who_enters_an_account_does_not_approve_its_payment" in said
    plant(*past_triggers("approval", "insert into todoku_approval (batch_id, side, staff_id, sha256, at) "
                         f"values ({batch.pk}, 'office', {approver}, '{batch.sha256}', now())"))  # fmt: skip
    found = sweep(programme=money.programme, occasion="hand", actor=SYSTEM, at=money.at)
    assert found.checks["keyer_does_not_approve"]["found"] == 1
