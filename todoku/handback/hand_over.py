"""Records that paper and files went to the municipality (引渡し): takes a hand-back that was made; leaves it handed over.

Its boxes must have been carried there before: each by two persons, in the mailroom's record.
"""

from datetime import datetime

from django.db import transaction

from todoku.ground.step import Refusal, Report
from todoku.handback.tables import HandBack
from todoku.mailroom.tables import Container, Difference
from todoku.people.actor import Actor


class CannotHandOver(Refusal):
    """Something is still open, or a box has not been carried."""


def hand_over(made: HandBack, *, actor: Actor, at: datetime) -> Report:
    """Hands it over. Safe to call twice. Raises CannotHandOver naming what is missing."""
    with transaction.atomic():
        made = HandBack.objects.select_for_update().get(pk=made.pk)
        if made.state == "handed":
            return Report(note="引渡し済みです。何も変更していません。")
        if made.state != "made":
            raise CannotHandOver(f"この納品は「{made.get_state_display()}」のため、引き渡せません。")
        left = [
            box.container.code for box in made.boxes.select_related("container") if _is_here(box.container)
        ]
        if left:
            raise CannotHandOver(
                f"箱 {'、'.join(left)} がまだ自治体に引き渡されていません。郵便室の「引渡し」に二人で記録してください。"
            )
        still = Difference.objects.filter(programme_id=made.programme_id).exclude(state="explained").count()
        if still:
            raise CannotHandOver(
                f"調査中の差異が{still}件あります。説明を付けて閉じてから引き渡してください。"
            )
        made.state, made.handed_at, made.handed_by = "handed", at, actor.name
        made.save(update_fields=["state", "handed_at", "handed_by"])
    return Report(done=made.boxes.count(), note="引き渡しました。自治体の検収を待ちます。")


def _is_here(container: Container) -> bool:
    return container.station != "municipality"
