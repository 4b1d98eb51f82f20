"""The bank has the file (受付の確認): its receipt ends the unknown outcome, and the residents' cases are being paid.

Takes a file that was handed over; leaves its confirmation, its transfers sent and their cases PAYING. When the last file
of a batch is confirmed, the batch is sent; a file that was given up is waited for no more.
"""

from datetime import datetime

from django.db import transaction

from todoku.case import stages
from todoku.case.move import Selection, move
from todoku.custody.tables import HandOver
from todoku.ground.step import Refusal
from todoku.payment.file_standing import is_given_up
from todoku.payment.rails import RAILS
from todoku.payment.tables import BankInquiry, Batch, BatchFile, Confirmation, Transfer
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look

RECEIPT_MAX = 60
MAKER = "作成・確定した本人は、金融機関の受付を記録できません。別の出納に依頼してください。"
GIVEN_UP_WORDS = (
    "このファイルの依頼は取りやめました。金融機関が受け付けていたと分かったときは、作り直した振込を渡さずに、"
    "業務責任者に連絡してください。"
)
SENT_CASES = """
select case_id from todoku_transfer where batch_id = %s and file_number = %s and state = 'sent' and part = 1
"""


class NoReceipt(Refusal):
    """There is no number, or the file does not wait for one."""


def confirm(
    file: BatchFile, *, receipt: str, actor: Actor, at: datetime, inquiry: BankInquiry | None = None
) -> Confirmation:
    """Records the bank's receipt number for one file, given at the hand-over or in answer to an inquiry."""
    receipt = receipt.strip()
    if not receipt or len(receipt) > RECEIPT_MAX:
        raise NoReceipt(f"金融機関の受付番号を{RECEIPT_MAX}文字以内で入れてください。")
    if not may(actor.roles, "batch.take_file") or actor.id is None:
        raise NoReceipt("受付番号を記録できるのは自治体の出納だけです。")
    with transaction.atomic():
        batch = (
            Batch.objects.select_for_update(of=("self",)).select_related("programme").get(pk=file.batch_id)
        )
        if batch.state != "sending" or Confirmation.objects.filter(file=file).exists():
            raise NoReceipt("受付番号を待っているファイルではありません。画面を開き直してください。")
        if is_given_up(file):
            raise NoReceipt(GIVEN_UP_WORDS)
        if actor.id in (batch.maker_id, batch.sealed_by_id):
            raise NoReceipt(MAKER)
        made = Confirmation.objects.create(
            file=file, receipt=receipt, inquiry=inquiry, confirmed_by_id=actor.id, at=at
        )
        HandOver.objects.create(
            parcel_id=file.parcel_id, from_party="出納", to_party=party_of(batch), at=at, count_stated=file.count,
            count_found=file.count, sha256=file.sha256, receipt=receipt, actor_name=actor.name,
        )  # fmt: skip
        _mark(batch, file, actor, at)
        record_look(
            actor=actor, action="batch.confirm", subject_kind="batch", subject_id=batch.pk, at=at,
            programme_slug=batch.programme.slug, reason=f"{file.name} 受付番号{receipt}",
        )  # fmt: skip
    return made


def party_of(batch: Batch) -> str:
    """Who takes the released file: the bank, or whoever delivers over another rail."""
    return "指定金融機関" if RAILS[batch.rail].proven else "支給の窓口"


def _mark(batch: Batch, file: BatchFile, actor: Actor, at: datetime) -> None:
    """Transfers, cases and batch follow the confirmation; all counts must be the file's."""
    sent = Transfer.objects.filter(batch=batch, file_number=file.number, state="sending").update(state="sent")
    assert sent == file.count, f"file {file.pk}: {file.count} lines, {sent} sent"
    moved = move(
        Selection(SENT_CASES, [batch.pk, file.number]),
        programme=batch.programme, to=stages.PAYING, why=f"振込データ{batch.pk}", actor=actor, at=at,
    )  # fmt: skip
    firsts = Transfer.objects.filter(batch=batch, file_number=file.number, part=1).count()
    assert moved == firsts, f"file {file.pk}: {firsts} first payments, {moved} cases moved"
    if not Transfer.objects.filter(batch=batch, state="sending").exists():
        Batch.objects.filter(pk=batch.pk).update(state="sent")
