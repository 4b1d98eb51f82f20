"""One file of a batch is given up (依頼の取りやめ): the bank never had it, and the other files of the batch go on without it.

Takes the bank's newest "not received" and another person's consent; leaves the file's payments void and booked as recalled,
so that they can be made anew. The batch is sent once nothing of it waits any more, void where no file of it is left.
"""

from datetime import datetime

from django.db import transaction

from todoku.ground.step import Refusal
from todoku.payment.agree_again import GIVE_UP, SUBJECT, agreed_by, is_municipal
from todoku.payment.book_batch import book_batch
from todoku.payment.confirm import MAKER
from todoku.payment.file_standing import standings
from todoku.payment.tables import BankInquiry, Batch, Confirmation, Transfer
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.people.tables import Staff

REASON_MAX = 200


class CannotGiveUp(Refusal):
    """The bank has not denied the file, one of the two persons is missing, or nobody says why."""


def give_up_file(inquiry: BankInquiry, *, second: Staff, reason: str, actor: Actor, at: datetime) -> Batch:
    """Voids the payments of the file that `inquiry` was answered about; gives the batch as it then stands.

    `second` is another person of the municipality, who has agreed on their own session (agree_again.py, to=GIVE_UP).
    """
    reason = " ".join(reason.split())
    if not may(actor.roles, "batch.take_file") or actor.id is None or second.pk == actor.id:
        raise CannotGiveUp("依頼を取りやめるには、出納と、自治体のもう一人の確認が必要です。")
    if not reason or len(reason) > REASON_MAX:
        raise CannotGiveUp(
            f"取りやめる理由を{REASON_MAX}文字以内で書いてください。後で説明するときの記録になります。"
        )
    if agreed_by(inquiry, to=GIVE_UP) != second:
        raise CannotGiveUp("もう一人が自分の画面で取りやめに同意すると、取りやめられます。")
    with transaction.atomic():
        file = inquiry.file
        batch = (
            Batch.objects.select_for_update(of=("self",)).select_related("programme").get(pk=file.batch_id)
        )
        if not is_municipal(second, batch):
            raise CannotGiveUp("もう一人は、自治体の出納か担当課の職員にしてください。")
        if actor.id in (batch.maker_id, batch.sealed_by_id):
            raise CannotGiveUp(MAKER)
        (one,) = (found for found in standings(batch) if found.file == file)
        if batch.state != "sending" or one.denial != inquiry or one.given_up:
            raise CannotGiveUp(
                "金融機関の「受け付けていない」という最新の回答があるファイルだけ、依頼を取りやめられます。"
                "画面を開き直してください。"
            )
        rows = Transfer.objects.filter(batch=batch, file_number=file.number, state="sending")
        voided = rows.update(state="void")
        assert voided == file.count, f"file {file.pk}: {file.count} lines, {voided} void"
        book_batch(batch, actor=actor, at=at)
        _go_on(batch)
        record_look(
            actor=actor, action="batch.give_up", subject_kind=SUBJECT, subject_id=inquiry.pk, at=at,
            programme_slug=batch.programme.slug, reason=f"{file.name} {voided:,}件 同意 {second.name} {reason}",
        )  # fmt: skip
    batch.refresh_from_db()
    return batch


def _go_on(batch: Batch) -> None:
    """The batch follows its files: while one waits for the bank, it waits too."""
    if Transfer.objects.filter(batch=batch, state="sending").exists():
        return
    confirmed = Confirmation.objects.filter(file__batch=batch).exists()
    Batch.objects.filter(pk=batch.pk).update(state="sent" if confirmed else "void")
