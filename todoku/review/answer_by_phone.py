"""Takes an answer to a return (返戻) by telephone: what is neither account, payee nor identity. Leaves it as a correction.

The office calls back a number that it knows: who rings in cannot be seen. The note says who was spoken to and how that
was made sure; the correction goes to the checks and the reviewers like any other.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction
from django.utils import timezone

from todoku.case import stages
from todoku.case.tables import Case, CaseStage
from todoku.formats.codes import plain_number
from todoku.ground.step import Refusal
from todoku.intake.add_note import NoteForm, add_note
from todoku.intake.forms import BANK
from todoku.intake.receipt import receipt_number
from todoku.intake.register_web import register_answers
from todoku.intake.tables import Entry, Submission
from todoku.people.actor import Actor
from todoku.registry.reached import reached_of
from todoku.review.asked import BY_PHONE, by_phone
from todoku.review.codes import CODES
from todoku.review.tables import Verdict

# What moves the money or ends the case: only at a number that was known before (declining, the way of receiving).
KNOWN_ALONE = frozenset({"D07", "D50"})


class NotByPhone(Refusal):
    """What is missing cannot be answered by telephone, or not as it was told."""


@dataclass(frozen=True)
class PhoneAnswer:
    """What was said: to whom, at which number we called, how it was made sure who it was, and the answer.

    `rail`: another way of receiving than an account. `declines`: it is meant that the benefit is declined (D50).
    """

    spoken_with: str
    called_number: str
    identity_checked: str
    said: str
    phone: str = ""
    applied_on: date | None = None
    rail: str = ""
    declines: bool = False


def codes_of(case: Case) -> list[str]:
    """What the reviewers found missing in the application that was returned; [] where none is."""
    verdict = (
        Verdict.objects.filter(case=case, outcome="return", undone_at__isnull=True).order_by("-pk").first()
    )
    returned = CaseStage.objects.filter(pk=case.pk, stage=stages.RETURNED).exists()
    return sorted(verdict.codes) if verdict and returned else []


def known_numbers(case: Case) -> list[str]:
    """The numbers that the office may call back: of the application and of the roll."""
    before = _before(case)
    found = [before.phone if before else "", reached_of(case.recipient).phone]
    return list(dict.fromkeys(number for number in found if number))


def answer_by_phone(case: Case, answer: PhoneAnswer, *, actor: Actor, at: datetime) -> Submission:
    """Keeps the note and the correction; the case goes on to RECEIVED. Raises NotByPhone or NoteRefused, keeping nothing."""
    assert actor.id is not None, "only a person answers the telephone"
    with transaction.atomic():
        # Held, so that an answer by another way at the same moment waits.
        CaseStage.objects.select_for_update().get(pk=case.pk)
        codes, before = codes_of(case), _before(case)
        if before is None or not codes:
            raise NotByPhone("この案件は、不備のお答えを待っていません。案件の経過を確かめてください。")
        _ask(case, codes, answer, before)
        add_note(_note(case, answer), programme=case.programme, actor=actor, at=at)
        one = _correction(case, codes, answer, before, at, actor)
        Entry.objects.create(submission=one, staff_id=actor.id, started_at=None, finished_at=at)
        register_answers([case.pk], programme=case.programme, actor=actor, at=at)
    one.refresh_from_db()
    return one


def _before(case: Case) -> Submission | None:
    return Submission.objects.filter(case=case, state="screened").order_by("-pk").first()


def _ask(case: Case, codes: list[str], answer: PhoneAnswer, before: Submission) -> None:
    """Whether this answer settles all that is asked, and was got by calling back."""
    if not by_phone(codes):
        names = "、".join(f"「{CODES[code].name}」" for code in codes if code not in BY_PHONE)
        raise NotByPhone(
            f"{names}は、電話ではお答えを受けられません。郵送かウェブでのお答えをお願いしてください。"
        )
    if not answer.spoken_with.strip() or not answer.identity_checked.strip():
        raise NotByPhone("だれと話したか、どうやってご本人と確かめたかを入力してください。")
    known = {plain_number(number) for number in known_numbers(case)}
    if known and plain_number(answer.called_number) not in known:
        raise NotByPhone(
            "申請書か名簿にある番号へ、こちらからかけ直してください。ほかの番号では、お答えを受けられません。"
        )
    if not known and not KNOWN_ALONE.isdisjoint(codes):
        names = "、".join(f"「{CODES[code].name}」" for code in codes if code in KNOWN_ALONE)
        raise NotByPhone(
            f"申請書にも名簿にも電話番号がないため、{names}は、電話ではお答えを受けられません。"
            "郵送かウェブでのお答えをお願いしてください。"
        )
    if not answer.called_number.strip():
        raise NotByPhone("かけた電話番号を入力してください。")
    if "D04" in codes:
        if not (answer.phone or before.phone):
            raise NotByPhone("日中つながる電話番号を聞いて、入力してください。")
        if not (answer.applied_on or before.applied_on):
            raise NotByPhone("申請書を書いた日を聞いて、入力してください。")
    if "D07" in codes and (
        answer.rail in ("", BANK) or answer.rail not in case.programme.terms.payment.rails
    ):
        raise NotByPhone(
            "電話でお答えを受けられるのは、口座振込のほかの受取方法だけです。口座は郵送かウェブでお願いしてください。"
        )


def _note(case: Case, answer: PhoneAnswer) -> NoteForm:
    return NoteForm(
        asked=f"不備について、{answer.called_number}へかけて確かめた。答え: {answer.said.strip()}", number=case.number,
        caller=answer.spoken_with, channel="outbound", identity_checked=answer.identity_checked,
    )  # fmt: skip


def _correction(
    case: Case, codes: list[str], answer: PhoneAnswer, before: Submission, at: datetime, actor: Actor
) -> Submission:
    """The application before it with what was said; account and copies are taken over when it is registered."""
    with connection.cursor() as cursor:
        cursor.execute("select nextval('todoku_submission_id_seq')")
        (number,) = cursor.fetchone()
    return Submission.objects.create(
        pk=number, case=case, programme_id=case.programme_id, channel="phone", state="sent",
        receipt_number=receipt_number(number), arrived_on=timezone.localdate(at),
        applied_on=answer.applied_on or before.applied_on, registered_at=at,
        applicant_is_recipient=before.applicant_is_recipient, applicant_name=before.applicant_name,
        phone=answer.phone.strip() or before.phone, signed=before.signed,
        declines=answer.declines if "D50" in codes else before.declines,
        rail=answer.rail if "D07" in codes else BANK, members_corrected=before.members_corrected,
        actor_name=actor.name,
    )  # fmt: skip
