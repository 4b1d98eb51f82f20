"""Closes a staff account (退職・異動): from now on it opens no door. The row and all it did stay on record."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localdate

from todoku.ground.step import Refusal
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.people.tables import Deputy, Staff


class NobodyOfThatName(Refusal):
    """There is no account of this user name."""


def retire(username: str, *, actor: Actor, at: datetime) -> Staff:
    """Makes the account inactive, which also ends its sessions; safe to call twice. Raises NobodyOfThatName."""
    staff = Staff.objects.filter(username=username).first()
    if staff is None:
        raise NobodyOfThatName(f"利用者ID「{username}」はありません。IDの綴りを確かめてください。")
    with transaction.atomic():
        if staff.is_active:
            staff.is_active = False
            staff.save(update_fields=["is_active"])
            end_grants(staff, on=localdate(at), actor=actor, at=at)
            record_look(actor=actor, action="staff.retire", subject_kind="staff", subject_id=staff.pk, at=at)
    return staff


def end_grants(staff: Staff, *, on: date, actor: Actor, at: datetime) -> None:
    """The person's roles hold up to this day; whoever acts for the person, or for whom the person acts, does so no longer."""
    staff.grants.filter(Q(until_on__isnull=True) | Q(until_on__gt=on)).update(until_on=on)
    about = Q(absent=staff) | Q(deputy=staff)
    Deputy.objects.filter(about, ended_at__isnull=True, from_on__gt=on).update(
        ended_at=at, ended_by_id=actor.id
    )
    # One under way ends with the person's last day: roles_held looks at the grants and the account as well.
    if not staff.is_active:
        Deputy.objects.filter(about, ended_at__isnull=True).update(ended_at=at, ended_by_id=actor.id)
