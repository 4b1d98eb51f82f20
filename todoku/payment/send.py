"""The municipality's treasurer takes the approved files to the bank (振込依頼). One send per file and digest, ever.

Takes an approved batch after its cancel window; leaves send records and everything at "outcome unknown" until the bank's
receipt is on record (confirm.py). Only the municipality does this.
"""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate, localtime

from todoku.custody.tables import HandOver
from todoku.formats.bank_days import is_bank_day
from todoku.ground.step import Refusal, Report
from todoku.payment.book_batch import book_batch
from todoku.payment.confirm import confirm, party_of
from todoku.payment.halted import ask_not_halted
from todoku.payment.hold_kinds import KINDS
from todoku.payment.kept_files import ask_kept
from todoku.payment.late_facts import find_late_facts
from todoku.payment.rails import RAILS
from todoku.payment.side_tables import Hold
from todoku.payment.tables import Batch, BatchFile, SendRecord, Transfer
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look

# As many held rows as a sentence can name.
HELD_NAMED = 5


class CannotSend(Refusal):
    """The batch may not go to the bank now."""


def send(batch: Batch, *, sha256: str, bank_receipt: str, actor: Actor, at: datetime) -> Report:
    """Records the hand-over of exactly this digest's files; with the bank's receipt, if there is one already, confirms it.

    Before that, in a transaction of its own, what became known since the seal is held; those holds stay though the send
    is refused. Without a receipt the outcome is unknown: the bank is asked (inquire.py), never sent to again.
    """
    if not may(actor.roles, "batch.take_file") or actor.id is None:
        raise CannotSend("振込データを金融機関へ渡せるのは自治体の出納だけです。")
    if Batch.objects.filter(pk=batch.pk, state="approved").exists():
        find_late_facts(programme=batch.programme, actor=actor, at=at)
    with transaction.atomic():
        batch = (
            Batch.objects.select_for_update(of=("self",))
            .select_related("manifest", "programme")
            .get(pk=batch.pk)
        )
        _ask_state(batch, sha256, at)
        if actor.id in (batch.maker_id, batch.sealed_by_id):
            raise CannotSend("作成・確定した本人は受け取れません。自治体の出納が受け取ってください。")
        ask_not_halted(batch.programme)
        _ask_held(batch)
        ask_kept(batch)
        for file in batch.files.select_related("parcel").order_by("number"):
            _take(batch, file, actor, at)
        Batch.objects.filter(pk=batch.pk).update(state="sending")
        sending = Transfer.objects.filter(batch=batch, state="sealed").update(state="sending")
        assert sending == batch.count, f"batch {batch.pk}: {batch.count} lines, {sending} on their way"
        book_batch(batch, actor=actor, at=at)
        record_look(
            actor=actor, action="batch.take_file", subject_kind="batch", subject_id=batch.pk, at=at,
            programme_slug=batch.programme.slug, reason=sha256,
        )  # fmt: skip
        receipt = bank_receipt.strip()
        if RAILS[batch.rail].at_once:
            receipt = f"支給開始 {localtime(at):%Y-%m-%d %H:%M}"
        if receipt:
            for file in batch.files.order_by("number"):
                confirm(file, receipt=receipt, actor=actor, at=at)
    return Report(done=batch.count)


def _take(batch: Batch, file: BatchFile, actor: Actor, at: datetime) -> None:
    assert actor.id is not None, "a file is taken by a person"
    SendRecord.objects.create(file=file, batch=batch, sha256=file.sha256, taken_by_id=actor.id, at=at)
    HandOver.objects.create(
        parcel=file.parcel, from_party="出納", to_party=party_of(batch), at=at, count_stated=file.count,
        count_found=file.count, sha256=file.sha256, receipt="", actor_name=actor.name,
    )  # fmt: skip


def _ask_state(batch: Batch, sha256: str, at: datetime) -> None:
    if batch.state in ("sending", "sent", "reconciled"):
        raise CannotSend("この振込データは依頼済みです。同じデータは二度と渡せません。")
    if batch.state != "approved" or batch.sha256 != sha256:
        raise CannotSend(
            "事務局と出納の両方の承認が済んだ振込データだけを渡せます。画面を開き直してください。"
        )
    assert batch.releasable_at is not None, "an approved batch has a cancel window"
    if at < batch.releasable_at:
        raise CannotSend(
            "承認の後しばらくは、取りやめられるようにしています。"
            f"{localtime(batch.releasable_at):%m月%d日 %H:%M}から受け取れます。"
        )
    today = localdate(at)
    if RAILS[batch.rail].proven and not is_bank_day(today):
        raise CannotSend("今日は銀行の営業日ではありません。次の営業日に受け取ってください。")
    if batch.value_date < today:
        raise CannotSend(
            "振込指定日が過ぎています。事務局に取消しを依頼し、新しい振込日で作り直してください。"
        )


def _ask_held(batch: Batch) -> None:
    held = Hold.objects.filter(closed_at__isnull=True, case__transfers__batch=batch)
    rows = dict(held.order_by("case__transfers__number").values_list("case__transfers__number", "kind"))
    if rows:
        named = "、".join(
            f"{number}（{KINDS[kind].name}）" for number, kind in list(rows.items())[:HELD_NAMED]
        )
        more = f"、ほか{len(rows) - HELD_NAMED:,}件" if len(rows) > HELD_NAMED else ""
        raise CannotSend(
            f"保留中の振込が{len(rows):,}件あるため、渡せません。振込番号{named}{more}。保留を解消するか、"
            "事務局に取消しを依頼し、その分を除いて作り直してください。"
        )
