"""Puts the amount of a case right by an order, in the caller's transaction: before payment another amount takes its place,
after payment what was too much becomes a claim. Pays nothing and sends no letter.
"""

from datetime import datetime
from typing import NamedTuple

from django.db import connection

from todoku.case.supersede import replace_amount
from todoku.case.tables import Case, CaseStage
from todoku.ground.step import Refusal
from todoku.payment.hand_back import hand_back
from todoku.payment.hold import lock_batches_of
from todoku.people.access import ACTIONS
from todoku.people.actor import Actor
from todoku.recovery import order_plan
from todoku.recovery.open_claim import open_claim
from todoku.recovery.order_plan import Effect, effect_of
from todoku.recovery.order_standing import Standing, standing_of
from todoku.recovery.tables import Claim, EntitlementOrder
from todoku.review.case_locks import hold_cases
from todoku.review.decision_lists import take_off

NUMBER_MAX, WHY_MAX = 60, 200


class CannotOrder(Refusal):
    """The order cannot be given like this, or not by this person, or not while the payment stands where it does."""


def person_of(actor: Actor) -> int:
    """The staff member who gives an order; the system gives none."""
    assert actor.id is not None, "a person gives an order"
    return actor.id


class Given(NamedTuple):
    """What an order says of itself: number (決裁番号), reason (a key of EntitlementOrder.REASONS) and the facts."""

    number: str
    reason: str
    why: str


def ask_order(given: Given, actor: Actor) -> Given:
    """The order tidied; raises CannotOrder where it lacks something or is not this person's to give."""
    if not actor.roles & ACTIONS["entitlement.order"] or actor.id is None:
        raise CannotOrder("職権による変更を命じられるのは、自治体の担当課職員だけです。")
    return tidy(given)


def tidy(given: Given) -> Given:
    number, why = given.number.strip(), given.why.strip()
    if given.reason not in dict(EntitlementOrder.REASONS):
        raise CannotOrder("変更の理由を選んでください。")
    if not number or not why:
        raise CannotOrder("決裁の番号と、確認した事実を入力してください。命令の記録に残ります。")
    if len(number) > NUMBER_MAX or len(why) > WHY_MAX:
        raise CannotOrder(f"決裁の番号は{NUMBER_MAX}字、確認した事実は{WHY_MAX}字までで入力してください。")
    return Given(number, given.reason, why)


def hold_case(case: Case, *, order: str) -> Standing:
    """Takes the case off open decision lists, keeps it from every other step until the transaction ends, and reads it.

    In the order of review/case_locks.py: two who meet here wait, they do not lock each other out.
    """
    assert connection.in_atomic_block, "an order is given within a transaction"
    hold_cases([case.pk], case.programme_id)
    take_off([case.pk], remark=f"職権による変更（{order}）")
    lock_batches_of([case.pk])
    CaseStage.objects.select_for_update().get(pk=case.pk)
    return standing_of(case)


def ask_new(case: Case, kind: str, number: str) -> None:
    """Raises CannotOrder where this order was given for this case already: a form that is sent twice does it once."""
    if EntitlementOrder.objects.filter(case=case, kind=kind, number=number).exists():
        raise CannotOrder(
            f"決裁 {number} による変更は、この案件に記録されています。別の変更は別の番号で行ってください。"
        )


def put_right(
    case: Case, stands: Standing, *, after_yen: int, member_count: int, given: Given, claim_reason: str, claim_why: str,
    actor: Actor, at: datetime,
) -> tuple[Effect, Claim | None]:  # fmt: skip
    """Makes `after_yen` what is due in all; gives the effect and the claim where one was opened. Raises CannotOrder."""
    effect = effect_of(stands.payment, stands.before_yen, after_yen, kept_yen=stands.kept_yen)
    if effect.code == order_plan.WAIT:
        raise CannotOrder(effect.words)
    if effect.code in (order_plan.KEEP, order_plan.SUPPLEMENT):
        return effect, None
    first = after_yen - stands.supplements_yen
    if first <= 0:
        raise CannotOrder(
            "追給した額が、改めた後の額以上です。追給の分は「返還請求」で返還を求めてから、もう一度行ってください。"
        )
    claim = None
    if effect.code == order_plan.HAND_BACK:
        hand_back(case, reason=f"職権による変更（{given.number}）", actor=actor, at=at)
    replace_amount(case, amount_yen=first, member_count=member_count, order=given.number)
    if effect.code == order_plan.CLAIM:
        assert stands.paid is not None, "what is claimed back was paid"
        claim = open_claim(
            stands.paid, reason=claim_reason, why=claim_why, order=given.number, amount_yen=effect.claim_yen,
            actor=actor, at=at,
        )  # fmt: skip
    return effect, claim
