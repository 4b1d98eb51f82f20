"""Erases our copy of what went to the printing company (印刷データの消去): takes a hand-over whose receipt is recorded.

The file goes, its record stays: what it was, when and to whom it went, its digest and the printer's. Before the receipt
nothing is erased, since the copy may have to be handed over once more.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from todoku.custody import files
from todoku.ground.step import Refusal, Report
from todoku.letters.tables import PrinterParcel
from todoku.people.actor import Actor
from todoku.programme.tables import Programme

# Print files are short-lived: days between the receipt and the round's reminder, in which a printer finds a torn file.
DAYS_KEPT = 7


class CannotDrop(Refusal):
    """Nobody has confirmed yet that the printer holds this file whole."""


def drop_parcel(handed: PrinterParcel, *, actor: Actor, at: datetime) -> Report:
    """Erases the encrypted file and notes who did it and when. Safe to call twice. Raises CannotDrop."""
    with transaction.atomic():
        held = (
            PrinterParcel.objects.select_for_update(of=("self",)).select_related("parcel").get(pk=handed.pk)
        )
        if held.received_at is None:
            raise CannotDrop(
                "印刷会社の受領がまだ記録されていません。印刷会社の知らせたSHA-256を記録してから消去してください。"
            )
        if held.dropped_at is not None:
            return Report(done=0)
        held.dropped_at, held.dropped_by = at, actor.name
        held.save(update_fields=["dropped_at", "dropped_by"])
        # Last: where the process dies before the commit, the next call finds no file and notes it.
        files.remove(held.parcel.path)
    handed.refresh_from_db()
    return Report(done=1)


def kept_too_long(programme: Programme, *, at: datetime) -> QuerySet[PrinterParcel]:
    """Hand-overs whose receipt is older than DAYS_KEPT and whose file still lies here."""
    return PrinterParcel.objects.filter(
        run__programme=programme, received_at__lt=at - timedelta(days=DAYS_KEPT), dropped_at=None
    )
