"""Pure. Who has a case in a further payout (後の支給回) that follows a paid one, and why others have none.

Takes flat values of a recipient of the earlier payout and of its members; gives a key of LEFT, or "" where a case is due.
What was found when the earlier payout was decided is not judged again: what came out since is claimed back there.
"""

from collections.abc import Sequence
from typing import NamedTuple

from todoku.case import stages
from todoku.case.change_rules import rule_of, who_of
from todoku.case.due import LAPSED, NO_MEMBERS, NOTHING_DUE
from todoku.case.roll_member import RollMember
from todoku.programme.terms import Terms
from todoku.registry.base_date import DEATH

# Why a recipient of the earlier payout has no case in the further one, in the order of a page.
LEFT: dict[str, str] = {
    "no_case": "前の支給回の対象外",
    "not_paid": "前の支給回をまだ支給していない（支給した後の開始で加わります）",
    "failed": "前の支給回が振込不能のまま（支給した後の開始で加わります）",
    "declined": "前の支給回を辞退",
    "refused": "前の支給回が不支給",
    "lapsed": "前の支給回が期限切れ",
    "claimed": "前の支給回の全額を返還請求中（担当課が判断します）",
    "counted": "世帯員が、この支給回の別の世帯で数えられている（担当課が判断します）",
    LAPSED: "単身の方が死亡（制度の異動の定めにより支給しない）",
    "moved_out": "転出（制度の異動の定めにより支給しない）",
    NO_MEMBERS: "数える世帯員がいない",
    NOTHING_DUE: "この支給回の額が0円",
}
_ENDS = {
    "": "no_case", stages.FAILED: "failed", stages.DECLINED: "declined", stages.REFUSED: "refused",
    stages.LAPSED: "lapsed", stages.PAID: "",
}  # fmt: skip


class Stood(NamedTuple):
    """How a recipient stands in the earlier payout: its case's stage ("" without one), and what speaks against a further one."""

    stage: str
    claimed_whole: bool
    counted_elsewhere: bool


def left_for(stood: Stood) -> str:
    """Why the earlier payout leaves this recipient without a case; "" where it was paid and stands."""
    ended = _ENDS.get(stood.stage, "not_paid")
    if ended:
        return ended
    if stood.claimed_whole:
        return "claimed"
    return "counted" if stood.counted_elsewhere else ""


def ended_by_change(members: Sequence[RollMember], terms: Terms) -> str:
    """The change after the base date for which the Version's table pays nothing more; "" where there is none.

    A further payout has not been applied for yet: the phase is the one before the application. Whatever else the table
    rules (a new head, the estate, a question) is done on the opened case, like any other change.
    """
    counting = [one for one in members if one.counts(terms.programme.base_date)]
    for one in counting:
        if not one.left_reason:
            continue
        event = "died" if one.left_reason == DEATH else "moved_out"
        who = who_of(terms.programme.unit, is_payee=one.is_head, is_member=True, members=len(counting))
        if rule_of(terms.eligibility.changes, event, who, "before_application") == "lapse":
            return LAPSED if event == "died" else "moved_out"
    return ""
