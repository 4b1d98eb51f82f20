"""Opens a difference (差異): two counts of a hand-over that do not agree become an item with an owner.

Takes both counts; leaves nothing where they agree. The owner is a manager of the programme's municipality, and whoever
counted only where there is none.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from todoku.mailroom.tables import Difference
from todoku.people.actor import Actor
from todoku.people.tables import Staff
from todoku.programme.tables import Programme


def open_difference(
    *, programme: Programme, subject: tuple[str, int], between: str, stated: int, found: int, actor: Actor, at: datetime
) -> Difference | None:  # fmt: skip
    """The open difference about this subject and these two counts; None where they agree.

    Safe to call twice: about one thing one difference is open at a time, with the counts that it was opened with.
    """
    if stated == found:
        return None
    about = {"programme": programme, "subject_kind": subject[0], "subject_id": subject[1], "between": between}
    with transaction.atomic():
        known = Difference.objects.select_for_update().filter(**about).exclude(state="explained").first()
        if known:
            return known
        owner_id, owner_name = _owner(programme, actor)
        return Difference.objects.create(
            **about, stated=stated, found=found, owner_id=owner_id, owner_name=owner_name, opened_at=at,
            opened_by=actor.name,
        )  # fmt: skip


def _owner(programme: Programme, actor: Actor) -> tuple[int, str]:
    here = Q(grants__municipality_code="") | Q(grants__municipality_code=programme.municipality_id)
    manager = (
        Staff.objects.filter(here, is_active=True, organisation__kind="office", grants__role="manager")
        .order_by("pk")
        .first()
    )
    if manager:
        return manager.pk, manager.name
    assert actor.id is not None, "a difference that the system finds needs a manager who owns it"
    return actor.id, actor.name
