"""Cancels a batch that has not gone to the bank (振込データの取消). Nothing is deleted: its rows wait again or are void.

Takes an open, sealed or approved batch, or one whose every file the bank has denied; leaves it void. Rows of an open
batch wait for the next one; rows that stood in a sealed file are void with it, and make_transfers makes them anew under
new numbers. One file among others is given up by give_up_file.py.
"""

from datetime import datetime

from django.db import transaction

from todoku.ground.step import Refusal
from todoku.payment.book_batch import book_batch
from todoku.payment.file_standing import all_denied, standings
from todoku.payment.tables import Batch, Transfer
from todoku.people.actor import Actor
from todoku.people.look import record_look


class CannotVoid(Refusal):
    """The batch has gone to the bank, or nobody says why it should be cancelled."""


def void(batch: Batch, *, reason: str, actor: Actor, at: datetime) -> Batch:
    """Voids a batch with a reason that stays on record; raises CannotVoid after it was sent."""
    if not reason.strip():
        raise CannotVoid("取り消す理由を書いてください。承認者と出納の画面に表示されます。")
    with transaction.atomic():
        batch = Batch.objects.select_for_update().select_related("programme").get(pk=batch.pk)
        if batch.state not in ("open", "sealed", "approved") and not (
            batch.state == "sending" and all_denied(standings(batch))
        ):
            raise CannotVoid(
                "振込依頼後のデータは取り消せません。受け付けられていないファイルがあるときは、出納がそのファイルの依頼を取りやめます。受け付けられた分は、組戻しの手続きを金融機関に確認してください。"
            )
        Transfer.objects.filter(batch=batch, state="ready").update(batch=None)
        Transfer.objects.filter(batch=batch, state__in=["sealed", "sending"]).update(state="void")
        book_batch(batch, actor=actor, at=at)
        Batch.objects.filter(pk=batch.pk).update(state="void")
        record_look(
            actor=actor, action="batch.void", subject_kind="batch", subject_id=batch.pk, at=at,
            programme_slug=batch.programme.slug, reason=reason.strip(),
        )  # fmt: skip
    batch.refresh_from_db()
    return batch
