"""A payment keyed wrongly is taken back by two persons: it stays on record, counts as nothing, and everything follows."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from tests.recovery.conftest import DUE, Recovery
from todoku.ledger.reverse import confirm as confirm_entry
from todoku.ledger.reverse import propose as propose_entry
from todoku.ledger.settle_back import settle_back
from todoku.ledger.tables import LedgerEntry
from todoku.recovery.ask_for_payment import remind
from todoku.recovery.claim_facts import facts_of
from todoku.recovery.give_up import waive
from todoku.recovery.plan import equal_parts, plan
from todoku.recovery.receive_payment import NothingToRefund, PaymentRefused, refund
from todoku.recovery.reverse_payment import (
    CannotReverse,
    confirm_reversal,
    give_up_reversal,
    propose_reversal,
)
from todoku.recovery.steps import next_step, overdue_yen
from todoku.recovery.tables import Claim, ClaimPayment, Instalment, PaymentReversal
from todoku.rounds.claim_letters import claim_items


def take_back(recovery, payment, first="treasurer", second="officer", reason="けた違いの入力"):
    proposed = propose_reversal(payment, reason=reason, actor=recovery.staff[first], at=recovery.at)
    return confirm_reversal(proposed, actor=recovery.staff[second], at=recovery.at)


def again(claim):
    return Claim.objects.get(pk=claim.pk)


def test_a_wrong_payment_counts_as_nothing_and_its_number_is_free_again(recovery: Recovery) -> None:
    claim = recovery.noticed(amount_yen=50_000)
    before = recovery.books()
    wrong = recovery.pay(claim, 40_000, "領-1")
    after = take_back(recovery, wrong)
    assert (after.state, facts_of(after).left_yen) == ("noticed", 50_000)
    assert recovery.books() == before
    right = recovery.pay(claim, 4_000, "領-1")
    assert facts_of(again(claim)).left_yen == 46_000
    assert recovery.books()["back"] == 4_000
    kept = list(ClaimPayment.objects.order_by("pk").values_list("pk", "amount_yen", "receipt"))
    assert kept == [(wrong.pk, 40_000, "領-1"), (right.pk, 4_000, "領-1")]
    with pytest.raises(PaymentRefused, match="記帳済み"):
        recovery.pay(claim, 1_000, "領-1")
    mirror = LedgerEntry.objects.get(kind="reversal")
    assert (mirror.debit, mirror.credit, mirror.amount_yen, mirror.reason) == (
        "claimed", "back", 40_000, "けた違いの入力",
    )  # fmt: skip
    names = (recovery.staff["treasurer"].name, recovery.staff["officer"].name)
    assert (mirror.actor_name, mirror.second_name) == names


def test_a_claim_that_was_paid_by_mistake_is_under_way_again_and_reminded(recovery: Recovery) -> None:
    claim = recovery.noticed(amount_yen=50_000)
    wrong = recovery.pay(claim, 50_000, "領-1")
    assert again(claim).state == "paid"
    recovery.on(DUE + timedelta(days=3))
    after = take_back(recovery, wrong)
    assert (after.state, after.ended_at, after.due_on) == ("noticed", None, DUE)
    today = recovery.at.date()
    assert overdue_yen(facts_of(after), today) == 50_000
    assert next_step(facts_of(after), today).words == "督促状を送る"
    remind(
        after,
        kind="reminder",
        due_on=today + timedelta(days=10),
        actor=recovery.staff["manager"],
        at=recovery.at,
    )
    (letter,) = claim_items("claim_reminder", recovery.programme)
    assert letter.case_id == claim.case_id
    recovery.pay(after, 50_000, "領-2")
    assert again(claim).state == "paid"


def test_too_much_and_its_refund_are_taken_back_one_after_the_other(recovery: Recovery) -> None:
    claim = recovery.noticed(amount_yen=50_000)
    wrong = recovery.pay(claim, 60_000, "領-1")
    give = {"paid_on": recovery.at.date(), "actor": recovery.staff["treasurer"], "at": recovery.at}
    back = refund(wrong, receipt="還-1", **give)
    with pytest.raises(CannotReverse, match="先に還付を取り消して"):
        propose_reversal(wrong, reason="誤り", actor=recovery.staff["treasurer"], at=recovery.at)
    take_back(recovery, back)
    assert recovery.books()["overpaid"] == 10_000
    refund(wrong, receipt="還-1", **give)
    assert "overpaid" not in recovery.books()
    take_back(recovery, ClaimPayment.objects.get(refund_of=wrong, reversed_at=None))
    after = take_back(recovery, wrong)
    assert (after.state, recovery.books()["claimed"]) == ("noticed", 50_000)
    assert not {"overpaid", "payer", "back"} & recovery.books().keys()
    with pytest.raises(NothingToRefund):
        refund(wrong, receipt="還-2", **give)


def test_two_persons_and_a_reason(recovery: Recovery) -> None:
    payment = recovery.pay(recovery.noticed(), 1_000, "領-1")
    staff, at = recovery.staff, recovery.at
    for name in ("maker", "clerk", "viewer"):
        with pytest.raises(CannotReverse, match="起案できるのは"):
            propose_reversal(payment, reason="誤り", actor=staff[name], at=at)
    with pytest.raises(CannotReverse, match="理由を書いて"):
        propose_reversal(payment, reason=" ", actor=staff["treasurer"], at=at)
    proposed = propose_reversal(payment, reason="誤り", actor=staff["treasurer"], at=at)
    with pytest.raises(CannotReverse, match="すでに起案"):
        propose_reversal(payment, reason="誤り", actor=staff["manager"], at=at)
    with pytest.raises(CannotReverse, match="別の人"):
        confirm_reversal(proposed, actor=staff["treasurer"], at=at)
    with pytest.raises(CannotReverse, match="自治体の担当課職員と出納だけ"):
        confirm_reversal(proposed, actor=staff["manager"], at=at)
    give_up_reversal(proposed, actor=staff["officer"], at=at)
    assert facts_of(again(payment.claim)).paid_yen == 1_000
    with pytest.raises(CannotReverse, match="終わっています"):
        confirm_reversal(proposed, actor=staff["officer"], at=at)
    after = take_back(recovery, payment, first="manager", second="treasurer")
    assert facts_of(after).paid_yen == 0
    with pytest.raises(CannotReverse, match="取消し済み"):
        propose_reversal(payment, reason="誤り", actor=staff["treasurer"], at=at)


def test_the_plan_is_computed_again_on_the_days_that_were_agreed(recovery: Recovery) -> None:
    claim = recovery.noticed(amount_yen=60_000)
    wrong = recovery.pay(claim, 30_000, "領-1")
    recovery.on(date(2027, 1, 20))
    plan(claim, equal_parts(30_000, 3, date(2027, 2, 26)), actor=recovery.staff["officer"], at=recovery.at)
    recovery.on(date(2027, 3, 1))
    recovery.pay(claim, 10_000, "領-2")
    after = take_back(recovery, wrong)
    facts = facts_of(after)
    assert [(day, yen) for day, yen in facts.plan] == [
        (date(2027, 2, 26), 10_000), (date(2027, 3, 26), 10_000), (date(2027, 4, 26), 40_000),
    ]  # fmt: skip
    assert (facts.left_yen, overdue_yen(facts, recovery.at.date())) == (50_000, 0)
    assert Instalment.objects.filter(claim=claim, plan=1).count() == 3, "what was agreed stays on record"
    second = ClaimPayment.objects.get(receipt="領-2")
    facts = facts_of(take_back(recovery, second))
    assert sum(yen for _, yen in facts.plan) == 60_000
    assert overdue_yen(facts, recovery.at.date()) == 10_000, "a payment on the plan leaves its part due"


def test_what_the_treasurer_has_settled_is_corrected_in_the_books_first(recovery: Recovery) -> None:
    claim = recovery.noticed(amount_yen=50_000)
    wrong = recovery.pay(claim, 50_000, "領-1")
    settle_back(
        programme=recovery.programme, order="戻入-1", actor=recovery.staff["treasurer"], at=recovery.at
    )
    with pytest.raises(CannotReverse, match="帳簿でこの案件のその仕訳を訂正"):
        propose_reversal(wrong, reason="誤り", actor=recovery.staff["treasurer"], at=recovery.at)
    entry = LedgerEntry.objects.get(kind="restored")
    proposed = propose_entry(entry, reason="誤り", actor=recovery.staff["treasurer"], at=recovery.at)
    confirm_entry(proposed, actor=recovery.staff["officer"], at=recovery.at)
    take_back(recovery, wrong)
    assert recovery.books()["claimed"] == 50_000
    assert "back" not in recovery.books()


def test_what_ended_by_mercy_is_not_opened_by_the_back_door(recovery: Recovery) -> None:
    claim = recovery.noticed(amount_yen=50_000)
    payment = recovery.pay(claim, 10_000, "領-1")
    waive(claim, why="生活困窮（決裁3）", actor=recovery.staff["officer"], at=recovery.at)
    with pytest.raises(CannotReverse, match="免除または不納欠損"):
        propose_reversal(payment, reason="誤り", actor=recovery.staff["treasurer"], at=recovery.at)


def test_the_database_knows_it_too(recovery: Recovery) -> None:
    claim = recovery.noticed(amount_yen=50_000)
    payment = recovery.pay(claim, 10_000, "領-1")

    def refused(name, statement, values=()):
        with pytest.raises((IntegrityError, DatabaseError), match=name), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                cursor.execute("set constraints all immediate")

    only = "a_payment_on_a_claim_is_only_reversed"
    refused(only, "update todoku_claimpayment set reversed_at = now() where id = %s", [payment.pk])
    proposed = propose_reversal(payment, reason="誤り", actor=recovery.staff["treasurer"], at=recovery.at)
    refused(only, "update todoku_claimpayment set reversed_at = now() where id = %s", [payment.pk])
    confirm = "update todoku_paymentreversal set confirmed_at = now(), confirmed_by_id = %s where id = %s"
    officer, manager = recovery.staff["officer"].id, recovery.staff["manager"].id
    refused("a_confirmed_reversal_takes_its_payment_back", confirm, [officer, proposed.pk])
    refused("the_municipality_confirms_a_reversed_payment", confirm, [manager, proposed.pk])
    refused(
        "another_person_confirms_a_reversed_payment|the_municipality_confirms", confirm,
        [recovery.staff["treasurer"].id, proposed.pk],
    )  # fmt: skip
    refused(
        "a_payment_is_reversed_once",
        "insert into todoku_paymentreversal (payment_id, reason, proposed_by_id, proposed_at) values (%s, 'x', %s, now())",
        [payment.pk, officer],
    )
    confirm_reversal(proposed, actor=recovery.staff["officer"], at=recovery.at)
    refused("a_reversal_of_a_payment_ends_once", confirm, [officer, proposed.pk])
    refused(only, "update todoku_claimpayment set reversed_at = now() where id = %s", [payment.pk])
    refused(
        "permission denied|only_reversed",
        "update todoku_claimpayment set amount_yen = 1 where id = %s",
        [payment.pk],
    )
    paid = recovery.pay(claim, 50_000, "領-9")
    refused("a_paid_claim_stays_paid", "update todoku_claim set state = 'noticed' where id = %s", [claim.pk])
    assert PaymentReversal.objects.count() == 1 and paid.pk
