"""A claim that is contested (申立て) stands still: no reminder goes out and nothing falls due until it is resumed.

Takes a claim under way; leaves it disputed, and back again with a new due date. Money that comes in is taken all the same.
"""

from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from todoku.ground.step import Refusal
from todoku.people.access import ACTIONS
from todoku.people.actor import Actor
from todoku.recovery.held_claim import locked, record
from todoku.recovery.tables import Claim


class CannotPause(Refusal):
    """The claim does not stand where a dispute begins or ends."""


def dispute(claim: Claim, *, why: str, actor: Actor, at: datetime) -> Claim:
    """Notes that who must pay contests the claim; pauses reminders."""
    why = _why(why, actor)
    with transaction.atomic():
        claim = locked(claim)
        if claim.state != "noticed":
            raise CannotPause("申立てで止められるのは、請求中の返還だけです。")
        Claim.objects.filter(pk=claim.pk).update(state="disputed")
        record(claim, "claim.dispute", why, actor, at)
    claim.refresh_from_db()
    return claim


def resume(claim: Claim, *, why: str, due_on: date, actor: Actor, at: datetime) -> Claim:
    """Ends the dispute with its outcome; the claim falls due anew."""
    why = _why(why, actor)
    if due_on <= localdate(at):
        raise CannotPause("新しい納期限は、明日以降の日にしてください。")
    with transaction.atomic():
        claim = locked(claim)
        if claim.state != "disputed":
            raise CannotPause("申立てで止まっている返還だけを再開できます。")
        Claim.objects.filter(pk=claim.pk).update(state="noticed", due_on=due_on)
        record(claim, "claim.resume", f"{why}（新しい納期限 {due_on:%Y/%m/%d}）", actor, at)
    claim.refresh_from_db()
    return claim


def _why(why: str, actor: Actor) -> str:
    if not actor.roles & ACTIONS["claim.notice"]:
        raise CannotPause("申立てを記録できるのは、自治体の担当課職員と事務局の業務責任者だけです。")
    if not why.strip():
        raise CannotPause("申立ての内容、または結論を書いてください。経過に残ります。")
    return why.strip()[:150]
