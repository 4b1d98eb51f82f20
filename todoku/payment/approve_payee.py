"""The municipality approves an account that may receive for many, or either side ends one (代理受領の口座の承認・終了).

Takes a proposal; leaves it approved, from then on within its limit no cap for one account stops a batch, or ended.
"""

from datetime import datetime

from django.db import transaction

from todoku.ground.step import Refusal
from todoku.payment.side_tables import SharedPayee
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.review.find_shared import tell_account


class CannotApprovePayee(Refusal):
    """This person may not approve or end it, or it does not wait for that."""


def approve_payee(payee: SharedPayee, *, actor: Actor, at: datetime) -> SharedPayee:
    """The municipality's word on a proposal of another person; raises CannotApprovePayee."""
    if not may(actor.roles, "payee.approve") or actor.id is None:
        raise CannotApprovePayee("代理受領の口座を承認できるのは、自治体の担当課だけです。")
    with transaction.atomic():
        held = _standing(payee)
        if held.approved_at is not None:
            raise CannotApprovePayee("この口座は承認されています。")
        if held.proposed_by_id == actor.id:
            raise CannotApprovePayee("提案した本人は承認できません。別の職員が承認してください。")
        SharedPayee.objects.filter(pk=held.pk).update(approved_by_id=actor.id, approved_at=at)
        _record(held, "payee.approve", "承認", actor, at)
    payee.refresh_from_db()
    return payee


def end_payee(payee: SharedPayee, *, actor: Actor, at: datetime) -> SharedPayee:
    """Takes a proposal back, or ends an approved account: what it received and what is decided stays as it was; who names it
    and is not decided is looked at by two persons."""
    if not (may(actor.roles, "payee.propose") or may(actor.roles, "payee.approve")) or actor.id is None:
        raise CannotApprovePayee("代理受領の口座を終了できるのは、業務責任者か自治体の担当課です。")
    with transaction.atomic():
        held = _standing(payee)
        SharedPayee.objects.filter(pk=held.pk).update(ended_by_id=actor.id, ended_at=at)
        _record(held, "payee.propose", "終了", actor, at)
        if held.approved_at is not None:
            account = (held.bank, held.branch, held.account_number, held.account_kind)
            tell_account(account, programme=held.programme, actor=actor, at=at)
    payee.refresh_from_db()
    return payee


def _standing(payee: SharedPayee) -> SharedPayee:
    held = SharedPayee.objects.select_for_update(of=("self",)).select_related("programme").get(pk=payee.pk)
    if held.ended_at is not None:
        raise CannotApprovePayee("この口座は終了しています。画面を開き直してください。")
    return held


def _record(payee: SharedPayee, action: str, word: str, actor: Actor, at: datetime) -> None:
    record_look(
        actor=actor, action=action, subject_kind="payee", subject_id=payee.pk, at=at,
        programme_slug=payee.programme.slug, reason=word,
    )  # fmt: skip
