"""A supplement that is not to be paid after all (追給の取消し), by an officer: due no more, in force no more, owed no more, void.

Takes the later parts of a case that are not paid yet, decided or waiting to be put forward again; leaves their ready
transfers void, their open batches counted again, and the case where it stands. What stands in a sealed file is not taken
out of it: void the batch first. What was paid is never taken back here: that is a claim.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from todoku.case.supersede import supersede
from todoku.case.tables import Case, Entitlement
from todoku.ground.step import Refusal
from todoku.ledger.entitle import withdraw
from todoku.ledger.post import Rows
from todoku.payment.count_again import count_all_again
from todoku.payment.tables import LIVE, Transfer
from todoku.people.access import ACTIONS
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.review.decision_lists import take_off
from todoku.review.tables import Decision

AT_THE_BANK = ("sending", "sent")

# Batches before transfers and both in one order, as seal does: two who meet here wait for each other.
_HOLD_BATCHES = """
select id from todoku_batch
 where id in (select batch_id from todoku_transfer where case_id = %s and part = any(%s) and state = any(%s))
 order by id for update
"""
_HOLD = """
select id, state from todoku_transfer where case_id = %s and part = any(%s) and state = any(%s) order by id for update
"""
_DECIDED = "select id from todoku_decision where case_id = %s and part = any(%s) and in_force"
_OUT_OF_FORCE = f"update todoku_decision set in_force = false, remark = %s where id in ({_DECIDED})"


class CannotStop(Refusal):
    """Nothing is left to stop, it stands in a sealed file or with the bank, or it is not this person's to stop."""


def supplements_under_way(case: Case) -> list[int]:
    """The later parts that are due and not paid, whether proposed, decided, ready or come back."""
    settled = Transfer.objects.filter(case=case, state="settled").values("part")
    due = Entitlement.objects.filter(case=case, part__gt=1, superseded_by_order="").exclude(part__in=settled)
    return sorted(due.values_list("part", flat=True))


def ask_stoppable(case: Case) -> None:
    """Passes where no supplement under way stands in a sealed file or with the bank; raises CannotStop."""
    found = Transfer.objects.filter(case=case, part__in=supplements_under_way(case), state__in=LIVE)
    _ask(set(found.values_list("state", flat=True)))


def stop_supplements(case: Case, *, order: str, reason: str, actor: Actor, at: datetime) -> int:
    """Cancels every supplement of the case that is not paid, in the caller's transaction; gives how many.

    `order`: what supersedes the parts (決裁番号, or the hold that ended so). Raises CannotStop.
    """
    assert connection.in_atomic_block, "a supplement is stopped in the transaction of the order"
    if not actor.roles & ACTIONS["entitlement.order"] or actor.id is None:
        raise CannotStop("追給を取り消せるのは、自治体の担当課職員だけです。担当課に依頼してください。")
    parts = supplements_under_way(case)
    if not parts:
        raise CannotStop("取り消す追給はありません。画面を開き直してください。")
    open_ones = Decision.objects.filter(case=case, part__in=parts, decision_list__state="open")
    if open_ones.exclude(outcome="sent_back").exists():
        take_off([case.pk], remark=reason)
    _void(case, parts)
    withdraw(
        Rows(_DECIDED, [case.pk, parts]), programme=case.programme, actor=actor, at=at, reason="追給の取消し"
    )
    with connection.cursor() as cursor:
        cursor.execute(_OUT_OF_FORCE, [reason[:200], case.pk, parts])
    for part in parts:
        supersede(case, part=part, order=order[:100])
    record_look(
        actor=actor, action="entitlement.order", subject_kind="case", subject_id=case.pk, at=at,
        programme_slug=case.programme.slug, reason=f"追給の取消し（{order}）",
    )  # fmt: skip
    return len(parts)


def _void(case: Case, parts: Sequence[int]) -> None:
    """Voids the ready transfers and counts their open batches again."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLD_BATCHES, [case.pk, list(parts), LIVE])
        batches = [pk for (pk,) in cursor.fetchall()]
        cursor.execute(_HOLD, [case.pk, list(parts), LIVE])
        held = cursor.fetchall()
        _ask({state for _, state in held})
        if held:
            cursor.execute(
                "update todoku_transfer set state = 'void' where id = any(%s)", [[pk for pk, _ in held]]
            )
    count_all_again(batches)


def _ask(states: set[str]) -> None:
    if states & set(AT_THE_BANK):
        raise CannotStop("この追給は金融機関に依頼済みです。組戻しか、支払の後の返還請求で対応してください。")
    if "sealed" in states:
        raise CannotStop("この追給は確定した振込データに入っています。先に振込データを取り消してください。")
