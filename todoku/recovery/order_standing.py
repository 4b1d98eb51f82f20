"""Where a case stands when an order is given or looked at: its parts, what was paid, what is under way. Writes nothing."""

from typing import NamedTuple

from django.db.models import Sum

from todoku.case.tables import Case, Entitlement
from todoku.payment.tables import LIVE, Transfer
from todoku.recovery import order_plan
from todoku.recovery.tables import Claim
from todoku.review.tables import Decision

SETTLED = "settled"


class Standing(NamedTuple):
    """`due_yen`: the parts that stand; `first_yen`: part 1 alone; `before_yen`: what counts as given: what was paid less
    what is claimed back, or what is due while nothing was paid. `paid`: the transfer that paid part 1."""

    payment: str
    due_yen: int
    first_yen: int
    before_yen: int
    paid: Transfer | None

    @property
    def supplements_yen(self) -> int:
        return self.due_yen - self.first_yen


def standing_of(case: Case) -> Standing:
    """The case as it stands now, in four queries."""
    parts = dict(
        Entitlement.objects.filter(case=case, superseded_by_order="").values_list("part", "amount_yen")
    )
    live = {one.part: one for one in Transfer.objects.filter(case=case, state__in=LIVE)}
    decided = Decision.objects.filter(case=case, part=1, in_force=True, outcome="grant").exists()
    claimed = Claim.objects.filter(case=case).exclude(state="cancelled").aggregate(yen=Sum("amount_yen"))
    payment = _payment(parts, live, decided)
    paid_yen = sum(one.amount_yen for one in live.values() if one.state == SETTLED)
    due = sum(parts.values())
    before = paid_yen - (claimed["yen"] or 0) if payment == order_plan.PAID else due
    first = live.get(1)
    return Standing(payment, due, parts[1], before, first if first and first.state == SETTLED else None)


def _payment(parts: dict[int, int], live: dict[int, Transfer], decided: bool) -> str:
    if any(part > 1 and (part not in live or live[part].state != SETTLED) for part in parts):
        return order_plan.SUPPLEMENTED
    if 1 not in live:
        return order_plan.DECIDED if decided else order_plan.OPEN
    if live[1].state == "ready":
        return order_plan.DECIDED
    return order_plan.PAID if live[1].state == SETTLED else order_plan.AT_THE_BANK
