"""Records that paper and files went to the municipality (引渡し): takes a hand-back that was made; leaves it handed over.

Its boxes must have been carried there before, each by two persons, with the sheets that it was made with; and nothing may
be open: a difference, paper without an owner, an original or cash, a form that is not keyed, an incident.
"""

from datetime import datetime

from django.db import transaction

from todoku.ground.step import Refusal, Report
from todoku.handback.still_open import sheets_outside, still_open
from todoku.handback.tables import HandBack
from todoku.mailroom.held_in import held_in
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
        _ask_boxes(made)
        still = still_open(made.programme_id)
        if still:
            raise CannotHandOver(f"{'、'.join(still)}があります。終えてから引き渡してください。")
        outside = sheets_outside(made)
        made.state, made.handed_at, made.handed_by = "handed", at, actor.name
        made.save(update_fields=["state", "handed_at", "handed_by"])
    words = (
        f"箱に入っていない用紙が{outside:,}枚、事務局に残っています。次の納品に入れます。" if outside else ""
    )
    return Report(done=made.boxes.count(), note=f"引き渡しました。自治体の検収を待ちます。{words}")


def _ask_boxes(made: HandBack) -> None:
    boxes = list(made.boxes.select_related("container").order_by("container__code"))
    left = [box.container.code for box in boxes if box.container.station != "municipality"]
    if left:
        raise CannotHandOver(
            f"箱 {'、'.join(left)} がまだ自治体に引き渡されていません。郵便室の「引渡し」に二人で記録してください。"
        )
    changed = [box.container.code for box in boxes if held_in(box.container) != box.sheets]
    if changed:
        raise CannotHandOver(
            f"箱 {'、'.join(changed)} の用紙の枚数が、作成したときと違います。納品物を作り直してください。"
        )
