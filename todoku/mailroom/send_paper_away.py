"""Paper that is nobody's here leaves the pool (返送・回付): back to who sent it, or on to another office, with a reason.

Its sheets are moved into a container by hand (move_sheet) and leave with a carry.
"""

from datetime import datetime

from django.db import transaction

from todoku.ground.step import Refusal, Report
from todoku.mailroom.tables import UnplacedPaper
from todoku.people.actor import Actor

WHY_MAX = 200


class CannotSendAway(Refusal):
    """This paper does not leave like this."""


def send_paper_away(paper: UnplacedPaper, *, to: str, why: str, actor: Actor, at: datetime) -> Report:
    """`to` is "sent_back" (差出人へ返送) or "handed_on" (他の窓口へ回付). Raises CannotSendAway."""
    assert to in ("sent_back", "handed_on"), f"unknown way {to!r}"
    if not why.strip() or len(why.strip()) > WHY_MAX:
        raise CannotSendAway(f"返送・回付の理由と行き先を{WHY_MAX}文字以内で入力してください。")
    with transaction.atomic():
        held = UnplacedPaper.objects.select_for_update().get(pk=paper.pk)
        if held.state not in ("waiting", "proposed"):
            raise CannotSendAway(f"この書類は「{held.get_state_display()}」です。もう変えられません。")
        held.state, held.why_closed = to, why.strip()
        held.closed_id, held.closed_by, held.closed_at = actor.id, actor.name, at
        held.save(update_fields=["state", "why_closed", "closed_id", "closed_by", "closed_at"])
    return Report(done=1, note=f"「{held.get_state_display()}」として記録しました。")
