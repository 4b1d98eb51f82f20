"""A settled transfer → a claim for its repayment (返還請求), by the municipality's order; booked in the same transaction.

Leaves the claim open: no letter has gone out yet. Nothing is set off against another benefit, here or anywhere.
"""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Sum

from todoku.delivery.tables import GiftRemainder
from todoku.formats.codes import check_digit
from todoku.ground.step import Refusal
from todoku.ledger.post import Line, post
from todoku.payment.tables import Transfer
from todoku.people.access import ACTIONS
from todoku.people.actor import Actor
from todoku.recovery.held_claim import record, year_of
from todoku.recovery.tables import Claim

REASONS = dict(Claim.REASONS)


class CannotClaim(Refusal):
    """Nothing can be claimed from this transfer, or not so much, or not by this person."""


def open_claim(
    transfer: Transfer, *, reason: str, why: str, order: str, amount_yen: int | None = None, actor: Actor, at: datetime
) -> Claim:  # fmt: skip
    """Claims all of a settled transfer that is neither claimed nor paid back by an issuer yet, or `amount_yen` of it.

    `reason` is a key of Claim.REASONS, `why` the facts in words, `order` the municipality's order (決裁番号). Raises
    CannotClaim.
    """
    assert reason in REASONS, f"unknown reason {reason!r}"
    if not actor.roles & ACTIONS["claim.open"] or actor.id is None:
        raise CannotClaim("返還を請求できるのは、自治体の担当課職員だけです。")
    why, order = why.strip(), order.strip()
    if not why or not order:
        raise CannotClaim("返還を求める理由と、決裁の番号を入力してください。")
    with transaction.atomic():
        found = (
            Transfer.objects.select_for_update(of=("self",))
            .select_related("programme", "batch", "case")
            .get(pk=transfer.pk)
        )
        amount = _amount(found, amount_yen)
        number = _running_number()
        claim = Claim.objects.create(
            pk=number, programme=found.programme, case=found.case, transfer=found, reason=reason, why=why[:200],
            order=order[:100], amount_yen=amount, slip_number=slip_number(number), opened_at=at, opened_by_id=actor.id,
        )  # fmt: skip
        post(
            "claim", [Line(claim.pk, claim.case_id, amount, year_of(claim))], programme=claim.programme,
            subject_kind="claim", actor=actor, at=at, reason=REASONS[reason],
        )  # fmt: skip
        record(claim, "claim.open", f"{amount:,}円 {REASONS[reason]}（{order}）", actor, at)
    return claim


def slip_number(number: int) -> str:
    """The number of the payment slip (納付書番号): ten digits and their check digit.

    With eleven digits it can never be read as a My Number.
    """
    digits = f"{number:010d}"
    return digits + check_digit(digits.zfill(12))


def _running_number() -> int:
    """The claim's own number, drawn first: its payment slip is named after it."""
    with connection.cursor() as cursor:
        cursor.execute("select nextval(pg_get_serial_sequence('todoku_claim', 'id'))")
        (number,) = cursor.fetchone()
    return int(number)


def _amount(transfer: Transfer, asked: int | None) -> int:
    if transfer.state != "settled":
        raise CannotClaim(
            f"この支払は「{transfer.get_state_display()}」です。返還を請求できるのは、受給者に渡った支払だけです。"
        )
    claimed = sum(
        Claim.objects.filter(transfer=transfer).exclude(state="cancelled").values_list("amount_yen", flat=True)
    )  # fmt: skip
    # What the issuer of a gift paid back is with the municipality: nobody owes it.
    refunded = GiftRemainder.objects.filter(transfer=transfer).aggregate(yen=Sum("refunded_yen"))["yen"] or 0
    left = transfer.amount_yen - claimed - refunded
    if left <= 0:
        raise CannotClaim(
            "この支払の全額が、返還を請求した分と、ギフトの発行元から返金された分です。"
            if refunded
            else "この支払の全額について、すでに返還を請求しています。"
        )
    amount = left if asked is None else asked
    if not 0 < amount <= left:
        raise CannotClaim(f"請求できるのは1円から{left:,}円までです。金額を確認してください。")
    return amount
