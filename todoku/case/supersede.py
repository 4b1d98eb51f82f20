"""Puts one part of what is due in the place of another (支給予定額の差し替え), by an order; the old row stays beside it.

Takes a case and the amount that is right now. What was decided or paid on the old amount is the caller's concern.
"""

from todoku.case.tables import Case, Entitlement


def supersede(case: Case, *, part: int, order: str) -> Entitlement:
    """Marks the part that stands as superseded by the order; gives it as it was."""
    old = Entitlement.objects.get(case=case, part=part, superseded_by_order="")
    Entitlement.objects.filter(pk=old.pk).update(superseded_by_order=order)
    return old


def replace_amount(case: Case, *, amount_yen: int, member_count: int, order: str) -> Entitlement:
    """Supersedes part 1 and puts the right amount in its place, under the Version of the old one."""
    old = supersede(case, part=1, order=order)
    return Entitlement.objects.create(
        case=case, programme_id=old.programme_id, payout=old.payout, recipient_id=old.recipient_id,
        version_id=old.version_id, part=1, amount_yen=amount_yen, member_count=member_count,
    )  # fmt: skip
