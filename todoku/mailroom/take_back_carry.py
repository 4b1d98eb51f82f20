"""Takes back a hand-over that was given by mistake (引渡しの取消): within a minute, by who gave it, while nobody has taken it.

The row stays and says so; the container stands where it stood. A difference that the count opened stays with its owner.
"""

from datetime import datetime, timedelta

from django.db import transaction

from todoku.ground.step import Refusal, Report
from todoku.mailroom.tables import Carry, Difference
from todoku.people.actor import Actor

UNDO_SECONDS = 60


class CannotTakeBack(Refusal):
    """This carry was taken, its minute is over, or somebody else gave it."""


def take_back_carry(carry: Carry, *, actor: Actor, at: datetime) -> Report:
    """Ends the carry without moving anything. Safe to call twice. Raises CannotTakeBack."""
    with transaction.atomic():
        held = Carry.objects.select_for_update(of=("self",)).select_related("container").get(pk=carry.pk)
        code = held.container.code
        if held.taken_back:
            return Report(note=f"{code} の引渡しは取り消してあります。")
        if held.taken_id is not None:
            raise CannotTakeBack(
                f"{code} は、{held.taken_name}さんが受け取りました。元の場所へ引き渡してもらってください。"
            )
        if actor.id is None or held.given_id != actor.id or at - held.at > timedelta(seconds=UNDO_SECONDS):
            raise CannotTakeBack(
                "取り消せるのは、渡した本人が1分以内です。受け取る人が枚数を入れ、元の場所へ引き渡してください。"
            )
        held.taken_id, held.taken_name, held.taken_at = actor.id, actor.name, at
        held.found, held.taken_back = held.stated, True
        held.save(update_fields=["taken_id", "taken_name", "taken_at", "found", "taken_back"])
        left = Difference.objects.filter(subject_kind="give", subject_id=held.pk, state="open").first()
    words = f"枚数の差異{left.pk}は残ります。責任者が説明を付けて閉じます。" if left else ""
    return Report(done=1, note=f"{code} の引渡しを取り消しました。{words}")
