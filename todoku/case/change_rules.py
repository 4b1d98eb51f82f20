"""Pure. A change after the base date (基準日の後の異動) against the Version's table: to whom, in which phase, what follows.

Takes flat values of a case and of one person in it; gives words of programme/vocabulary (CHANGE_…) and whether the rule can
be carried out from where the case stands. It writes nothing.
"""

from datetime import date
from typing import NamedTuple

from todoku.case import stages
from todoku.programme.contents import Change, Cohort
from todoku.programme.eligibility import after_change

# From these a change of payee is carried out by the rule alone: nobody has judged an application yet.
NOT_JUDGED = frozenset({stages.LISTED, stages.INVITED, stages.RETURNED})
# From these an order can name another payee too: what was judged is looked at again, or money came back.
BEFORE_DECISION = NOT_JUDGED | {stages.RECEIVED, stages.IN_REVIEW, stages.WITH_MUNICIPALITY, stages.FAILED}
MAY_LAPSE = frozenset(stages.sources(stages.LAPSED))
# What hands the case over to somebody else.
HANDS = ("new_head", "new_guardian", "estate")
DECIDED = frozenset({stages.DECIDED, stages.PAYING, stages.PAID, stages.FAILED})

WAITS = {
    "stage": "申請の審査や決定が進んでいるため、案件ごとに判断します",
    "successor": "新しい世帯主（養育する方）が名簿から分かりません",
    "heir": "相続人代表者の氏名と送付先が要ります",
    "municipality": "自治体に照会します",
    "payee": "受け取る方の確認を待っています（入力した人とは別の人が確認します）",
}


class Standing(NamedTuple):
    """Where a case stood on the day of the change, and where it stands now."""

    then: str
    now: str
    by_silence: bool  # passed because a notice's opt-out date went by


def who_of(unit: str, *, is_payee: bool, is_member: bool, members: int) -> str:
    """To whom it happened: a key of CHANGE_WHO."""
    if unit == "child":
        return "guardian" if is_payee else "child"
    if unit in ("person", "taxpayer"):
        return "sole_member" if is_member else "head"
    if is_payee:
        return "sole_member" if members == 1 else "head"
    return "member"


def phase_of(standing: Standing, cohort: Cohort, day: date) -> str:
    """When it happened: a key of CHANGE_PHASES. Of a push what comes before its opt-out date is before the application."""
    if standing.then in DECIDED:
        return "after_decision"
    if cohort.opt_out_date is not None and (
        standing.then in (stages.LISTED, stages.INVITED)
        or standing.then == stages.PASSED
        and standing.by_silence
    ):
        return "after_opt_out" if day > cohort.opt_out_date else "before_application"
    return "before_application" if standing.then in (stages.LISTED, stages.INVITED) else "after_application"


def line_of(event: str, who: str, phase: str) -> str:
    """The line of the table that a change falls under, as one word: a ruling for changes like it names it."""
    return "/".join((event, who, phase))


def rule_of(changes: tuple[Change, ...], event: str, who: str, phase: str) -> str:
    """What the Version rules: a key of CHANGE_OUTCOMES."""
    return after_change(changes, event, who, phase)


def waits_for(rule: str, stage: str, *, has_successor: bool) -> str:
    """Why the rule cannot be carried out by itself: a key of WAITS, "" where it can."""
    if rule == "pay":
        return ""
    if rule == "lapse":
        return "" if stage in MAY_LAPSE else "stage"
    if rule in ("new_head", "new_guardian"):
        if stage not in NOT_JUDGED:
            return "stage"
        return "" if has_successor else "successor"
    return "heir" if rule == "estate" else "municipality"
