"""A cancelled batch of gifts: codes that nobody has seen lie in stock again, all others are revoked and never come back."""

import pytest
from django.db import DatabaseError, connection, transaction

from tests.payment.rails_ground import OtherRails
from todoku.delivery.assign_codes import assign_codes
from todoku.delivery.gift_stock import gift_stock
from todoku.delivery.revoke_code import ask_revoke, revoke_code
from todoku.delivery.tables import GiftCode
from todoku.delivery.take_back_codes import CannotTakeBack, take_back_codes, void_batch
from todoku.payment.seal import seal
from todoku.payment.tables import Batch, Transfer
from todoku.payment.void import CannotVoid, void
from todoku.people.actor import SYSTEM
from todoku.people.tables import AuditEvent


def sealed(rails: OtherRails) -> Batch:
    rails.list_taken()
    batch = rails.built_over("gift")
    assign_codes(batch, actor=rails.staff["maker"], at=rails.at)
    return seal(batch, actor=rails.staff["maker"], at=rails.at)


def counts(state: str) -> int:
    return GiftCode.objects.filter(state=state).count()


def test_the_codes_of_a_cancelled_batch_are_given_to_the_next_one(rails: OtherRails) -> None:
    batch = sealed(rails)
    stock, assigned = counts("stock"), counts("assigned")
    void_batch(batch, reason="支払日を変える", actor=rails.staff["maker"], at=rails.at)
    assert (counts("stock"), counts("assigned")) == (stock + assigned, 0)
    assert not GiftCode.objects.filter(transfer__isnull=False).exists()
    assert not gift_stock(rails.programme, on=rails.day).warnings
    assert AuditEvent.objects.filter(action="gift.take_back", reason=f"{assigned}枚").count() == 1
    again = rails.released_over("gift")
    assert rails.posted().pieces == again.count == Transfer.objects.filter(state="settled").count()
    assert {one.transfer.batch_id for one in GiftCode.objects.filter(state="delivered")} == {again.pk}


def test_a_refused_cancelling_leaves_every_code_where_it_is(rails: OtherRails) -> None:
    rails.list_taken()
    batch, assigned = rails.released_over("gift"), counts("assigned")
    with pytest.raises(CannotVoid):
        void_batch(batch, reason="支払日を変える", actor=rails.staff["maker"], at=rails.at)
    assert take_back_codes(programme=rails.programme, actor=SYSTEM, at=rails.at).done == 0
    assert counts("assigned") == assigned > 0


def test_the_round_picks_up_what_was_cancelled_otherwise_and_finds_nothing_twice(rails: OtherRails) -> None:
    batch = sealed(rails)
    assigned = counts("assigned")
    void(batch, reason="支払日を変える", actor=rails.staff["maker"], at=rails.at)
    assert counts("assigned") == assigned
    with pytest.raises(CannotTakeBack, match="権限がありません"):
        take_back_codes(programme=rails.programme, actor=rails.staff["printer"], at=rails.at)
    assert take_back_codes(programme=rails.programme, actor=SYSTEM, at=rails.at).done == assigned
    assert take_back_codes(programme=rails.programme, actor=SYSTEM, at=rails.at).done == 0


def test_a_code_that_somebody_wants_stopped_is_revoked_and_never_lies_in_stock_again(
    rails: OtherRails,
) -> None:
    batch = sealed(rails)
    suspect = GiftCode.objects.filter(state="assigned").order_by("pk").first()
    assert suspect is not None
    ask_revoke(suspect, why="画面を写真に撮られた", actor=rails.staff["maker"], at=rails.at)
    void_batch(batch, reason="支払日を変える", actor=rails.staff["maker"], at=rails.at)
    suspect.refresh_from_db()
    assert (suspect.state, counts("assigned")) == ("assigned", 1)
    (warned,) = gift_stock(rails.programme, on=rails.day).warnings
    assert "在庫には戻せません" in warned.sentence
    assert refused(f"update todoku_giftcode set state = 'stock', transfer_id = null, assigned_at = null"
                   f" where id = {suspect.pk}")  # fmt: skip
    assert revoke_code(suspect, actor=rails.staff["approver"], at=rails.at).state == "revoked"


def test_the_database_gives_no_code_back_that_somebody_may_have_seen(rails: OtherRails) -> None:
    back = "update todoku_giftcode set state = 'stock', transfer_id = null, assigned_at = null where state = "
    batch = sealed(rails)
    assert refused(f"{back}'assigned'"), "its payment stands"
    void(batch, reason="支払日を変える", actor=rails.staff["maker"], at=rails.at)
    with transaction.atomic():
        GiftCode.objects.filter(state="assigned").update(delivered_by_way="sms")
    assert refused(f"{back}'assigned'"), "it stands in a message"
    GiftCode.objects.filter(state="assigned").update(delivered_by_way="")
    one = GiftCode.objects.filter(state="assigned").order_by("pk").last()
    assert one is not None and one.transfer is not None
    rails.released_over("gift")
    rails.posted()
    assert refused(f"{back}'delivered'"), "it was posted"
    # What is kept of a code does not change on its way back.
    assert refused(
        "update todoku_giftcode set state = 'stock', transfer_id = null, assigned_at = null, value_yen = value_yen + 1"
        f" where id = {one.pk}"
    )


def refused(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        return "a_gift_code_moves_only_forward" in str(error)
    return False
