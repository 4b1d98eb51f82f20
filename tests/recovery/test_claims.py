"""Money that must come back: each act by who may do it, booked where it is done, refused with a sentence elsewhere."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from tests.recovery.conftest import DUE, Recovery
from todoku.formats.codes import check_digit
from todoku.ledger.settle_back import settle_back
from todoku.ledger.tables import LedgerEntry
from todoku.people.actor import SYSTEM
from todoku.people.tables import AuditEvent
from todoku.recovery.ask_for_payment import CannotAsk, notice, remind
from todoku.recovery.claim_facts import near_lapse
from todoku.recovery.dispute import CannotPause, dispute, resume
from todoku.recovery.give_up import CannotGiveUp, cancel, waive, write_off
from todoku.recovery.open_claim import CannotClaim, slip_number
from todoku.recovery.plan import CannotPlan, equal_parts, plan
from todoku.recovery.receive_payment import NothingToRefund, PaymentRefused, refund
from todoku.recovery.tables import Claim, ClaimPayment


def test_a_claim_takes_money_out_of_what_was_paid(recovery: Recovery) -> None:
    before = recovery.books()["paid"]
    claim = recovery.claim()
    assert recovery.books() == {"paid": before - claim.amount_yen, "claimed": claim.amount_yen}
    assert (claim.state, claim.amount_yen) == ("open", claim.transfer.amount_yen)
    assert len(claim.slip_number) == 11 and claim.slip_number == slip_number(claim.pk)
    assert check_digit("00" + claim.slip_number[:10]) == claim.slip_number[10]


def test_claims_never_exceed_what_was_paid(recovery: Recovery) -> None:
    whole = recovery.transfers[0].amount_yen
    recovery.claim(amount_yen=10_000)
    with pytest.raises(CannotClaim, match=f"1円から{whole - 10_000:,}円まで"):
        recovery.claim(amount_yen=whole)
    assert recovery.claim().amount_yen == whole - 10_000
    with pytest.raises(CannotClaim, match="全額について"):
        recovery.claim()
    with pytest.raises(IntegrityError, match="claims_do_not_exceed_what_was_paid"), transaction.atomic():
        first = Claim.objects.first()
        Claim.objects.create(
            programme=first.programme, case=first.case, transfer=first.transfer, reason="fraud", why="x", order="y",
            amount_yen=1, slip_number="z", opened_at=recovery.at,
        )  # fmt: skip


def test_only_an_officer_of_the_municipality_claims(recovery: Recovery) -> None:
    for actor in (*(recovery.staff[name] for name in ("treasurer", "viewer", "manager", "maker")), SYSTEM):
        with pytest.raises(CannotClaim, match="担当課職員だけ"):
            recovery.claim(actor=actor)
    with pytest.raises(CannotClaim, match="決裁"):
        recovery.claim(order=" ")
    assert Claim.objects.count() == 0


def test_money_comes_back_in_parts_and_the_claim_is_paid(recovery: Recovery) -> None:
    claim = recovery.noticed(amount_yen=50_000)
    recovery.pay(claim, 20_000, "領-1")
    assert (recovery.books()["claimed"], recovery.books()["back"]) == (30_000, 20_000)
    with pytest.raises(PaymentRefused, match="記帳済み"):
        recovery.pay(claim, 20_000, "領-1")
    recovery.pay(claim, 30_000, "領-2")
    claim.refresh_from_db()
    assert (claim.state, recovery.books()["back"], "claimed" in recovery.books()) == ("paid", 50_000, False)
    settle_back(
        programme=recovery.programme, order="戻入-1", actor=recovery.staff["treasurer"], at=recovery.at
    )
    assert "back" not in recovery.books()


def test_what_was_too_much_is_kept_apart_and_refunded_once(recovery: Recovery) -> None:
    claim = recovery.noticed(amount_yen=50_000)
    payment = recovery.pay(claim, 60_000, "領-1")
    late = recovery.pay(claim, 5_000, "領-2")
    assert (payment.excess_yen, late.excess_yen) == (10_000, 5_000)
    assert recovery.books()["overpaid"] == 15_000
    give = {"paid_on": recovery.at.date(), "actor": recovery.staff["treasurer"], "at": recovery.at}
    refund(payment, receipt="還-1", **give)
    assert recovery.books()["overpaid"] == 5_000
    with pytest.raises(NothingToRefund, match="還付済み"):
        refund(payment, receipt="還-2", **give)
    refund(late, receipt="還-2", **give)
    assert "overpaid" not in recovery.books() and "payer" not in recovery.books()
    with pytest.raises(NothingToRefund, match="還付する額はありません"):
        refund(ClaimPayment.objects.get(receipt="還-1"), receipt="還-3", **give)


@pytest.mark.parametrize("username", ["officer", "manager", "viewer"])
def test_only_the_treasurer_takes_money(recovery: Recovery, username: str) -> None:
    claim = recovery.noticed()
    recovery.staff["treasurer"] = recovery.staff[username]
    with pytest.raises(PaymentRefused, match="出納だけ"):
        recovery.pay(claim, 1_000, "領-1")


def test_a_payment_that_cannot_be_is_refused(recovery: Recovery) -> None:
    claim = recovery.claim()
    with pytest.raises(PaymentRefused, match="返還請求書をまだ送っていません"):
        recovery.pay(claim, 1_000, "領-1")
    notice(claim, due_on=DUE, actor=recovery.staff["manager"], at=recovery.at)
    today = recovery.at.date()
    for yen, receipt, day, sentence in (
        (0, "領-1", today, "1円以上"),
        (1_000, " ", today, "番号を入力"),
        (1_000, "領-1", today + timedelta(days=1), "先の日付"),
        (1_000, "領-1", today - timedelta(days=1), "請求した日より前"),
    ):
        with pytest.raises(PaymentRefused, match=sentence):
            recovery.pay(claim, yen, receipt, on=day)
    assert ClaimPayment.objects.count() == 0


def test_reminders_follow_the_due_date_and_each_other(recovery: Recovery) -> None:
    claim, manager = recovery.noticed(), recovery.staff["manager"]

    def ask(kind: str, due_on: date) -> None:
        remind(claim, kind=kind, due_on=due_on, actor=manager, at=recovery.at)

    recovery.on(DUE)
    with pytest.raises(CannotAsk, match="納期限を過ぎた額はありません"):
        ask("reminder", date(2027, 2, 26))
    recovery.on(DUE + timedelta(days=1))
    with pytest.raises(CannotAsk, match="先?に?.*督促を行ってください"):
        ask("call", date(2027, 2, 26))
    with pytest.raises(CannotAsk, match="明日以降"):
        ask("reminder", DUE + timedelta(days=1))
    ask("reminder", date(2027, 2, 26))
    with pytest.raises(CannotAsk, match="督促済み"):
        ask("reminder", date(2027, 3, 26))
    with pytest.raises(CannotAsk, match="期限がまだ来ていません"):
        ask("call", date(2027, 3, 26))
    recovery.on(date(2027, 2, 27))
    ask("call", date(2027, 3, 26))
    assert [one.kind for one in claim.notices.order_by("pk")] == ["notice", "reminder", "call"]


def test_a_dispute_stops_reminders_and_their_clock_but_takes_money(recovery: Recovery) -> None:
    """P12: while a claim is contested nobody is reminded of it, and it falls due anew."""
    claim, manager = recovery.noticed(amount_yen=50_000), recovery.staff["manager"]
    with pytest.raises(CannotPause, match="内容"):
        dispute(claim, why=" ", actor=manager, at=recovery.at)
    dispute(claim, why="受給者から、課税は誤りとの申立て", actor=manager, at=recovery.at)
    recovery.on(DUE + timedelta(days=30))
    with pytest.raises(CannotAsk, match="申立てがあり"):
        remind(claim, kind="reminder", due_on=date(2027, 6, 1), actor=manager, at=recovery.at)
    recovery.pay(claim, 10_000, "領-1")
    resume(claim, why="申立てを退けた（決裁 15号）", due_on=date(2027, 4, 30), actor=manager, at=recovery.at)
    with pytest.raises(CannotAsk, match="納期限を過ぎた額はありません"):
        remind(claim, kind="reminder", due_on=date(2027, 6, 1), actor=manager, at=recovery.at)
    recovery.on(date(2027, 5, 1))
    remind(claim, kind="reminder", due_on=date(2027, 6, 1), actor=manager, at=recovery.at)
    told = AuditEvent.objects.filter(subject_kind="claim", subject_id=claim.pk).order_by("pk")
    assert [one.action for one in told] == [
        "claim.open", "claim.notice", "claim.dispute", "claim.receive", "claim.resume", "claim.notice",
    ]  # fmt: skip


def test_a_plan_adds_up_to_what_is_left(recovery: Recovery) -> None:
    claim, officer = recovery.noticed(amount_yen=50_000), recovery.staff["officer"]
    recovery.pay(claim, 5_000, "領-1")
    first = date(2027, 1, 29)
    for parts, sentence in (
        (equal_parts(50_000, 5, first), "50,000円が、残りの45,000円と合いません"),
        ([(first, 45_000)], "2回から"),
        ([(first, 45_000), (first, 0)], "1円以上"),
        ([(first, 40_000), (first, 5_000)], "早い順"),
        ([(date(2026, 1, 1), 40_000), (first, 5_000)], "明日以降"),
    ):
        with pytest.raises(CannotPlan, match=sentence):
            plan(claim, parts, actor=officer, at=recovery.at)
    with pytest.raises(CannotPlan, match="担当課職員だけ"):
        plan(claim, equal_parts(45_000, 3, first), actor=recovery.staff["manager"], at=recovery.at)
    plan(claim, equal_parts(45_000, 3, first), actor=officer, at=recovery.at)
    recovery.pay(claim, 15_000, "領-2")
    plan(claim, equal_parts(30_000, 2, first), actor=officer, at=recovery.at)
    assert (
        sorted(claim.instalments.values_list("plan", "amount_yen")) == [(1, 15_000)] * 3 + [(2, 15_000)] * 2
    )
    assert claim.notices.filter(kind="acknowledged").count() == 2


def test_only_the_municipality_gives_a_claim_up_and_says_why(recovery: Recovery) -> None:
    claim, officer = recovery.noticed(amount_yen=50_000), recovery.staff["officer"]
    recovery.pay(claim, 20_000, "領-1")
    for name in ("manager", "treasurer", "viewer"):
        with pytest.raises(CannotGiveUp, match="担当課職員だけ"):
            waive(claim, why="生活困窮", actor=recovery.staff[name], at=recovery.at)
    with pytest.raises(CannotGiveUp, match="理由"):
        waive(claim, why="", actor=officer, at=recovery.at)
    with pytest.raises(CannotGiveUp, match="納付された額があるため"):
        cancel(claim, why="誤り", actor=officer, at=recovery.at)
    waive(claim, why="生活困窮（決裁 20号）", actor=officer, at=recovery.at)
    assert {name: recovery.books()[name] for name in ("waived", "back")} == {"waived": 30_000, "back": 20_000}
    with pytest.raises(CannotGiveUp):
        waive(claim, why="もう一度", actor=officer, at=recovery.at)
    with connection.cursor() as cursor, pytest.raises(IntegrityError, match="a_claim_stays_as_it_was_made"):
        with transaction.atomic():
            cursor.execute("update todoku_claim set state = 'noticed' where id = %s", [claim.pk])


def test_a_claim_is_written_off_as_lapsed_only_when_it_has(recovery: Recovery) -> None:
    claim, officer = recovery.noticed(amount_yen=50_000), recovery.staff["officer"]
    with pytest.raises(CannotGiveUp, match="2032年1月29日まで"):
        write_off(claim, ground="lapsed", why="5年経過", actor=officer, at=recovery.at)
    assert near_lapse(recovery.programme, date(2031, 7, 29)) == []
    assert near_lapse(recovery.programme, date(2031, 8, 1)) == [claim]
    recovery.on(date(2032, 1, 30))
    write_off(claim, ground="lapsed", why="決裁 3号", actor=officer, at=recovery.at)
    claim.refresh_from_db()
    assert (claim.end_why, recovery.books()["written_off"]) == ("消滅時効の完成：決裁 3号", 50_000)


def test_a_claim_that_should_not_have_been_is_taken_back(recovery: Recovery) -> None:
    before = recovery.books()
    claim = recovery.claim()
    cancel(claim, why="照会の結果、支給要件に該当", actor=recovery.staff["officer"], at=recovery.at)
    assert recovery.books() == before
    assert recovery.claim().amount_yen == claim.amount_yen, "it may be claimed again"


def test_each_deed_is_booked_once_in_the_year_that_paid(recovery: Recovery) -> None:
    claim = recovery.noticed(amount_yen=50_000)
    recovery.on(date(2028, 6, 1))
    recovery.pay(claim, 50_000, "領-1")
    assert set(LedgerEntry.objects.values_list("fiscal_year", flat=True)) == {2026}
    settle_back(
        programme=recovery.programme, order="調定-1", actor=recovery.staff["treasurer"], at=recovery.at
    )
    entry = LedgerEntry.objects.get(kind="prior_revenue")
    assert (entry.amount_yen, entry.reason) == (50_000, "調定-1（令和10年度の歳入）")
