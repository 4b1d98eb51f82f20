"""Which roles one person never has in hand together (兼務の禁止): asked when a role is granted and when a deputy is named.

Takes roles held and people; gives the pair that would be joined. The database asks the same (sql/questions.sql):
`a_role_stays_on_its_side`, `nobody_orders_and_pays_out`, `a_deputy_never_holds_both_sides`.
"""

from collections.abc import Collection
from datetime import date

from django.db.models import Q

from todoku.people.access import ROLES
from todoku.people.tables import Deputy, Grant, Staff

# Roles that one rule for two persons keeps apart: who makes a bank file and who approves it; who decides and who pays.
APART = (frozenset({"payment_maker", "payment_approver"}), frozenset({"city_officer", "city_treasurer"}))
# Of one person's own roles the municipality's alone (地方自治法: 命令機関と出納機関): at the office each batch tells its
# maker from its approver by name, so that three people can run a small office.
NEVER_ONES_OWN = APART[1:]


def joined(held: Collection[str], pairs: Collection[frozenset[str]] = APART) -> str:
    """The names of the first pair that lies in these roles; "" where none does."""
    pair = next((pair for pair in pairs if pair <= frozenset(held)), frozenset())
    return "と".join(ROLES[role].name for role in sorted(pair))


def joined_by_grant(staff: Staff, roles: Collection[str], municipality_code: str, *, on: date) -> str:
    """The names of a pair that these new roles would join: in the person's own hand, or in that of a deputy."""
    own = joined({*roles, *_roles_of([staff.pk], municipality_code, since=on)}, NEVER_ONES_OWN)
    if own:
        return own
    about = Deputy.objects.filter(Q(deputy=staff) | Q(absent=staff), ended_at__isnull=True, until_on__gte=on)
    for one in about:
        if municipality_code not in ("", one.municipality_code):
            continue
        held = _roles_of([one.deputy_id, *_absent(one)], one.municipality_code, since=max(on, one.from_on))
        if pair := joined({*roles, *held}):
            return pair
    return ""


def _absent(one: Deputy) -> list[int]:
    """For whom this deputy acts in the same days, in the same municipality."""
    beside = Deputy.objects.filter(
        deputy_id=one.deputy_id, municipality_code=one.municipality_code, ended_at__isnull=True,
        from_on__lte=one.until_on, until_on__gte=one.from_on,
    )  # fmt: skip
    return list(beside.values_list("absent_id", flat=True))


def _roles_of(staff: Collection[int], code: str, *, since: date) -> set[str]:
    """The roles that these people hold from a day on, there or everywhere; a role of everywhere meets every place."""
    until = Q(until_on__isnull=True) | Q(until_on__gte=since)
    held = Grant.objects.filter(until, staff_id__in=staff)
    if code:
        held = held.filter(municipality_code__in=["", code])
    return set(held.values_list("role", flat=True))
