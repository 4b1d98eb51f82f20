"""Keyed lines that fit no transfer though the bank's paper says so → open questions (照合できない返却), nothing taken.

A slip of the hand is put right on the screen; this is for what stands on the paper like that.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from todoku.bank.match_returns import keep_unmatched, match_returns
from todoku.formats.bank_report import ReturnedTransfer
from todoku.ground.step import Refusal, Report
from todoku.payment.side_tables import UnmatchedReturn
from todoku.payment.tables import Batch
from todoku.people.access import may
from todoku.people.actor import Actor


class NothingToQuestion(Refusal):
    """Every line fits a transfer, or is a question already."""


def question_returns(batch: Batch, rows: Sequence[ReturnedTransfer], *, actor: Actor, at: datetime) -> Report:
    """Keeps those of the lines that fit nothing; `done` of them. Raises NothingToQuestion where all fit."""
    if not may(actor.roles, "batch.result"):
        raise NothingToQuestion(
            "返却を記録する権限がありません。振込データ作成担当か出納に連絡してください。"
        )
    with transaction.atomic():
        batch = Batch.objects.select_for_update(of=("self",)).select_related("programme").get(pk=batch.pk)
        asked = set(
            UnmatchedReturn.objects.filter(
                programme_id=batch.programme_id, resolved_at__isnull=True
            ).values_list("number", "amount_yen")
        )
        unmatched = match_returns(batch, rows, other_batches=True).unmatched
        new = [(row, why) for row, why in unmatched if (row.number, row.amount) not in asked]
        if not new:
            raise NothingToQuestion(
                "照合できない行はないか、すでに残っています。番号と金額を確かめて取り込んでください。"
            )
        keep_unmatched(batch, new, parcel=None, actor=actor, at=at)
    return Report(done=len(new))
