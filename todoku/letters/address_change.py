"""Another address for letters (送付先変更届): asked at the office with evidence, approved by the municipality alone.

Takes what a resident asked for; leaves an AddressChange, and on approval the place where letters go from then on, by that
order. The office never changes an address by itself: letters sent on at a caller's word have reached strangers.
"""

from datetime import datetime

from django.db import IntegrityError, transaction

from todoku.case.tables import Case
from todoku.ground.step import Refusal, Report
from todoku.letters.answer_register import NewAddress
from todoku.letters.tables import AddressChange
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.registry.reached import Reached, reach, reached_of
from todoku.registry.tables import Member


class CannotChange(Refusal):
    """The change cannot be asked for, or not be answered, by this person now."""


def under_protection(case: Case) -> bool:
    """Whether anybody of the household is under 支援措置: one address gives away all who live there."""
    recipient = case.recipient
    return (
        recipient.head.protected
        or reached_of(recipient).protected
        or Member.objects.filter(recipient=recipient, superseded_by_order="", person__protected=True).exists()
    )


def ask_address(
    case: Case, to: NewAddress, *, reason: str, evidence: str, actor: Actor, at: datetime
) -> AddressChange:
    """Asks the municipality for another address. Raises CannotChange.

    For a household under 支援措置 only those ask who may see its address.
    """
    if under_protection(case) and not may(actor.roles, "case.view_protected"):
        raise CannotChange(
            "支援措置の方の送付先は、業務責任者か担当課だけが扱えます。内容を聞かずに、業務責任者に引き継いでください。"
        )
    if not (
        len(to.postal_code) == 7
        and to.postal_code.isascii()
        and to.postal_code.isdigit()
        and to.address.strip()
    ):
        raise CannotChange("7桁の郵便番号と住所を入力してください。")
    if not reason.strip() or not evidence.strip():
        raise CannotChange(
            "送付先を変える理由と、確認した書類を入力してください。担当課は、それを見て判断します。"
        )
    if actor.id is None:
        raise CannotChange("送付先の変更は、職員が自分の名前で申請してください。")
    try:
        with transaction.atomic():
            change = AddressChange.objects.create(
                case=case, postal_code=to.postal_code, address=to.address.strip(), building=to.building.strip(),
                reason=reason.strip()[:200], evidence=evidence.strip()[:200], asked_at=at, asked_id=actor.id,
                asked_by=actor.name,
            )  # fmt: skip
    except IntegrityError as error:
        if "an_address_is_asked_for_once_at_a_time" not in str(error):
            raise
        raise CannotChange(
            "この案件の送付先変更は、すでに申請済みです。担当課の回答を待ってください。"
        ) from error
    _record("address.ask", case, actor, at, reason)
    return change


def answer_address(
    change: AddressChange, *, approve: bool, answer: str = "", actor: Actor, at: datetime
) -> Report:
    """The municipality's word. Approved, letters go there from now on. Raises CannotChange.

    Safe to call twice with the same answer. A refusal says why.
    """
    if actor.organisation != "municipality" or not may(actor.roles, "address.answer") or actor.id is None:
        raise CannotChange("送付先の変更を承認できるのは、自治体の担当課職員です。")
    if not approve and not answer.strip():
        raise CannotChange("承認しない理由を書いてください。事務局は、その文章で申請した方に伝えます。")
    with transaction.atomic():
        found = (
            AddressChange.objects.select_for_update(of=("self",))
            .select_related("case__recipient__head", "case__recipient__reached_at", "case__programme")
            .get(pk=change.pk)
        )
        state = "approved" if approve else "refused"
        if found.state != "asked":
            if found.state == state:
                return Report(note="すでに回答済みです。")
            raise CannotChange(f"この申請は{found.get_state_display()}で回答済みです。")
        if found.asked_id == actor.id:
            raise CannotChange("申請した人とは別の人が回答してください。")
        found.state, found.answered_at, found.answered_id = state, at, actor.id
        found.answered_by, found.answer = actor.name, answer.strip()[:200]
        found.save()
        if approve:
            kept = reached_of(found.case.recipient)
            place = Reached(
                found.postal_code, found.address, found.building, kept.phone, under_protection(found.case)
            )
            reach(found.case.recipient, place, order=f"送付先変更届 {found.pk} {at:%Y-%m-%d}", at=at)
        _record("address.answer", found.case, actor, at, found.get_state_display())
    return Report(done=1, note="承認しました。" if approve else "承認しませんでした。")


def _record(action: str, case: Case, actor: Actor, at: datetime, reason: str) -> None:
    record_look(
        actor=actor, action=action, subject_kind="case", subject_id=case.pk, at=at,
        programme_slug=case.programme.slug, reason=reason[:200],
    )  # fmt: skip
