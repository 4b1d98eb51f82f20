"""Takes a doubtful row out of a batch before the seal (確定前の隔離), so that one bad row does not stop forty thousand.

One person proposes: from then on the row is held. Another confirms: the row leaves its open batch, which is counted
again. Nothing is decided about the money: the hold that stands is closed by its owner like any other.
"""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from todoku.ground.step import Refusal
from todoku.payment.hold import REASON_MAX, CannotHold, ask_holdable, leave_open_batches, lock_batches_of
from todoku.payment.hold_kinds import KINDS, due_on
from todoku.payment.side_tables import Hold
from todoku.payment.tables import Transfer
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look


class CannotConfirm(Refusal):
    """The quarantine is not this person's to confirm, or does not wait for it."""


def quarantine(transfer: Transfer, *, reason: str, actor: Actor, at: datetime) -> Hold:
    """The first person's word on one ready row: it is held. Raises CannotHold."""
    reason = reason.strip()
    if not may(actor.roles, "hold.quarantine") or actor.id is None:
        raise CannotHold("明細を隔離する権限がありません。振込データの作成・承認の担当に依頼してください。")
    if not reason or len(reason) > REASON_MAX:
        raise CannotHold(f"何が疑わしいかを{REASON_MAX}文字以内で書いてください。確認する人が読みます。")
    case = transfer.case
    with transaction.atomic():
        lock_batches_of([case.pk])
        transfer.refresh_from_db(fields=["state"])
        if transfer.state != "ready":
            raise CannotHold(
                "確定した後の明細は隔離できません。振込データを取り消し、この分を保留にして作り直してください。"
            )
        ask_holdable(case, "quarantine")
        made = Hold.objects.create(
            programme=case.programme, case=case, kind="quarantine", reason=reason, opened_at=at, opened_by_id=actor.id,
            owner_role=KINDS["quarantine"].owner_role, due_on=due_on("quarantine", localdate(at)),
        )  # fmt: skip
        record_look(
            actor=actor, action="hold.quarantine", subject_kind="case", subject_id=case.pk, at=at,
            programme_slug=case.programme.slug, reason=f"隔離の提案 {transfer.number}: {reason}",
        )  # fmt: skip
    return made


def confirm_quarantine(held: Hold, *, actor: Actor, at: datetime) -> int:
    """The second person's: the case's rows leave their open batches. Gives how many; raises CannotConfirm."""
    if not may(actor.roles, "hold.quarantine") or actor.id is None:
        raise CannotConfirm(
            "隔離を確認する権限がありません。振込データの作成・承認の担当に依頼してください。"
        )
    with transaction.atomic():
        batches = lock_batches_of([held.case_id])
        held = Hold.objects.select_for_update(of=("self",)).select_related("programme").get(pk=held.pk)
        if held.kind != "quarantine" or held.closed_at is not None or held.second_id is not None:
            raise CannotConfirm("確認を待っている隔離ではありません。画面を開き直してください。")
        if held.opened_by_id == actor.id:
            raise CannotConfirm("提案した本人は確認できません。別の担当者に依頼してください。")
        Hold.objects.filter(pk=held.pk).update(second_id=actor.id)
        left = leave_open_batches([held.case_id], batches)
        record_look(
            actor=actor, action="hold.quarantine", subject_kind="case", subject_id=held.case_id, at=at,
            programme_slug=held.programme.slug, reason=f"隔離の確認 {left}件を振込データから除外",
        )  # fmt: skip
    return left
