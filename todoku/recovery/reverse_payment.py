"""A payment on a claim that was keyed wrongly is taken back (納付・還付の記帳の取消し): one person proposes, another confirms.

Takes a payment or a refund that no money stands behind as keyed; leaves it on record, counting as nothing, its entries
reversed under both names, its number free again, and the claim under way with what is left. No money moves by it.
"""

from datetime import datetime

from django.db import transaction

from todoku.ground.step import Refusal
from todoku.ledger.balances import standing_of_case
from todoku.ledger.post import post_reversal
from todoku.ledger.tables import LedgerEntry
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.tables import Staff
from todoku.recovery.claim_facts import facts_of
from todoku.recovery.held_claim import locked, record, year_of
from todoku.recovery.tables import Claim, ClaimPayment, Instalment, PaymentReversal

GIVEN_UP = ("waived", "written_off")


class CannotReverse(Refusal):
    """This person may not, or the payment is not one that can be taken back as it stands."""


def propose_reversal(payment: ClaimPayment, *, reason: str, actor: Actor, at: datetime) -> PaymentReversal:
    """Proposes to take a payment or refund back; nothing changes until another person confirms."""
    if not may(actor.roles, "claim.correct") or actor.id is None:
        raise CannotReverse(
            "納付の取消しを起案できるのは、自治体の担当課・出納と、事務局の業務責任者だけです。"
        )
    reason = reason.strip()[:200]
    if not reason:
        raise CannotReverse("取り消す理由を書いてください。確認する人と、帳簿を見る人に表示されます。")
    with transaction.atomic():
        claim = locked(payment.claim)
        payment = ClaimPayment.objects.get(pk=payment.pk)
        _ask_reversible(claim, payment)
        if PaymentReversal.objects.filter(payment=payment, given_up_at__isnull=True).exists():
            raise CannotReverse(
                "この記帳の取消しは、すでに起案されています。別の職員の確認を待ってください。"
            )
        made = PaymentReversal.objects.create(
            payment=payment, reason=reason, proposed_by_id=actor.id, proposed_at=at
        )
        record(claim, "claim.correct", f"{_words(payment)}の取消しを起案: {reason}", actor, at)
    return made


def confirm_reversal(reversal: PaymentReversal, *, actor: Actor, at: datetime) -> Claim:
    """The second person's yes: the payment counts as nothing, books and claim follow. Gives the claim as it then stands."""
    if not may(actor.roles, "claim.confirm_correction") or actor.id is None:
        raise CannotReverse("納付の取消しを確認できるのは、自治体の担当課職員と出納だけです。")
    with transaction.atomic():
        claim = locked(reversal.payment.claim)
        reversal = _open(reversal)
        if reversal.proposed_by_id == actor.id:
            raise CannotReverse(
                "取消しの確認は、起案した人とは別の人が行います。別の職員に依頼してください。"
            )
        payment = reversal.payment
        _ask_reversible(claim, payment)
        PaymentReversal.objects.filter(pk=reversal.pk).update(confirmed_by_id=actor.id, confirmed_at=at)
        ClaimPayment.objects.filter(pk=payment.pk).update(reversed_at=at)
        _reverse_entries(payment, reversal, actor, at)
        if claim.state == "paid" and facts_of(_again(claim)).paid_yen < claim.amount_yen:
            Claim.objects.filter(pk=claim.pk).update(state="noticed", ended_at=None)
        claim = _again(claim)
        _plan_again(claim)
        record(claim, "claim.correct", f"{_words(payment)}を取消し: {reversal.reason}", actor, at)
    return claim


def give_up_reversal(reversal: PaymentReversal, *, actor: Actor, at: datetime) -> None:
    """Either person lets a proposal go; it stays on record, and the payment counts."""
    if not may(actor.roles, "claim.correct") or actor.id is None:
        raise CannotReverse(
            "納付の取消しを取りやめられるのは、自治体の担当課・出納と、事務局の業務責任者だけです。"
        )
    with transaction.atomic():
        claim = locked(reversal.payment.claim)
        reversal = _open(reversal)
        PaymentReversal.objects.filter(pk=reversal.pk).update(given_up_by_id=actor.id, given_up_at=at)
        record(claim, "claim.correct", f"{_words(reversal.payment)}の取消しを取りやめ", actor, at)


def _words(payment: ClaimPayment) -> str:
    return f"{'還付' if payment.refund_of_id else '納付'} {payment.amount_yen:,}円（{payment.receipt}）"


def _again(claim: Claim) -> Claim:
    return Claim.objects.select_related("programme", "transfer__batch", "case").get(pk=claim.pk)


def _open(reversal: PaymentReversal) -> PaymentReversal:
    found = (
        PaymentReversal.objects.select_for_update(of=("self",))
        .select_related("payment", "proposed_by")
        .get(pk=reversal.pk)
    )
    if found.confirmed_at or found.given_up_at:
        raise CannotReverse("この取消しの手続きは終わっています。画面を更新してください。")
    return found


def _ask_reversible(claim: Claim, payment: ClaimPayment) -> None:
    counted = 0 if payment.refund_of_id else payment.amount_yen - payment.excess_yen
    if payment.reversed_at is not None:
        raise CannotReverse("この記帳は取消し済みです。")
    if ClaimPayment.objects.filter(refund_of=payment, reversed_at__isnull=True).exists():
        raise CannotReverse(
            "この納付の過誤納金は還付済みです。還付の記帳が誤りなら、先に還付を取り消してください。"
        )
    if counted and claim.state in GIVEN_UP:
        raise CannotReverse(
            "残りを免除または不納欠損にした返還です。終わった額が変わるため、この納付は取り消せません。出納と担当課で協議してください。"
        )
    if counted > standing_of_case(claim.case_id, "back", year_of(claim)):
        raise CannotReverse(
            "この納付は、戻入または過年度収入に整理済みです。先に、帳簿でこの案件のその仕訳を訂正してください。"
        )


def _reverse_entries(payment: ClaimPayment, reversal: PaymentReversal, actor: Actor, at: datetime) -> None:
    """The mirror of each entry that the payment made, under both names."""
    first = _actor_of(reversal.proposed_by)
    entries = LedgerEntry.objects.filter(
        subject_kind="claim_payment", subject_id=payment.pk, reverses__isnull=True
    )
    for entry in entries.order_by("pk"):
        post_reversal(entry, reason=reversal.reason, first=first, second=actor, at=at)


def _actor_of(staff: Staff) -> Actor:
    return Actor(id=staff.pk, name=staff.name, roles=staff.roles)


def _plan_again(claim: Claim) -> None:
    """A plan that was made of what was left after this payment lacks it now: it is due with the plan's last part.

    The days that were agreed stay. Nothing is acknowledged by it, so the prescription is not renewed.
    """
    facts = facts_of(claim)
    if not facts.plan:
        return
    agreed_at = max(one.at for one in claim.notices.all() if one.kind == "acknowledged")
    before = sum(
        one.amount_yen - one.excess_yen
        for one in claim.payments.all()
        if one.refund_of_id is None and one.reversed_at is None and one.at < agreed_at
    )
    lacking = facts.amount_yen - before - sum(yen for _, yen in facts.plan)
    if lacking <= 0:
        return
    number = 1 + max(one.plan for one in claim.instalments.all())
    *parts, (last_day, last_yen) = facts.plan
    Instalment.objects.bulk_create(
        Instalment(claim=claim, plan=number, number=place, due_on=due_on, amount_yen=yen)
        for place, (due_on, yen) in enumerate([*parts, (last_day, last_yen + lacking)], 1)
    )
