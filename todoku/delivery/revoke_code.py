"""Gift codes that must not be used any more (失効): asked for by one person, carried out by another, each with their name.

Takes a code in stock, assigned or delivered; leaves it revoked. The issuer is told first (the page says so); a code that
was used cannot be revoked. A lost code is replaced by reissue_code.
"""

from datetime import datetime

from django.db import transaction

from todoku.delivery.tables import GiftCode
from todoku.ground.step import Refusal
from todoku.letters.tables import Letter
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look

REVOCABLE = ("stock", "assigned", "delivered")
WHY_MAX = 200


class CannotRevoke(Refusal):
    """The code cannot be revoked now, or not by this person."""


def ask_revoke(code: GiftCode, *, why: str, actor: Actor, at: datetime) -> GiftCode:
    """The first person's word that a code should be revoked, with the reason. Changes nothing else."""
    why = why.strip()
    if not why or len(why) > WHY_MAX:
        raise CannotRevoke(f"失効させる理由を{WHY_MAX}文字以内で書いてください。")
    with transaction.atomic():
        held = _held(code, actor)
        held.revoked_by_id, held.revoked_why = actor.id, why
        held.save(update_fields=["revoked_by", "revoked_why"])
        _record(held, "gift.ask_revoke", actor, at)
    return held


def revoke_code(code: GiftCode, *, actor: Actor, at: datetime) -> GiftCode:
    """The second person's word: from here on the code is revoked. Raises CannotRevoke for the first one."""
    with transaction.atomic():
        held = _held(code, actor)
        if held.revoked_by_id is None:
            raise CannotRevoke("失効の申請がありません。先に、別の人が理由を書いて申請してください。")
        if held.revoked_by_id == actor.id:
            raise CannotRevoke("失効を申請した本人は承認できません。別の人が承認してください。")
        held.state, held.revoked_second_id, held.revoked_at = "revoked", actor.id, at
        held.save(update_fields=["state", "revoked_second", "revoked_at"])
        _record(held, "gift.revoke", actor, at)
    return held


def _held(code: GiftCode, actor: Actor) -> GiftCode:
    if not may(actor.roles, "gift.revoke") or actor.id is None:
        raise CannotRevoke("ギフトコードを失効させる権限がありません。")
    held = GiftCode.objects.select_for_update(of=("self",)).select_related("programme").get(pk=code.pk)
    if held.state not in REVOCABLE:
        raise CannotRevoke(
            f"このコードは失効させられません（{held.get_state_display()}）。利用登録済みの分は、返還の手続きになります。"
        )
    if held.state == "assigned" and _in_unposted_letter(held):
        raise CannotRevoke(
            "このコードは、印刷済みでまだ差し出していない手紙に入っています。差出しを記録してから失効させてください。"
        )
    return held


def _in_unposted_letter(code: GiftCode) -> bool:
    """A letter once made leaves with its run: what is in it is stopped at the issuer after it was posted."""
    return Letter.objects.filter(
        kind="gift", case__transfers__codes=code, occasion__gte=code.pk, run__state__in=["making", "made", "released"]
    ).exists()  # fmt: skip


def _record(code: GiftCode, action: str, actor: Actor, at: datetime) -> None:
    """By serial number, which is not the code."""
    record_look(
        actor=actor, action=action, subject_kind="gift_code", subject_id=code.pk, at=at,
        programme_slug=code.programme.slug, reason=f"{code.serial} {code.revoked_why}",
    )  # fmt: skip
