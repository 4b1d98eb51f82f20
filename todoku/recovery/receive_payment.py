"""Money that comes in on a claim (返還金の納付), whole, in part or too much; and what was too much going back (還付).

Takes a payment by its receipt, once; leaves it booked, and the claim paid when nothing is left. What exceeds the claim
is kept apart until it is refunded; it is never used for anything else.
"""

from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from todoku.ground.step import Refusal
from todoku.ledger.post import Line, post
from todoku.people.access import ACTIONS
from todoku.people.actor import Actor
from todoku.recovery.claim_facts import facts_of
from todoku.recovery.held_claim import locked, record, year_of
from todoku.recovery.tables import Claim, ClaimPayment


class PaymentRefused(Refusal):
    """The payment as typed cannot be booked, or is booked already."""


class NothingToRefund(Refusal):
    """Nothing of this payment was too much, or it has gone back."""


def receive_payment(
    claim: Claim, *, amount_yen: int, received_on: date, receipt: str, actor: Actor, at: datetime
) -> ClaimPayment:  # fmt: skip
    """Books a payment under its receipt number (領収番号); what exceeds the claim stands as 過誤納金."""
    receipt = _receipt(receipt, actor)
    if amount_yen <= 0:
        raise PaymentRefused("納付された額は、1円以上の整数で入力してください。")
    if received_on > localdate(at):
        raise PaymentRefused("納付日に、先の日付は入力できません。")
    with transaction.atomic():
        claim = locked(claim)
        if claim.state == "open":
            raise PaymentRefused(
                "返還請求書をまだ送っていません。送付を記録してから、納付を記帳してください。"
            )
        if received_on < localdate(claim.opened_at):
            raise PaymentRefused("納付日が、返還を請求した日より前です。日付を確認してください。")
        _ask_new(receipt)
        left = facts_of(claim).left_yen
        excess = max(amount_yen - left, 0)
        made = ClaimPayment.objects.create(
            claim=claim, amount_yen=amount_yen, excess_yen=excess, received_on=received_on, receipt=receipt, at=at,
            staff_id=actor.id or 0,
        )  # fmt: skip
        _book(claim, made, "repaid", amount_yen - excess, actor, at)
        _book(claim, made, "overpayment", excess, actor, at)
        if 0 < left <= amount_yen:
            Claim.objects.filter(pk=claim.pk).update(state="paid", ended_at=at)
        words = f"{amount_yen:,}円（領収 {receipt}）" + (f"、うち過誤納 {excess:,}円" if excess else "")
        record(claim, "claim.receive", words, actor, at)
    return made


def refund(payment: ClaimPayment, *, paid_on: date, receipt: str, actor: Actor, at: datetime) -> ClaimPayment:
    """Books that what was too much went back (還付), once, under the number of the refund."""
    receipt = _receipt(receipt, actor)
    with transaction.atomic():
        claim = locked(payment.claim)
        payment = ClaimPayment.objects.get(pk=payment.pk)
        if payment.refund_of_id or payment.reversed_at or not payment.excess_yen:
            raise NothingToRefund("この納付に、還付する額はありません。")
        if ClaimPayment.objects.filter(refund_of=payment, reversed_at__isnull=True).exists():
            raise NothingToRefund("この納付の過誤納金は、還付済みです。")
        if not payment.received_on <= paid_on <= localdate(at):
            raise PaymentRefused("還付した日は、納付日から今日までの日を入力してください。")
        _ask_new(receipt)
        made = ClaimPayment.objects.create(
            claim=claim, amount_yen=payment.excess_yen, received_on=paid_on, receipt=receipt, refund_of=payment, at=at,
            staff_id=actor.id or 0,
        )  # fmt: skip
        _book(claim, made, "refund", made.amount_yen, actor, at)
        record(claim, "claim.refund", f"{made.amount_yen:,}円を還付（{receipt}）", actor, at)
    return made


def _receipt(receipt: str, actor: Actor) -> str:
    if not actor.roles & ACTIONS["claim.receive"] or actor.id is None:
        raise PaymentRefused("返還金の納付と還付を記帳できるのは、自治体の出納だけです。")
    receipt = receipt.strip()
    if not receipt:
        raise PaymentRefused(
            "領収または還付の番号を入力してください。同じ納付を二度記帳しないために使います。"
        )
    if len(receipt) > 60:
        raise PaymentRefused("領収または還付の番号は、60字までで入力してください。")
    return receipt


def _ask_new(receipt: str) -> None:
    if ClaimPayment.objects.filter(receipt=receipt, reversed_at__isnull=True).exists():
        raise PaymentRefused(f"番号 {receipt} は記帳済みです。同じ納付でないか確認してください。")


def _book(claim: Claim, payment: ClaimPayment, kind: str, yen: int, actor: Actor, at: datetime) -> None:
    if yen:
        post(
            kind, [Line(payment.pk, claim.case_id, yen, year_of(claim))], programme=claim.programme,
            subject_kind="claim_payment", actor=actor, at=at, reason=payment.receipt,
        )  # fmt: skip
