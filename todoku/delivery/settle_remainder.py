"""What was left of a gift is settled (残額の整理): it lapses as the terms say, or the issuer pays it back.

Takes a payment that gift_remainders names; leaves its GiftRemainder, and an entry in the books only where the issuer has
paid back, of what it has paid back: a balance that lapsed at the issuer is no money of the municipality's. The payment
itself stays settled, since the resident received it.
"""

from datetime import datetime

from django.db import connection, transaction
from django.utils.timezone import localdate

from todoku.delivery.gift_remainders import remainders
from todoku.delivery.tables import GiftRemainder
from todoku.ground.step import Refusal
from todoku.ledger.post import Line, post
from todoku.payment.tables import Transfer
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look

LAPSED, REFUNDED = "lapsed", "refunded"
DOCUMENT_MAX = 60
# Claims stand downstream; they are read by the name of their table, as the books do.
_CLAIMED = "select 1 from todoku_claim where transfer_id = %s and state <> 'cancelled'"


class CannotSettle(Refusal):
    """Nothing is left of this payment, it was settled, or not by this person."""


def settle_remainder(
    transfer: Transfer, *, outcome: str, refunded_yen: int, document: str, actor: Actor, at: datetime
) -> GiftRemainder:
    """Settles what is left: "lapsed" with 0 yen, or "refunded" with the yen that the issuer has paid back.

    `document` names what it rests on: the article of the terms, or the issuer's notice. Raises CannotSettle.
    """
    if not may(actor.roles, "gift.settle") or actor.id is None or actor.organisation != "municipality":
        raise CannotSettle("ギフトの残額を整理できるのは、自治体の担当課と出納の職員だけです。")
    document = " ".join(document.split())
    if not document or len(document) > DOCUMENT_MAX:
        raise CannotSettle(
            f"根拠とする文書（実施要綱の条項か、発行元の返金の通知）を{DOCUMENT_MAX}文字以内で入力してください。"
        )
    with transaction.atomic():
        held = (
            Transfer.objects.select_for_update(of=("self",))
            .select_related("programme", "batch")
            .get(pk=transfer.pk)
        )
        left = _left(held, at)
        _ask_yen(outcome, refunded_yen, left)
        _ask_not_claimed(held)
        made = GiftRemainder.objects.create(
            transfer=held, left_yen=left, outcome=outcome, refunded_yen=refunded_yen, document=document,
            settled_by_id=actor.id, at=at,
        )  # fmt: skip
        if refunded_yen:
            assert held.batch is not None, "a settled payment was in a batch"
            line = Line(held.pk, held.case_id, refunded_yen, held.batch.fiscal_year)
            post(
                "gift_refunded", [line], programme=held.programme, subject_kind="transfer", actor=actor, at=at,
                reason=document,
            )  # fmt: skip
        record_look(
            actor=actor, action="gift.settle", subject_kind="case", subject_id=held.case_id, at=at,
            programme_slug=held.programme.slug, reason=f"{held.number} 残額{left:,}円 返金{refunded_yen:,}円 {document}",
        )  # fmt: skip
    return made


def _left(held: Transfer, at: datetime) -> int:
    found = remainders(held.programme, on=localdate(at), transfer=held.pk)
    if not found:
        raise CannotSettle(
            "この支払に、整理する残額はありません。有効期限の前か、すべて使われたか、返却になっています。"
        )
    if found[0].outcome:
        raise CannotSettle("この支払の残額は、もう整理されています。")
    return found[0].left_yen


def _ask_yen(outcome: str, refunded_yen: int, left: int) -> None:
    if outcome == LAPSED and refunded_yen == 0:
        return
    if outcome == REFUNDED and 0 < refunded_yen <= left:
        return
    raise CannotSettle(
        f"失効のときは返金額を0円に、返金のときは1円から残額の{left:,}円までで入力してください。"
    )


def _ask_not_claimed(held: Transfer) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIMED, [held.pk])
        if cursor.fetchone():
            raise CannotSettle(
                "この支払は返還請求をしています。返還の整理が済んでから、残額を整理してください。"
            )
