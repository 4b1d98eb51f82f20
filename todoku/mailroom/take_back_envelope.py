"""Takes back the envelope opened last (開封の取消): within a minute, by who opened it; it is then opened again.

Nothing is deleted: the envelope and its sheets stand as void and count nowhere.
"""

from datetime import datetime, timedelta

from django.db import transaction

from todoku.ground.step import Refusal, Report
from todoku.mailroom.tables import Carry, Container, Envelope, Sheet, UnplacedPaper, Valuable
from todoku.people.actor import Actor

UNDO_SECONDS = 60


class TooLate(Refusal):
    """This envelope cannot be taken back any more, or not by this person."""


def take_back_envelope(envelope: Envelope, *, actor: Actor, at: datetime) -> Report:
    """Voids the envelope. Safe to call twice. Raises TooLate."""
    with transaction.atomic():
        held = Envelope.objects.select_for_update().get(pk=envelope.pk)
        if held.voided_at is not None:
            return Report(note="この封書は取り消してあります。")
        _ask_free(held, actor, at)
        Sheet.objects.filter(envelope=held).update(voided_at=at)
        UnplacedPaper.objects.filter(envelope=held).update(state="void")
        held.voided_at, held.voided_by = at, actor.name
        held.save(update_fields=["voided_at", "voided_by"])
    return Report(done=1, note=f"{held.no}通目の開封を取り消しました。もう一度入力してください。")


def _ask_free(held: Envelope, actor: Actor, at: datetime) -> None:
    if held.opened_id != actor.id or at - held.opened_at > timedelta(seconds=UNDO_SECONDS):
        raise TooLate(
            "取り消せるのは、開封した本人が1分以内です。消印と番号は、封書のページの「訂正」で二人で直してください。"
        )
    if Envelope.objects.filter(bag=held.bag_id, no__gt=held.no, voided_at__isnull=True).exists():
        raise TooLate("取り消せるのは、最後に開封した封書だけです。")
    if Valuable.objects.filter(envelope=held).exists():
        raise TooLate("この封書の原本・現金を記録してあるため、取り消せません。責任者に渡してください。")
    if UnplacedPaper.objects.filter(envelope=held).exclude(state="waiting").exists():
        raise TooLate("この封書の書類は照合が始まっているため、取り消せません。")
    places = Sheet.objects.filter(envelope=held).values("container")
    if Carry.objects.filter(container__in=places, at__gte=held.opened_at).exists():
        raise TooLate("トレーを引き渡したあとのため、取り消せません。")
    if Container.objects.filter(pk__in=places, sealed_at__isnull=False).exists():
        raise TooLate("用紙の入った入れ物に封をしてあるため、取り消せません。")
