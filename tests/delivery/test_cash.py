"""Cash at the counter and by registered mail: two officers, a receipt once, what is drawn is paid out or goes back."""

import pytest
from django.db import DatabaseError, transaction

from tests.payment.rails_ground import OtherRails
from todoku.delivery.cash_day import cash_day
from todoku.delivery.pay_cash import CannotPayCash, pay_cash
from todoku.delivery.send_cash_mail import mail_delivered, mail_returned, send_cash_mail
from todoku.delivery.tables import CashPayment
from todoku.delivery.uncollected_cash import return_uncollected
from todoku.payment.tables import Batch, Transfer
from todoku.people.tables import Staff

MAIL = "513-01-23456-7"


def payments(batch: Batch) -> list[Transfer]:
    return list(Transfer.objects.filter(batch=batch).order_by("number"))


def pay(rails: OtherRails, transfer: Transfer, receipt: str = "領-001", **other) -> CashPayment:
    values = {
        "receipt_number": receipt, "identity_seen": "運転免許証", "witness": rails.second_officer(),
        "actor": rails.staff["officer"], "at": rails.at,
    } | other  # fmt: skip
    return pay_cash(transfer, **values)


def test_the_whole_way_of_cash(rails: OtherRails) -> None:
    batch = rails.released_over("cash")
    first, second, third = payments(batch)
    pay(rails, first, "領-001")
    pay(rails, second, "領-002")
    first.refresh_from_db()
    assert first.state == "settled" and rails.stages()["paid"] == 2
    back = return_uncollected(
        batch, [third.pk], reason="期限までに来庁なし", actor=rails.staff["treasurer"], at=rails.at
    )
    batch.refresh_from_db()
    assert (back.done, batch.state, rails.stages()["failed"]) == (1, "reconciled", 1)
    day = cash_day(rails.programme, rails.day)
    (found,) = day.lists
    assert found.balances and found.drawn_yen == found.paid_yen + found.back_yen and not found.waiting_yen
    assert day.paid_yen == found.paid_yen == sum(one.amount_yen for one in day.paid)
    assert [one.receipt_number for one in day.paid] == ["領-001", "領-002"]


def test_nobody_pays_alone_or_from_the_office_or_twice(rails: OtherRails) -> None:
    transfer, other, _ = payments(rails.released_over("cash"))
    with pytest.raises(CannotPayCash, match="自治体の担当課と出納の職員だけ"):
        pay(rails, transfer, actor=rails.staff["manager"])
    with pytest.raises(CannotPayCash, match="別の職員"):
        pay(rails, transfer, witness=Staff.objects.get(username="officer"))
    with pytest.raises(CannotPayCash, match="担当課か出納の職員"):
        pay(rails, transfer, witness=Staff.objects.get(username="viewer"))
    with pytest.raises(CannotPayCash, match="本人確認書類"):
        pay(rails, transfer, identity_seen=" ")
    with pytest.raises(CannotPayCash, match="領収書の番号"):
        pay(rails, transfer, " ")
    pay(rails, transfer)
    with pytest.raises(CannotPayCash, match="今は現金で渡せません"):
        pay(rails, transfer, "領-002")
    with pytest.raises(CannotPayCash, match="もう使われています"):
        pay(rails, other)
    assert CashPayment.objects.count() == 1


def test_the_database_asks_for_officers_a_released_list_and_another_person(rails: OtherRails) -> None:
    batch = rails.built_over("cash")
    transfer = payments(batch)[0]
    officer, treasurer = rails.staff["officer"].id, rails.staff["treasurer"].id
    manager = rails.staff["manager"].id

    def write(**other) -> None:
        values = {
            "transfer": transfer, "receipt_number": "領-9", "identity_seen": "旅券", "paid_by_id": officer,
            "witness_id": treasurer, "at": rails.at,
        } | other  # fmt: skip
        with transaction.atomic():
            CashPayment.objects.create(**values)

    with pytest.raises(DatabaseError, match="cash_is_paid_on_a_released_list"):
        write()
    Transfer.objects.filter(batch=batch).update(batch=None)
    transfer = payments(rails.released_over("cash"))[0]
    with pytest.raises(DatabaseError, match="only_officers_hand_cash_over"):
        write(witness_id=manager)
    with pytest.raises(DatabaseError, match="two_officers_hand_cash_over|only_officers_hand_cash_over"):
        write(witness_id=officer)
    with pytest.raises(DatabaseError, match="cash_at_the_counter_is_given_to_a_known_person"):
        write(identity_seen="")
    write()


def test_the_whole_way_of_registered_mail(rails: OtherRails) -> None:
    batch = rails.released_over("registered_mail")
    first, second = payments(batch)
    values = {"witness": rails.second_officer(), "actor": rails.staff["officer"], "at": rails.at}
    with pytest.raises(CannotPayCash, match="引受番号"):
        send_cash_mail(first, receipt_number="郵-1", mail_number="12", **values)
    made = send_cash_mail(first, receipt_number="郵-1", mail_number=f"{MAIL}8", **values)
    assert made.mail_number == "51301234567" + "8"
    with pytest.raises(CannotPayCash, match="もう差し出しています"):
        send_cash_mail(first, receipt_number="郵-2", mail_number=f"{MAIL}9", **values)
    send_cash_mail(second, receipt_number="郵-2", mail_number=f"{MAIL}9", **values)
    assert rails.stages()["paying"] == 2 and cash_day(rails.programme, rails.day).lists[0].on_its_way_yen
    mail_delivered(first, actor=rails.staff["officer"], at=rails.at)
    mail_returned(second, actor=rails.staff["officer"], at=rails.at)
    batch.refresh_from_db()
    assert (batch.state, rails.stages()["paid"], rails.stages()["failed"]) == ("reconciled", 1, 1)
    with pytest.raises(CannotPayCash, match="結果を待っているものではありません"):
        mail_delivered(second, actor=rails.staff["officer"], at=rails.at)


def test_what_waits_for_its_payee_is_not_taken_back_by_the_office(rails: OtherRails) -> None:
    batch = rails.released_over("cash")
    with pytest.raises(CannotPayCash, match="自治体の担当課と出納の職員だけ"):
        return_uncollected(
            batch, [payments(batch)[0].pk], reason="来庁なし", actor=rails.staff["manager"], at=rails.at
        )
