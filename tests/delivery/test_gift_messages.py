"""Gift codes by message: handed over by name, answered line by line; what reached nobody goes by letter, once."""

import csv
import io

import pytest
from django.db import DatabaseError, transaction

from tests.payment.rails_ground import OtherRails
from todoku.custody.tables import Parcel
from todoku.delivery.deliver_gifts import deliver_gifts
from todoku.delivery.gift_letters import waiting_for_letters
from todoku.delivery.gift_outbox import (
    CannotMessage,
    make_gift_outbox,
    messages_sent,
    take_outbox,
    waiting_for_messages,
)
from todoku.delivery.read_outbox_answer import AnswerRefused, read_outbox_answer
from todoku.delivery.tables import GiftCode, GiftMessage
from todoku.payment.tables import Batch, Transfer

HEADINGS = ("管理番号", "送信結果", "理由")


def answer(lines: list[tuple[str, str, str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([HEADINGS, *lines])
    return out.getvalue().encode("cp932")


def made(rails: OtherRails) -> tuple[Batch, Parcel]:
    rails.list_taken()
    batch = rails.released_over("gift")
    return batch, make_gift_outbox(
        "sms", programme=rails.programme, actor=rails.staff["printer"], at=rails.at
    )


def handed(rails: OtherRails) -> tuple[Batch, Parcel]:
    batch, parcel = made(rails)
    take_outbox(parcel, receiver="配信社 配信 次郎", actor=rails.staff["printer"], at=rails.at)
    return batch, parcel


def read(rails: OtherRails, parcel: Parcel, data: bytes, who: str = "printer"):
    return read_outbox_answer(
        parcel, data, name="kekka.csv", programme=rails.programme, actor=rails.staff[who], at=rails.at
    )


def test_what_was_sent_is_settled_and_what_reached_nobody_gets_a_letter(rails_by_sms: OtherRails) -> None:
    rails = rails_by_sms
    batch, parcel = handed(rails)
    numbers = list(GiftMessage.objects.filter(parcel=parcel).order_by("pk").values_list("number", flat=True))
    assert len(numbers) == parcel.record_count == len(set(numbers))
    lost = GiftMessage.objects.filter(parcel=parcel).order_by("pk").first()
    assert lost is not None
    lines = [(number, "不達" if number == lost.number else "送信済", "宛先不明") for number in numbers]
    report = read(rails, parcel, answer(lines))
    assert (report.done, len(report.refused), report.waiting) == (len(numbers) - 1, 1, 0)
    assert waiting_for_messages(rails.programme) == (0, 0)
    (waiting,) = waiting_for_letters(rails.programme)
    assert (waiting.codes, waiting.occasion) == (1, lost.code_id)
    # The letter holds the one code that reached nobody, and settles no other.
    assert rails.posted().pieces == 1
    lost.code.refresh_from_db()
    assert (lost.code.state, lost.code.delivered_by_way) == ("delivered", "letter")
    assert set(Transfer.objects.filter(batch=batch).values_list("state", flat=True)) == {"settled"}
    assert not GiftCode.objects.filter(state="assigned").exists()
    # The same again changes nothing; the contrary is refused.
    assert read(rails, parcel, answer(lines)).done == 0
    with pytest.raises(AnswerRefused, match="前に取り込んだ結果と違う"):
        read(rails, parcel, answer([(lost.number, "送信済", "")]))
    with pytest.raises(CannotMessage, match="手紙でお届けしてください"):
        make_gift_outbox("sms", programme=rails.programme, actor=rails.staff["printer"], at=rails.at)


def test_a_letter_leaves_out_the_code_whose_message_is_not_answered_yet(rails_by_sms: OtherRails) -> None:
    rails = rails_by_sms
    _, parcel = handed(rails)
    two = next(
        one for one in Transfer.objects.filter(rail="gift").order_by("pk") if one.codes.count() > 1
    )  # fmt: skip
    first, last = two.codes.order_by("pk")[0], two.codes.order_by("-pk")[0]
    said = GiftMessage.objects.get(code=last)
    assert (
        read(rails, parcel, answer([(said.number, "不達", "")])).waiting == int(parcel.record_count or 0) - 1
    )
    run = rails.printed()
    rails.later(1)
    read(rails, parcel, answer([(GiftMessage.objects.get(code=first).number, "不達", "")]))
    from_run = [one.codes for one in waiting_for_letters(rails.programme)]
    assert run.pieces == 1 and from_run == []  # the first letter is posted before another is written

    deliver_gifts(run, posted_on=rails.day, counted=1, actor=rails.staff["printer"], at=rails.at)
    first.refresh_from_db(), last.refresh_from_db()
    assert (first.state, last.state) == ("assigned", "delivered")
    assert [one.codes for one in waiting_for_letters(rails.programme)] == [1]


def test_a_file_that_nobody_took_has_no_answer_and_nobody_else_may(rails_by_sms: OtherRails) -> None:
    rails = rails_by_sms
    _, parcel = made(rails)
    number = GiftMessage.objects.filter(parcel=parcel).values_list("number", flat=True)[0]
    with pytest.raises(AnswerRefused, match="まだ誰にも渡していません"):
        read(rails, parcel, answer([(number, "送信済", "")]))
    with pytest.raises(CannotMessage, match="まだ誰にも渡していません"):
        messages_sent("sms", programme=rails.programme, actor=rails.staff["printer"], at=rails.at)
    with pytest.raises(CannotMessage, match="渡す相手"):
        take_outbox(parcel, receiver=" ", actor=rails.staff["printer"], at=rails.at)
    for nobody in ("maker", "manager", "officer"):
        with pytest.raises(CannotMessage, match="印刷・発送の担当者だけ"):
            take_outbox(parcel, receiver="配信社", actor=rails.staff[nobody], at=rails.at)
        with pytest.raises(AnswerRefused, match="印刷・発送の担当者だけ"):
            read(rails, parcel, answer([(number, "送信済", "")]), nobody)
    assert parcel.hand_overs.count() == 1
    assert not GiftMessage.objects.exclude(outcome="").exists()


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([("X-1", "送信済", "")], "この配信データにない管理番号"),
        ([("1-1", "たぶん", "")], "送信結果の言葉が分かりません"),
        ([("", "送信済", "")], "管理番号がありません"),
        ([("1-1", "送信済", "https://gift.example.jp/v1/x")], "URLが入った結果は取り込めません"),
    ],
)
def test_an_answer_on_something_else_is_refused_whole(
    rails_by_sms: OtherRails, lines: list[tuple[str, str, str]], words: str
) -> None:
    rails = rails_by_sms
    _, parcel = handed(rails)
    good = GiftMessage.objects.filter(parcel=parcel).values_list("number", flat=True)[0]
    with pytest.raises(AnswerRefused, match=words):
        read(rails, parcel, answer([(good, "送信済", ""), *lines]))
    assert not GiftMessage.objects.exclude(outcome="").exists()
    assert not Parcel.objects.filter(kind="gift_answer").exists()


def test_the_database_keeps_an_answer_and_messages_a_code_once(rails_by_sms: OtherRails) -> None:
    rails = rails_by_sms
    _, parcel = handed(rails)
    one = GiftMessage.objects.filter(parcel=parcel).order_by("pk").first()
    assert one is not None
    read(rails, parcel, answer([(one.number, "不達", "")]))
    with pytest.raises(DatabaseError, match="an_answered_message_stays_as_it_is"), transaction.atomic():
        GiftMessage.objects.filter(pk=one.pk).update(outcome="sent")
    with pytest.raises(DatabaseError, match="a_gift_code_is_messaged_once"), transaction.atomic():
        GiftMessage.objects.create(parcel=parcel, code=one.code, number="again")
    with pytest.raises(DatabaseError, match="rows_are_never_deleted|permission denied"), transaction.atomic():
        GiftMessage.objects.filter(pk=one.pk).delete()
