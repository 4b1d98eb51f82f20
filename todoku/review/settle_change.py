"""A change after the base date is decided, or taken back (異動の判断), and the review follows: whoever is paid now is looked at.

Takes a LaterChange with the municipality's order; leaves it as case/decide_change.py does, or a proposal of who receives
instead (case/name_payee.py) that another person settles (settle_payee.py), and a question about it closed. While the
municipality is asked about it, the answer alone decides.
"""

from datetime import datetime

from django.db import transaction

from todoku.case import stages
from todoku.case.change_rules import HANDS
from todoku.case.decide_change import CannotDecide, decide_change, undo_change
from todoku.case.late_tables import LaterChange
from todoku.case.name_payee import Heir, propose_payee
from todoku.case.tables import CaseStage
from todoku.people.access import ROLES
from todoku.people.actor import Actor
from todoku.registry.tables import Person
from todoku.review.case_locks import hold_cases, hold_stages
from todoku.review.decision_lists import take_off
from todoku.review.judge_anew import judge_anew
from todoku.review.reopen import reopen
from todoku.review.tables import Question

REASON = "payee_changed"
TO_CONFIRM = "受け取る方の確認待ち"


def settle_change(
    change: LaterChange, *, then: str, order: str, why: str = "", payee: Person | None = None, heir: Heir | None = None,
    actor: Actor, at: datetime,
) -> LaterChange:  # fmt: skip
    """Decides as decide_change; where another receives (HANDS), the change goes on waiting for another person's confirmation.

    Raises CannotDecide: also where the municipality was asked, and for the office where the table says to ask it.
    """
    with transaction.atomic():
        _hold(change)
        _ask_question(change, actor)
        if then in HANDS:
            put_to_another(
                change, then=then, order=order, why=why, payee=payee, heir=heir, actor=actor, at=at
            )
            decided = LaterChange.objects.get(pk=change.pk)
        else:
            decided = decide_change(change, then=then, order=order, why=why, actor=actor, at=at)
        _close_question(decided, order, actor, at)
    return decided


def put_to_another(
    change: LaterChange, *, then: str, order: str, why: str, payee: Person | None, heir: Heir | None, actor: Actor,
    at: datetime,
) -> None:  # fmt: skip
    """Proposes who receives instead, in the caller's transaction. The case leaves the open lists: while another person looks at
    it nobody decides for the payee before."""
    propose_payee(change, then=then, order=order, why=why, payee=payee, heir=heir, actor=actor, at=at)
    take_off([change.case_id], remark=TO_CONFIRM)


def take_back_change(change: LaterChange, *, order: str, why: str, actor: Actor, at: datetime) -> LaterChange:
    """Takes back as undo_change; the payee before is looked at in a round of his own. Raises CannotDecide."""
    with transaction.atomic():
        _hold(change)
        if change.payee_before_id is not None:
            back_to_review(change, actor, at)
        undone = undo_change(change, order=order, why=why, actor=actor, at=at)
        look_again(undone, at)
    return undone


def _hold(change: LaterChange) -> None:
    """Its case, before the change itself and the question about it."""
    hold_cases([change.case_id], change.programme_id)
    hold_stages([change.case_id])


def look_again(change: LaterChange, at: datetime) -> None:
    """A new round where the change handed the case over, or back; in the caller's transaction."""
    if change.payee_after_id is not None:
        judge_anew([change.case_id], programme=change.programme, reason=REASON, at=at)


def back_to_review(change: LaterChange, actor: Actor, at: datetime) -> None:
    """From before the decision back to review: what was proposed named the account of somebody else."""
    if CaseStage.objects.get(case=change.case_id).stage == stages.PASSED:
        reopen([change.case_id], programme=change.programme, reason=REASON, actor=actor, at=at)


def _ask_question(change: LaterChange, actor: Actor) -> None:
    found = Question.objects.select_for_update(of=("self",)).filter(change=change, state__in=Question.OPEN)
    question = found.first()
    if question is not None and question.state == "sent":
        raise CannotDecide("自治体に照会しています。照会への回答（裁定）が、この異動の扱いを決めます。")
    if question is not None and not of_municipality(actor):
        raise CannotDecide(
            "自治体に照会する異動です。業務責任者が「照会」から自治体へ送り、その回答で扱いが決まります。"
        )


def _close_question(change: LaterChange, order: str, actor: Actor, at: datetime) -> None:
    """What was not sent yet needs no answer any more: the municipality has decided by itself."""
    Question.objects.filter(change=change, state="with_manager").update(
        state="withdrawn",
        answered_at=at,
        answered_by=actor.name,
        answer=f"自治体が判断（決裁 {order.strip()}）",
    )


def of_municipality(actor: Actor) -> bool:
    """Whether an official acts, of whom the office asks such things."""
    return any(ROLES[role].organisation == "municipality" for role in actor.roles)
