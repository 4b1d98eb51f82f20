"""Opens one envelope (一通の開封), as the opening desk does: open_many with one row, and the envelope to show for it."""

from datetime import datetime

from django.db import transaction

from todoku.mailroom.open_many import Opened, open_many
from todoku.mailroom.tables import Bag, Container, Envelope
from todoku.people.actor import Actor


def open_envelope(row: Opened, *, bag: Bag, tray: Container, actor: Actor, at: datetime) -> Envelope:
    """The envelope, its sheets in the tray; the same form sent again gives the same envelope. Raises CannotOpen."""
    with transaction.atomic():
        open_many([row], bag=bag, tray=tray, actor=actor, at=at)
        if row.form_key:
            return Envelope.objects.get(form_key=row.form_key)
        return Envelope.objects.filter(bag=bag, voided_at__isnull=True).latest("no")
