"""Declines a staged roll (名簿を取り込まない): its lines go, what was found in it stays for the municipality to read.

Takes an import that waits for a decision; leaves it "replaced", so that the same file can be received again.
"""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from todoku.ground.step import Refusal, Report
from todoku.people.actor import Actor
from todoku.registry.tables import RollDifference, RollImport, StagedPerson


class CannotDecline(Refusal):
    """This delivery does not wait for a decision."""


def decline_roll(roll_import: RollImport, *, actor: Actor, at: datetime) -> Report:
    """Declines the delivery; `done` is the number of lines let go. Raises CannotDecline when it is taken or refused."""
    with transaction.atomic():
        locked = RollImport.objects.select_for_update().get(pk=roll_import.pk)
        if locked.state != "staged":
            raise CannotDecline(
                "この名簿は確認待ちではありません。画面を更新して、いまの状態を確かめてください。"
            )
        gone, _ = StagedPerson.objects.filter(roll_import=locked).delete()
        RollDifference.objects.filter(roll_import=locked).delete()
        locked.state = "replaced"
        locked.refusal = f"{actor.name}が取り込まないことにしました（{localdate(at):%Y-%m-%d}）。"
        locked.save(update_fields=["state", "refusal"])
    return Report(done=gone, note="この名簿は取り込みませんでした。直した名簿を受け取り直してください。")
