"""One person makes, another approves, the municipality's treasurer approves and takes the file: once, ever."""

import threading
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection, connections, transaction

from tests.payment.conftest import DECIDED
from tests.payment.planted import plant_grant
from todoku.custody.tables import HandOver
from todoku.payment.approve import CannotApprove, approve
from todoku.payment.build_batch import build_batch
from todoku.payment.confirm import NoReceipt, confirm
from todoku.payment.inquire import CannotInquire, inquire
from todoku.payment.seal import seal
from todoku.payment.send import CannotSend, send
from todoku.payment.tables import Approval, Batch, SendRecord, Transfer
from todoku.payment.void import void
from todoku.people.enrol import enrol
from todoku.people.tables import AuditEvent, Grant, Organisation, Staff
from todoku.sampletown.staff import actor_of

JAPAN = ZoneInfo("Asia/Tokyo")


def test_two_sides_approve_the_digest_and_the_batch_is_approved(money):
    batch = money.sealed()
    assert money.approve(batch, "approver").state == "sealed"
    assert money.approve(batch, "treasurer").state == "approved"
    assert list(Approval.objects.order_by("pk").values_list("side", "staff_id", "sha256")) == [
        ("office", money.staff["approver"].id, batch.sha256),
        ("municipality", money.staff["treasurer"].id, batch.sha256),
    ]


def test_whoever_lacks_the_role_does_not_approve(money):
    batch = money.sealed()
    for username in ("maker", "manager", "clerk", "reviewer1", "printer", "officer", "viewer"):
        with pytest.raises(CannotApprove, match="権限がありません"):
            money.approve(batch, username)
    assert Approval.objects.count() == 0


def grant(money, username: str, role: str):
    """The same person with one more role."""
    staff = Staff.objects.get(pk=money.staff[username].id)
    Grant.objects.create(staff=staff, role=role, municipality_code=money.programme.municipality_id)
    return actor_of(staff)


def test_the_maker_does_not_approve_though_holding_the_role(money):
    both = grant(money, "maker", "payment_approver")
    batch = money.sealed()
    with pytest.raises(CannotApprove, match="本人は承認できません"):
        approve(batch, sha256=batch.sha256, actor=both, at=money.at)
    assert Approval.objects.count() == 0


def test_who_sealed_another_persons_batch_does_not_approve_it(money):
    batch = money.built()
    both = grant(money, "approver", "payment_maker")
    batch = seal(batch, actor=both, at=money.at)
    assert (batch.maker_id, batch.sealed_by_id) == (money.staff["maker"].id, both.id)
    with pytest.raises(CannotApprove, match="本人は承認できません"):
        approve(batch, sha256=batch.sha256, actor=both, at=money.at)


def test_a_treasurer_of_another_town_does_not_approve(money):
    batch = money.sealed()
    money.approve(batch, "approver")
    elsewhere = Organisation.objects.create(
        kind="municipality", name="隣町 会計室", municipality_code="141305"
    )
    other = enrol(
        "treasurer-elsewhere", name="隣町 会計", organisation=elsewhere, roles=["city_treasurer"],
        password="a long enough password 1", municipality_code="141305",
    )  # fmt: skip
    with pytest.raises(CannotApprove, match="権限がありません"):
        approve(batch, sha256=batch.sha256, actor=actor_of(other), at=money.at)


def test_the_municipality_approves_after_the_office(money):
    batch = money.sealed()
    with pytest.raises(CannotApprove, match="事務局の承認がまだ"):
        money.approve(batch, "treasurer")
    money.approve(batch, "approver")
    assert money.approve(batch, "treasurer").state == "approved"


def test_another_digest_is_not_approved(money):
    batch = money.sealed()
    with pytest.raises(CannotApprove, match="内容が変わっています"):
        approve(batch, sha256="0" * 64, actor=money.staff["approver"], at=money.at)
    assert Approval.objects.count() == 0


def test_one_side_does_not_approve_twice(money):
    batch = money.sealed()
    money.approve(batch, "approver")
    with pytest.raises(CannotApprove, match="この側の承認は済んでいます"):
        money.approve(batch, "approver")
    assert Approval.objects.count() == 1


def test_an_open_or_voided_batch_is_not_approved(money):
    batch = money.built()
    with pytest.raises(CannotApprove):
        money.approve(batch, "approver")
    batch = seal(batch, actor=money.staff["maker"], at=money.at)
    void(batch, reason="振込日の変更", actor=money.staff["maker"], at=money.at)
    with pytest.raises(CannotApprove):
        money.approve(batch, "approver")
    assert Approval.objects.count() == 0


def test_the_treasurer_takes_the_approved_file_and_the_cases_are_paying(money):
    batch = money.approved()
    assert money.send(batch).done == DECIDED
    batch.refresh_from_db()
    file, record = batch.files.get(), SendRecord.objects.get()
    assert (batch.state, record.sha256, record.taken_by_id) == (
        "sent",
        file.sha256,
        money.staff["treasurer"].id,
    )
    assert set(Transfer.objects.values_list("state", flat=True)) == {"sent"}
    assert money.stages() == {"paying": DECIDED}
    over = HandOver.objects.filter(parcel_id=file.parcel_id).order_by("pk").last()
    assert (over.to_party, over.count_found, over.receipt) == ("指定金融機関", DECIDED, "受付0001")


def test_the_same_file_is_not_sent_twice(money):
    batch = money.sent()
    with pytest.raises(CannotSend, match="二度と渡せません"):
        money.send(batch)
    assert SendRecord.objects.count() == 1


def test_eight_at_once_send_the_file_once(money):
    batch = money.approved()
    outcomes: list[str] = []

    def run():
        try:
            money.send(batch)
            outcomes.append("sent")
        except CannotSend:
            outcomes.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused"] * 7 + ["sent"]
    assert (SendRecord.objects.count(), money.stages()) == (1, {"paying": DECIDED})


def test_nobody_but_the_treasurer_takes_the_file(money):
    batch = money.approved()
    for username in ("maker", "approver", "manager", "officer", "viewer"):
        with pytest.raises(CannotSend, match="出納だけ"):
            send(batch, sha256=batch.sha256, bank_receipt="", actor=money.staff[username], at=money.at)
    assert SendRecord.objects.count() == 0


def test_a_batch_without_both_approvals_is_not_sent(money):
    batch = money.sealed()
    with pytest.raises(CannotSend, match="両方の承認"):
        money.send(batch)
    money.approve(batch, "approver")
    with pytest.raises(CannotSend, match="両方の承認"):
        money.send(batch)
    assert SendRecord.objects.count() == 0


def test_after_its_value_date_a_file_is_not_sent(money):
    batch = money.approved()
    money.at = datetime(2026, 12, 7, 9, 0, tzinfo=JAPAN)
    with pytest.raises(CannotSend, match="振込指定日が過ぎています"):
        money.send(batch)
    assert (SendRecord.objects.count(), Batch.objects.get().state) == (0, "approved")


def test_who_did_what_is_on_record_in_order(money):
    batch = money.sent()
    done = AuditEvent.objects.filter(subject_kind="batch", subject_id=batch.pk).order_by("pk")
    assert list(done.values_list("action", "actor_name")) == [
        ("batch.make", money.staff["maker"].name),
        ("batch.seal", money.staff["maker"].name),
        ("batch.approve_office", money.staff["approver"].name),
        ("batch.approve_city", money.staff["treasurer"].name),
        ("batch.take_file", money.staff["treasurer"].name),
        ("batch.confirm", money.staff["treasurer"].name),
    ]


def test_without_the_banks_receipt_the_outcome_is_unknown_until_it_comes(money):
    batch = money.approved()
    file, treasurer = batch.files.get(), money.staff["treasurer"]
    with pytest.raises(NoReceipt, match="待っているファイルではありません"):
        confirm(file, receipt="R-100", actor=treasurer, at=money.at)
    money.send(batch, receipt="")
    batch.refresh_from_db()
    assert batch.state == "sending"
    assert set(Transfer.objects.values_list("state", flat=True)) == {"sending"}
    assert money.stages() == {"decided": DECIDED}
    with pytest.raises(NoReceipt, match="受付番号を"):
        confirm(file, receipt=" ", actor=treasurer, at=money.at)
    with pytest.raises(NoReceipt, match="出納だけ"):
        confirm(file, receipt="R-100", actor=money.staff["maker"], at=money.at)
    confirm(file, receipt="R-100", actor=treasurer, at=money.at)
    over = HandOver.objects.filter(parcel_id=file.parcel_id).order_by("pk").last()
    assert (over.receipt, over.sha256, over.count_found) == ("R-100", file.sha256, DECIDED)
    batch.refresh_from_db()
    assert (batch.state, money.stages()) == ("sent", {"paying": DECIDED})
    with pytest.raises(NoReceipt, match="待っているファイルではありません"):
        confirm(file, receipt="R-101", actor=treasurer, at=money.at)


def test_who_made_the_file_does_not_say_that_it_arrived_whatever_role_they_came_by(money):
    batch = money.sending()
    file, maker = batch.files.get(), money.staff["maker"]
    plant_grant(maker.id, "city_treasurer")
    both = maker._replace(roles=maker.roles | {"city_treasurer"})
    with pytest.raises(NoReceipt, match="作成・確定した本人"):
        confirm(file, receipt="R-1", actor=both, at=money.at)
    with pytest.raises(CannotInquire, match="作成・確定した本人"):
        inquire(
            file, sha256=file.sha256, answer="received", bank_person="佐藤", reference="R-1", actor=both, at=money.at
        )  # fmt: skip
    by_hand = "insert into todoku_confirmation (file_id, receipt, confirmed_by_id, at) values (%s, 'R-1', %s, now())"
    with (
        pytest.raises(DatabaseError, match="the_municipalitys_treasurer_asks_the_bank"),
        transaction.atomic(),
    ):
        with connection.cursor() as cursor:
            cursor.execute(by_hand, [file.pk, maker.id])
    assert Batch.objects.get().state == "sending"


def test_within_the_cancel_window_a_batch_can_be_stopped_but_not_taken(money):
    batch = money.approved()
    treasurer = money.staff["treasurer"]
    with pytest.raises(CannotSend, match="取りやめられる"):
        send(batch, sha256=batch.sha256, bank_receipt="", actor=treasurer, at=money.at)
    run = (
        "insert into todoku_sendrecord (file_id, batch_id, sha256, taken_by_id, at) "
        "select f.id, f.batch_id, f.sha256, %s, %s from todoku_batchfile f"
    )
    with (
        pytest.raises(DatabaseError, match="an_approved_batch_waits_its_cancel_window"),
        transaction.atomic(),
    ):
        with connection.cursor() as cursor:
            cursor.execute(run, [treasurer.id, money.at])
    void(batch, reason="二重の疑い", actor=treasurer, at=money.at)
    assert (SendRecord.objects.count(), Batch.objects.get().state) == (0, "void")


def test_a_new_batch_after_a_voided_one_is_another_file(money):
    first = money.sealed()
    void(first, reason="金融機関の指示", actor=money.staff["maker"], at=money.at)
    money.ready()
    again = build_batch(
        programme=money.programme,
        value_date=money.value_date,
        received_by=None,
        actor=money.staff["maker"],
        at=money.at,
        budget_item="科目",
        payment_order="支令2",
    )
    second = seal(again, actor=money.staff["maker"], at=money.at)
    assert second.sha256 != first.sha256
    assert (second.count, second.total_yen) == (first.count, first.total_yen)
