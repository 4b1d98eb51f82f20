"""Approvals of a sealed batch: one other person of the office, then the municipality's treasurer; neither the maker.

What is approved is the manifest's digest, which covers every file and the decision lists paid. The second approval
opens the cancel window: until it has passed either side can still stop the batch, and nobody can take it.

The database refuses the rest: another digest, the maker, the wrong side, twice by one person.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localdate

from todoku.ground.step import Refusal
from todoku.intake.tables import AccountVersion, Entry
from todoku.payment.halted import ask_not_halted
from todoku.payment.kept_files import ask_kept
from todoku.payment.tables import Approval, Batch
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.people.tables import roles_held

# Who approves on each side: the action of the access table, and the role that the database asks for.
SIDES = {
    "office": ("batch.approve_office", "payment_approver"),
    "municipality": ("batch.approve_city", "city_treasurer"),
}


class CannotApprove(Refusal):
    """This person may not approve this batch, or it is not what they saw."""


def approve(batch: Batch, *, sha256: str, actor: Actor, at: datetime) -> Batch:
    """Records the actor's approval of this digest; the second one makes the batch approved."""
    with transaction.atomic():
        batch = (
            Batch.objects.select_for_update(of=("self",))
            .select_related("manifest", "programme")
            .get(pk=batch.pk)
        )
        _ask_right(batch, actor)
        if batch.state != "sealed" or batch.sha256 != sha256:
            raise CannotApprove(
                "承認を待っている振込データではないか、内容が変わっています。画面を開き直してください。"
            )
        _ask_order(batch, actor)
        ask_not_halted(batch.programme)
        ask_kept(batch)
        assert actor.id is not None, "a right is held by a person"
        Approval.objects.create(batch=batch, side=actor.organisation, staff_id=actor.id, sha256=sha256, at=at)
        if batch.approvals.count() == len(SIDES):
            window = timedelta(minutes=batch.programme.terms.payment.cancel_window_minutes)
            Batch.objects.filter(pk=batch.pk).update(state="approved", releasable_at=at + window)
        record_look(
            actor=actor, action=SIDES[actor.organisation][0], subject_kind="batch", subject_id=batch.pk, at=at,
            programme_slug=batch.programme.slug, reason=sha256,
        )  # fmt: skip
    batch.refresh_from_db()
    return batch


def _ask_right(batch: Batch, actor: Actor) -> None:
    action, role = SIDES.get(actor.organisation, ("", ""))
    if not action or not may(actor.roles, action) or not _holds_here(batch, actor, role):
        raise CannotApprove("この振込データを承認する権限がありません。")
    if actor.id in (batch.maker_id, batch.sealed_by_id):
        raise CannotApprove("作成・確定した本人は承認できません。別の承認者に依頼してください。")
    if actor.id is not None and _keyed_for(batch, actor.id):
        raise CannotApprove(
            "この振込データには、あなたが入力・訂正した口座が含まれています。別の承認者に依頼してください。"
        )


def _keyed_for(batch: Batch, staff: int) -> bool:
    """Whether the person keyed an application that this batch pays, or entered any version of its account."""
    versions = AccountVersion.objects.filter(staff_id=staff).values("submission_id")
    forms = Entry.objects.filter(staff_id=staff).values("submission_id")
    paid_to = AccountVersion.objects.filter(decision__transfer__batch=batch)
    return paid_to.filter(Q(submission_id__in=versions) | Q(submission_id__in=forms)).exists()


def _holds_here(batch: Batch, actor: Actor, role: str) -> bool:
    """The role is held for the municipality that pays, not for another one."""
    if actor.id is None:
        return False
    held = roles_held(actor.id, on=localdate(), codes=[batch.programme.municipality_id])
    return role in {one for one, _ in held}


def _ask_order(batch: Batch, actor: Actor) -> None:
    done = set(batch.approvals.values_list("side", flat=True))
    if actor.organisation in done:
        raise CannotApprove("この側の承認は済んでいます。")
    if actor.organisation == "municipality" and "office" not in done:
        raise CannotApprove("事務局の承認がまだ済んでいません。事務局の承認を待ってから承認してください。")
