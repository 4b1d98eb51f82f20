"""Where a case stands when an order is given or looked at: its parts, what was paid, what is under way. Writes nothing."""

from typing import NamedTuple

from django.db import connection
from django.db.models import Sum

from todoku.case.tables import Case, Entitlement
from todoku.payment.tables import LIVE, Transfer
from todoku.recovery import order_plan
from todoku.recovery.tables import Claim
from todoku.review.tables import Decision

SETTLED = "settled"


class Standing(NamedTuple):
    """`due_yen`: the parts that stand; `first_yen`: part 1 alone; `before_yen`: what counts as given: what was paid less
    what is claimed back, or what is due while nothing was paid; `kept_yen`: the same, but with what was given up of
    claims. `paid`: the transfer that paid part 1. `rest`: how it would stand without the supplements under way."""

    payment: str
    due_yen: int
    first_yen: int
    before_yen: int
    kept_yen: int
    paid: Transfer | None
    rest: "Standing | None" = None

    @property
    def supplements_yen(self) -> int:
        return self.due_yen - self.first_yen


def standing_of(case: Case) -> Standing:
    """The case as it stands now, in five queries."""
    parts = dict(
        Entitlement.objects.filter(case=case, superseded_by_order="").values_list("part", "amount_yen")
    )
    live = {one.part: one for one in Transfer.objects.filter(case=case, state__in=LIVE)}
    settled = {part for part, one in live.items() if one.state == SETTLED}
    decided = Decision.objects.filter(case=case, part=1, in_force=True, outcome="grant").exists()
    claimed = Claim.objects.filter(case=case).exclude(state="cancelled").aggregate(yen=Sum("amount_yen"))
    under_way = sum(yen for part, yen in parts.items() if part > 1 and part not in settled)
    payment, due, paid_yen = (
        _payment(live, decided),
        sum(parts.values()),
        sum(live[part].amount_yen for part in settled),
    )
    rest = Standing(
        payment, due - under_way, parts[1], due - under_way, due - under_way, live[1] if 1 in settled else None
    )  # fmt: skip
    if payment == order_plan.PAID:
        rest = rest._replace(before_yen=paid_yen - (claimed["yen"] or 0), kept_yen=kept_yen(case))
    if not under_way:
        return rest
    return rest._replace(
        payment=order_plan.SUPPLEMENTED, due_yen=due, before_yen=due, kept_yen=due, rest=rest
    )


def kept_yen(case: Case) -> int:
    """What was paid and stays with the payee: less whole claims, and what was paid on those that were given up.

    The database's own sum, by which it refuses a supplement that would pay more.
    """
    with connection.cursor() as cursor:
        cursor.execute("select kept_of_case(%s)", [case.pk])
        (yen,) = cursor.fetchone()
    return int(yen)


def over_by(case: Case, more_yen: int) -> int:
    """Yen by which the supplements under way would exceed what is right if so much more were kept; 0 or less: not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(kept_of_case(%s) + w.yen + %s - w.corrected_yen, 0) from supplements_under_way(%s) w",
            [case.pk, more_yen, case.pk],
        )
        (yen,) = cursor.fetchone()
    return int(yen)


def _payment(live: dict[int, Transfer], decided: bool) -> str:
    """Where the payment of part 1 stands."""
    if 1 not in live:
        return order_plan.DECIDED if decided else order_plan.OPEN
    if live[1].state == "ready":
        return order_plan.DECIDED
    return order_plan.PAID if live[1].state == SETTLED else order_plan.AT_THE_BANK
