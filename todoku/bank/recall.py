"""A transfer is asked back from the bank (組戻し): asked → sent by the treasurer → returned, refused or withdrawn.

Takes one transfer at the bank; leaves a Recall with a due day for each step. It moves no money itself: what comes back
is a line of the bank's report like any other (late_return, read_result), and that line ends the recall.
"""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from todoku.bank.tables import Recall
from todoku.formats.bank_days import bank_days_after
from todoku.ground.step import Refusal
from todoku.payment.tables import Transfer
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look

RECALLABLE = ("sending", "sent", "settled")
# The longer a wrong credit stands, the likelier it is drawn: the treasurer sends on the bank day after the request.
SEND_BANK_DAYS = 1
# Banks have to ask the payee's consent once it is credited; a week without a word is asked about.
ANSWER_BANK_DAYS = 5
WORDS_MAX = 200
ENDS = {"refused": "金融機関・受取人が応じない", "withdrawn": "取りやめる"}


class CannotRecall(Refusal):
    """The transfer is not at the bank, the recall is elsewhere on its way, or the person may not."""


def ask_recall(transfer: Transfer, *, reason: str, actor: Actor, at: datetime) -> Recall:
    """Asks the treasurer to take a transfer back; raises CannotRecall without a reason or once it is on its way."""
    reason = _words(reason, "組戻しを依頼する理由")
    if not may(actor.roles, "recall.ask") or actor.id is None:
        raise CannotRecall("組戻しを依頼する権限がありません。業務責任者か担当課に連絡してください。")
    with transaction.atomic():
        found = (
            Transfer.objects.select_for_update(of=("self",)).select_related("programme").get(pk=transfer.pk)
        )
        if found.state not in RECALLABLE or found.rail != "bank":
            raise CannotRecall(
                "金融機関へ依頼した口座振込ではありません。依頼の前なら、保留か審査への差し戻しにしてください。"
            )
        if Recall.objects.filter(transfer=found, state__in=["asked", "sent"]).exists():
            raise CannotRecall("この振込の組戻しは、すでに手続き中です。")
        made = Recall.objects.create(
            transfer=found, reason=reason, due_on=bank_days_after(localdate(at), SEND_BANK_DAYS), asked_by_id=actor.id,
            asked_at=at,
        )  # fmt: skip
        _record(made, "recall.ask", found.number, actor, at)
    return made


def send_recall(recall: Recall, *, actor: Actor, at: datetime) -> Recall:
    """Records that the treasurer, another person than who asked, put the request to the bank; its clock begins anew."""
    if not may(actor.roles, "recall.send") or actor.id is None:
        raise CannotRecall("組戻しを金融機関へ依頼できるのは、自治体の出納だけです。")
    with transaction.atomic():
        found = _held(recall)
        if found.state != "asked":
            raise CannotRecall("この組戻しは、依頼を待っていません。画面を開き直してください。")
        if found.asked_by_id == actor.id:
            raise CannotRecall("依頼を起こした人とは別の人が、金融機関へ依頼してください。")
        found.state, found.sent_by_id, found.sent_at = "sent", actor.id, at
        found.due_on = bank_days_after(localdate(at), ANSWER_BANK_DAYS)
        found.save(update_fields=["state", "sent_by", "sent_at", "due_on"])
        _record(found, "recall.send", found.transfer.number, actor, at)
    return found


def end_recall(recall: Recall, *, outcome: str, words: str, actor: Actor, at: datetime) -> Recall:
    """Ends a recall without the money: the bank or payee refused, or it is withdrawn. Money that came is late_return's."""
    words = _words(words, "分かったこと")
    with transaction.atomic():
        found = _held(recall)
        if found.state not in ("asked", "sent") or outcome not in ENDS:
            raise CannotRecall("この組戻しは終わっています。画面を開き直してください。")
        if outcome == "refused" and found.state != "sent":
            raise CannotRecall("金融機関へ依頼する前です。やめるときは「取りやめる」を選んでください。")
        if not may(actor.roles, "recall.send") and not (
            found.state == "asked" and may(actor.roles, "recall.ask")
        ):
            raise CannotRecall("金融機関へ依頼した組戻しの結果は、自治体の出納が記録します。")
        found.state, found.ended_at, found.outcome = outcome, at, words
        found.save(update_fields=["state", "ended_at", "outcome"])
        _record(found, "recall.end", f"{found.transfer.number} {ENDS[outcome]}", actor, at)
    return found


def _held(recall: Recall) -> Recall:
    return (
        Recall.objects.select_for_update(of=("self",)).select_related("transfer__programme").get(pk=recall.pk)
    )


def _words(text: str, what: str) -> str:
    text = text.strip()
    if not text or len(text) > WORDS_MAX:
        raise CannotRecall(f"{what}を{WORDS_MAX}文字以内で書いてください。")
    return text


def _record(recall: Recall, action: str, reason: str, actor: Actor, at: datetime) -> None:
    record_look(
        actor=actor, action=action, subject_kind="case", subject_id=recall.transfer.case_id, at=at,
        programme_slug=recall.transfer.programme.slug, reason=reason,
    )  # fmt: skip
