"""Money that comes back later (あとから戻った振込): by a recall, or after the batch was reconciled → returned, case FAILED.

Takes the bank's lines, from a file or keyed; leaves each transfer returned, its decision out of force, its letter due.
All or nothing, over as many batches as the lines name, but for what is claimed back, which stays an open question; the
same lines again change nothing. Pays nothing again.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from todoku.bank.match_returns import Match, keep_unmatched, match_returns
from todoku.bank.read_result import ReportRefused, keep_report, refuse_unmatched, rows_of_report
from todoku.bank.take_back import take_back
from todoku.custody.tables import Parcel
from todoku.formats.bank_report import ReturnedTransfer
from todoku.ground.step import Report
from todoku.payment.book_batch import book_batch
from todoku.payment.claimed_back import claimed_back
from todoku.payment.side_tables import UnmatchedReturn
from todoku.payment.tables import BankReport, Batch
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look

KNOWN = "この返却は取り込み済みです。変更はありません。"


def read_late_returns(batch: Batch, data: bytes, *, name: str, actor: Actor, at: datetime) -> Report:
    """Takes a file of transfers that came back later; `done` of them. Raises ReportRefused, as for a result."""
    parcel = keep_report(batch, data, name=name, actor=actor, at=at)
    if BankReport.objects.filter(parcel=parcel, batch__programme_id=batch.programme_id).exists():
        return Report(note=KNOWN)
    return late_return(batch, rows_of_report(batch, data), parcel=parcel, actor=actor, at=at)


def late_return(
    batch: Batch, rows: Sequence[ReturnedTransfer], *, parcel: Parcel | None = None, actor: Actor, at: datetime
) -> Report:  # fmt: skip
    """Takes back every transfer named, of this batch and of others at the bank; those known already are passed over.

    `done` came back now, `refused` gives them by number and reason. Lines of a file that fit nothing stay open
    questions on `batch`, and so does every line of a payment that is claimed back: the others are taken.
    """
    if not may(actor.roles, "batch.result"):
        raise ReportRefused("返却を取り込む権限がありません。振込データ作成担当か出納に連絡してください。")
    if not rows:
        raise ReportRefused("戻った振込が1件もありません。金融機関の一覧を確認してください。")
    with transaction.atomic():
        _lock(batch, rows)
        matched = match_returns(batch, rows, other_batches=True)
        if not matched.elsewhere and not matched.unmatched:
            spoken_for = _question(batch, matched.taken, parcel, actor, at)
            return _take(
                [one for one in matched.taken if one not in spoken_for], spoken_for, parcel, actor, at
            )
    refuse_unmatched(batch, matched, parcel, actor, at)


def _lock(batch: Batch, rows: Sequence[ReturnedTransfer]) -> None:
    """The batches first, in their order, as every verb does that moves their rows."""
    named = Batch.objects.filter(
        programme_id=batch.programme_id, transfers__number__in=[row.number for row in rows]
    )
    wanted = {batch.pk, *named.values_list("pk", flat=True)}
    assert len(Batch.objects.select_for_update().filter(pk__in=wanted).order_by("pk")) == len(wanted)


def _take(
    taken: Sequence[Match], spoken_for: Sequence[Match], parcel: Parcel | None, actor: Actor, at: datetime
) -> Report:
    if not taken and not spoken_for:
        return Report(note=KNOWN)
    for pk in sorted({match.batch for match in taken}):
        _take_of(
            Batch.objects.select_related("programme").get(pk=pk),
            [m for m in taken if m.batch == pk],
            parcel,
            actor,
            at,
        )
    note = ""
    if spoken_for:
        note = (
            f"振込不能 {len(taken):,}件を取り込みました。返還請求などのある{len(spoken_for):,}件は取り込まず、"
            "照合できない返却に残しました。担当課に扱いを確かめ、解決を記録してください。"
        )
    refused = tuple((match.row.number, match.row.reason) for match in taken)
    return Report(done=len(taken), waiting=len(spoken_for), refused=refused, note=note)


def _take_of(
    batch: Batch, matches: Sequence[Match], parcel: Parcel | None, actor: Actor, at: datetime
) -> None:
    if batch.rail != "bank":
        raise ReportRefused("金融機関の振込ではありません。受取りの記録は、その支給手段の画面で行います。")
    report = BankReport.objects.create(
        batch=batch, parcel=parcel, kind="late", returned=len(matches), settled=0, at=at, actor_name=actor.name
    )  # fmt: skip
    take_back(report, matches, actor=actor, at=at)
    book_batch(batch, transfers=[match.transfer for match in matches], actor=actor, at=at)
    record_look(
        actor=actor, action="batch.late_return", subject_kind="batch", subject_id=batch.pk, at=at,
        programme_slug=batch.programme.slug, reason=f"あとから戻った振込{len(matches)}件",
    )  # fmt: skip


def _question(
    batch: Batch, taken: Sequence[Match], parcel: Parcel | None, actor: Actor, at: datetime
) -> list[Match]:
    """Lines of payments that are claimed back: no longer with their payee in the books, they stay open questions, once."""
    claimed = claimed_back([match.transfer for match in taken])
    found = [match for match in taken if match.transfer in claimed]
    open_now = set(
        UnmatchedReturn.objects.filter(
            programme_id=batch.programme_id,
            number__in=[match.row.number for match in found],
            resolved_at__isnull=True,
        ).values_list("number", flat=True)
    )
    new = [
        (match.row, f"振込番号{match.row.number}は{claimed[match.transfer]}")
        for match in found
        if match.row.number not in open_now
    ]
    if new:
        keep_unmatched(batch, new, parcel=parcel, actor=actor, at=at)
    return found
