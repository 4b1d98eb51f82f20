"""The municipality answers an objection or a wish for correction (申出への回答), by an order with its number and reason.

Takes an open objection; leaves it answered. Where the decision is changed the case goes back to be reviewed and decided
anew, or is open to apply again; what was paid is put right by the orders of this room under the same number, never here.
"""

from datetime import datetime

from django.db import connection, transaction

from todoku.case import stages
from todoku.case.move import move
from todoku.case.tables import Case
from todoku.formats.codes import contains_my_number
from todoku.ground.step import Refusal
from todoku.intake.tables import Submission
from todoku.payment.close_hold import close_hold
from todoku.payment.hand_back import hand_back
from todoku.payment.hold import lock_batches_of
from todoku.payment.side_tables import Hold
from todoku.payment.take_back_decline import EARLY, go_on
from todoku.people.access import ACTIONS
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.recovery.objection_tables import Objection
from todoku.recovery.tables import Claim, EntitlementOrder
from todoku.review.case_locks import hold_cases
from todoku.review.reopen import open_round

OUTCOMES = dict(Objection.OUTCOMES)
REASON_MAX, ORDER_MAX = 500, 60
REASON = "objection"


class CannotAnswer(Refusal):
    """The objection is answered, is not this person's to answer, or what would follow cannot be done now."""


def answer_objection(
    objection: Objection, *, outcome: str, order: str, reason: str, actor: Actor, at: datetime
) -> Objection:
    """`outcome` is a key of Objection.OUTCOMES; `reason` goes into the letter. Raises CannotAnswer, keeping nothing."""
    order, reason = order.strip(), reason.strip()
    _ask(outcome, order, reason, actor)
    with transaction.atomic():
        hold_cases([objection.case_id], objection.programme_id)
        lock_batches_of([objection.case_id])
        found = Objection.objects.select_for_update().get(pk=objection.pk)
        if found.state not in Objection.OPEN:
            raise CannotAnswer("この申出は終わっています。画面を更新してください。")
        case = Case.objects.select_related("programme", "standing").get(pk=found.case_id)
        effect = _change(found, case, order, reason, actor, at) if outcome == "changed" else "none"
        _end_hold(found, f"{found.title}に「{OUTCOMES[outcome]}」と回答（決裁 {order}）", actor, at)
        Objection.objects.filter(pk=found.pk).update(
            state="answered", outcome=outcome, effect=effect, order=order, reason=reason, answered_at=at,
            answered_by_id=actor.id,
        )  # fmt: skip
        record_look(
            actor=actor, action="objection.answer", subject_kind="case", subject_id=case.pk, at=at,
            programme_slug=case.programme.slug, reason=f"{found.title}：{OUTCOMES[outcome]}（決裁 {order}）"[:200],
        )  # fmt: skip
    found.refresh_from_db()
    return found


def what_follows(objection: Objection) -> str:
    """What a changed decision would do now, in words for whoever answers."""
    stage = objection.case.standing.stage
    return {
        stages.REFUSED: "不支給の決定を取り消し、二人でもう一度審査します。新しい決定は、決定一覧で行います。",
        stages.DECIDED: "支給の決定を取り消して審査へ戻します。確定した振込データにあるときは、先に取り消してください。",
        stages.LAPSED: "期限切れを取り消し、申請をもう一度受け付けます。",
        stages.DECLINED: "辞退の取扱いを取り消します。申請があれば二人でもう一度審査し、なければもう一度受け付けます。",
        stages.PAYING: "振込の結果が出るまで、決定を改められません。結果の後に回答してください。",
        stages.FAILED: "口座の届出を待っています。届出の後の決定で改めてください。",
    }.get(
        stage,
        "先に「支給額を改める」「世帯員を分離する」か返還請求を、この回答と同じ決裁番号で行ってください。",
    )


def _ask(outcome: str, order: str, reason: str, actor: Actor) -> None:
    if not actor.roles & ACTIONS["objection.answer"] or actor.id is None:
        raise CannotAnswer("申出に回答できるのは、自治体の担当課職員だけです。")
    if outcome not in OUTCOMES:
        raise CannotAnswer("回答の区分を選んでください。")
    if not order or len(order) > ORDER_MAX:
        raise CannotAnswer(f"決裁の番号を{ORDER_MAX}字以内で入力してください。")
    if not reason or len(reason) > REASON_MAX:
        raise CannotAnswer(f"回答の理由を{REASON_MAX}字以内で入力してください。手紙にそのまま入ります。")
    if contains_my_number(f"{order} {reason}"):
        raise CannotAnswer(
            "マイナンバーと思われる12桁の数字があります。マイナンバーは記録できません。消してから回答してください。"
        )


def _change(objection: Objection, case: Case, order: str, reason: str, actor: Actor, at: datetime) -> str:
    """Makes way for the new decision, where it is not made by an order of its own; gives the effect."""
    stage, why = case.standing.stage, f"{objection.title}により（決裁 {order}）"
    if stage == stages.REFUSED:
        with connection.cursor() as cursor:
            cursor.execute(
                "update todoku_decision set in_force = false, remark = %s where case_id = %s and part = 1 and in_force",
                [why[:200], case.pk],
            )
        move([case.pk], programme=case.programme, to=stages.IN_REVIEW, why=why[:100], actor=actor, at=at)
        open_round([case.pk], programme=case.programme, reason=REASON, at=at)
        return "review"
    if stage == stages.DECIDED:
        hand_back(case, reason=why, actor=actor, at=at)
        return "review"
    if stage == stages.LAPSED:
        # What had lapsed unanswered is no answer to what comes now.
        Submission.objects.filter(case=case, state__in=["received", "screened"]).update(state="superseded")
        move([case.pk], programme=case.programme, to=stages.INVITED, why=why[:100], actor=actor, at=at)
        return "invited"
    if stage == stages.DECLINED:
        return "invited" if go_on(case, why=why[:100], actor=actor, at=at) in EARLY else "review"
    if stage == stages.PAID:
        ordered = EntitlementOrder.objects.filter(case=case, number=order).exists()
        if ordered or Claim.objects.filter(case=case, order=order).exists():
            return "order"
    raise CannotAnswer(what_follows(objection))


def _end_hold(objection: Objection, words: str, actor: Actor, at: datetime) -> None:
    """The hold that was opened for it ends with the answer, where no other objection still stands."""
    others = Objection.objects.filter(case_id=objection.case_id, state__in=Objection.OPEN).exclude(
        pk=objection.pk
    )
    # One that nobody opened by hand is about the payout before (facts_after_decision): no answer to an objection ends it.
    held = Hold.objects.filter(
        case_id=objection.case_id, kind="objection", closed_at__isnull=True, opened_by__isnull=False
    ).first()
    if held is not None and not others.exists():
        close_hold(held, outcome="pay", words=words[:150], actor=actor, at=at)
