"""Words the letters on claims: 返還請求書, 督促状・催告書, 分割納付承認のお知らせ, with payment slips (納付書). Each once.

Takes notices and plans that the room of recovery has written; leaves items that the round's letters are printed from. A
claim that is disputed or has ended gets none, nor is anybody reminded of what is no longer overdue.
"""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from django.db import connection

from todoku.formats.wareki import format_wareki
from todoku.letters.make_run import LetterItem
from todoku.letters.waiting import STANDING
from todoku.programme.tables import Programme
from todoku.recovery.claim_facts import facts_of, with_facts
from todoku.recovery.steps import Facts, overdue_since, overdue_yen, parts_of_plan
from todoku.recovery.tables import Claim

PLAN = "claim_plan"
# Letter kind → the notices that it is written for.
NOTICE_OF = {
    "claim_notice": "notice",
    "claim_reminder": "reminder",
    "claim_call": "call",
    PLAN: "acknowledged",
}
REASONS = dict(Claim.REASONS)
DUE = f"""
select n.claim_id, n.id, n.sent_on, n.due_on
  from todoku_claimnotice n
  join todoku_claim c on c.id = n.claim_id and c.programme_id = %s
 where n.kind = %s and c.state = 'noticed'
   and not exists (select 1 from todoku_letter l
                    where l.case_id = c.case_id and l.kind = %s and l.occasion = n.id and {STANDING})
 order by c.case_id, n.id
"""
# A plan is told of by its first part: one that a reversed payment has made anew needs other slips, and no new agreement.
PLANNED = f"""
select i.claim_id, i.id, i.due_on, i.due_on
  from todoku_instalment i
  join todoku_claim c on c.id = i.claim_id and c.programme_id = %s
 where i.number = 1 and c.state = 'noticed'
   and not exists (select 1 from todoku_instalment x where x.claim_id = i.claim_id and x.plan > i.plan)
   and not exists (select 1 from todoku_letter l
                    where l.case_id = c.case_id and l.kind = %s and l.occasion = i.id and {STANDING})
 order by c.case_id, i.id
"""


class Due(NamedTuple):
    """A letter that waits: for which claim, on which occasion; of a notice, when it was given and until when it asks."""

    claim_id: int
    occasion: int
    sent_on: date
    due_on: date


def claim_items(kind: str, programme: Programme) -> Iterator[LetterItem]:
    """The letters of one kind (a key of NOTICE_OF) that are due and not written yet.

    A case with two claims gets its second letter with the next round: a run holds one letter per case.
    """
    with connection.cursor() as cursor:
        if kind == PLAN:
            cursor.execute(PLANNED, [programme.pk, kind])
        else:
            cursor.execute(DUE, [programme.pk, NOTICE_OF[kind], kind])
        found = [Due(*row) for row in cursor.fetchall()]
    claims = with_facts(Claim.objects.all()).in_bulk([due.claim_id for due in found])
    written: set[int] = set()
    for due in found:
        claim = claims[due.claim_id]
        item = None if claim.case_id in written else _item(kind, claim, due)
        if item:
            written.add(claim.case_id)
            yield item


def plan_occasion(claim: Claim) -> int | None:
    """The occasion on which the plan in force is told of: its first part; None without a plan."""
    parts = list(claim.instalments.all())
    last = max((one.plan for one in parts), default=0)
    return next((one.pk for one in parts if one.plan == last and one.number == 1), None)


def _item(kind: str, claim: Claim, due: Due) -> LetterItem | None:
    facts = facts_of(claim)
    if kind == PLAN:
        return _agreed(claim, facts, due)
    yen, last = facts.left_yen, REASONS[claim.reason]
    if kind != "claim_notice":
        # What was overdue on the day of the reminder, without what has been paid since.
        since = overdue_since(facts, due.sent_on)
        if since is None:
            return None
        yen, last = overdue_yen(facts, due.sent_on), _since_words(facts, since)
    values = (f"{yen:,}円", format_wareki(due.due_on), claim.slip_number, last)
    return LetterItem(claim.case_id, due.occasion, values)


def _since_words(facts: Facts, since: date) -> str:
    """The due date that has passed; with a plan, which of its parts is the first that is open."""
    if not facts.plan:
        return format_wareki(since)
    first = next(part.number for part in parts_of_plan(facts) if part.open_yen)
    return f"{format_wareki(since)}（分割納付の第{first}回）"


def _agreed(claim: Claim, facts: Facts, due: Due) -> LetterItem | None:
    """A plan with a line and a payment slip for each part on which something is still to be paid."""
    parts = [part for part in parts_of_plan(facts) if part.open_yen]
    if not parts:
        return None
    days = [format_wareki(part.due_on) for part in parts]
    span = days[0] if len(days) == 1 else f"{days[0]}から{days[-1]}まで"
    yen = sum(part.open_yen for part in parts)
    slips = [
        (f"{part.open_yen:,}円", day, f"{claim.slip_number}（第{part.number}回／全{len(facts.plan)}回）")
        for part, day in zip(parts, days, strict=True)
    ]
    return LetterItem(
        claim.case_id, due.occasion, (f"{yen:,}円（{len(parts)}回に分けて）", span, claim.slip_number),
        tuple(f"第{part.number}回　{day}まで　{part.open_yen:,}円" for part, day in zip(parts, days, strict=True)),
        tuple(slips),
    )  # fmt: skip
