"""Closes a bag whose envelopes are all opened (袋を閉じる): opened must be what was counted, or a difference is opened."""

from datetime import datetime

from django.db import transaction

from todoku.ground.step import Refusal, Report
from todoku.mailroom.open_difference import open_difference
from todoku.mailroom.tables import Bag, Envelope
from todoku.people.actor import Actor

OPENED = "数えた封書 ↔ 開封した封書"


class CannotClose(Refusal):
    """The bag has not been counted, or is closed."""


def close_bag(bag: Bag, *, actor: Actor, at: datetime) -> Report:
    """Closes the bag. Report: done envelopes opened, waiting 1 where a difference was opened. Raises CannotClose."""
    with transaction.atomic():
        held = Bag.objects.select_for_update(of=("self",)).select_related("pickup__programme").get(pk=bag.pk)
        if held.counted is None:
            raise CannotClose("この袋の封書をまだ数えていません。通数を入力してください。")
        if held.closed_at is not None:
            raise CannotClose("この袋は、すでに閉じています。")
        opened = Envelope.objects.filter(bag=held, voided_at__isnull=True).count()
        held.closed_at, held.closed_by = at, actor.name
        held.save(update_fields=["closed_at", "closed_by"])
        difference = open_difference(
            programme=held.pickup.programme, subject=("bag", held.pk), between=OPENED, stated=held.counted, found=opened,
            actor=actor, at=at,
        )  # fmt: skip
    if difference is None:
        return Report(done=opened, note=f"袋{held.no}を閉じました。{opened:,}通、一致しています。")
    return Report(
        done=opened, waiting=1,
        note=f"袋{held.no}を閉じました。数えた{held.counted:,}通と開封した{opened:,}通が合いません。差異{difference.pk}を開きました。",
    )  # fmt: skip
