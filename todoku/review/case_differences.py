"""Pure. What new terms make of a case beside its application: amount, cohort, whether anything is due (版による案件の違い).

Takes where a case stands, what was due under the terms it was opened with and what is due under the new ones; gives one
difference. The trial and the real run ask the same function, so that what was shown is what is done.
"""

from typing import NamedTuple

from todoku.case import stages
from todoku.case.due import Due
from todoku.programme.terms import Terms

# The parts of a Version on which an amount or a cohort rests.
PARTS = ("amount", "eligibility", "cohorts", "snapshot", "late", "payouts")
# Kind → its words; what is not done by itself says who does it. In the order in which a page lists them.
CASE_KINDS: dict[str, str] = {
    "amount_up": "支給予定額が上がる（新しい額になります）",
    "amount_down": "支給予定額が下がる（新しい額になります）",
    "cohort": "区分が変わる（発送済みなら、新しい区分の手紙を送り直します）",
    "lapsed": "対象外になる（申請前。期限切れとなり、次の版や職権で戻せます）",
    "revived": "ふたたび対象になる（期限切れから元の段階へ戻ります）",
    "not_due": "対象外になる（申請後。審査で人が確かめます）",
    "kept": "額が変わるが、職権や名簿ですでに改められている（人が確かめます）",
    "supplement": "決定済み：額が上がる（追給を提案します。額は変わりません）",
    "recovery": "決定済み：額が下がる・対象外になる（返還を提案します。額は変わりません）",
    "silent": "お知らせへの承諾とみなした案件（申請書がないため点検の対象外。対象・区分・額は確かめます）",
    "second": "数えない申請（二重申請など。先に届いた申請で点検します）",
}
BEFORE_APPLICATION = frozenset({stages.LISTED, stages.INVITED})
UNDECIDED = BEFORE_APPLICATION | {
    stages.RECEIVED, stages.IN_REVIEW, stages.WITH_MUNICIPALITY, stages.RETURNED, stages.PASSED,
}  # fmt: skip
DECIDED = frozenset({stages.DECIDED, stages.PAYING, stages.PAID, stages.FAILED})


class Stood(NamedTuple):
    """Where a case stands. `decided`: a decision is in force; `lapsed_at`: the stage from which an earlier Version ended it;
    `cohort_by_terms`: an earlier Version brought it into its cohort."""

    stage: str
    cohort: str
    yen: int
    decided: bool = False
    lapsed_at: str = ""
    cohort_by_terms: bool = False


class Differs(NamedTuple):
    """What becomes of a case: keys of CASE_KINDS, and the amount and cohort that hold from then on."""

    kinds: tuple[str, ...]
    yen: int
    cohort: str
    reason: str = ""


def terms_differ(old: Terms, new: Terms) -> bool:
    """Whether the two say anything otherwise on which amount or cohort rests."""
    return old.base_dates != new.base_dates or any(getattr(old, part) != getattr(new, part) for part in PARTS)


def difference(stood: Stood, was: Due, now: Due) -> Differs | None:
    """What the new terms make of one case; None for nothing.

    Where nothing was due by the old terms either, an order opened the case, and the terms do not end it. Where the amount
    is not the one of the old terms, an order or a later roll put it right, and a person looks.
    """
    if stood.lapsed_at and stood.stage == stages.LAPSED:
        return None if now.reason else _changed(("revived",), stood, now)
    if was.reason:
        return None
    if stood.decided or stood.stage in DECIDED:
        return _of_decided(stood, was, now)
    if stood.stage not in UNDECIDED:
        return None
    if now.reason:
        kind = "lapsed" if stood.stage in BEFORE_APPLICATION else "not_due"
        return Differs((kind,), 0, stood.cohort, now.reason)
    return _changed((), stood, now, was)


def _of_decided(stood: Stood, was: Due, now: Due) -> Differs | None:
    yen = 0 if now.reason else now.amount_yen
    if stood.yen != was.amount_yen or yen == stood.yen:
        return None
    return Differs(("supplement" if yen > stood.yen else "recovery",), yen, stood.cohort, now.reason)


def _changed(kinds: tuple[str, ...], stood: Stood, now: Due, was: Due | None = None) -> Differs | None:
    """The amount and the cohort of one to whom something is due."""
    yen, cohort = stood.yen, stood.cohort
    if was is not None and stood.yen != was.amount_yen:
        kinds += ("kept",) if was.amount_yen != now.amount_yen else ()
    elif now.amount_yen != stood.yen:
        kinds += ("amount_up" if now.amount_yen > stood.yen else "amount_down",)
        yen = now.amount_yen
    before = (stood.lapsed_at or stood.stage) in BEFORE_APPLICATION
    ours = was is None or stood.cohort == was.cohort or stood.cohort_by_terms
    if before and ours and now.cohort != stood.cohort:
        kinds, cohort = (*kinds, "cohort"), now.cohort
    return Differs(kinds, yen, cohort) if kinds else None
