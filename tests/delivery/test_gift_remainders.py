"""A gift used in part: what is left is known from the issuer's report and settled by an officer of the municipality."""

import csv
import io
from datetime import date

import pytest
from django.db import DatabaseError, transaction

from tests.payment.rails_ground import OtherRails
from todoku.delivery.expire_codes import expire_codes
from todoku.delivery.gift_remainders import remainders
from todoku.delivery.read_gift_report import GiftReportRefused, read_gift_report
from todoku.delivery.settle_remainder import CannotSettle, settle_remainder
from todoku.delivery.tables import GiftCode, GiftList, GiftRemainder
from todoku.ledger.balances import balances
from todoku.ledger.settle_back import settle_back
from todoku.ledger.tables import LedgerEntry
from todoku.payment.ledger_differences import ledger_differences
from todoku.payment.sweep import sweep
from todoku.payment.tables import Transfer
from todoku.people.actor import SYSTEM

AFTER = date(2029, 4, 1)


def report(rails: OtherRails, left: dict[str, str]) -> None:
    """The issuer's report: these codes are in use, so much is left on each."""
    out = io.StringIO(newline="")
    lines = [("管理番号", "利用状況", "利用登録日", "残高")]
    lines += [(serial, "利用登録済", f"{rails.day:%Y/%m/%d}", yen) for serial, yen in left.items()]
    csv.writer(out).writerows(lines)
    read_gift_report(
        GiftList.objects.get(), out.getvalue().encode("cp932"), actor=rails.staff["maker"], at=rails.at
    )


def used(rails: OtherRails, left: int) -> Transfer:
    """Posted gifts; of the first payment every code is in use, with so much left on the largest; past the last day."""
    rails.list_taken()
    batch = rails.released_over("gift")
    rails.posted()
    first = Transfer.objects.filter(batch=batch).order_by("pk")[0]
    serials = list(first.codes.order_by("-value_yen", "pk").values_list("serial", flat=True))
    report(rails, dict.fromkeys(serials, "0") | {serials[0]: f"{left:,}"})
    return first


def expired(rails: OtherRails) -> None:
    rails.later(900)
    expire_codes(programme=rails.programme, actor=SYSTEM, at=rails.at)


def settle(rails: OtherRails, transfer: Transfer, who: str = "officer", **other) -> GiftRemainder:
    values = {"outcome": "lapsed", "refunded_yen": 0, "document": "実施要綱第9条"} | other
    return settle_remainder(transfer, **values, actor=rails.staff[who], at=rails.at)


def test_what_is_left_waits_for_an_officer_once_it_cannot_be_used_any_more(rails: OtherRails) -> None:
    transfer = used(rails, 1_200)
    assert remainders(rails.programme, on=rails.day) == []
    with pytest.raises(CannotSettle, match="整理する残額はありません"):
        settle(rails, transfer)
    expired(rails)
    (found,) = remainders(rails.programme, on=AFTER)
    assert (found.number, found.left_yen, found.used_yen) == (
        transfer.number,
        1_200,
        transfer.amount_yen - 1_200,
    )
    settle(rails, transfer)
    (found,) = remainders(rails.programme, on=AFTER)
    assert (found.outcome, found.document, found.refunded_yen) == ("lapsed", "実施要綱第9条", 0)
    # A balance that lapsed at the issuer moves nothing in the books.
    assert not LedgerEntry.objects.filter(kind="gift_refunded").exists()
    with pytest.raises(CannotSettle, match="もう整理されています"):
        settle(rails, transfer)


def test_what_the_issuer_pays_back_is_booked_as_money_that_came_back(rails: OtherRails) -> None:
    transfer = used(rails, 1_200)
    expired(rails)
    for wrong in (1_201, 0, -1):
        with pytest.raises(CannotSettle, match="1,200円まで"):
            settle(rails, transfer, outcome="refunded", refunded_yen=wrong)
    settle(rails, transfer, "treasurer", outcome="refunded", refunded_yen=1_000, document="返金通知 12号")
    (entry,) = LedgerEntry.objects.filter(kind="gift_refunded")
    assert (entry.debit, entry.credit, entry.amount_yen, entry.reason) == (
        "back",
        "paid",
        1_000,
        "返金通知 12号",
    )
    assert ledger_differences(rails.programme) == []
    assert sweep(programme=rails.programme, occasion="night", actor=SYSTEM, at=rails.at).violations == 0
    settle_back(programme=rails.programme, order="戻-9", actor=rails.staff["treasurer"], at=rails.at)
    assert sum(one.yen for one in balances(rails.programme) if one.account == "back") == 0
    assert ledger_differences(rails.programme) == []


def test_a_payment_of_which_some_codes_were_never_used_stands_there_too(rails: OtherRails) -> None:
    rails.list_taken()
    batch = rails.released_over("gift")
    rails.posted()
    two = next(one for one in Transfer.objects.filter(batch=batch).order_by("pk") if one.codes.count() > 1)
    taken = two.codes.order_by("pk")[0]
    report(rails, {taken.serial: ""})
    expired(rails)
    (found,) = remainders(rails.programme, on=AFTER)
    assert (found.number, found.left_yen) == (two.number, two.amount_yen - taken.value_yen)


def test_a_report_is_refused_that_says_more_than_the_value_and_an_older_one_changes_nothing(
    rails: OtherRails,
) -> None:
    used(rails, 1_200)
    code = GiftCode.objects.get(used_yen__gt=0, used_yen__lt=50_000, value_yen=50_000)
    with pytest.raises(GiftReportRefused, match="残高が額面より大きい"):
        report(rails, {code.serial: "60,000"})
    with pytest.raises(GiftReportRefused, match="円の額として読めません"):
        report(rails, {code.serial: "すこし"})
    report(rails, {code.serial: "3,000"})
    code.refresh_from_db()
    assert code.used_yen == 48_800
    report(rails, {code.serial: "200"})
    code.refresh_from_db()
    assert code.used_yen == 49_800


def test_only_the_municipality_settles_and_the_database_asks_again(rails: OtherRails) -> None:
    transfer = used(rails, 1_200)
    expired(rails)
    for nobody in ("maker", "manager", "viewer"):
        with pytest.raises(CannotSettle, match="自治体の担当課と出納の職員だけ"):
            settle(rails, transfer, nobody)
    with pytest.raises(CannotSettle, match="根拠とする文書"):
        settle(rails, transfer, document=" ")
    row = {"transfer": transfer, "left_yen": 1_200, "outcome": "lapsed", "document": "要綱", "at": rails.at}

    def refused(name: str, **other) -> None:
        with pytest.raises(DatabaseError, match=name), transaction.atomic():
            GiftRemainder.objects.create(**({"refunded_yen": 0} | row | other))

    officer = rails.staff["officer"].id
    refused("a_remainder_is_settled_by_an_officer", settled_by_id=rails.staff["maker"].id)
    refused(
        "no_more_is_refunded_than_was_left", settled_by_id=officer, outcome="refunded", refunded_yen=1_300
    )
    settle(rails, transfer)
    with pytest.raises(DatabaseError), transaction.atomic():
        GiftRemainder.objects.update(left_yen=1)
    with pytest.raises(DatabaseError, match="a_gift_code_moves_only_forward"), transaction.atomic():
        GiftCode.objects.filter(used_yen__gt=0).update(used_yen=1)
