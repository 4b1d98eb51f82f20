"""Pure. Where a claim (返還請求) stands on a day: what is left, what is overdue, what comes next and until when, when it lapses.

Takes plain facts; sends no letter and gives up no claim.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from todoku.formats.fiscal_year import ACKNOWLEDGED, CALL, NOTICE, REMINDER, Prescription, prescription

# From memory (many ordinances on 税外収入金 follow 地方税法329条): a reminder goes out within 20 days after the due date.
REMIND_WITHIN_DAYS = 20
# Half a year: a call postpones by six months at most (民法150条), so whoever is warned now can still act.
WARN_DAYS = 183
ENDED = frozenset({"paid", "cancelled", "waived", "written_off"})


class Facts(NamedTuple):
    """A claim as far as its clock goes. `paid_yen`: paid on it without what was too much. `notices`: (kind, sent on, due
    on) in order. `plan`: (due on, yen) of the plan in force. `payments`: the days on which something was paid."""

    state: str
    amount_yen: int
    paid_yen: int
    opened_on: date
    due_on: date | None
    notices: Sequence[tuple[str, date, date]] = ()
    plan: Sequence[tuple[date, int]] = ()
    payments: Sequence[date] = ()

    @property
    def left_yen(self) -> int:
        """Yen still to be paid; nothing once the claim has ended."""
        return 0 if self.state in ENDED else self.amount_yen - self.paid_yen

    @property
    def parts(self) -> list[tuple[date, int]]:
        """The plan's parts; none falls due before the claim does, which a dispute may have put off."""
        return [(max(day, self.due_on) if self.due_on else day, yen) for day, yen in self.plan]


class Part(NamedTuple):
    """One part of the plan in force: its place from 1, until when, the yen agreed and those still to be paid on it."""

    number: int
    due_on: date
    yen: int
    open_yen: int


class Step(NamedTuple):
    """What comes next (次の手続き), who does it, until when, and whether that day has passed."""

    words: str
    who: str = ""
    until: date | None = None
    late: bool = False


def overdue_yen(facts: Facts, today: date) -> int:
    """Yen whose due date has passed. A dispute stops this clock; a plan takes the place of the one due date."""
    if facts.state != "noticed" or facts.due_on is None:
        return 0
    if not facts.plan:
        return facts.left_yen if facts.due_on < today else 0
    due = sum(yen for day, yen in facts.parts if day < today)
    return max(due - _paid_on_plan(facts), 0)


def _paid_on_plan(facts: Facts) -> int:
    """A plan was made of what was left then: what had been paid before it does not count on its parts."""
    return facts.paid_yen - (facts.amount_yen - sum(yen for _, yen in facts.plan))


def parts_of_plan(facts: Facts) -> list[Part]:
    """The plan in force, part by part; what was paid on it fills the parts in their order."""
    paid, parts = max(_paid_on_plan(facts), 0), []
    for number, (day, yen) in enumerate(facts.parts, 1):
        filled = min(paid, yen)
        paid -= filled
        parts.append(Part(number, day, yen, yen - filled))
    return parts


def overdue_since(facts: Facts, today: date) -> date | None:
    """The due date of the oldest yen that is overdue; None where nothing is."""
    if not overdue_yen(facts, today):
        return None
    if not facts.plan:
        return facts.due_on
    paid = _paid_on_plan(facts)
    for day, yen in facts.parts:
        paid -= yen
        if paid < 0:
            return day
    raise AssertionError("overdue yen belong to a part of the plan")


def next_step(facts: Facts, today: date) -> Step:
    """What comes next on a claim as it stands today."""
    if facts.state in ENDED:
        return Step("手続きは終わりました")
    if facts.state == "open":
        return Step("返還請求書と納付書を送る", "担当課または事務局の業務責任者")
    if facts.state == "disputed":
        return Step("申立ての結論を待つ（督促の期限は止まっています）", "担当課")
    since = overdue_since(facts, today)
    if since is None:
        ahead = [day for day, _ in facts.parts if day >= today] or ([facts.due_on] if facts.due_on else [])
        return Step("納付を待つ", "納付者", min(ahead) if ahead else None)
    asked = [(kind, due) for kind, sent, due in facts.notices if kind in (REMINDER, CALL) and sent > since]
    if not asked:
        until = since + timedelta(days=REMIND_WITHIN_DAYS)
        return Step("督促状を送る", "担当課または事務局の業務責任者", until, today > until)
    kind, due = asked[-1]
    if due >= today:
        return Step("督促・催告の期限まで納付を待つ", "納付者", due)
    return Step("催告する（応じないときは徴収停止・訴訟などを検討）", "担当課", due, True)


def lapses(facts: Facts) -> Prescription:
    """When the claim lapses (消滅時効): from its first due date, renewed by notice, reminder, acknowledgement, payment."""
    first = [due for kind, _, due in facts.notices if kind == NOTICE]
    events = [(kind, sent) for kind, sent, _ in facts.notices]
    events += [(ACKNOWLEDGED, day) for day in facts.payments]
    return prescription(first[0] if first else facts.opened_on, events)


def lapses_soon(facts: Facts, today: date) -> bool:
    """Whether somebody must act now, or else the claim is lost."""
    return facts.state not in ENDED and lapses(facts).last_day - today <= timedelta(days=WARN_DAYS)
