"""Outcome unknown (結果不明): the bank is asked by digest whether it has a file, and its word decides; nothing is resent.

Takes a file that was handed over and not confirmed; leaves the bank's answer. "It has it" confirms; "it has it not"
allows one more hand-over of the same bytes by two persons, to give the file up, or to void the batch; "not known yet" leaves
all as it is.
"""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from todoku.custody.tables import HandOver
from todoku.ground.step import Refusal
from todoku.payment.agree_again import agreed_by, is_municipal
from todoku.payment.confirm import GIVEN_UP_WORDS, MAKER, RECEIPT_MAX, confirm, party_of
from todoku.payment.file_standing import is_given_up
from todoku.payment.kept_files import file_bytes
from todoku.payment.tables import BankInquiry, Batch, BatchFile, Confirmation, HandedAgain
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.people.tables import Staff

ANSWERS = dict(BankInquiry.ANSWERS)


class CannotInquire(Refusal):
    """The file does not wait for an answer, or the answer is incomplete."""


class CannotHandAgain(Refusal):
    """The bank has not denied the file, or one of the two persons is missing."""


def inquire(
    file: BatchFile, *, sha256: str, answer: str, bank_person: str, reference: str, actor: Actor, at: datetime
) -> BankInquiry:
    """Records what the bank said about this digest; "received" needs the bank's receipt number as `reference`."""
    if not may(actor.roles, "batch.inquire") or actor.id is None:
        raise CannotInquire("金融機関へ照会できるのは自治体の出納だけです。")
    if answer not in ANSWERS or not bank_person.strip():
        raise CannotInquire("金融機関の回答を選び、回答した担当者の名前を入れてください。")
    if answer == "received" and not reference.strip():
        raise CannotInquire(
            "「受け付けている」のときは、金融機関の受付番号（またはそれに代わる番号）を入れてください。"
        )
    with transaction.atomic():
        batch = (
            Batch.objects.select_for_update(of=("self",)).select_related("programme").get(pk=file.batch_id)
        )
        if batch.state != "sending" or Confirmation.objects.filter(file=file).exists():
            raise CannotInquire("結果を待っているファイルではありません。画面を開き直してください。")
        if is_given_up(file):
            raise CannotInquire(GIVEN_UP_WORDS)
        if actor.id in (batch.maker_id, batch.sealed_by_id):
            raise CannotInquire(MAKER)
        if sha256 != file.sha256:
            raise CannotInquire(
                "照会したファイルの指紋（SHA-256）が、渡したファイルと違います。金融機関に指紋を伝え直してください。"
            )
        made = BankInquiry.objects.create(
            file=file, sha256=sha256, answer=answer, bank_person=bank_person.strip()[:60],
            reference=reference.strip()[:RECEIPT_MAX], asked_by_id=actor.id, at=at,
        )  # fmt: skip
        record_look(
            actor=actor, action="batch.inquire", subject_kind="batch", subject_id=batch.pk, at=at,
            programme_slug=batch.programme.slug, reason=f"{file.name} {ANSWERS[answer]}",
        )  # fmt: skip
        if answer == "received":
            confirm(file, receipt=reference, actor=actor, at=at, inquiry=made)
    return made


def hand_over_again(inquiry: BankInquiry, *, second: Staff, actor: Actor, at: datetime) -> HandedAgain:
    """The same bytes to the bank once more (再持込), after it said that it never had them, until the value date.

    `second` is another person of the municipality, who has agreed on their own session (agree_again.py).
    """
    if not may(actor.roles, "batch.take_file") or actor.id is None or second.pk == actor.id:
        raise CannotHandAgain("再び渡すには、出納と、自治体のもう一人の確認が必要です。")
    if agreed_by(inquiry) != second:
        raise CannotHandAgain("もう一人が自分の画面で再持込に同意すると、渡せるようになります。")
    with transaction.atomic():
        file = inquiry.file
        batch = (
            Batch.objects.select_for_update(of=("self",)).select_related("programme").get(pk=file.batch_id)
        )
        if not is_municipal(second, batch):
            raise CannotHandAgain("もう一人は、自治体の出納か担当課の職員にしてください。")
        if batch.value_date < localdate(at):
            raise CannotHandAgain(
                "振込指定日が過ぎたファイルは、もう渡せません。このファイルの依頼を取りやめ、新しい振込日で作り直してください。"
            )
        if is_given_up(file):
            raise CannotHandAgain(GIVEN_UP_WORDS)
        newest = BankInquiry.objects.filter(file=file).order_by("-pk").first()
        if newest != inquiry or inquiry.answer != "not_received" or hasattr(inquiry, "handedagain"):
            raise CannotHandAgain(
                "金融機関の「受け付けていない」という最新の回答があるときだけ、同じファイルを再び渡せます。"
            )
        file_bytes(file)
        made = HandedAgain.objects.create(inquiry=inquiry, taken_by_id=actor.id, second=second, at=at)
        HandOver.objects.create(
            parcel_id=file.parcel_id, from_party="出納", to_party=party_of(batch), at=at, count_stated=file.count,
            count_found=file.count, sha256=file.sha256, receipt="再持込", actor_name=actor.name,
        )  # fmt: skip
        record_look(
            actor=actor, action="batch.take_again", subject_kind="batch", subject_id=batch.pk, at=at,
            programme_slug=batch.programme.slug, reason=f"{file.name} 同意 {second.name}",
        )  # fmt: skip
    return made
