"""Names who receives instead after a change (受け取る方の変更): the heirs' representative, a new head, a new guardian.

Takes a LaterChange that waits and the municipality's order. `propose_payee` leaves a PayeeProposal, while the change goes on
waiting and no list of decisions takes the case; `confirm_payee`, by another person who has compared it with the papers,
hands the case over; `refuse_payee` leaves it as it was. Money goes to another than the roll says by two persons alone.
"""

from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import transaction

from todoku.case import stages
from todoku.case.change_rules import BEFORE_DECISION, HANDS
from todoku.case.decide_change import ACTION, WHY_MAX, CannotDecide, close_change, held_waiting
from todoku.case.hand_over import Handing, hand_over
from todoku.case.late_tables import LaterChange, PayeeProposal
from todoku.case.tables import CaseStage
from todoku.formats import names
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.vocabulary import CHANGE_OUTCOMES
from todoku.registry.tables import Person, Recipient

# No roll holds such a number: its people have ASCII letters and digits alone.
HEIR_MARK = "相"


class Heir(NamedTuple):
    """The heirs' representative (相続人代表者): who receives in the place of somebody who died, and how he is reached."""

    name: str
    kana: str
    birth_date: date | None
    postal_code: str
    address: str
    building: str = ""
    phone: str = ""


def propose_payee(
    change: LaterChange, *, then: str, order: str, why: str = "", payee: Person | None = None, heir: Heir | None = None,
    actor: Actor, at: datetime,
) -> PayeeProposal:  # fmt: skip
    """Keeps whom one person names: "new_head" or "new_guardian" with a `payee` of the roll, "estate" with an `heir`.

    `order`: the number of the municipality's order (決裁番号). Raises CannotDecide with the remedy.
    """
    assert then in HANDS, f"{then} names nobody"
    with transaction.atomic():
        held = held_waiting(change, actor, order, why)
        before = _payee_now(held)
        _stage(held, (*BEFORE_DECISION, stages.PASSED))
        if then == "estate" and before.number == HEIR_MARK + held.case.number:
            raise CannotDecide(
                "いまの受給者も相続人代表者です。前の異動を取り消してから、新しい相続人代表者を入力してください。"
            )
        said = _heir_words(heir) if then == "estate" else {"payee": _of_roll(held, payee, before)}
        if actor.id is None:
            raise CannotDecide("受け取る方を入力できるのは、名前のある職員だけです。")
        made = PayeeProposal.objects.create(
            programme_id=held.programme_id, change=held, then=then, instead_of=before, order=order.strip(),
            why=why.strip(), waited_for=held.waits_for, proposed_by_id=actor.id, proposed_at=at, **said,
        )  # fmt: skip
        held.waits_for = "payee"
        held.save(update_fields=["waits_for"])
        _record(made, held, "受け取る方の変更の伺い", actor, at)
    return made


def confirm_payee(proposal: PayeeProposal, *, actor: Actor, at: datetime) -> LaterChange:
    """The change done and the case handed over, by another person's word. Raises CannotDecide."""
    with transaction.atomic():
        held, one = _waiting(proposal, actor)
        if one.proposed_by_id == actor.id:
            raise CannotDecide(
                "入力した本人は確認できません。別の業務責任者か、自治体の担当課が書類を見て確認してください。"
            )
        held.stage_before = _stage(held, BEFORE_DECISION)
        if _payee_now(held).pk != one.instead_of_id:
            raise CannotDecide(
                "受け取る方が、入力の後に変わっています。「認めない」を選び、いまの受給者を確かめて入力し直してください。"
            )
        if one.then != "estate":
            _of_roll(held, one.payee, one.instead_of)
        _answer(one, "confirmed", "", actor, at)
        payee = one.payee or _heir(held, one)
        hand_over([Handing(held.case_id, payee.pk)], programme=held.programme)
        held.payee_before_id, held.payee_after, held.outcome = one.instead_of_id, payee, one.then
        close_change(held, "done", one.order, one.why, actor, at, CHANGE_OUTCOMES[one.then])
    return held


def refuse_payee(proposal: PayeeProposal, *, why: str, actor: Actor, at: datetime) -> PayeeProposal:
    """Nobody receives instead by this word: another person's (認めない), or that of whoever proposed (取下げ). The change waits
    for what it waited for before. Raises CannotDecide."""
    if not why.strip() or len(why) > WHY_MAX:
        raise CannotDecide(f"確認しない理由を、{WHY_MAX}文字までで入力してください。")
    with transaction.atomic():
        held, one = _waiting(proposal, actor)
        state = "withdrawn" if one.proposed_by_id == actor.id else "refused"
        _answer(one, state, why.strip(), actor, at)
        held.waits_for = one.waited_for
        held.save(update_fields=["waits_for"])
        _record(one, held, f"受け取る方の変更: {one.get_state_display()}", actor, at)
    return one


def _waiting(proposal: PayeeProposal, actor: Actor) -> tuple[LaterChange, PayeeProposal]:
    """The change and the proposal behind their locks, in this order as everywhere."""
    if not may(actor.roles, ACTION) or actor.id is None:
        raise CannotDecide("受け取る方を確認する権限がありません。業務責任者に依頼してください。")
    changes = LaterChange.objects.select_related("programme", "case").select_for_update(of=("self",))
    held = changes.get(pk=proposal.change_id)
    wanted = PayeeProposal.objects.select_related("payee", "instead_of").select_for_update(of=("self",))
    one = wanted.get(pk=proposal.pk)
    if one.state != "waiting":
        raise CannotDecide(f"この伺いは「{one.get_state_display()}」です。画面を開き直して確かめてください。")
    return held, one


def _payee_now(held: LaterChange) -> Person:
    return Recipient.objects.select_related("head").get(pk=held.case.recipient_id).head


def _stage(held: LaterChange, admitted: tuple[str, ...] | frozenset[str]) -> str:
    """Where the case stands, behind its lock: handed over before the decision alone."""
    stage = CaseStage.objects.select_for_update().get(case=held.case_id).stage
    if stage not in admitted:
        raise CannotDecide(
            "支給の決定や振込が進んでいます。決定の差し戻しか、振込の結果が出た後に、受け取る方を変えてください。"
        )
    return str(stage)


def _of_roll(held: LaterChange, payee: Person | None, before: Person) -> Person:
    if payee is None or payee.programme_id != held.programme_id or payee.left_reason:
        raise CannotDecide(
            "新しい受給者を、名簿の方から選んでください。亡くなった方と転出した方は選べません。"
        )
    if payee.pk == before.pk:
        raise CannotDecide("いまの受給者と同じ方です。別の方を選んでください。")
    return payee


def _heir_words(heir: Heir | None) -> dict[str, Any]:
    """The heirs' representative as the papers say, cut to what is kept."""
    if heir is None or not heir.name.strip() or not heir.kana.strip() or not heir.address.strip():
        raise CannotDecide("相続人代表者の氏名・カナと、手紙が届く住所を入力してください。")
    code = "".join(sign for sign in heir.postal_code if sign.isdigit())
    if code and len(code) != 7:
        raise CannotDecide("郵便番号は7桁で入力してください。分からないときは空欄にしてください。")
    return {
        "name": heir.name.strip()[:200], "kana": heir.kana.strip()[:200], "birth_date": heir.birth_date,
        "postal_code": code, "address": heir.address.strip()[:300], "building": heir.building.strip()[:300],
        "phone": heir.phone.strip()[:30],
    }  # fmt: skip


def _heir(held: LaterChange, one: PayeeProposal) -> Person:
    """The heirs' representative as a person outside the roll, in the words that were confirmed; one for each case."""
    number = HEIR_MARK + held.case.number
    said = {
        "head_number": number, "household_number": number, "is_head": True, "relation": "相続人代表者",
        "name": one.name, "kana": one.kana, "birth_date": one.birth_date, "postal_code": one.postal_code,
        "address": one.address, "building": one.building, "phone": one.phone,
        "municipality_code": held.case.municipality_code, "outside": True,
        "search_key": f"{names.search_key(one.name)} {names.search_key(one.kana)}"[:500],
        "roll_import_id": held.person.roll_import_id, "in_latest_roll": True,
    }  # fmt: skip
    made, _ = Person.objects.update_or_create(programme=held.programme, number=number, defaults=said)
    return made


def _answer(one: PayeeProposal, state: str, why: str, actor: Actor, at: datetime) -> None:
    one.state, one.answered_by_id, one.answered_at, one.answer_why = state, actor.id, at, why
    one.save(update_fields=["state", "answered_by", "answered_at", "answer_why"])


def _record(one: PayeeProposal, held: LaterChange, words: str, actor: Actor, at: datetime) -> None:
    record_look(
        actor=actor, action=ACTION, subject_kind="case", subject_id=held.case_id, at=at,
        programme_slug=held.programme.slug, reason=f"{words}: {CHANGE_OUTCOMES[one.then]}（決裁 {one.order}）",
    )  # fmt: skip
