"""Cash at the counter (窓口での現金支給): two officers of the municipality, a known person, a receipt; once for ever.

Takes a released payment in cash; leaves its CashPayment and the payment settled. 地方自治法243条の2: nobody of the office
touches public money, so this stands at the municipality's door alone, and the database asks for the officers again.
"""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from todoku.delivery.reached import reached
from todoku.delivery.tables import CashPayment
from todoku.ground.step import Refusal
from todoku.payment.tables import Transfer
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.people.tables import Staff, roles_held

IDENTITY_MAX, RECEIPT_MAX = 60, 40


class CannotPayCash(Refusal):
    """Cash is not handed over: not released, paid before, or not by these two."""


def pay_cash(
    transfer: Transfer, *, receipt_number: str, identity_seen: str, witness: Staff, actor: Actor, at: datetime
) -> CashPayment:  # fmt: skip
    """Records that cash was handed over: the receipt's number, the document seen (its kind, never its number).

    Raises CannotPayCash with what to do.
    """
    if not identity_seen.strip() or len(identity_seen.strip()) > IDENTITY_MAX:
        raise CannotPayCash("窓口で確かめた本人確認書類の種類を選んでください。")
    with transaction.atomic():
        held = released(transfer, "cash", actor, witness)
        made = record_payment(held, receipt_number, "", identity_seen.strip(), witness, actor, at)
        reached(held.batch, [held.pk], why="窓口で現金を支給", actor=actor, at=at)  # type: ignore[arg-type]
    return made


def released(transfer: Transfer, rail: str, actor: Actor, witness: Staff) -> Transfer:
    """The payment, held, if these two may pay it now over this rail. Raises CannotPayCash."""
    if not may(actor.roles, "cash.pay") or actor.id is None or actor.organisation != "municipality":
        raise CannotPayCash("現金を支給できるのは、自治体の担当課と出納の職員だけです。")
    if witness.pk == actor.id:
        raise CannotPayCash("支給する人と立ち会う人は、別の職員にしてください。")
    held = (
        Transfer.objects.select_for_update(of=("self",))
        .select_related("batch", "programme", "case")
        .get(pk=transfer.pk)
    )
    if held.rail != rail or held.state != "sent":
        raise CannotPayCash(
            f"この支払は、今は現金で渡せません（{held.get_state_display()}）。支給開始の済んだ一覧を確かめてください。"
        )
    if held.case.holds.filter(closed_at__isnull=True).exists():
        raise CannotPayCash("この支払は保留中です。保留が解消されるまで渡さないでください。")
    return held


def record_payment(
    held: Transfer, receipt_number: str, mail_number: str, identity: str, witness: Staff, actor: Actor, at: datetime
) -> CashPayment:  # fmt: skip
    """The append-only row of a payment in cash, by hand or by mail. Raises CannotPayCash."""
    receipt = receipt_number.strip()
    if not receipt or len(receipt) > RECEIPT_MAX:
        raise CannotPayCash(f"領収書の番号を{RECEIPT_MAX}文字以内で入力してください。")
    if CashPayment.objects.filter(receipt_number=receipt).exists():
        raise CannotPayCash("この番号の領収書は、もう使われています。領収書の番号を確かめてください。")
    roles = {role for role, _ in roles_held(witness.pk, on=localdate())}
    if not witness.is_active or not roles & {"city_officer", "city_treasurer"}:
        raise CannotPayCash("立ち会う人は、自治体の担当課か出納の職員にしてください。")
    assert actor.id is not None, "cash is paid by a person"
    made = CashPayment.objects.create(
        transfer=held, receipt_number=receipt, mail_number=mail_number, identity_seen=identity, paid_by_id=actor.id,
        witness=witness, at=at,
    )  # fmt: skip
    record_look(
        actor=actor, action="cash.pay", subject_kind="case", subject_id=held.case_id, at=at,
        programme_slug=held.programme.slug, reason=f"{held.number} 領収書{receipt}",
    )  # fmt: skip
    return made
