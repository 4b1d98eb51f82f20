"""Another gift code in the place of a revoked one (再発行): same value, same payment, from stock.

Takes a revoked code of a released payment; leaves a code assigned that names it, waiting for a letter of its own. The
payment itself stays what it is: nothing is paid twice, since the first code was revoked before and the payment cannot
come back in the same moment.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.timezone import localdate

from todoku.delivery.assign_codes import USABLE_DAYS
from todoku.delivery.tables import GiftCode
from todoku.ground.step import Refusal
from todoku.payment.tables import Transfer
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look


class CannotReissue(Refusal):
    """The code is not revoked, was replaced already, or no other lies in stock."""


def reissue_code(code: GiftCode, *, actor: Actor, at: datetime) -> GiftCode:
    """Assigns a code from stock in the place of a revoked one and gives it."""
    if not may(actor.roles, "gift.revoke"):
        raise CannotReissue("ギフトコードを再発行する権限がありません。")
    with transaction.atomic():
        old = GiftCode.objects.select_for_update(of=("self",)).select_related("programme").get(pk=code.pk)
        if old.state != "revoked" or old.transfer_id is None:
            raise CannotReissue("再発行できるのは、割当てのあとで失効させたコードだけです。")
        if Transfer.objects.select_for_update().get(pk=old.transfer_id).state not in ("sent", "settled"):
            raise CannotReissue("この支払は取り消されたか、返却されています。再発行はできません。")
        if GiftCode.objects.filter(replaces=old).exists():
            raise CannotReissue("このコードは再発行済みです。")
        new = (
            GiftCode.objects.select_for_update(skip_locked=True)
            .filter(
                programme_id=old.programme_id, state="stock", value_yen=old.value_yen,
                expires_on__gte=localdate(at) + timedelta(days=USABLE_DAYS),
            )
            .order_by("expires_on", "pk")
            .first()
        )  # fmt: skip
        if new is None:
            raise CannotReissue(
                f"{old.value_yen:,}円券の在庫がありません。発行元に注文し、一覧を受け入れてください。"
            )
        new.state, new.transfer_id, new.assigned_at, new.replaces = "assigned", old.transfer_id, at, old
        new.save(update_fields=["state", "transfer", "assigned_at", "replaces"])
        record_look(
            actor=actor, action="gift.reissue", subject_kind="gift_code", subject_id=new.pk, at=at,
            programme_slug=old.programme.slug, reason=f"{old.serial} → {new.serial}",
        )  # fmt: skip
    return new
