"""Counts the envelopes of a bag (封書を数える), before any is opened; the slip's number is held against all bags together."""

from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q, Sum

from todoku.ground.step import Refusal, Report
from todoku.mailroom.open_difference import open_difference
from todoku.mailroom.tables import Bag, Difference, Envelope, Pickup
from todoku.people.actor import Actor

COUNTED_MAX = 20_000  # one bag
SLIP = "郵便局の控え ↔ 数えた封書"


class CannotCount(Refusal):
    """This bag is not counted now."""


def count_bag(bag: Bag, counted: int, *, actor: Actor, at: datetime) -> Report:
    """Keeps the count; again before the bag's first envelope is opened, the later one holds. Raises CannotCount.

    With the last bag of a pick-up the post office's number is compared; unequal opens a difference.
    """
    if not 0 <= counted <= COUNTED_MAX:
        raise CannotCount(f"一袋の封書は{COUNTED_MAX:,}通までです。数え直して入力してください。")
    with transaction.atomic():
        pickup = Pickup.objects.select_for_update().select_related("programme").get(pk=bag.pickup_id)
        held = Bag.objects.select_for_update().get(pk=bag.pk)
        if held.closed_at or Envelope.objects.filter(bag=held, voided_at__isnull=True).exists():
            raise CannotCount(
                "この袋は開封が始まっているため、数え直せません。違いは、袋を閉じるときに差異になります。"
            )
        held.counted, held.counted_by, held.counted_at = counted, actor.name, at
        held.save(update_fields=["counted", "counted_by", "counted_at"])
        difference = _against_slip(pickup, actor, at)
    note = f"袋{held.no}：{counted:,}通。"
    if difference:
        note += f"郵便局の控え（{difference.stated:,}通）と合いません。差異{difference.pk}を開きました。"
    return Report(done=counted, waiting=1 if difference else 0, note=note)


def _against_slip(pickup: Pickup, actor: Actor, at: datetime) -> Difference | None:
    counts = Bag.objects.filter(pickup=pickup).aggregate(
        left=Count("pk", filter=Q(counted__isnull=True)), total=Sum("counted")
    )
    if counts["left"] or pickup.stated is None:
        return None
    return open_difference(
        programme=pickup.programme, subject=("pickup", pickup.pk), between=SLIP, stated=pickup.stated,
        found=counts["total"], actor=actor, at=at,
    )  # fmt: skip
