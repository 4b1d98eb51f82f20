"""Records every look at, and act on, a person's record, in the transaction of the page that shows it.

A refused look is recorded in a transaction of its own: the page's is rolled back with the refusal.
"""

from collections.abc import Sequence
from datetime import datetime

from todoku.ground.copy_rows import copy_rows
from todoku.people.actor import Actor
from todoku.people.tables import AuditEvent


def record_look(
    *, actor: Actor, action: str, subject_kind: str, subject_id: int | None, at: datetime,
    programme_slug: str = "", reason: str = "", refused: bool = False,
) -> None:  # fmt: skip
    """Adds one audit row: who (actor), what (action), on which record, when, why; never the record's values."""
    AuditEvent.objects.create(
        at=at, door=actor.door, actor_id=actor.id, actor_name=actor.name, action=action,
        programme_slug=programme_slug, subject_kind=subject_kind, subject_id=subject_id, refused=refused,
        reason=reason[:200], address=actor.address,
    )  # fmt: skip


def record_looks(
    rows: Sequence[tuple[int, str]], *, actor: Actor, action: str, subject_kind: str, at: datetime,
    programme_slug: str = "",
) -> None:  # fmt: skip
    """One audit row for each (subject, reason) of an act on many records, loaded at once."""
    copy_rows(
        "todoku_auditevent",
        ("at", "door", "actor_id", "actor_name", "action", "programme_slug", "subject_kind", "subject_id", "refused",
         "reason", "address"),
        (
            (at, actor.door, actor.id, actor.name, action, programme_slug, subject_kind, subject, False, reason[:200],
             actor.address)
            for subject, reason in rows
        ),
    )  # fmt: skip
