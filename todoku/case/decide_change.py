"""A person decides a change that the Version's table leaves open (異動の判断), names the heir, or takes back what was done.

Takes a LaterChange with the municipality's order; leaves it done with its outcome, the case ended, handed over or left as
it is, and what was taken back as it stood before. Each act is recorded as a look at the case.
"""

from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction

from todoku.case import stages
from todoku.case.change_rules import BEFORE_DECISION, MAY_LAPSE
from todoku.case.hand_over import Handing, hand_over
from todoku.case.late_tables import LaterChange
from todoku.case.move import move
from todoku.case.tables import CaseStage
from todoku.formats import names
from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.vocabulary import CHANGE_OUTCOMES
from todoku.registry.tables import Person

ACTION = "change.decide"
# No roll holds such a number: its people have ASCII letters and digits alone.
HEIR_MARK = "相"
ORDER_MAX, WHY_MAX = 100, 200


class CannotDecide(Refusal):
    """This change cannot be decided so, or not by this person."""


class Heir(NamedTuple):
    """The heirs' representative (相続人代表者): who receives in the place of somebody who died, and how he is reached."""

    name: str
    kana: str
    birth_date: date | None
    postal_code: str
    address: str
    building: str = ""
    phone: str = ""


def decide_change(
    change: LaterChange, *, then: str, order: str, why: str = "", payee: Person | None = None, heir: Heir | None = None,
    actor: Actor, at: datetime,
) -> LaterChange:  # fmt: skip
    """Decides what waits: "pay", "lapse", "new_head" or "new_guardian" with a `payee` of the roll, "estate" with an `heir`.

    `order`: the number of the municipality's order (決裁番号). Raises CannotDecide with the remedy.
    """
    with transaction.atomic():
        held = _held(change, actor, order, why)
        if held.state != "waiting":
            raise CannotDecide("この異動は判断済みです。画面を更新して、いまの状態を確かめてください。")
        stage = CaseStage.objects.select_for_update().get(case=held.case_id).stage
        held.stage_before = stage
        if then == "lapse":
            _lapse(held, stage, order, actor, at)
        elif then in ("new_head", "new_guardian", "estate"):
            _hand(held, stage, _payee(held, then, payee, heir))
        elif then != "pay":
            raise CannotDecide("そのまま支給・支給しない・引き継ぐ・相続人に支給のどれかを選んでください。")
        held.state, held.outcome, held.waits_for = "done", then, ""
        _close(held, order, why, actor, at, CHANGE_OUTCOMES[then])
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
        held.state = "undone"
        _close(held, order, why, actor, at, "取消し")
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


def _hand(held: LaterChange, stage: str, payee: Person) -> None:
    if stage not in BEFORE_DECISION:
        raise CannotDecide(
            "支給の決定や振込が進んでいます。決定の差し戻しか、振込の結果が出た後に、受け取る方を変えてください。"
        )
    before = held.case.recipient.head_id
    if before == payee.pk:
        raise CannotDecide("いまの受給者と同じ方です。別の方を選んでください。")
    hand_over([Handing(held.case_id, payee.pk)], programme=held.programme)
    held.payee_before_id, held.payee_after = before, payee


def _payee(held: LaterChange, then: str, payee: Person | None, heir: Heir | None) -> Person:
    if then == "estate":
        return _heir(held, heir)
    if payee is None or payee.programme_id != held.programme_id or payee.left_reason:
        raise CannotDecide(
            "新しい受給者を、名簿の方から選んでください。亡くなった方と転出した方は選べません。"
        )
    return payee


def _heir(held: LaterChange, heir: Heir | None) -> Person:
    """The heirs' representative as a person outside the roll; one for each case."""
    if heir is None or not heir.name.strip() or not heir.kana.strip() or not heir.address.strip():
        raise CannotDecide("相続人代表者の氏名・カナと、手紙が届く住所を入力してください。")
    code = "".join(sign for sign in heir.postal_code if sign.isdigit())
    if code and len(code) != 7:
        raise CannotDecide("郵便番号は7桁で入力してください。分からないときは空欄にしてください。")
    number = HEIR_MARK + held.case.number
    said = {
        "head_number": number, "household_number": number, "is_head": True, "relation": "相続人代表者",
        "name": heir.name.strip()[:200], "kana": heir.kana.strip()[:200], "birth_date": heir.birth_date,
        "postal_code": code, "address": heir.address.strip()[:300], "building": heir.building.strip()[:300],
        "phone": heir.phone.strip()[:30], "municipality_code": held.case.municipality_code, "outside": True,
        "search_key": f"{names.search_key(heir.name)} {names.search_key(heir.kana)}"[:500],
        "roll_import_id": held.person.roll_import_id, "in_latest_roll": True,
    }  # fmt: skip
    made, _ = Person.objects.update_or_create(programme=held.programme, number=number, defaults=said)
    return made


def _close(held: LaterChange, order: str, why: str, actor: Actor, at: datetime, words: str) -> None:
    held.order, held.why = order.strip(), why.strip()
    held.actor_name, held.done_at = actor.name, at
    held.save()
    record_look(
        actor=actor, action=ACTION, subject_kind="case", subject_id=held.case_id, at=at,
        programme_slug=held.programme.slug, reason=f"異動の判断: {words}（決裁 {held.order}）",
    )  # fmt: skip
