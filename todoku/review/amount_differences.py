"""What new terms would make of the amounts of open cases (支給予定額の違い): takes cases and two Terms; gives kinds.

Writes nothing: an amount that a case was opened with is changed by the municipality's order alone.
"""

from collections.abc import Sequence

from django.db import connection

from todoku.case.due import Due, judge
from todoku.case.members import members_of
from todoku.programme.terms import Terms

# The parts of a Version on which an amount rests.
PARTS = ("amount", "eligibility", "cohorts", "snapshot", "late", "payouts")
UP, DOWN, NONE = "amount_up", "amount_down", "amount_none"


def amounts_may_differ(old: Terms, new: Terms) -> bool:
    """Whether the two say anything otherwise on which an amount rests."""
    return old.base_dates != new.base_dates or any(getattr(old, part) != getattr(new, part) for part in PARTS)


def amount_kinds(cases: Sequence[int], old: Terms, new: Terms) -> dict[int, str]:
    """By case, how the amount would differ; a case for which it does not is not in the answer."""
    if not cases or not amounts_may_differ(old, new):
        return {}
    with connection.cursor() as cursor:
        cursor.execute("select id, recipient_id, payout from todoku_case where id = any(%s)", [list(cases)])
        rows = cursor.fetchall()
    members = members_of([recipient for _, recipient, _ in rows])
    found: dict[int, str] = {}
    for payout in {payout for _, _, payout in rows}:
        chosen = [(case, recipient) for case, recipient, one in rows if one == payout]
        lines = [([line.rule for line in members.get(recipient, [])], False) for _, recipient in chosen]
        before, after = judge(lines, old, payout), judge(lines, new, payout)
        for (case, _), was, now in zip(chosen, before, after, strict=True):
            if kind := _kind(was, now):
                found[case] = kind
    return found


def _kind(was: Due, now: Due) -> str:
    if was.amount_yen == now.amount_yen:
        return ""
    if not now.amount_yen:
        return NONE
    return UP if now.amount_yen > was.amount_yen else DOWN
