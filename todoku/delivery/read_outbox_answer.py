"""The carrier's answer on a file of gift messages (配信結果の取込み): what was sent is settled, what was not gets a letter.

Takes a handed-over file and the carrier's CSV; leaves codes delivered and payments settled, and the codes of messages
that reached nobody waiting for a letter. All or nothing; the same answer again changes nothing; what the answer does
not name waits on.
"""

from datetime import datetime

from django.db import transaction

from todoku.custody.receive import receive
from todoku.custody.tables import Parcel
from todoku.delivery.deliver_gifts import delivered
from todoku.delivery.gift_outbox import KIND, was_handed
from todoku.delivery.tables import GiftCode, GiftMessage
from todoku.formats import message_answer
from todoku.formats.csv_list import ListRefused
from todoku.ground.step import Refusal, Report
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.tables import Programme

NAMED_MAX = 5


class AnswerRefused(Refusal):
    """The answer is not on this file, cannot be read, or says the contrary of an earlier one. Nothing was taken from it."""


def read_outbox_answer(
    parcel: Parcel, data: bytes, *, name: str, programme: Programme, actor: Actor, at: datetime
) -> Report:
    """Takes the answer in. Report: done = sent, refused = undeliverable by number, waiting = not answered yet."""
    if not may(actor.roles, "gift.deliver"):
        raise AnswerRefused("配信結果を取り込めるのは、印刷・発送の担当者だけです。")
    assert parcel.kind == KIND, "not a file of gift messages"
    if not was_handed(parcel):
        raise AnswerRefused(
            "この配信データは、まだ誰にも渡していません。別のデータの結果でないか確かめてください。"
        )
    answers = {one.number: one for one in _read(data)}
    with transaction.atomic():
        Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
        held = {
            one.number: one
            for one in GiftMessage.objects.select_for_update(of=("self",))
            .filter(parcel=parcel)
            .select_related("code")
            .defer("code__sealed_url")
        }
        _ask(answers, held)
        receive(
            data, kind="gift_answer", name=name, scope=programme.slug, from_party="配信事業者", actor=actor, at=at
        )  # fmt: skip
        new = [held[number] for number in answers if not held[number].outcome]
        sent = [one for one in new if answers[one.number].outcome == message_answer.SENT]
        failed = [one for one in new if answers[one.number].outcome == message_answer.UNDELIVERABLE]
        _settle(sent, actor, at)
        _to_letters(failed)
        for one in new:
            one.outcome, one.reason = answers[one.number].outcome, answers[one.number].reason
            one.answered_at = at
        GiftMessage.objects.bulk_update(new, ["outcome", "reason", "answered_at"], batch_size=1000)
        record_look(
            actor=actor, action="gift.answer", subject_kind="parcel", subject_id=parcel.pk, at=at,
            programme_slug=programme.slug, reason=f"送信{len(sent):,}件 不達{len(failed):,}件",
        )  # fmt: skip
    waiting = GiftMessage.objects.filter(parcel=parcel, outcome="").count()
    note = f"送信済み{len(sent):,}件、不達{len(failed):,}件を取り込みました。"
    if failed:
        note += "不達の方には、手紙を印刷してお届けします。"
    return Report(
        done=len(sent), waiting=waiting, refused=tuple((one.number, one.reason) for one in failed), note=note
    )


def _read(data: bytes) -> list[message_answer.Answered]:
    try:
        found = message_answer.read(data)
    except ListRefused as why:
        raise AnswerRefused(why.sentence) from None
    if found.problems:
        raise AnswerRefused(
            f"{len(found.problems)}か所に誤りがあるため、取り込んでいません。{found.problems[0].sentence}"
        )
    return found.messages


def _ask(answers: dict[str, message_answer.Answered], held: dict[str, GiftMessage]) -> None:
    strange = [number for number in answers if number not in held]
    if strange:
        raise AnswerRefused(
            f"この配信データにない管理番号が{len(strange):,}件あります（{'、'.join(strange[:NAMED_MAX])}）。"
            "別の配信データの結果でないか確かめてください。"
        )
    contrary = [number for number, one in answers.items() if held[number].outcome not in ("", one.outcome)]
    if contrary:
        raise AnswerRefused(
            f"前に取り込んだ結果と違うものが{len(contrary):,}件あります（{'、'.join(contrary[:NAMED_MAX])}）。"
            "配信事業者に正しい結果を確かめてください。"
        )


def _settle(sent: list[GiftMessage], actor: Actor, at: datetime) -> None:
    """A code stopped meanwhile stays stopped, though its message was sent."""
    by_way: dict[str, list[GiftCode]] = {}
    for one in sent:
        if one.code.state == "assigned":
            by_way.setdefault(one.code.delivered_by_way, []).append(one.code)
    for way, codes in by_way.items():
        transfers = [code.transfer_id for code in codes if code.transfer_id]
        delivered(
            [code.pk for code in codes], transfers, way=way, why="デジタルギフトを配信", actor=actor, at=at
        )


def _to_letters(failed: list[GiftMessage]) -> None:
    GiftCode.objects.filter(pk__in=[one.code_id for one in failed], state="assigned").update(
        delivered_by_way="letter"
    )
