"""A plan to pay a claim in parts (分割納付): its parts add up to what is left, and agreeing to it acknowledges the debt.

Takes a claim that was noticed; leaves the parts, and the acknowledgement that renews the prescription. A new plan takes
the place of the one before; what was agreed stays on record.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from todoku.ground.step import Refusal
from todoku.people.access import ACTIONS
from todoku.people.actor import Actor
from todoku.recovery.claim_facts import facts_of
from todoku.recovery.held_claim import locked, record
from todoku.recovery.tables import Claim, ClaimNotice, Instalment

# Five years of months: longer than the prescription is no plan.
PARTS_MAX = 60


class CannotPlan(Refusal):
    """The parts do not make a plan for this claim."""


def plan(claim: Claim, parts: Sequence[tuple[date, int]], *, actor: Actor, at: datetime) -> list[Instalment]:
    """Agrees (due date, yen) parts with who must pay; raises CannotPlan."""
    if not actor.roles & ACTIONS["claim.open"] or actor.id is None:
        raise CannotPlan("分割納付を認めることができるのは、自治体の担当課職員だけです。")
    with transaction.atomic():
        claim = locked(claim)
        if claim.state != "noticed":
            raise CannotPlan("分割納付の計画は、請求中の返還だけに作成できます。")
        _ask_parts(parts, facts_of(claim).left_yen, localdate(at))
        number = 1 + max((one.plan for one in claim.instalments.all()), default=0)
        made = Instalment.objects.bulk_create(
            Instalment(claim=claim, plan=number, number=place, due_on=due_on, amount_yen=yen)
            for place, (due_on, yen) in enumerate(parts, 1)
        )
        ClaimNotice.objects.create(
            claim=claim, kind="acknowledged", sent_on=localdate(at), due_on=parts[-1][0], at=at, actor_name=actor.name
        )  # fmt: skip
        record(claim, "claim.plan", f"{len(parts)}回に分けて納付（最終 {parts[-1][0]:%Y/%m/%d}）", actor, at)
    return made


def equal_parts(yen: int, count: int, first: date) -> list[tuple[date, int]]:
    """`count` monthly parts of whole yen from a first day on; what does not divide goes into the first."""
    assert count > 0, "a plan has parts"
    each, rest = divmod(yen, count)
    return [(_months_on(first, n), each + (rest if n == 0 else 0)) for n in range(count)]


def _months_on(first: date, months: int) -> date:
    """The same day of a later month, or the last one of a shorter month."""
    month = first.month - 1 + months
    year, month = first.year + month // 12, month % 12 + 1
    for day in range(first.day, first.day - 4, -1):
        try:
            return date(year, month, day)
        except ValueError:  # the month is shorter
            continue
    raise AssertionError("every month has 28 days")


def _ask_parts(parts: Sequence[tuple[date, int]], left_yen: int, today: date) -> None:
    if not 2 <= len(parts) <= PARTS_MAX:
        raise CannotPlan(f"分割は2回から{PARTS_MAX}回までにしてください。")
    if any(yen <= 0 for _, yen in parts):
        raise CannotPlan("各回の額は1円以上にしてください。回数を減らすと、1回の額が増えます。")
    days = [day for day, _ in parts]
    if days[0] <= today or any(later <= day for day, later in zip(days, days[1:], strict=False)):
        raise CannotPlan("各回の納期限は、明日以降の日を早い順に入力してください。")
    total = sum(yen for _, yen in parts)
    if total != left_yen:
        raise CannotPlan(f"各回の合計{total:,}円が、残りの{left_yen:,}円と合いません。金額を直してください。")
