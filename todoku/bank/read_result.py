"""The bank's report on a sent batch → every transfer settled or returned; failed ones go back to their case.

Takes a CSV of returned transfers (振込不能), or the same keyed from paper; a transfer of the batch that it does not name
is settled. All or nothing: a line that matches no transfer of this batch refuses the whole report, which is kept as
received, and stays an open question itself.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NoReturn

from django.db import transaction
from django.utils.timezone import localdate

from todoku.bank.credited import amended_count
from todoku.bank.match_returns import Matched, keep_unmatched, match_returns, unmatched_words
from todoku.bank.report_mapping import mapping_of
from todoku.bank.take_back import take_back
from todoku.case import stages
from todoku.case.move import Selection, move
from todoku.custody.receive import receive
from todoku.custody.tables import Parcel
from todoku.formats import bank_report
from todoku.ground.step import Refusal, Report
from todoku.payment.book_batch import book_batch
from todoku.payment.tables import BankReport, Batch, Transfer
from todoku.people.actor import Actor
from todoku.people.look import record_look

SETTLED = "select case_id from todoku_transfer where batch_id = %s and state = 'settled' and part = 1"


class ReportRefused(Refusal):
    """The report does not belong to this batch, or says what cannot be; nothing was taken from it."""


def read_result(batch: Batch, data: bytes, *, name: str, actor: Actor, at: datetime) -> Report:
    """Reconciles a batch with its bank report; gives settled (done) and the returned ones (refused) by number.

    The same report again changes nothing. Raises ReportRefused for a batch that was never sent, for a value date that
    has not come, and for lines that match nothing.
    """
    parcel = keep_report(batch, data, name=name, actor=actor, at=at)
    known = BankReport.objects.filter(batch=batch, parcel=parcel).first()
    if known:
        return Report(
            done=known.settled, waiting=known.returned, note="この結果は取り込み済みです。変更はありません。"
        )
    return _take(batch, rows_of_report(batch, data), parcel, actor, at)


def key_result(
    batch: Batch, rows: Sequence[bank_report.ReturnedTransfer], *, actor: Actor, at: datetime
) -> Report:
    """The same from paper or a bank's screen: `rows` are all that came back, keyed and looked at a second time."""
    return _take(batch, rows, None, actor, at)


def keep_report(batch: Batch, data: bytes, *, name: str, actor: Actor, at: datetime) -> Parcel:
    """The bank's file as received: the same bytes are kept once."""
    parcel, _new = receive(
        data, kind="bank_report", name=name, scope=batch.programme.slug, from_party="金融機関", actor=actor, at=at
    )  # fmt: skip
    return parcel


def rows_of_report(batch: Batch, data: bytes) -> list[bank_report.ReturnedTransfer]:
    """The lines of a report, read as the municipality's mapping says."""
    try:
        return bank_report.read(data, mapping_of(batch.programme.municipality))
    except bank_report.BankReportRefused as why:
        raise ReportRefused(why.sentence) from why


def _take(
    batch: Batch, rows: Sequence[bank_report.ReturnedTransfer], parcel: Parcel | None, actor: Actor, at: datetime
) -> Report:  # fmt: skip
    with transaction.atomic():
        batch = (
            Batch.objects.select_for_update(of=("self",))
            .select_related("programme__municipality")
            .get(pk=batch.pk)
        )
        _ask_state(batch, at)
        matched = match_returns(batch, rows, other_batches=False)
        if not matched.elsewhere and not matched.unmatched:
            return _reconcile(batch, matched, parcel, actor, at)
    refuse_unmatched(batch, matched, parcel, actor, at)


def refuse_unmatched(
    batch: Batch, matched: Matched, parcel: Parcel | None, actor: Actor, at: datetime
) -> NoReturn:
    """Raises ReportRefused for lines that fit nothing; those of a bank's file stay on record as open questions."""
    if matched.elsewhere:
        raise ReportRefused(matched.elsewhere)
    if parcel is None:
        raise ReportRefused(
            matched.unmatched[0][1] + " 金融機関の書面を見て、番号と金額を入れ直してください。"
        )
    with transaction.atomic():
        keep_unmatched(batch, matched.unmatched, parcel=parcel, actor=actor, at=at)
    raise ReportRefused(unmatched_words(matched.unmatched))


def _ask_state(batch: Batch, at: datetime) -> None:
    if batch.rail != "bank":
        raise ReportRefused("金融機関の振込ではありません。受取りの記録は、その支給手段の画面で行います。")
    if batch.state == "reconciled":
        raise ReportRefused(
            "この振込データの結果は取り込み済みです。結果の後に戻った分は「あとから戻った振込を取り込む」で取り込んでください。"
        )
    if batch.state != "sent":
        raise ReportRefused(
            "この振込データはまだ金融機関へ渡されていません。振込依頼済のデータを選び直してください。"
        )
    if localdate(at) < batch.value_date:
        raise ReportRefused(
            f"振込指定日（{batch.value_date:%Y年%m月%d日}）より前に結果は取り込めません。日付とファイルを確認してください。"
        )


def _reconcile(batch: Batch, matched: Matched, parcel: Parcel | None, actor: Actor, at: datetime) -> Report:
    """What came back is taken back, everything else is settled, and both are booked."""
    returned = len(matched.taken)
    # Some may have come back before, by a recall: the rest is what this report settles.
    waiting = Transfer.objects.filter(batch=batch, state="sent").count()
    report = BankReport.objects.create(
        batch=batch, parcel=parcel, returned=returned, settled=waiting - returned, at=at, actor_name=actor.name
    )  # fmt: skip
    take_back(report, matched.taken, actor=actor, at=at)
    settled = Transfer.objects.filter(batch=batch, state="sent").update(state="settled")
    assert settled + returned == waiting, f"batch {batch.pk} does not add up"
    Batch.objects.filter(pk=batch.pk).update(state="reconciled")
    firsts = Transfer.objects.filter(batch=batch, state="settled", part=1).count()
    moved = move(
        Selection(SETTLED, [batch.pk]), programme=batch.programme, to=stages.PAID, why=f"振込結果{batch.pk}",
        actor=actor, at=at,
    )  # fmt: skip
    assert moved == firsts, f"settled: {firsts} transfers, {moved} cases moved"
    book_batch(batch, actor=actor, at=at)
    amended = amended_count(batch)
    words = f"、うち訂正した口座へ{amended}件" if amended else ""
    record_look(
        actor=actor, action="batch.result", subject_kind="batch", subject_id=batch.pk, at=at,
        programme_slug=batch.programme.slug, reason=f"振込済{settled}件{words}、振込不能{returned}件",
    )  # fmt: skip
    return Report(
        done=settled, refused=tuple((match.row.number, match.row.reason) for match in matched.taken)
    )
