"""Holds the payment of a case (保留): with an owner, a clock and a reason; a row in an open batch leaves it.

Takes a case that is decided and not with the bank yet; leaves a Hold. While it stands the database lets no row of the
case into a batch, into a seal or to the bank. Nothing is paid or refused here: closing the hold does that.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.timezone import localdate

from todoku.case.tables import Case
from todoku.ground.step import Refusal
from todoku.payment.count_again import count_again
from todoku.payment.hold_kinds import BY_HAND, KINDS, due_on
from todoku.payment.side_tables import Hold
from todoku.payment.tables import Batch, Transfer
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.review.tables import Decision

REASON_MAX = 200
# From here on the bank has it: it can be recalled, not held.
AT_THE_BANK = ("sending", "sent", "settled")


class CannotHold(Refusal):
    """There is nothing to hold, it is held already, or nobody says why."""


def hold(case: Case, *, kind: str, reason: str, actor: Actor, at: datetime) -> Hold:
    """Opens a hold by hand; raises CannotHold without a reason, a second time, or once the bank has the payment."""
    reason = reason.strip()
    if kind not in BY_HAND:
        raise CannotHold("保留の理由の種類を選んでください。")
    if not may(actor.roles, "hold.open"):
        raise CannotHold("支払を保留にする権限がありません。業務責任者か担当課に連絡してください。")
    if not reason or len(reason) > REASON_MAX:
        raise CannotHold(f"何が分かったかを{REASON_MAX}文字以内で書いてください。引き継ぐ人が読みます。")
    with transaction.atomic():
        # The batch first and the rows then, as seal and send do: two who meet here wait for each other, and what the bank
        # was given meanwhile is asked about afterwards.
        batches = lock_batches_of([case.pk])
        ask_holdable(case, kind)
        made = Hold.objects.create(
            programme=case.programme, case=case, kind=kind, reason=reason, owner_role=KINDS[kind].owner_role,
            due_on=due_on(kind, localdate(at)), opened_at=at, opened_by_id=actor.id,
        )  # fmt: skip
        leave_open_batches([case.pk], batches)
        record_look(
            actor=actor, action="hold.open", subject_kind="case", subject_id=case.pk, at=at,
            programme_slug=case.programme.slug, reason=f"{KINDS[kind].name}: {reason}",
        )  # fmt: skip
    return made


def ask_holdable(case: Case, kind: str) -> None:
    """Passes where the case is decided, not with the bank, and not held for this; raises CannotHold."""
    if Hold.objects.filter(case=case, kind=kind, closed_at__isnull=True).exists():
        raise CannotHold("この案件は、同じ理由ですでに保留になっています。保留の一覧を見てください。")
    if not payable(case.pk).exists():
        raise CannotHold(
            "保留にできる支払がありません。決定前なら審査で、金融機関へ依頼した後なら組戻しで対応してください。"
        )


def payable(case: int) -> QuerySet[Decision]:
    """What was decided for a case and is not with the bank yet: one row a part."""
    paid = Transfer.objects.filter(case=case, state__in=AT_THE_BANK).values("part")
    return Decision.objects.filter(case=case, in_force=True, outcome="grant").exclude(part__in=paid)


def lock_batches_of(cases: Sequence[int]) -> list[Batch]:
    """The open batches in which the cases have rows, locked. Sealed ones that hold rows of theirs are locked as well:
    nobody hands them over until the hold stands, and a hold waits for the hand-over that is under way.
    """
    numbers = Transfer.objects.filter(case__in=cases, state__in=["ready", "sealed"]).values("batch_id")
    locked = list(Batch.objects.select_for_update().filter(pk__in=numbers).order_by("pk"))
    return [batch for batch in locked if batch.state == "open"]


def leave_open_batches(cases: Sequence[int], batches: Sequence[Batch]) -> int:
    """Takes the cases' ready rows out of these locked batches and counts them again; the others go on. Gives how many."""
    if not batches:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "update todoku_transfer set batch_id = null"
            " where case_id = any(%s) and state = 'ready' and batch_id = any(%s)",
            [list(cases), [batch.pk for batch in batches]],
        )
        left = cursor.rowcount
    for batch in batches:
        count_again(batch)
    return left
