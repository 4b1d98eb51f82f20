"""A second person of the municipality agrees to what follows when the bank never had a file (再持込・取りやめの同意).

Takes the bank's "not received"; leaves that person's consent on record, given on their own session: that the same file goes
to the bank once more (inquire.hand_over_again), or that it is given up (give_up_file.py). The treasurer then does it, never
without it. Nothing is handed over here.
"""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from todoku.ground.step import Refusal
from todoku.payment.tables import BankInquiry, Batch
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.people.tables import AuditEvent, Staff, roles_held

# To hand over again, or to give up: one consent is not the other.
ACTION, GIVE_UP, SUBJECT = "batch.agree_again", "batch.agree_give_up", "bank_inquiry"
MUNICIPAL_ROLES = ("city_treasurer", "city_officer")


class CannotAgree(Refusal):
    """This person asked the bank, or the bank's newest word is another."""


def agree_again(inquiry: BankInquiry, *, to: str = ACTION, actor: Actor, at: datetime) -> None:
    """Records the actor's consent to hand over again what the bank denied, or to give it up (`to`); the record itself is
    the consent."""
    assert to in (ACTION, GIVE_UP)
    if not may(actor.roles, ACTION) or actor.id is None:
        raise CannotAgree("再持込や取りやめに同意できるのは、自治体の出納か担当課の職員です。")
    if actor.id == inquiry.asked_by_id:
        raise CannotAgree(
            "金融機関に照会した本人は同意できません。別の出納か担当課の職員に、自分の画面で同意してもらってください。"
        )
    with transaction.atomic():
        batch = (
            Batch.objects.select_for_update(of=("self",))
            .select_related("programme")
            .get(pk=inquiry.file.batch_id)
        )
        newest = BankInquiry.objects.filter(file_id=inquiry.file_id).order_by("-pk").first()
        answered = newest == inquiry and inquiry.answer == "not_received"
        if batch.state != "sending" or not answered or hasattr(inquiry, "handedagain"):
            raise CannotAgree("再持込を待っているファイルではありません。画面を開き直してください。")
        record_look(
            actor=actor, action=to, subject_kind=SUBJECT, subject_id=inquiry.pk, at=at,
            programme_slug=batch.programme.slug, reason=f"{inquiry.file.name} {inquiry.sha256}",
        )  # fmt: skip


def agreed_by(inquiry: BankInquiry, *, to: str = ACTION) -> Staff | None:
    """Who agreed to what is to follow on this answer; None where nobody has."""
    given = AuditEvent.objects.filter(
        subject_kind=SUBJECT, subject_id=inquiry.pk, action=to, refused=False
    ).order_by("-pk")
    event = given.first()
    if event is None:
        return None
    assert event.actor_id is not None, "only a person agrees"
    return Staff.objects.filter(pk=event.actor_id).first()


def is_municipal(person: Staff, batch: Batch) -> bool:
    """Whether the person is a treasurer or officer of the municipality that pays."""
    held = roles_held(person.pk, on=localdate(), codes=[batch.programme.municipality_id])
    return any(role in MUNICIPAL_ROLES for role, _ in held)
