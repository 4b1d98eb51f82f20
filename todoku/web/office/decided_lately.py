"""What was decided lately and why (最近の決定): rulings, decision lists and approvals, for who takes over.

Reads only. Orders are left out: that a household was split must not stand on a sheet that goes from hand to hand.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from todoku.payment.tables import Approval
from todoku.programme.tables import Programme
from todoku.review.ruling_tables import Ruling
from todoku.review.tables import DecisionList

# Lines of each kind: a page that is printed stays readable.
LINES = 20


def decided_lately(programme: Programme, *, since: datetime) -> list[dict[str, Any]]:
    """Lines {at, what, why, who}, the newest first."""
    return sorted(_lines(programme, since), key=lambda line: line["at"], reverse=True)


def _lines(programme: Programme, since: datetime) -> Iterator[dict[str, Any]]:
    rulings = (
        Ruling.objects.filter(programme=programme, at__gte=since).select_related("ruled_by").order_by("-at")
    )
    for one in rulings[:LINES]:
        what = f"{one.title}「{one.get_outcome_display()}」"
        yield {"at": one.at, "what": what, "why": one.reason, "who": one.ruled_by.name}
    lists = DecisionList.objects.filter(programme=programme, decided_at__gte=since).order_by("-decided_at")
    for made in lists[:LINES]:
        what = f"決定一覧 {made.pk}: 支給 {made.grants:,}件 {made.total_yen:,}円、不支給 {made.refusals:,}件"
        yield {"at": made.decided_at, "what": what, "why": f"指紋 {made.sha256[:8]}", "who": made.decided_by}
    approved = Approval.objects.filter(batch__programme=programme, at__gte=since).select_related(
        "staff", "batch"
    )
    for approval in approved.order_by("-at")[:LINES]:
        side = "事務局" if approval.side == "office" else "自治体"
        what = f"振込データ {approval.batch_id} の承認（{side}）"
        yield {
            "at": approval.at,
            "what": what,
            "why": f"振込日 {approval.batch.value_date:%m/%d}",
            "who": approval.staff.name,
        }
