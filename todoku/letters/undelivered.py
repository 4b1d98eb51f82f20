"""Records a letter that came back (不着・郵便返戻): takes a case number and the reason on the envelope.

Leaves the case where it stands; later print runs set the case aside until somebody has found the right address.
"""

from datetime import date, datetime

from django.db import transaction
from django.db.models import OuterRef, Subquery

from todoku.formats.codes import case_number_valid, plain_number
from todoku.ground.step import Refusal, Report
from todoku.letters.tables import Dispatch, Letter, Undelivered
from todoku.people.actor import Actor
from todoku.programme.tables import Programme

# The day on which a letter's own piece was posted: a run may go in several lots.
_POSTED = Dispatch.objects.filter(
    run=OuterRef("run"), from_piece__lte=OuterRef("piece_no"), to_piece__gte=OuterRef("piece_no")
).values("posted_on")[:1]


class CannotRecord(Refusal):
    """There is no posted letter that this could be."""


def record_undelivered(
    number: str, *, programme: Programme, reason: str, returned_on: date, actor: Actor, at: datetime
) -> Report:
    """Records the last posted letter of the case as returned. `reason` is a key of Undelivered.REASONS.

    Raises CannotRecord for a mistyped or unknown number, a case without a posted letter, and a letter that is
    recorded already or was posted only after that day.
    """
    assert reason in dict(Undelivered.REASONS), f"unknown reason {reason!r}"
    if not case_number_valid(number):
        raise CannotRecord(
            "番号の桁数か検査数字が合いません。宛名の下の13桁の番号をもう一度入力してください。"
        )
    posted = (
        Letter.objects.filter(
            case__programme=programme, case__number=plain_number(number), run__state="dispatched"
        )
        .select_related("run")
        .annotate(posted_on=Subquery(_POSTED))
        .order_by("-posted_on", "-pk")
    )
    with transaction.atomic():
        letter = posted.first()
        if letter is None:
            raise CannotRecord("この番号で発送した郵便がありません。番号と制度を確認してください。")
        if returned_on < letter.posted_on:
            raise CannotRecord(
                f"返戻の日が発送の日（{letter.posted_on}）より前です。日付を確認してください。"
            )
        if Undelivered.objects.filter(letter=letter).exists():
            raise CannotRecord("この郵便の返戻は、すでに記録されています。")
        Undelivered.objects.create(
            letter=letter, reason=reason, returned_on=returned_on, at=at, actor_name=actor.name
        )
    return Report(done=1)
