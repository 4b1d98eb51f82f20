"""Takes back for one case what a new Version made of it (版による変更の取消し): until the decision, by the municipality's order.

Takes a TermsChange that was done; leaves the amount, cohort or stage from before in force, the rows between as history. What
is decided is changed by an order on the amount alone (recovery/put_right.py).
"""

from datetime import datetime

from django.db import transaction

from todoku.case import stages
from todoku.case.hand_over import renew_keys
from todoku.case.move import move
from todoku.case.supersede import replace_amount
from todoku.case.tables import Case, CaseStage
from todoku.ground.step import Refusal
from todoku.people.access import ACTIONS
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.review.case_differences import UNDECIDED
from todoku.review.case_locks import hold_cases
from todoku.review.decision_lists import take_off
from todoku.review.rescreen_tables import TermsChange
from todoku.review.tables import Decision

ACTION = "entitlement.order"
KINDS = ("amount", "cohort", "lapsed")


class CannotTakeBack(Refusal):
    """The change was taken back or overtaken already, the case is decided, or the person may not."""


def undo_terms_change(change: TermsChange, *, order: str, actor: Actor, at: datetime) -> TermsChange:
    """`order`: the number of the municipality's order. Raises CannotTakeBack with the remedy."""
    if actor.id is None or not actor.roles & ACTIONS[ACTION]:
        raise CannotTakeBack("版による変更を取り消せるのは、自治体の担当課職員だけです。")
    if not order.strip() or len(order) > 100:
        raise CannotTakeBack("決裁番号を100字までで入力してください。")
    with transaction.atomic():
        hold_cases([change.case_id], change.programme_id)
        take_off([change.case_id], remark=f"版による変更の取消し（{order.strip()}）"[:200])
        stage = CaseStage.objects.select_for_update().get(case=change.case_id).stage
        held = (
            TermsChange.objects.select_for_update(of=("self",))
            .select_related("programme", "case")
            .get(pk=change.pk)
        )
        _ask(held, stage)
        _put_back(held, stage, order.strip(), actor, at)
        held.state, held.undone_at, held.undone_by_id, held.undone_order = (
            "undone",
            at,
            actor.id,
            order.strip(),
        )
        held.save(update_fields=["state", "undone_at", "undone_by", "undone_order"])
        record_look(
            actor=actor, action=ACTION, subject_kind="case", subject_id=held.case_id, at=at,
            programme_slug=held.programme.slug, reason=f"版による変更の取消し（決裁 {held.undone_order}）",
        )  # fmt: skip
    return held


def _ask(held: TermsChange, stage: str) -> None:
    if held.state != "done" or held.kind not in KINDS:
        raise CannotTakeBack(
            "この変更は取り消されているか、取り消すものがありません。画面を更新してください。"
        )
    later = TermsChange.objects.filter(case_id=held.case_id, kind=held.kind, state="done", pk__gt=held.pk)
    if later.exists():
        raise CannotTakeBack("この後の版でもう一度変わっています。新しいほうから取り消してください。")
    decided = Decision.objects.filter(case_id=held.case_id, part=1, in_force=True).exists()
    wanted = {stages.LAPSED} if held.kind == "lapsed" else UNDECIDED
    if decided or stage not in wanted:
        raise CannotTakeBack("この案件は決定などで先へ進んでいます。額は「職権による変更」で改めてください。")


def _put_back(held: TermsChange, stage: str, order: str, actor: Actor, at: datetime) -> None:
    case = Case.objects.get(pk=held.case_id)
    if held.kind == "lapsed":
        why = f"版による失効を取消し（決裁 {order}）"[:100]
        move([case.pk], programme=held.programme, to=held.stage, why=why, actor=actor, at=at)
        return
    if held.kind == "amount":
        if case.entitlement.amount_yen != held.yen_after:
            raise CannotTakeBack("額はその後、職権で改められています。「職権による変更」で行ってください。")
        assert held.yen_before is not None
        replace_amount(
            case, amount_yen=held.yen_before, member_count=case.entitlement.member_count, order=order
        )
    else:
        Case.objects.filter(pk=case.pk, cohort=held.cohort_after).update(cohort=held.cohort_before)
    if stage == stages.LISTED:
        renew_keys([case.pk], programme=held.programme)
