"""A supplement that must not be paid after all is stopped by an officer, however far it has come before the bank."""

import pytest

from tests.recovery.orders_ground import WRONG, Orders
from tests.recovery.test_split_off import sound
from tests.recovery.test_supplement import MORE, decided, proposed
from todoku.case.tables import Case, Entitlement
from todoku.payment.close_hold import CannotClose, close_hold
from todoku.payment.hold import hold
from todoku.payment.side_tables import Hold
from todoku.payment.stop_supplement import CannotStop
from todoku.payment.tables import Batch, Transfer
from todoku.payment.void import void
from todoku.recovery.correct import correct, plan_correction
from todoku.recovery.put_right import CannotOrder
from todoku.recovery.supplement import plan_supplement
from todoku.recovery.tables import Claim, EntitlementOrder
from todoku.recovery.waiting_supplements import to_put_forward
from todoku.review.tables import Decision


@pytest.fixture
def case(orders: Orders) -> Case:
    """A paid case whose supplement is decided and ready to be paid."""
    found = orders.case("paid")
    decided(orders, proposed(orders, found))
    orders.make_transfers()
    return found


def held(orders: Orders, case: Case) -> Hold:
    return hold(case, kind="death", reason="死亡の届出", actor=orders.officer, at=orders.at)


def close(orders: Orders, one: Hold, outcome: str, who: str = "officer") -> Hold:
    return close_hold(one, outcome=outcome, words="戸籍で確かめた", actor=orders.staff[who], at=orders.at)


def stopped(orders: Orders, case: Case, part: int = 2) -> None:
    """Nothing of the part is due, decided, owed or made anew."""
    assert Entitlement.objects.get(case=case, part=part).superseded_by_order
    assert not Decision.objects.filter(case=case, part=part, in_force=True).exists()
    assert not Transfer.objects.filter(case=case, part=part).exclude(state__in=["void", "returned"]).exists()
    orders.make_transfers()
    assert not Transfer.objects.filter(case=case, part=part).exclude(state__in=["void", "returned"]).exists()
    assert Case.objects.get(pk=case.pk).standing.stage == "paid"
    assert to_put_forward(orders.programme) == []
    orders.books()
    sound(orders)


def test_who_died_after_the_decision_is_not_paid_the_supplement(orders, case):
    owed = orders.books()["owed"]
    one = held(orders, case)
    with pytest.raises(CannotClose, match="追給は審査へ戻せません"):
        close(orders, one, "hand_back")
    with pytest.raises(CannotStop, match="担当課職員だけ"):
        close(orders, one, "stop", "manager")
    assert close(orders, one, "stop").outcome.startswith("支払わない")
    stopped(orders, case)
    assert orders.books()["owed"] == owed - MORE
    assert plan_supplement(case, case.entitlement.amount_yen + MORE) == MORE, "it may be ordered anew"


def test_one_in_an_open_batch_leaves_it_and_one_in_a_sealed_file_waits_for_its_voiding(orders, case):
    batch = orders.sealed()
    count = batch.count
    one = held(orders, case)
    with pytest.raises(CannotStop, match="先に振込データを取り消して"):
        close(orders, one, "stop")
    assert not Hold.objects.get().closed_at
    void(batch, reason="死亡の届出", actor=orders.staff["maker"], at=orders.at)
    orders.make_transfers()
    close(orders, one, "stop")
    stopped(orders, case)
    assert orders.built().count == count - 1


def test_the_right_amount_without_it_cancels_a_decided_supplement(orders, case):
    paid = case.entitlement.amount_yen
    batch = orders.built()
    effect = plan_correction(case, paid)
    assert f"追給{MORE:,}円を取り消します" in effect.words and effect.claim_yen == 0
    with pytest.raises(CannotOrder, match="追給が途中"):
        plan_correction(case, paid + 1)
    given = WRONG._replace(number="福祉第48号")
    order = correct(case, right_yen=paid, given=given, actor=orders.officer, at=orders.at)
    assert (order.before_yen, order.after_yen, order.claim_id) == (paid + MORE, paid, None)
    stopped(orders, case)
    assert Batch.objects.get(pk=batch.pk).count == batch.count - 1
    assert Case.objects.get(pk=case.pk).entitlement.amount_yen == paid
    assert EntitlementOrder.objects.count() == 2


def test_less_than_was_paid_cancels_it_and_claims_the_rest(orders, case):
    paid = case.entitlement.amount_yen
    given = WRONG._replace(number="福祉第48号")
    assert plan_correction(case, paid - MORE).claim_yen == MORE
    correct(case, right_yen=paid - MORE, given=given, actor=orders.officer, at=orders.at)
    assert Claim.objects.get().amount_yen == MORE
    assert Case.objects.get(pk=case.pk).entitlement.amount_yen == paid - MORE
    stopped(orders, case)


def test_one_that_came_back_or_is_only_proposed_is_stopped_as_well(orders, case):
    orders.pay(returned=[Transfer.objects.get(case=case, part=2)])
    other = Case.objects.filter(standing__stage="paid").exclude(pk=case.pk).first()
    proposed(orders, other, given=WRONG._replace(number="福祉第49号"))
    for number, one in (("福祉第50号", case), ("福祉第51号", other)):
        correct(
            one, right_yen=one.entitlement.amount_yen, given=WRONG._replace(number=number), actor=orders.officer,
            at=orders.at,
        )  # fmt: skip
        stopped(orders, one)
    came_back = Transfer.objects.filter(case__in=[case, other], part=2)
    assert [one.state for one in came_back] == ["returned"], (
        "nothing of either supplement is on its way any more"
    )


def test_one_with_the_bank_is_recalled_not_stopped(orders, case):
    orders.sending()
    with pytest.raises(CannotStop, match="組戻し"):
        plan_correction(case, case.entitlement.amount_yen)
