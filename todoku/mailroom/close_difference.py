"""Closes a difference with its explanation (差異の説明): the counts are taken once more, and what still lacks is kept."""

from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from todoku.formats.codes import contains_my_number
from todoku.ground.step import Refusal, Report
from todoku.mailroom.tables import Bag, Difference, Envelope, Pickup
from todoku.people.access import may
from todoku.people.actor import Actor

EXPLANATION_MAX = 1_000


class CannotExplain(Refusal):
    """The difference is not closed: no explanation, or not by this person."""


def close_difference(difference: Difference, *, explanation: str, actor: Actor, at: datetime) -> Report:
    """Closes it; an incident that it has become stays open. Raises CannotExplain."""
    plain = explanation.strip()
    if not may(actor.roles, "mail.settle"):
        raise CannotExplain("差異を閉じられるのは、業務責任者だけです。")
    if not plain or len(plain) > EXPLANATION_MAX:
        raise CannotExplain(f"何を調べ、なぜ合わなかったかを{EXPLANATION_MAX:,}文字以内で入力してください。")
    if contains_my_number(plain):
        raise CannotExplain("個人番号（12桁）と読める数字があります。番号や氏名は書かないでください。")
    with transaction.atomic():
        held = Difference.objects.select_for_update().get(pk=difference.pk)
        if held.state == "explained":
            raise CannotExplain("この差異は、すでに説明済みです。")
        held.remaining = _counted_again(held)
        held.state, held.explanation, held.closed_at, held.closed_by = "explained", plain, at, actor.name
        held.save(update_fields=["remaining", "state", "explanation", "closed_at", "closed_by"])
    words = (
        f"{abs(held.remaining):,}の{'不足' if held.remaining > 0 else '超過'}が残っています。"
        if held.remaining
        else ""
    )
    return Report(done=1, note=f"差異{held.pk}を説明済みにしました。{words or '数え直して一致しました。'}")


def _counted_again(difference: Difference) -> int:
    """Stated less found as it stands now: envelopes found later count, recounted bags too."""
    if difference.subject_kind == "bag":
        bag = Bag.objects.get(pk=difference.subject_id)
        opened = Envelope.objects.filter(bag=bag, voided_at__isnull=True).count()
        return (bag.counted or 0) - opened
    if difference.subject_kind == "pickup":
        pickup = Pickup.objects.get(pk=difference.subject_id)
        return (pickup.stated or 0) - (pickup.opened_bags.aggregate(n=Sum("counted"))["n"] or 0)
    return difference.stated - difference.found
