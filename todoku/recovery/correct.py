"""The amount of a case put right by order (支給予定額の訂正): another amount before payment, a claim after it.

Takes a case and what is right in all; leaves it due. A supplement (追給) that is not paid yet is cancelled by it where less
is right than with it; too little that was paid already becomes one, not here.
"""

from datetime import datetime

from django.db import transaction

from todoku.case.tables import Case
from todoku.payment.stop_supplement import ask_stoppable, stop_supplements
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.recovery import order_plan
from todoku.recovery.order_plan import Effect, effect_of
from todoku.recovery.order_standing import Standing, standing_of
from todoku.recovery.put_right import CannotOrder, Given, ask_new, ask_order, hold_case, person_of, put_right
from todoku.recovery.tables import EntitlementOrder


def plan_correction(case: Case, right_yen: int) -> Effect:
    """What the order would do; raises CannotOrder where it could not be given."""
    return _asked(case, right_yen, standing_of(case))


def correct(case: Case, *, right_yen: int, given: Given, actor: Actor, at: datetime) -> EntitlementOrder:
    """Makes `right_yen` what is due in all; gives the order. Raises CannotOrder."""
    given = ask_order(given, actor)
    with transaction.atomic():
        before = hold_case(case, order=given.number)
        ask_new(case, "correction", given.number)
        _asked(case, right_yen, before)
        if before.rest is not None:
            stop_supplements(
                case, order=given.number, reason=f"職権による変更（{given.number}）", actor=actor, at=at
            )
        stands, claim = before.rest or before, None
        if not _same(_effect(stands, right_yen), right_yen, stands):
            _, claim = put_right(
                case, stands, after_yen=right_yen, member_count=case.entitlement.member_count, given=given,
                claim_reason="overpaid", claim_why=given.why, actor=actor, at=at,
            )  # fmt: skip
        order = EntitlementOrder.objects.create(
            programme=case.programme, case=case, kind="correction", reason=given.reason, number=given.number,
            why=given.why, before_yen=before.before_yen, after_yen=right_yen, claim=claim, given_by_id=person_of(actor), at=at,
        )  # fmt: skip
        record_look(
            actor=actor, action="entitlement.order", subject_kind="case", subject_id=case.pk, at=at,
            programme_slug=case.programme.slug, reason=f"支給予定額の訂正（決裁 {given.number}）",
        )  # fmt: skip
    return order


def _asked(case: Case, right_yen: int, stands: Standing) -> Effect:
    cap = case.programme.terms.payment.cap_per_transfer_yen
    if not 0 < right_yen <= cap:
        raise CannotOrder(f"正しい支給額は、1円から1件の上限（{cap:,}円）までで入力してください。")
    now = stands.rest or stands
    effect = _effect(now, right_yen)
    if stands.rest is None and _same(effect, right_yen, now):
        raise CannotOrder("いまの支給額と同じです。訂正は要りません。")
    if effect.code == order_plan.WAIT:
        raise CannotOrder(effect.words)
    if effect.code == order_plan.SUPPLEMENT:
        raise CannotOrder(effect.words if stands.rest is None else order_plan.WAIT_WORDS[stands.payment])
    words = effect.words
    if right_yen == now.before_yen != now.due_yen:
        # An order and its claim were mistaken: what is due is put back to what was paid.
        words = f"支給予定額を{now.due_yen:,}円から、支払済みの{right_yen:,}円に改めます。支払と返還請求はありません。"
    if stands.rest is not None:
        ask_stoppable(case)
        words = f"支払っていない追給{stands.due_yen - now.due_yen:,}円を取り消します。{words}"
    return effect._replace(words=words)


def _effect(stands: Standing, right_yen: int) -> Effect:
    return effect_of(stands.payment, stands.before_yen, right_yen, kept_yen=stands.kept_yen)


def _same(effect: Effect, right_yen: int, stands: Standing) -> bool:
    """Whether nothing would change by the order: neither what is due nor what was paid."""
    return effect.code in (order_plan.KEEP, order_plan.REPLACE) and right_yen == stands.due_yen
