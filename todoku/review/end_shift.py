"""Ends a person's shift (交代): what the person held or had reserved goes back, and words are left to the next (申し送り).

Takes a programme and a person; leaves one ShiftNote. What was handed to the person by name stays with the name: the
lead's page shows it.
"""

from datetime import datetime, time

from django.db import transaction
from django.utils import timezone

from todoku.formats.codes import contains_my_number
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.review.claim import release_reserved
from todoku.review.comment import CommentRefused
from todoku.review.desk_tables import ShiftNote
from todoku.review.tables import Task, Verdict

WORDS_MAX = 600


def end_shift(*, programme: Programme, words: str, actor: Actor, at: datetime) -> ShiftNote:
    """Releases claims and reservations, keeps the words with the day's count. Raises CommentRefused for a My Number."""
    assert actor.id is not None, "only a person ends a shift"
    if contains_my_number(words):
        raise CommentRefused(
            "マイナンバーと思われる12桁の数字があります。マイナンバーは記録できません。消してから保存してください。"
        )
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(at), time()))
    with transaction.atomic():
        released = Task.objects.filter(programme=programme, state="held", claimed_by_id=actor.id).update(
            state="open", claimed_by=None, claimed_at=None
        )
        release_reserved(programme=programme, staff_id=actor.id)
        judged = Verdict.objects.filter(
            task__programme=programme, staff_id=actor.id, undone_at__isnull=True, at__gte=midnight
        ).count()
        return ShiftNote.objects.create(
            programme=programme, staff_id=actor.id, words=words.strip()[:WORDS_MAX], judged=judged, released=released,
            at=at,
        )  # fmt: skip
