"""How a recipient is reached (送付先): by the roll's own lines of the head, or as the municipality ordered.

The one place that chooses between the two for a page; letters choose the same in SQL (letters/waiting.py, pieces.py).
"""

from datetime import datetime
from typing import NamedTuple

from todoku.registry.tables import ReachedAt, Recipient


class Reached(NamedTuple):
    """An address with its telephone; `protected` keeps it off every page and ordinary letter, as 支援措置 does."""

    postal_code: str
    address: str
    building: str
    phone: str
    protected: bool


def reached_of(recipient: Recipient) -> Reached:
    """Where this recipient is reached; no query where the caller selected head and reached_at with it.

    `protected` says what the order says; whether a member is under 支援措置 is the caller's to add.
    """
    said: ReachedAt | None = getattr(recipient, "reached_at", None)
    one = said or recipient.head
    return Reached(one.postal_code, one.address, one.building, one.phone, one.protected)


def reach(recipient: Recipient, reached: Reached, *, order: str, at: datetime) -> None:
    """From now on letters to this recipient go there, whatever a roll says."""
    ReachedAt.objects.update_or_create(
        recipient=recipient, defaults={**reached._asdict(), "order": order, "at": at}
    )
