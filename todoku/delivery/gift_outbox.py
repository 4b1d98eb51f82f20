"""Gift codes by SMS or LINE (メッセージでのお届け), only where the terms name the way: a locked file for the carrier.

Takes released payments whose codes wait and whose application gave a mobile number; leaves a locked parcel with a
GiftMessage for each code, handed over by name. What the carrier sent is settled by read_outbox_answer. Who gave no such
number gets a letter. One open file per way at a time, so that no code is ever in two.
"""

from collections import Counter
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import QuerySet

from todoku.custody import files
from todoku.custody.receive import record
from todoku.custody.tables import HandOver, Parcel
from todoku.delivery.code_secret import code_box
from todoku.delivery.deliver_gifts import delivered
from todoku.delivery.tables import GiftCode, GiftMessage
from todoku.ground.step import Refusal, Report
from todoku.payment.rails import gift_message
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.tables import Programme

KIND = "gift_outbox"
RECEIVER_MAX = 100
_OPEN = """
select g.id, g.transfer_id, t.number, g.serial, g.sealed_url, g.value_yen, g.expires_on, s.phone
  from todoku_giftcode g
  join todoku_transfer t on t.id = g.transfer_id and t.state in ('sent', 'settled')
  join lateral (select x.phone from todoku_submission x where x.case_id = t.case_id and x.state = 'screened'
                 order by x.id desc limit 1) s on true
 where g.programme_id = %s and g.state = 'assigned' and g.delivered_by_way = ''
   and not exists (select 1 from todoku_letter l where l.case_id = t.case_id and l.kind = 'gift' and l.occasion >= g.id)
 order by t.number, g.id
"""
_WAITING = f"{_OPEN} for update of g"


class CannotMessage(Refusal):
    """No file is made or sent: the terms do not ask for this way, or another file is under way."""


def make_gift_outbox(way: str, *, programme: Programme, actor: Actor, at: datetime) -> Parcel:
    """Writes the carrier's file, locked, and reserves its codes for this way ("sms" or "line")."""
    terms = programme.terms.payment.gift
    if terms is None or way == "letter" or way not in terms.delivery:
        raise CannotMessage("この給付金は、この方法でのお届けを定めていません。手紙でお届けしてください。")
    _ask(actor)
    box, town = code_box(), programme.municipality
    with transaction.atomic(), connection.cursor() as cursor:
        Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
        if _reserved(programme, way).exists():
            raise CannotMessage(
                "前に作った配信データの送信が、まだ記録されていません。先に記録してください。"
            )
        cursor.execute(_WAITING, [programme.pk])
        chosen: dict[int, str] = {}
        messages, of_payment = [], Counter[str]()
        for code, _, payment, serial, locked, value, expires_on, phone in cursor.fetchall():
            if to := gift_message.mobile(phone):
                of_payment[payment] += 1
                # The carrier answers message by message, and a payment may have several codes.
                number = f"{payment}-{of_payment[payment]}"
                url = box.open(bytes(locked), programme.pk, serial)
                chosen[code] = number
                messages.append(gift_message.Message(number, to, url, value, expires_on))
        if not messages:
            raise CannotMessage(
                "携帯電話の番号で届けられるギフトコードはありません。手紙でお届けしてください。"
            )
        GiftCode.objects.filter(pk__in=list(chosen)).update(delivered_by_way=way)
        short, phone = programme.terms.programme.short_name, programme.terms.contact.phone
        data = gift_message.write(messages, sender=town.name, programme=short, enquiries=phone)
        name = f"gift-{way}-{at:%Y%m%d%H%M%S}-{next(iter(chosen))}.csv"
        written = files.write(f"gift/{programme.slug}/{name}.locked", box.lock_file(data, name))
        made = record(
            written, kind=KIND, name=name, scope=programme.slug, from_party=actor.name, to_party="施錠保管",
            actor=actor, at=at, count=len(messages),
        )  # fmt: skip
        GiftMessage.objects.bulk_create(
            GiftMessage(parcel=made, code_id=code, number=number) for code, number in chosen.items()
        )
        record_look(
            actor=actor, action="gift.outbox", subject_kind="parcel", subject_id=made.pk, at=at,
            programme_slug=programme.slug, reason=f"{way} {len(messages):,}件",
        )  # fmt: skip
    return made


class Waiting(NamedTuple):
    """Codes that wait to be delivered: those that a message can carry, and those for which only a letter is left."""

    by_message: int
    by_letter: int


def waiting_for_messages(programme: Programme) -> Waiting:
    """How many codes wait, by whether their application gave a mobile number; no code is opened."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [programme.pk])
        phones = [bool(gift_message.mobile(row[-1])) for row in cursor.fetchall()]
    return Waiting(sum(phones), len(phones) - sum(phones))


def take_outbox(parcel: Parcel, *, receiver: str, actor: Actor, at: datetime) -> bytes:
    """The carrier's file in clear, for handing over to the `receiver` named; the hand-over and the look are recorded."""
    _ask(actor)
    assert parcel.kind == KIND, "not a file of gift messages"
    receiver = " ".join(receiver.split())
    if not receiver or len(receiver) > RECEIVER_MAX:
        raise CannotMessage(
            f"渡す相手（配信事業者と担当者の名前）を{RECEIVER_MAX}文字以内で入力してください。"
        )
    data = code_box().open_file(files.read(parcel.path), parcel.name)
    with transaction.atomic():
        HandOver.objects.create(
            parcel=parcel, from_party=actor.name, to_party=receiver, at=at, count_stated=parcel.record_count,
            count_found=parcel.record_count, sha256=parcel.sha256, actor_name=actor.name,
        )  # fmt: skip
        record_look(
            actor=actor, action="gift.take_outbox", subject_kind="parcel", subject_id=parcel.pk, at=at,
            programme_slug=parcel.scope, reason=f"{parcel.record_count}件 {receiver}",
        )  # fmt: skip
    return data


def messages_sent(way: str, *, programme: Programme, actor: Actor, at: datetime) -> Report:
    """The carrier says that the whole file was sent, without an answer line by line: all that waits is delivered."""
    _ask(actor)
    with transaction.atomic():
        Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
        rows = list(_reserved(programme, way).select_for_update().values_list("pk", "transfer_id"))
        if not rows:
            raise CannotMessage("送信を記録する配信データはありません。")
        _ask_handed(GiftMessage.objects.filter(code__in=[code for code, _ in rows]))
        settled = delivered(
            [code for code, _ in rows], [transfer for _, transfer in rows], way=way, why="デジタルギフトを配信",
            actor=actor, at=at,
        )  # fmt: skip
        GiftMessage.objects.filter(code__programme=programme, code__delivered_by_way=way, outcome="").update(
            outcome="sent", answered_at=at
        )
        record_look(
            actor=actor, action="gift.deliver", subject_kind="programme", subject_id=programme.pk, at=at,
            programme_slug=programme.slug, reason=f"{way} {len(rows):,}枚",
        )  # fmt: skip
    return Report(done=settled)


def was_handed(parcel: Parcel) -> bool:
    """Whether somebody took the file: what was never handed over cannot have been sent."""
    return parcel.hand_overs.count() > 1


def _ask_handed(messages: "QuerySet[GiftMessage]") -> None:
    for parcel in Parcel.objects.filter(pk__in=messages.values("parcel_id")):
        if not was_handed(parcel):
            raise CannotMessage("配信データをまだ誰にも渡していません。渡してから、結果を記録してください。")


def _reserved(programme: Programme, way: str) -> QuerySet[GiftCode]:
    return GiftCode.objects.filter(programme=programme, state="assigned", delivered_by_way=way)


def _ask(actor: Actor) -> None:
    if not may(actor.roles, "gift.deliver"):
        raise CannotMessage("ギフトコードを届けられるのは、印刷・発送の担当者だけです。")
