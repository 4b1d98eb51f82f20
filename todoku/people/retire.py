"""Closes a staff account (退職・異動): from now on it opens no door. The row and all it did stay on record."""

from datetime import datetime

from django.db import transaction

from todoku.ground.step import Refusal
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.people.tables import Staff


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
            record_look(actor=actor, action="staff.retire", subject_kind="staff", subject_id=staff.pk, at=at)
    return staff
