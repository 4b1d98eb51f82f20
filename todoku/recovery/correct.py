"""The amount of a case put right by order (支給予定額の訂正): another amount before payment, a claim after it.

Takes a case and what is right in all; leaves it due. Too little that was paid already is a supplement (追給), not this.
"""

from datetime import datetime

from django.db import transaction

from todoku.case.tables import Case
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.recovery import order_plan
from todoku.recovery.order_plan import Effect, effect_of
from todoku.recovery.order_standing import standing_of
from todoku.recovery.put_right import CannotOrder, Given, ask_new, ask_order, hold_case, person_of, put_right
from todoku.recovery.tables import EntitlementOrder


def plan_correction(case: Case, right_yen: int) -> Effect:
    """What the order would do; raises CannotOrder where it could not be given."""
    stands = standing_of(case)
    return _asked(case, right_yen, stands.payment, stands.before_yen)


def correct(case: Case, *, right_yen: int, given: Given, actor: Actor, at: datetime) -> EntitlementOrder:
    """Makes `right_yen` what is due in all; gives the order. Raises CannotOrder."""
    given = ask_order(given, actor)
    with transaction.atomic():
        stands = hold_case(case, order=given.number)
        ask_new(case, "correction", given.number)
        _asked(case, right_yen, stands.payment, stands.before_yen)
        _, claim = put_right(
            case, stands, after_yen=right_yen, member_count=case.entitlement.member_count, given=given,
            claim_reason="overpaid", claim_why=given.why, actor=actor, at=at,
        )  # fmt: skip
        order = EntitlementOrder.objects.create(
            programme=case.programme, case=case, kind="correction", reason=given.reason, number=given.number,
            why=given.why, before_yen=stands.before_yen, after_yen=right_yen, claim=claim, given_by_id=person_of(actor), at=at,
        )  # fmt: skip
        record_look(
            actor=actor, action="entitlement.order", subject_kind="case", subject_id=case.pk, at=at,
            programme_slug=case.programme.slug, reason=f"支給予定額の訂正（決裁 {given.number}）",
        )  # fmt: skip
    return order


def _asked(case: Case, right_yen: int, payment: str, before_yen: int) -> Effect:
    cap = case.programme.terms.payment.cap_per_transfer_yen
    if not 0 < right_yen <= cap:
        raise CannotOrder(f"正しい支給額は、1円から1件の上限（{cap:,}円）までで入力してください。")
    effect = effect_of(payment, before_yen, right_yen)
    if right_yen == before_yen:
        raise CannotOrder("いまの支給額と同じです。訂正は要りません。")
    if effect.code in (order_plan.WAIT, order_plan.SUPPLEMENT):
        raise CannotOrder(effect.words)
    return effect
