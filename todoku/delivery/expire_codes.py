"""Gift codes past their last day (期限切れ): marked, so that what was not used can be paid another way.

Takes codes in stock, assigned or delivered; leaves those expired. What the issuer reported as used stays used. Runs
daily; safe to run twice.
"""

from datetime import datetime

from django.utils.timezone import localdate

from todoku.delivery.tables import GiftCode
from todoku.ground.step import Refusal, Report
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.tables import Programme


class CannotExpire(Refusal):
    """Who may not take codes back does not end their use either; the daily round does."""


def expire_codes(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """Marks every code whose last day has gone by; gives how many. Raises CannotExpire for who may not."""
    if not may(actor.roles, "gift.revoke"):
        raise CannotExpire(
            "ギフトコードを期限切れにする権限がありません。毎日の自動処理に任せるか、振込データの作成・承認の担当に依頼してください。"
        )
    past = GiftCode.objects.filter(
        programme=programme, state__in=["stock", "assigned", "delivered"], expires_on__lt=localdate(at)
    )
    done = past.update(state="expired")
    if done:
        record_look(
            actor=actor, action="gift.expire", subject_kind="programme", subject_id=programme.pk, at=at,
            programme_slug=programme.slug, reason=f"{done:,}枚",
        )  # fmt: skip
    return Report(done=done)
