"""A person decides a change that the Version's table leaves open (異動の判断), or takes back what was done.

Takes a LaterChange with the municipality's order; leaves it done with its outcome, the case ended or left as it is, and what
was taken back as it stood before. Who receives instead is named in name_payee.py, by two persons. Each act is recorded as a
look at the case.
"""

from datetime import datetime

from django.db import transaction

from todoku.case import stages
from todoku.case.change_rules import BEFORE_DECISION, MAY_LAPSE
from todoku.case.hand_over import Handing, hand_over
from todoku.case.late_tables import LaterChange
from todoku.case.move import move
from todoku.case.tables import CaseStage
from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.vocabulary import CHANGE_OUTCOMES

ACTION = "change.decide"
ORDER_MAX, WHY_MAX = 100, 200


class CannotDecide(Refusal):
    """This change cannot be decided so, or not by this person."""


def decide_change(
    change: LaterChange, *, then: str, order: str, why: str = "", actor: Actor, at: datetime
) -> LaterChange:
    """Decides what waits: "pay" or "lapse". `order`: the number of the municipality's order (決裁番号). Raises CannotDecide."""
    with transaction.atomic():
        held = held_waiting(change, actor, order, why)
        stage = CaseStage.objects.select_for_update().get(case=held.case_id).stage
        held.stage_before = stage
        if then == "lapse":
            _lapse(held, stage, order, actor, at)
        elif then != "pay":
            raise CannotDecide("そのまま支給・支給しない・引き継ぐ・相続人に支給のどれかを選んでください。")
        held.outcome = then
        close_change(held, "done", order, why, actor, at, CHANGE_OUTCOMES[then])
    return held


def undo_change(change: LaterChange, *, order: str, why: str, actor: Actor, at: datetime) -> LaterChange:
    """Takes back what was done: the payee before receives again, an ended case stands where it stood. Raises CannotDecide
    where an application has come since, or money is decided."""
    with transaction.atomic():
        held = _held(change, actor, order, why)
        if held.state != "done":
            raise CannotDecide("取り消せるのは、処理済みの異動だけです。")
        if not why.strip():
            raise CannotDecide("取り消す理由を入力してください。")
        stage = CaseStage.objects.select_for_update().get(case=held.case_id).stage
        if held.outcome == "lapse":
            _revive(held, stage, order, actor, at)
        elif held.payee_before_id is not None:
            if stage not in BEFORE_DECISION:
                raise CannotDecide(
                    "支給の決定が進んでいるため、取り消せません。決定の差し戻しの後に行ってください。"
                )
            if held.case.recipient.head_id != held.payee_after_id:
                raise CannotDecide(
                    "この異動のあとに、受け取る方がもう一度変わっています。新しいほうの異動から先に取り消してください。"
                )
            hand_over([Handing(held.case_id, held.payee_before_id)], programme=held.programme)
        close_change(held, "undone", order, why, actor, at, "取消し")
    return held


def held_waiting(change: LaterChange, actor: Actor, order: str, why: str) -> LaterChange:
    """The change behind its lock where it waits for this word, and for nobody's confirmation. Raises CannotDecide."""
    held = _held(change, actor, order, why)
    if held.state != "waiting":
        raise CannotDecide("この異動は判断済みです。画面を更新して、いまの状態を確かめてください。")
    if held.waits_for == "payee":
        raise CannotDecide(
            "受け取る方の確認を待っています。別の人が確認するか、取り下げた後に、判断してください。"
        )
    return held


def _held(change: LaterChange, actor: Actor, order: str, why: str) -> LaterChange:
    if not may(actor.roles, ACTION):
        raise CannotDecide("異動の判断を入力する権限がありません。業務責任者に依頼してください。")
    if not order.strip() or len(order) > ORDER_MAX:
        raise CannotDecide("自治体の決裁番号を入力してください。")
    if len(why) > WHY_MAX:
        raise CannotDecide(f"理由は{WHY_MAX}文字までにしてください。")
    return (
        LaterChange.objects.select_for_update(of=("self",))
        .select_related("programme", "case")
        .get(pk=change.pk)
    )


def _lapse(held: LaterChange, stage: str, order: str, actor: Actor, at: datetime) -> None:
    if stage not in MAY_LAPSE:
        raise CannotDecide(
            "申請の審査や決定が進んでいます。支給しないときは、審査で不支給相当とし、自治体の決定を受けてください。"
        )
    why = f"基準日の後の異動により支給しない（決裁 {order.strip()}）"[:100]
    move([held.case_id], programme=held.programme, to=stages.LAPSED, why=why, actor=actor, at=at)


def _revive(held: LaterChange, stage: str, order: str, actor: Actor, at: datetime) -> None:
    if stage != stages.LAPSED or held.stage_before not in (stages.LISTED, stages.INVITED):
        raise CannotDecide(
            "この案件は、失効の前の段階へ戻せません。申請が届いたら、自治体の指示で受け付けてください。"
        )
    why = f"異動による失効を取消し（決裁 {order.strip()}）"[:100]
    move([held.case_id], programme=held.programme, to=held.stage_before, why=why, actor=actor, at=at)


def close_change(
    held: LaterChange, state: str, order: str, why: str, actor: Actor, at: datetime, words: str
) -> None:
    """Writes down what was done with the change, and the look; in the caller's transaction."""
    held.state, held.waits_for = state, ""
    held.order, held.why = order.strip(), why.strip()
    held.actor_name, held.done_at = actor.name, at
    held.save()
    record_look(
        actor=actor, action=ACTION, subject_kind="case", subject_id=held.case_id, at=at,
        programme_slug=held.programme.slug, reason=f"異動の判断: {words}（決裁 {held.order}）",
    )  # fmt: skip
