"""The municipality's treasurer takes the approved file to the bank (振込依頼). One send per batch and digest, ever.

Takes an approved batch; leaves the send record, transfers sent and cases PAYING. Only the municipality does this.
"""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from todoku.case import stages
from todoku.case.move import Selection, move
from todoku.custody.tables import HandOver
from todoku.ground.step import Refusal, Report
from todoku.payment.seal import file_bytes
from todoku.payment.tables import Batch, SendRecord, Transfer
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look


class CannotSend(Refusal):
    """The batch may not go to the bank now."""


def send(batch: Batch, *, sha256: str, bank_receipt: str, actor: Actor, at: datetime) -> Report:
    """Records the hand-over of exactly this digest to the bank, with the bank's receipt if there is one already."""
    if not may(actor.roles, "batch.take_file") or actor.id is None:
        raise CannotSend("振込データを金融機関へ渡せるのは自治体の出納だけです。")
    with transaction.atomic():
        batch = (
            Batch.objects.select_for_update(of=("self",)).select_related("file", "programme").get(pk=batch.pk)
        )
        _ask_state(batch, sha256, at)
        file_bytes(batch)
        assert batch.file is not None, "file_bytes refuses a batch without a file"
        SendRecord.objects.create(
            batch=batch, sha256=sha256, taken_by_id=actor.id, bank_receipt=bank_receipt.strip()[:60], at=at
        )
        HandOver.objects.create(
            parcel=batch.file, from_party="出納", to_party="指定金融機関", at=at, count_stated=batch.count,
            count_found=batch.count, sha256=sha256, receipt=bank_receipt.strip()[:200], actor_name=actor.name,
        )  # fmt: skip
        _mark(batch, actor, at)
        record_look(
            actor=actor, action="batch.take_file", subject_kind="batch", subject_id=batch.pk, at=at,
            programme_slug=batch.programme.slug, reason=sha256,
        )  # fmt: skip
    return Report(done=batch.count)


def _ask_state(batch: Batch, sha256: str, at: datetime) -> None:
    if batch.state in ("sent", "reconciled"):
        raise CannotSend("この振込データは依頼済みです。同じデータは二度と渡せません。")
    if batch.state != "approved" or batch.sha256 != sha256:
        raise CannotSend(
            "事務局と出納の両方の承認が済んだ振込データだけを渡せます。画面を開き直してください。"
        )
    if batch.value_date < localdate(at):
        raise CannotSend(
            "振込指定日が過ぎています。事務局に取消しを依頼し、新しい振込日で作り直してください。"
        )


def _mark(batch: Batch, actor: Actor, at: datetime) -> None:
    """Batch, transfers and cases follow the send record; all counts must be the batch's."""
    Batch.objects.filter(pk=batch.pk).update(state="sent")
    sent = Transfer.objects.filter(batch=batch, state="sealed").update(state="sent")
    assert sent == batch.count, f"batch {batch.pk}: {batch.count} lines, {sent} sent"
    moved = move(
        Selection("select case_id from todoku_transfer where batch_id = %s and state = 'sent'", [batch.pk]),
        programme=batch.programme, to=stages.PAYING, why=f"振込データ{batch.pk}", actor=actor, at=at,
    )  # fmt: skip
    assert moved == sent, f"batch {batch.pk}: {sent} sent, {moved} cases moved"
