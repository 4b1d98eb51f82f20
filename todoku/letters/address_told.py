"""What the municipality said of another address reaches who asked for it (回答の連絡): takes an answered change; notes who told.

Until somebody has told, the answer stands on the office's first page.
"""

from datetime import datetime

from django.db.models import QuerySet

from todoku.ground.step import Refusal, Report
from todoku.letters.tables import AddressChange
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.tables import Programme


class CannotTell(Refusal):
    """There is no answer yet, or this person does not tell it."""


def address_told(change: AddressChange, *, actor: Actor, at: datetime) -> Report:
    """Notes that the resident was told. Safe to call twice. Raises CannotTell."""
    if not may(actor.roles, "address.ask"):
        raise CannotTell("申請した方に伝えるのは、受付・電話の担当か業務責任者です。")
    if change.state == "asked":
        raise CannotTell("自治体の回答がまだありません。回答を待って、申請した方に伝えてください。")
    changed = AddressChange.objects.filter(pk=change.pk, told_at=None).update(told_at=at, told_by=actor.name)
    if changed:
        record_look(
            actor=actor, action="address.ask", subject_kind="case", subject_id=change.case_id, at=at,
            programme_slug=change.case.programme.slug, reason="送付先変更の回答を伝えた",
        )  # fmt: skip
    return Report(done=changed, note="伝えたことを記録しました。")


def untold(programme: Programme) -> QuerySet[AddressChange]:
    """Answered changes that nobody told the resident yet, oldest first."""
    found = AddressChange.objects.filter(case__programme=programme, told_at=None).exclude(state="asked")
    return found.select_related("case").order_by("answered_at")
