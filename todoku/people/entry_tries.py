"""Wrong passwords (ログインの失敗): each is on record, and too many of one name or address close it for a while.

Takes a name, an address and a moment; tells whether the entrance is closed for them. Whoever asks for a password, at a
door or of a witness at the counter, counts by the same record, so that guessing at one place closes the other too.
"""

from datetime import datetime, timedelta

from todoku.ground.step import Refusal
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.people.tables import AuditEvent, Staff

TRIES_MAX = 5
ADDRESS_TRIES_MAX = TRIES_MAX * 4  # one address is a whole counter or office
TRIES_MINUTES = 10
WITNESS_MINUTES = 15  # at the counter somebody else's password is asked for, beside cash


class NotConfirmed(Refusal):
    """The person beside did not prove to be who was chosen."""


def record_try(name: str, *, actor: Actor, at: datetime, refused: bool, reason: str = "") -> None:
    """One try at a password of this name. A refused one is on record under the name tried, from where it was tried."""
    who = actor if not refused else Actor(None, name[:60], door=actor.door, address=actor.address)
    record_look(
        actor=who, action="sign_in", subject_kind="door", subject_id=None, at=at, refused=refused, reason=reason
    )  # fmt: skip


def too_many_tries(name: str, address: str | None, *, at: datetime, minutes: int = TRIES_MINUTES) -> bool:
    """Whether this name or this address failed too often within so many minutes."""
    failed = AuditEvent.objects.filter(
        action="sign_in", refused=True, at__gte=at - timedelta(minutes=minutes)
    )
    return failed.filter(actor_name=name[:60]).count() >= TRIES_MAX or (
        failed.filter(address=address).count() >= ADDRESS_TRIES_MAX
    )


def confirm_witness(staff: Staff, password: str, *, actor: Actor, at: datetime) -> None:
    """Passes where this is the password of the person who stands beside; each wrong one is on record.

    Raises NotConfirmed, after TRIES_MAX wrong ones within WITNESS_MINUTES without looking at the password. Call it
    outside of the transaction that a refusal rolls back.
    """
    if too_many_tries(staff.username, actor.address, at=at, minutes=WITNESS_MINUTES):
        raise NotConfirmed(
            f"{staff.name}さんのパスワードを続けて間違えたため、しばらく立会いを確認できません。"
            f"{WITNESS_MINUTES}分後にもう一度入力するか、別の職員が立ち会ってください。"
        )
    if not staff.check_password(password):
        record_try(staff.username, actor=actor, at=at, refused=True, reason=f"立会い（{actor.name}の画面）")
        raise NotConfirmed("立ち会う職員のパスワードが違います。本人が入力し直してください。")
