"""The bank's report on a sent batch → every transfer settled or returned; failed ones go back to their case.

Takes a CSV of returned transfers (振込不能); a transfer of the batch that it does not name is settled. All or nothing:
a line that matches no transfer of this batch refuses the whole report, which is kept as received.
"""

from collections import Counter
from datetime import datetime

from django.db import connection, transaction
from django.utils.timezone import localdate

from todoku.case import stages
from todoku.case.move import Selection, move
from todoku.custody.receive import receive
from todoku.custody.tables import Parcel
from todoku.formats import bank_report
from todoku.ground.step import Refusal, Report
from todoku.payment.book_batch import book_batch
from todoku.payment.tables import BankReport, Batch, Result, Transfer
from todoku.people.actor import Actor
from todoku.people.look import record_look


class ReportRefused(Refusal):
    """The report does not belong to this batch, or says what cannot be; nothing was taken from it."""


def read_result(batch: Batch, data: bytes, *, name: str, actor: Actor, at: datetime) -> Report:
    """Reconciles a batch with its bank report; gives settled (done) and the returned ones (refused) by number.

    The same report again changes nothing. Raises ReportRefused for a batch that was never sent, for a value date that
    has not come, and for lines that match nothing.
    """
    parcel, _new = receive(
        data,
        kind="bank_report",
        name=name,
        scope=batch.programme.slug,
        from_party="金融機関",
        actor=actor,
        at=at,
    )
    known = BankReport.objects.filter(batch=batch, parcel=parcel).first()
    if known:
        return Report(
            done=known.settled, waiting=known.returned, note="この結果は取り込み済みです。変更はありません。"
        )
    rows = _read(data)
    with transaction.atomic():
        batch = Batch.objects.select_for_update().get(pk=batch.pk)
        _ask_state(batch, at)
        transfers = _match(batch, rows)
        report = _keep(batch, parcel, rows, transfers, actor, at)
        _settle(batch, list(transfers.values()), actor, at)
        book_batch(batch, actor=actor, at=at)
        record_look(
            actor=actor, action="batch.result", subject_kind="batch", subject_id=batch.pk, at=at,
            programme_slug=batch.programme.slug, reason=f"振込済{report.settled}件、振込不能{report.returned}件",
        )  # fmt: skip
    return Report(done=report.settled, refused=tuple((row.number, row.reason) for row in rows))


def _read(data: bytes) -> list[bank_report.ReturnedTransfer]:
    try:
        return bank_report.read(data)
    except bank_report.BankReportRefused as why:
        raise ReportRefused(why.sentence) from why


def _ask_state(batch: Batch, at: datetime) -> None:
    if batch.state == "reconciled":
        raise ReportRefused(
            "この振込データの結果は取り込み済みです。あとから返却の連絡があったときは、業務責任者に知らせてください。"
        )
    if batch.state != "sent":
        raise ReportRefused(
            "この振込データはまだ金融機関へ渡されていません。振込依頼済のデータを選び直してください。"
        )
    if localdate(at) < batch.value_date:
        raise ReportRefused(
            f"振込指定日（{batch.value_date:%Y年%m月%d日}）より前に結果は取り込めません。日付とファイルを確認してください。"
        )


def _match(batch: Batch, rows: list[bank_report.ReturnedTransfer]) -> dict[str, int]:
    """Transfer ids by number; every line must name one sent transfer of this batch with its amount, once."""
    sent = {
        number: (pk, amount)
        for pk, number, amount in Transfer.objects.filter(batch=batch, state="sent").values_list("id", "number", "amount_yen")
    }  # fmt: skip
    twice = [number for number, count in Counter(row.number for row in rows).items() if count > 1]
    if twice:
        raise ReportRefused(f"依頼番号{twice[0]}が2回あります。金融機関に正しい結果を確認してください。")
    for row in rows:
        if row.number not in sent:
            raise ReportRefused(_not_here(batch, row))
        if row.amount != sent[row.number][1]:
            raise ReportRefused(
                f"{row.line}行目: 依頼番号{row.number}の金額が依頼と違います。金融機関に確認してください。"
            )
    return {row.number: sent[row.number][0] for row in rows}


def _not_here(batch: Batch, row: bank_report.ReturnedTransfer) -> str:
    """Where the number belongs instead, if it is one of ours."""
    other = Batch.objects.filter(programme=batch.programme, transfers__number=row.number).first()
    where = "別の振込データの結果でないか確認してください。"
    if other and other.state in ("sent", "reconciled"):
        where = (
            f"振込データ{other.pk}（{other.get_state_display()}）の番号です。その画面で取り込んでください。"
        )
    elif other:
        where = (
            f"金融機関へ渡していない振込データ{other.pk}（{other.get_state_display()}）の番号です。"
            "金融機関に確認してください。"
        )
    return f"{row.line}行目: 依頼番号{row.number}はこの振込データにありません。{where}"


def _keep(
    batch: Batch, parcel: Parcel, rows: list[bank_report.ReturnedTransfer], transfers: dict[str, int], actor: Actor,
    at: datetime,
) -> BankReport:  # fmt: skip
    report = BankReport.objects.create(
        batch=batch, parcel=parcel, returned=len(rows), settled=batch.count - len(rows), at=at, actor_name=actor.name
    )  # fmt: skip
    Result.objects.bulk_create(
        Result(
            report=report, transfer_id=transfers[row.number], reason=row.reason, returned_on=row.returned_on, at=at
        )
        for row in rows
    )  # fmt: skip
    return report


def _settle(batch: Batch, returned: list[int], actor: Actor, at: datetime) -> None:
    Transfer.objects.filter(pk__in=returned).update(state="returned")
    settled = Transfer.objects.filter(batch=batch, state="sent").update(state="settled")
    assert settled + len(returned) == batch.count, f"batch {batch.pk} does not add up"
    Batch.objects.filter(pk=batch.pk).update(state="reconciled")
    for state, stage in (("settled", stages.PAID), ("returned", stages.FAILED)):
        count = Transfer.objects.filter(batch=batch, state=state, part=1).count()
        moved = move(
            Selection(
                "select case_id from todoku_transfer where batch_id = %s and state = %s and part = 1", [batch.pk, state]
            ),
            programme=batch.programme, to=stage, why=f"振込結果{batch.pk}", actor=actor, at=at,
        )  # fmt: skip
        assert moved == count, f"{state}: {count} transfers, {moved} cases moved"
    with connection.cursor() as cursor:
        # A decision whose money came back is no longer in force: another account needs another decision.
        cursor.execute(
            "update todoku_decision set in_force = false where id in "
            "(select decision_id from todoku_transfer where id = any(%s))",
            [returned],
        )
