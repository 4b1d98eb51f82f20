"""Somebody fled while the money was on its way: the order is kept, and carried out once the bank's word is known."""

import pytest
from django.db import DatabaseError, transaction

from tests.payment.ground import report_bytes
from tests.recovery.orders_ground import DV, SHELTER
from tests.recovery.test_split_off import sound
from todoku.bank.read_result import read_result
from todoku.case.tables import CaseStage
from todoku.payment.void import void
from todoku.people.actor import SYSTEM
from todoku.people.tables import Staff
from todoku.recovery.put_right import CannotOrder
from todoku.recovery.tables import Claim, EntitlementOrder, WaitingSplit
from todoku.recovery.wait_split_off import carry_out_splits, end_waiting, keep_waiting, why_stuck


def keep(orders, case, **values):
    persons = orders.members(case)[-2:]
    said = {"head": persons[0], "reached": SHELTER, "given": DV, "actor": orders.officer, "at": orders.at}
    return keep_waiting(case, persons, **(said | values))


def run(orders):
    return carry_out_splits(programme=orders.programme, actor=SYSTEM, at=orders.at)


def test_a_kept_order_waits_for_the_void_and_is_then_carried_out_once(orders):
    case = orders.case("decided")
    batch = orders.sealed()
    kept = keep(orders, case)
    report = run(orders)
    assert (report.done, report.waiting, report.refused) == (0, 1, ())
    with pytest.raises(CannotOrder, match="すでに見合わせ中"):
        keep(orders, case, given=DV._replace(number="福祉第32号"))
    void(batch, reason="分離の命令", actor=orders.staff["maker"], at=orders.at)
    assert (run(orders).done, run(orders).done) == (1, 0)
    kept.refresh_from_db()
    order = EntitlementOrder.objects.get()
    assert (kept.order_id, kept.ended_at is not None) == (order.pk, True)
    assert (order.given_by_id, order.number, order.members_left) == (orders.officer.id, DV.number, 2)
    assert CaseStage.objects.get(pk=case.pk).stage == "in_review"
    assert order.new_case.standing.stage == "listed"
    assert order.new_case.recipient.reached_at.address == SHELTER.address
    sound(orders)


def test_after_the_bank_has_paid_the_excess_becomes_a_claim(orders):
    case = orders.case("decided")
    batch = orders.sealed()
    keep(orders, case)
    assert run(orders).waiting == 1
    for who in ("approver", "treasurer"):
        batch = orders.approve(batch, who)
    orders.send(batch)
    batch.refresh_from_db()
    assert run(orders).waiting == 1
    orders.to_value_date()
    read_result(batch, report_bytes(), name="kekka.csv", actor=orders.staff["maker"], at=orders.at)
    assert run(orders).done == 1
    order = EntitlementOrder.objects.get()
    assert order.claim.amount_yen == order.before_yen - order.after_yen
    assert Claim.objects.count() == 1
    sound(orders)


def test_what_cannot_be_kept_is_refused(orders):
    paid = orders.case("paid")
    with pytest.raises(CannotOrder, match="いま分離できます"):
        keep(orders, paid)
    case = orders.case("decided")
    orders.sealed()
    with pytest.raises(CannotOrder, match="担当課職員だけ"):
        keep(orders, case, actor=orders.staff["manager"])
    with pytest.raises(CannotOrder, match="受給者を"):
        keep(orders, case, head=0)
    with pytest.raises(CannotOrder, match="住所"):
        keep(orders, case, reached=SHELTER._replace(address=" "))
    assert not WaitingSplit.objects.exists()


def test_one_that_cannot_be_carried_out_stays_listed_and_is_let_go_with_a_reason(orders):
    case = orders.case("decided")
    batch = orders.sealed()
    kept = keep(orders, case)
    void(batch, reason="分離の命令", actor=orders.staff["maker"], at=orders.at)
    Staff.objects.filter(pk=orders.officer.id).update(is_active=False)
    kept.refresh_from_db()
    assert "担当課職員だけ" in why_stuck(kept)
    report = run(orders)
    assert report.refused == ((case.number, "職権による変更を命じられるのは、自治体の担当課職員だけです。"),)
    assert not EntitlementOrder.objects.exists()
    with pytest.raises(CannotOrder, match="理由を書いて"):
        end_waiting(kept, why=" ", actor=orders.other_officer, at=orders.at)
    end_waiting(kept, why="別の職員が命じ直す", actor=orders.other_officer, at=orders.at)
    assert run(orders).done == 0
    kept.refresh_from_db()
    assert kept.end_why == "別の職員が命じ直す"
    with pytest.raises(DatabaseError, match="a_waiting_split_off_ends_once"), transaction.atomic():
        WaitingSplit.objects.filter(pk=kept.pk).update(end_why="x")
    with pytest.raises(DatabaseError, match="officers"), transaction.atomic():
        WaitingSplit.objects.create(
            programme=kept.programme, case=case, head_id=1, address="x", protected=True, number="1", reason="dv", why="x",
            given_by_id=orders.staff["manager"].id, at=orders.at, due_on=orders.at.date(),
        )  # fmt: skip
