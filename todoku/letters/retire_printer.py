"""Takes a printing company's key out of use (公開鍵の使用停止): nothing is encrypted to it from then on; its record stays."""

from datetime import datetime

from todoku.ground.step import Report
from todoku.letters.tables import Printer
from todoku.people.actor import Actor
from todoku.people.look import record_look


def retire_printer(printer: Printer, *, actor: Actor, at: datetime) -> Report:
    """From now on no run goes to this key; a new one is registered and confirmed instead. Safe to call twice."""
    changed = Printer.objects.filter(pk=printer.pk, retired_at=None).update(retired_at=at)
    if changed:
        record_look(
            actor=actor, action="print.hand", subject_kind="printer", subject_id=printer.pk, at=at,
            programme_slug=printer.programme.slug, reason="公開鍵の使用停止",
        )  # fmt: skip
    printer.refresh_from_db()
    return Report(done=changed)
