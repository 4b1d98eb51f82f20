"""Releases a halted programme (停止の解除): two persons, one of them the municipality's, with a reason, after a new sweep.

Takes a halt that stands; leaves it with its first name, then released under the second. The sweep is run again each
time: what is still broken is released only by persons who say that they know, and exactly those rows halt no more.
A guard of the database that fell is put back first: nobody can know what it would let in.
"""

from datetime import datetime

from django.db import transaction

from todoku.ground.step import Refusal
from todoku.payment.side_tables import Halt
from todoku.payment.sweep import GUARDS, sweep
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.people.tables import Organisation

REASON_MAX = 95  # two of them and what stands between fit the row


class CannotRelease(Refusal):
    """This person may not release this halt, or it does not stand any more, or nobody says why."""


class StillBroken(Refusal):
    """The sweep still finds what halted the programme."""


def release_halt(halt: Halt, *, reason: str, in_spite: bool = False, actor: Actor, at: datetime) -> Halt:
    """The first or the second person's release. `in_spite`: they have read what is still found, and say why it may stay.

    Raises CannotRelease or StillBroken; the sweep that was run stays on record either way.
    """
    reason = reason.strip()
    if not may(actor.roles, "halt.release") or actor.id is None:
        raise CannotRelease("停止を解除する権限がありません。業務責任者と自治体の職員が解除します。")
    if not reason or len(reason) > REASON_MAX:
        raise CannotRelease(f"何を確かめ、何を直したかを{REASON_MAX}文字以内で書いてください。")
    _ask_turn(halt, actor)
    found = still_found(halt, actor=actor, at=at)
    left = sum(found.values())
    if found.get(GUARDS.key):
        raise StillBroken(
            f"データベースの守りが{found[GUARDS.key]:,}件、外れているか変わっています。承知のうえでも解除できません。"
            "システムの担当者が守りを戻してから、もう一度解除してください。"
        )
    if left and not in_spite:
        raise StillBroken(
            f"点検し直しましたが、まだ{left:,}件あります。直してから解除するか、直せないときは、残す理由を書き"
            "「残ることを承知で解除する」を選んでください。"
        )
    with transaction.atomic():
        held = Halt.objects.select_for_update().get(pk=halt.pk)
        _ask_turn(held, actor)
        words = f"{reason}（残る{left:,}件を承知）" if left else reason
        _write(held, words, actor, at)
        record_look(
            actor=actor, action="halt.release", subject_kind="halt", subject_id=halt.pk, at=at,
            programme_slug=halt.programme.slug, reason=f"{halt.invariant} {words}",
        )  # fmt: skip
    halt.refresh_from_db()
    return halt


def still_found(halt: Halt, *, actor: Actor, at: datetime) -> dict[str, int]:
    """Sweeps again for this halt and gives how many rows still break its invariant, by check."""
    run = sweep(programme=halt.programme, occasion=f"release-{halt.pk}", actor=actor, at=at)
    return {key: one["found"] for key, one in run.checks.items() if one["invariant"] == halt.invariant}


def _ask_turn(halt: Halt, actor: Actor) -> None:
    """Two different persons, and by the second one of them the municipality's."""
    if halt.released_at is not None:
        raise CannotRelease("この停止は解除されています。画面を開き直してください。")
    if halt.first_release_by_id is None:
        return
    if halt.first_release_by_id == actor.id:
        raise CannotRelease("二人目は別の人が解除してください。あなたは一人目として解除を求めています。")
    first = Organisation.objects.get(staff=halt.first_release_by_id)
    if "municipality" not in (first.kind, actor.organisation):
        raise CannotRelease("二人のうち一人は自治体の職員が必要です。担当課か出納に解除を依頼してください。")


def _write(halt: Halt, words: str, actor: Actor, at: datetime) -> None:
    mine = Halt.objects.filter(pk=halt.pk)
    if halt.first_release_by_id is None:
        mine.update(first_release_by_id=actor.id, first_release_at=at, release_reason=words)
    else:
        mine.update(
            released_by_id=actor.id, released_at=at, release_reason=f"{halt.release_reason}／{words}"[:200]
        )
