"""A gift and what is paid in its place: never both. Codes and payments are tied, and the issuer has the last word."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, connections, transaction

from tests.payment.rails_ground import OtherRails
from todoku.bank.resolve_return import resolve_return
from todoku.delivery.assign_codes import assign_codes
from todoku.delivery.expire_codes import expire_codes
from todoku.delivery.read_gift_report import GiftReportRefused, read_gift_report
from todoku.delivery.reissue_code import CannotReissue, reissue_code
from todoku.delivery.revoke_code import ask_revoke, revoke_code
from todoku.delivery.tables import GiftCode, GiftList
from todoku.delivery.take_back_codes import void_batch
from todoku.delivery.unclaimed_gifts import return_unclaimed
from todoku.ground.step import Report
from todoku.payment.seal import seal
from todoku.payment.side_tables import UnmatchedReturn
from todoku.payment.sweep import sweep
from todoku.payment.tables import BankReport, Result, Transfer
from todoku.people.actor import SYSTEM
from todoku.sampletown import gifts


def refused(name: str, statement: str) -> bool:
    """Whether the database refuses it by this name."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        return name in str(error)
    return False


def came_back_by_hand(rails: OtherRails, transfer: Transfer) -> None:
    """What somebody at the office could write who knows the tables: a report, its line, the state."""
    report = BankReport.objects.create(
        batch=transfer.batch, kind="late", returned=1, settled=0, at=rails.at, actor_name="x"
    )
    Result.objects.create(report=report, transfer=transfer, reason="OTHER", at=rails.at)
    Transfer.objects.filter(pk=transfer.pk).update(state="returned")


def back(rails: OtherRails) -> Report:
    return return_unclaimed(programme=rails.programme, actor=rails.staff["maker"], at=rails.at)


def posted(rails: OtherRails) -> Transfer:
    """Gifts that were posted; the first payment of them."""
    rails.list_taken()
    batch = rails.released_over("gift")
    rails.posted()
    return Transfer.objects.filter(batch=batch).order_by("pk")[0]


def past(rails: OtherRails) -> None:
    """The day after the codes' last one, and the nightly mark."""
    rails.at += timedelta(days=(GiftCode.objects.first().expires_on - rails.at.date()).days + 1)
    expire_codes(programme=rails.programme, actor=SYSTEM, at=rails.at)


def all_revoked(rails: OtherRails, transfer: Transfer) -> GiftCode:
    """Every code of the payment stopped; the first of them."""
    for code in transfer.codes.order_by("pk"):
        ask_revoke(code, why="紛失の申出", actor=rails.staff["maker"], at=rails.at)
        revoke_code(code, actor=rails.staff["approver"], at=rails.at)
    return transfer.codes.order_by("pk")[0]


# --- a code lives with its payment alone ------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["assigned", "delivered", "redeemed"])
def test_a_payment_does_not_come_back_while_a_code_of_it_lives(rails: OtherRails, state: str) -> None:
    if state == "assigned":
        rails.list_taken()
        transfer = rails.released_over("gift").transfers.order_by("pk")[0]
    else:
        transfer = posted(rails)
    if state == "redeemed":
        GiftCode.objects.filter(pk=transfer.codes.order_by("pk")[0].pk).update(state=state)
    with pytest.raises(DatabaseError, match="a_gift_comes_back_only_without_its_codes"), transaction.atomic():
        came_back_by_hand(rails, transfer)
    transfer.refresh_from_db()
    assert transfer.state == ("sent" if state == "assigned" else "settled")


def test_a_code_is_given_only_to_a_payment_that_lives(rails: OtherRails) -> None:
    transfer = posted(rails)
    give = "update todoku_giftcode set state = 'assigned', transfer_id = {} where id = {}"
    free = GiftCode.objects.filter(state="stock").order_by("-pk")[0]
    name = "a_gift_code_lives_with_its_payment"
    assert refused(name, give.format(transfer.pk, free.pk)), "it has its codes"
    all_revoked(rails, transfer)
    assert back(rails).done == 1
    assert refused(name, give.format(transfer.pk, free.pk)), "it came back"
    assert GiftCode.objects.filter(transfer=transfer).exclude(state="revoked").count() == 0


def test_a_code_is_not_given_to_a_cancelled_payment(rails: OtherRails) -> None:
    rails.list_taken()
    batch = rails.built_over("gift")
    assign_codes(batch, actor=rails.staff["maker"], at=rails.at)
    batch = seal(batch, actor=rails.staff["maker"], at=rails.at)
    void_batch(batch, reason="支払日を変える", actor=rails.staff["maker"], at=rails.at)
    transfer, free = Transfer.objects.filter(state="void")[0], GiftCode.objects.filter(state="stock")[0]
    assert refused(
        "a_gift_code_lives_with_its_payment",
        f"update todoku_giftcode set state = 'assigned', transfer_id = {transfer.pk} where id = {free.pk}",
    )


def test_a_payment_that_comes_back_meanwhile_gets_no_other_code(rails: OtherRails) -> None:
    transfer = posted(rails)
    code, told = all_revoked(rails, transfer), []

    def again() -> None:
        try:
            told.append(reissue_code(code, actor=rails.staff["maker"], at=rails.at))
        except CannotReissue as refusal:
            told.append(refusal)
        finally:
            connections.close_all()

    other = threading.Thread(target=again)
    with transaction.atomic():
        assert back(rails).done == 1
        other.start()
        while other.is_alive() and not somebody_waits():
            time.sleep(0.01)
    other.join()
    assert "返却されています" in str(told[0])
    assert not transfer.codes.exclude(state="revoked").exists()


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select exists (select 1 from pg_locks where not granted)")
        return bool(cursor.fetchone()[0])


# --- T10: used on the last days, reported after them ---------------------------------------------------------------------------


def test_T10_nothing_comes_back_before_the_issuer_has_reported_on_the_last_day(rails: OtherRails) -> None:
    transfer = posted(rails)
    past(rails)
    report = back(rails)
    assert report.done == 0 and len(report.refused) == 4
    assert transfer.number in dict(report.refused) and "取り込んでから、返却に" in report.refused[0][1]
    with (
        pytest.raises(DatabaseError, match="a_gift_comes_back_after_the_issuers_report"),
        transaction.atomic(),
    ):
        came_back_by_hand(rails, transfer)
    rails.reported()
    assert back(rails).done == 4


def test_T10_what_was_used_on_the_last_day_is_not_paid_again(rails: OtherRails) -> None:
    transfer = posted(rails)
    serials = list(transfer.codes.values_list("serial", flat=True))
    past(rails)
    assert set(transfer.codes.values_list("state", flat=True)) == {"expired"}
    (report,) = rails.reported(serials)
    assert (report.done, report.refused) == (len(serials), ())
    assert set(transfer.codes.values_list("state", flat=True)) == {"redeemed"}
    assert (back(rails).done, Transfer.objects.get(pk=transfer.pk).state) == (3, "settled")
    assert sweep(programme=rails.programme, occasion="night", actor=SYSTEM, at=rails.at).violations == 0


def test_a_report_of_the_last_day_or_of_some_codes_is_not_one_after_it(rails: OtherRails) -> None:
    posted(rails)
    made, maker = GiftList.objects.get(), rails.staff["maker"]
    serials = list(made.codes.values_list("serial", flat=True))
    out = list(made.codes.filter(state="delivered").values_list("serial", flat=True))
    past(rails)
    data = gifts.use_report(serials, [], rails.at.date())
    with pytest.raises(GiftReportRefused, match="今日より後"):
        read_gift_report(made, data, as_of=rails.at.date() + timedelta(days=1), actor=maker, at=rails.at)
    read_gift_report(made, data, as_of=rails.at.date() - timedelta(days=1), actor=maker, at=rails.at)
    assert back(rails).done == 0
    part = gifts.use_report(out[1:], [], rails.at.date())
    told = read_gift_report(made, part, as_of=rails.at.date(), actor=maker, at=rails.at)
    assert "報告にないコードが1枚" in told.note and back(rails).done == 0
    assert read_gift_report(made, data, actor=maker, at=rails.at).done == 0 and back(rails).done == 0
    read_gift_report(made, data, as_of=rails.at.date(), actor=maker, at=rails.at)
    assert back(rails).done == 4
    made.refresh_from_db()
    assert made.reported_on == rails.at.date()
    assert refused(
        "a_gift_list_stays_as_it_was_taken", "update todoku_giftlist set reported_on = reported_on - 1"
    )


def test_a_code_used_of_a_payment_that_came_back_is_named_and_stays_a_question(rails: OtherRails) -> None:
    transfer, bank = posted(rails), rails.built_over("bank")
    used, other = transfer.codes.order_by("pk")[0], GiftCode.objects.filter(state="delivered").last()
    past(rails)
    rails.reported()
    assert back(rails).done == 4
    rails.later(3)
    (report,) = rails.reported([used.serial])
    assert (report.done, [serial for serial, _ in report.refused]) == (0, [used.serial])
    assert "返還を求めて" in report.refused[0][1]
    rails.reported([used.serial])
    question = UnmatchedReturn.objects.get()
    assert (question.number, question.amount_yen) == (transfer.number, used.value_yen)
    assert (question.resolved_at, used.serial in question.why) == (None, True)
    assert refused(
        "nothing_is_sealed_while_a_return_is_unmatched",
        f"update todoku_batch set state = 'sealed' where id = {bank.pk}",
    )
    resolve_return(
        question, outcome="gift_used", words="再支払を取りやめた", actor=rails.staff["maker"], at=rails.at
    )
    assert GiftCode.objects.get(pk=other.pk).state == "expired"
    assert sweep(programme=rails.programme, occasion="night", actor=SYSTEM, at=rails.at).violations == 0


def test_a_code_used_that_never_left_the_house_is_a_leak_past_its_day_too(rails: OtherRails) -> None:
    rails.list_taken()
    rails.released_over("gift")
    code = GiftCode.objects.filter(state="assigned").order_by("pk")[0]
    past(rails)
    with pytest.raises(GiftReportRefused, match=f"漏えい|{code.serial}"):
        rails.reported([code.serial])
    assert refused("a_gift_code_lives_with_its_payment",
                   f"update todoku_giftcode set state = 'redeemed' where id = {code.pk}")  # fmt: skip
