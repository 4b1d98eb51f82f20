"""A second person of the municipality agrees that the same file goes to the bank once more (再持込の同意).

Takes the bank's "not received"; leaves that person's consent on record, given on their own session. The treasurer then
hands the file over (inquire.hand_over_again), never without it. Nothing is handed over here.
"""

from datetime import datetime

from django.db import transaction

from todoku.ground.step import Refusal
from todoku.payment.tables import BankInquiry, Batch
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.people.tables import AuditEvent, Staff

ACTION, SUBJECT = "batch.agree_again", "bank_inquiry"


class CannotAgree(Refusal):
    """This person asked the bank, or the bank's newest word is another."""


def agree_again(inquiry: BankInquiry, *, actor: Actor, at: datetime) -> None:
    """Records the actor's consent to hand over again what the bank denied; the record itself is the consent."""
    if not may(actor.roles, ACTION) or actor.id is None:
        raise CannotAgree("再持込に同意できるのは、自治体の出納か担当課の職員です。")
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
            actor=actor, action=ACTION, subject_kind=SUBJECT, subject_id=inquiry.pk, at=at,
            programme_slug=batch.programme.slug, reason=f"{inquiry.file.name} {inquiry.sha256}",
        )  # fmt: skip


def agreed_by(inquiry: BankInquiry) -> Staff | None:
    """Who agreed to hand over again what this answer denied; None where nobody has."""
    given = AuditEvent.objects.filter(
        subject_kind=SUBJECT, subject_id=inquiry.pk, action=ACTION, refused=False
    ).order_by("-pk")
    event = given.first()
    if event is None:
        return None
    assert event.actor_id is not None, "only a person agrees"
    return Staff.objects.filter(pk=event.actor_id).first()
