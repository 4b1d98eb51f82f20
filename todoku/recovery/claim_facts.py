"""Reads claims with all that their clock needs: payments, letters, plans; a page of them in four queries. Writes nothing."""

from datetime import date

from django.db.models import QuerySet
from django.utils.timezone import localdate

from todoku.programme.tables import Programme
from todoku.recovery.steps import ENDED, Facts, lapses_soon
from todoku.recovery.tables import Claim


def with_facts(claims: "QuerySet[Claim]") -> "QuerySet[Claim]":
    """The same claims, prepared so that facts_of asks the database no more."""
    return claims.prefetch_related("payments", "notices", "instalments")


def facts_of(claim: Claim) -> Facts:
    """The facts of one claim as it stands."""
    payments = [one for one in claim.payments.all() if one.refund_of_id is None and one.reversed_at is None]
    parts = list(claim.instalments.all())
    last = max((one.plan for one in parts), default=0)
    return Facts(
        claim.state, claim.amount_yen, sum(one.amount_yen - one.excess_yen for one in payments),
        localdate(claim.opened_at), claim.due_on,
        [(one.kind, one.sent_on, one.due_on) for one in sorted(claim.notices.all(), key=lambda n: n.pk)],
        sorted((one.due_on, one.amount_yen) for one in parts if one.plan == last),
        sorted(one.received_on for one in payments if one.amount_yen > one.excess_yen),
    )  # fmt: skip


def near_lapse(programme: Programme, today: date) -> list[Claim]:
    """The warning list: claims under way that lapse within half a year, or have."""
    found = with_facts(Claim.objects.filter(programme=programme).exclude(state__in=ENDED))
    return [claim for claim in found.order_by("pk") if lapses_soon(facts_of(claim), today)]
