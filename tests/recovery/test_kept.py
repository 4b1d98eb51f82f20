"""What is missing is counted from what was paid and is kept, not from what was due: a claim may have been taken back since."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from tests.payment.planted import past_triggers, plant
from tests.recovery.orders_ground import WRONG, Orders
from tests.recovery.test_split_off import due, sound
from tests.recovery.test_supplement import MORE, decided, proposed
from todoku.case.tables import Case
from todoku.payment.make_transfers import make_transfers
from todoku.payment.sweep import sweep
from todoku.payment.tables import Transfer
from todoku.people.actor import SYSTEM
from todoku.recovery.ask_for_payment import notice
from todoku.recovery.correct import correct, plan_correction
from todoku.recovery.give_up import CannotGiveUp, cancel, waive
from todoku.recovery.open_claim import open_claim
from todoku.recovery.order_standing import standing_of
from todoku.recovery.put_right import CannotOrder
from todoku.recovery.receive_payment import receive_payment
from todoku.recovery.supplement import CannotSupplement, plan_supplement, supplement
from todoku.recovery.tables import Claim
from todoku.review.tables import DecisionList


def corrected(orders: Orders, case: Case, right_yen: int, number: str = "福祉第41号") -> None:
    given = WRONG._replace(number=number)
    correct(case, right_yen=right_yen, given=given, actor=orders.officer, at=orders.at)


def supplemented(orders: Orders, case: Case, corrected_yen: int, number: str = "福祉第45号") -> None:
    """A supplement proposed and decided."""
    given = WRONG._replace(number=number)
    supplement(case, corrected_yen=corrected_yen, given=given, actor=orders.officer, at=orders.at)
    decided(orders, DecisionList.objects.get(kind="supplement", state="open"))


def given_up(orders: Orders) -> None:
    cancel(Claim.objects.get(), why="命令が誤り 福祉第44号", actor=orders.officer, at=orders.at)


def test_after_a_mistaken_order_nothing_is_missing_and_what_is_due_is_put_back(orders):
    """100,000 paid, an order to 50,000 that was a mistake, its claim cancelled: 50,000 more would have been paid."""
    case = orders.case("paid")
    paid = case.entitlement.amount_yen
    corrected(orders, case, paid - MORE)
    given_up(orders)
    with pytest.raises(CannotSupplement, match=f"支給済みの額は{paid:,}円"):
        plan_supplement(case, paid)
    assert plan_supplement(case, paid + MORE) == MORE
    effect = plan_correction(case, paid)
    assert effect.claim_yen == 0 and "支払済みの" in effect.words
    corrected(orders, case, paid, "福祉第46号")
    assert due(case)[0] == paid and Claim.objects.count() == 1
    with pytest.raises(CannotOrder, match="同じ"):
        plan_correction(case, paid)
    supplemented(orders, case, paid + MORE)
    orders.make_transfers()
    assert Transfer.objects.get(case=case, part=2).amount_yen == MORE
    orders.books()
    sound(orders)


def test_a_claim_under_way_counts_as_given_back(orders):
    case = orders.case("paid")
    paid = case.entitlement.amount_yen
    corrected(orders, case, paid - 2 * MORE)
    supplemented(orders, case, paid - MORE)
    orders.make_transfers()
    orders.pay()
    assert standing_of(case).kept_yen == paid - MORE
    sound(orders)


def test_what_was_waived_stays_with_the_payee_and_is_not_paid_again(orders):
    case = orders.case("paid")
    paid = case.entitlement.amount_yen
    corrected(orders, case, paid - MORE)
    claim = Claim.objects.get()
    notice(claim, due_on=orders.at.date() + timedelta(days=30), actor=orders.officer, at=orders.at)
    receive_payment(
        claim, amount_yen=5_000, received_on=orders.at.date(), receipt="領1", actor=orders.staff["treasurer"], at=orders.at
    )  # fmt: skip
    waive(claim, why="生活困窮 福祉第47号", actor=orders.officer, at=orders.at)
    stands = standing_of(case)
    assert (stands.before_yen, stands.kept_yen) == (paid - MORE, paid - 5_000)
    assert plan_supplement(case, paid) == 5_000
    assert plan_correction(case, paid - 10_000).code == "replace", "neither claimed again nor paid again"
    with pytest.raises(CannotSupplement):
        plan_supplement(case, paid - 5_000)
    corrected(orders, case, paid - 10_000, "福祉第46号")
    assert due(case)[0] == paid - 10_000 and Claim.objects.count() == 1
    sound(orders)


@pytest.fixture
def counted_on(orders: Orders) -> Case:
    """A case whose decided supplement was counted on a claim under way."""
    case = orders.case("paid")
    paid = case.entitlement.amount_yen
    corrected(orders, case, paid - MORE)
    supplemented(orders, case, paid)
    return case


def test_a_claim_that_a_supplement_was_counted_on_is_not_given_up_meanwhile(orders, counted_on):
    with pytest.raises(CannotGiveUp, match="追給が途中"):
        given_up(orders)
    with (
        pytest.raises(DatabaseError, match="a_supplement_pays_what_is_missing"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "update todoku_claim set state = 'cancelled', ended_by_id = %s, end_why = 'x'",
            [orders.officer.id],
        )
    orders.make_transfers()
    orders.pay()
    assert standing_of(counted_on).kept_yen == Transfer.objects.get(case=counted_on, part=1).amount_yen
    given_up(orders)
    sound(orders)


def test_a_claim_ended_past_the_guard_stops_the_supplement_and_not_the_others(orders, counted_on):
    plant(
        *past_triggers(
            "claim", "update todoku_claim set state = 'cancelled', ended_by_id = opened_by_id, end_why = 'x'"
        )
    )
    run = sweep(programme=orders.programme, occasion="hand", actor=SYSTEM, at=orders.at)
    assert run.checks["supplements_within"]["found"] == 1
    report = make_transfers(programme=orders.programme, actor=SYSTEM, at=orders.at)
    assert report.done == 6
    assert [number for number, _ in report.refused] == [counted_on.number]
    assert "正しい支給額を超えます" in report.refused[0][1]
    with (
        pytest.raises(DatabaseError, match="a_supplement_pays_what_is_missing"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(BARE_TRANSFER, [counted_on.pk])


BARE_TRANSFER = """
insert into todoku_transfer (number, state, programme_id, payout, recipient_id, case_id, part, entitlement_id, decision_id,
  amount_yen, rail, bank, branch, kind, account_number, holder_kana, made_at)
select '1999999999', 'ready', t.programme_id, t.payout, t.recipient_id, t.case_id, d.part, e.id, d.id, d.amount_yen, t.rail,
       t.bank, t.branch, t.kind, t.account_number, t.holder_kana, t.made_at
  from todoku_transfer t join todoku_decision d on d.case_id = t.case_id and d.part = 2
  join todoku_entitlement e on e.case_id = t.case_id and e.part = 2
 where t.case_id = %s and t.part = 1
"""


def test_what_is_due_above_what_is_kept_is_corrected_first(orders):
    """A claim without an order: what is due still says the whole amount."""
    case = orders.case("paid")
    paid = case.entitlement.amount_yen
    open_claim(
        Transfer.objects.get(case=case), reason="duplicate", why="重複", order="福祉第12号", amount_yen=2 * MORE,
        actor=orders.officer, at=orders.at,
    )  # fmt: skip
    with pytest.raises(CannotSupplement, match=f"先に担当課が、支給額を{paid - 2 * MORE:,}円に改めて"):
        proposed(orders, case)
    corrected(orders, case, paid - 2 * MORE)
    supplemented(orders, case, paid - MORE)
    sound(orders)
