"""What PostgreSQL itself refuses, by the name that a person reads in the error: as the office's role, by bare SQL."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from tests.payment.conftest import DECIDED
from tests.payment.planted import past_triggers, plant
from todoku.payment.tables import Approval, Batch, SendRecord, Transfer
from todoku.people.enrol import enrol
from todoku.people.tables import Organisation, Staff

COLUMNS = (
    "programme_id, payout, recipient_id, case_id, entitlement_id, decision_id, amount_yen, bank, branch, kind, "
    "account_number, holder_kana, made_at"
)
COPY_OF_FIRST = (
    f"insert into todoku_transfer (number, state, {COLUMNS}) select '1999999999', 'ready', {COLUMNS} "
    "from todoku_transfer order by id limit 1"
)
RETRY_OF_FIRST = COPY_OF_FIRST.replace("state, ", "state, retry_of_id, ").replace(
    "'ready', ", "'ready', %s, ", 1
)
FIRST = "(select min(id) from todoku_transfer)"
OTHER = "(select max(id) from todoku_transfer)"


def run(sql: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def refused(sql: str, *values: object) -> str:
    """What the database says to one statement that it must refuse."""
    with pytest.raises(DatabaseError) as error, transaction.atomic():
        run(sql, *values)
    return str(error.value)


# (the state of the money, the statement, the name in the refusal)
REFUSALS = [
    ("ready", COPY_OF_FIRST, "one_live_transfer_per_recipient"),
    ("ready", f"update todoku_transfer set amount_yen = 46300000 where id = {FIRST}", "a_transfer_keeps|a_transfer_pays"),
    ("ready", f"update todoku_transfer set account_number = '1111111' where id = {FIRST}", "a_transfer_keeps_payee"),
    ("ready", f"update todoku_transfer set recipient_id = (select recipient_id from todoku_transfer where id = {OTHER}) "
     f"where id = {FIRST}", "a_transfer_keeps_payee|one_live_transfer"),
    ("ready", f"update todoku_transfer set state = 'settled' where id = {FIRST}", "a_transfer_moves_only_forward"),
    ("ready", f"update todoku_transfer set state = 'sent' where id = {FIRST}", "a_transfer_moves_only_forward"),
    ("ready", f"update todoku_transfer set state = 'paid' where id = {FIRST}", "a_transfer_state_is_known"),
    ("ready", f"update todoku_transfer set state = 'sealed' where id = {FIRST}", "a_transfer_joins_an_open_batch"),
    ("built", "update todoku_batch set state = 'sealed', sha256 = repeat('0', 64), "
     "manifest_id = (select min(id) from todoku_parcel), count = count + 1", "a_batch_totals"),
    ("built", "update todoku_batch set state = 'sent', sha256 = repeat('0', 64)", "a_batch_moves_only_forward"),
    ("built", "update todoku_batch set state = 'void'", "a_void_batch_holds_no_live_transfer"),
    ("built", "update todoku_batch set maker_id = %(approver)s", "a_sealed_batch_does_not_change"),
    ("built", "insert into todoku_approval (batch_id, side, staff_id, sha256, at) select id, 'office', %(approver)s, "
     "repeat('0', 64), now() from todoku_batch", "an_approval_is_of_this_digest"),
    ("sealed", f"update todoku_transfer set batch_id = null where id = {FIRST}", "a_transfer_keeps_payee"),
    ("sealed", f"update todoku_transfer set line = 99 where id = {FIRST}", "a_transfer_keeps_payee"),
    ("sealed", f"update todoku_transfer set holder_kana = 'ﾋﾄ' where id = {FIRST}", "a_transfer_keeps_payee"),
    ("sealed", f"update todoku_transfer set state = 'sent' where id = {FIRST}", "a_transfer_moves_only_forward"),
    ("sealed", f"update todoku_transfer set state = 'sending' where id = {FIRST}", "a_transfer_is_sent_with_its_batch"),
    ("sealed", "update todoku_batch set total_yen = total_yen + 1", "a_sealed_batch_does_not_change"),
    ("sealed", "update todoku_batch set sha256 = repeat('1', 64)", "a_sealed_batch_does_not_change"),
    ("sealed", "update todoku_batch set value_date = value_date + 1", "a_sealed_batch_does_not_change"),
    ("sealed", "update todoku_batch set state = 'open'", "a_batch_moves_only_forward"),
    ("sealed", "update todoku_batch set state = 'approved'", "a_batch_needs_both_approvals_of_its_digest"),
    ("sealed", "update todoku_batch set state = 'void'", "a_void_batch_holds_no_live_transfer"),
    ("sealed", "insert into todoku_approval (batch_id, side, staff_id, sha256, at) select id, 'office', maker_id, sha256, "
     "now() from todoku_batch", "the_maker_does_not_approve"),
    ("sealed", "insert into todoku_approval (batch_id, side, staff_id, sha256, at) select id, 'office', %(approver)s, "
     "repeat('0', 64), now() from todoku_batch", "an_approval_is_of_this_digest"),
    ("sealed", "insert into todoku_approval (batch_id, side, staff_id, sha256, at) select id, 'office', %(treasurer)s, "
     "sha256, now() from todoku_batch", "an_approver_belongs_to_the_approving_side"),
    ("sealed", "insert into todoku_approval (batch_id, side, staff_id, sha256, at) select id, 'municipality', "
     "%(approver)s, sha256, now() from todoku_batch", "an_approver_belongs_to_the_approving_side"),
    ("sealed", "insert into todoku_approval (batch_id, side, staff_id, sha256, at) select id, 'office', %(clerk)s, "
     "sha256, now() from todoku_batch", "an_approver_holds_the_role_in_this_municipality"),
    ("sealed", "insert into todoku_approval (batch_id, side, staff_id, sha256, at) select id, 'municipality', "
     "%(officer)s, sha256, now() from todoku_batch", "an_approver_holds_the_role_in_this_municipality"),
    ("sealed", "insert into todoku_sendrecord (file_id, batch_id, sha256, taken_by_id, at) select id, batch_id, sha256, "
     "%(treasurer)s, timestamptz '2027-01-01' from todoku_batchfile", "a_send_record_is_of_an_approved_batch"),
    ("approved", "insert into todoku_approval (batch_id, side, staff_id, sha256, at) select id, 'office', %(approver)s, "
     "sha256, now() from todoku_batch", "an_approval_is_of_this_digest"),
    ("approved", "update todoku_batch set state = 'sending'", "a_sent_batch_has_a_send_record"),
    ("approved", "update todoku_batch set state = 'sent'", "a_batch_moves_only_forward"),
    ("approved", "insert into todoku_sendrecord (file_id, batch_id, sha256, taken_by_id, at) select id, batch_id, sha256, "
     "%(treasurer)s, timestamptz '2020-01-01' from todoku_batchfile", "an_approved_batch_waits_its_cancel_window"),
    ("approved", "update todoku_batch set releasable_at = timestamptz '2020-01-01'", "a_sealed_batch_does_not_change"),
    ("approved", "insert into todoku_sendrecord (file_id, batch_id, sha256, taken_by_id, at) select id, batch_id, "
     "repeat('0', 64), %(treasurer)s, timestamptz '2027-01-01' from todoku_batchfile", "a_send_record_is_of_an_approved_batch"),
    ("approved", "insert into todoku_sendrecord (file_id, batch_id, sha256, taken_by_id, at) select id, batch_id, sha256, "
     "%(approver)s, timestamptz '2027-01-01' from todoku_batchfile", "the_municipalitys_treasurer_takes_the_file"),
    ("approved", "update todoku_approval set sha256 = repeat('0', 64)", "permission denied"),
    ("approved", "delete from todoku_approval", "permission denied"),
    ("sent", "update todoku_batch set state = 'void'", "a_batch_moves_only_forward"),
    ("sending", "update todoku_batch set state = 'void'", "a_void_batch_holds_no_live_transfer"),
    ("sending", "update todoku_batch set state = 'sent'", "a_sent_batch_is_confirmed_by_the_bank"),
    ("sending", f"update todoku_transfer set state = 'void' where id = {FIRST}", "a_transfer_is_sent_with_its_batch"),
    ("sending", f"update todoku_transfer set state = 'sent' where id = {FIRST}", "a_transfer_is_sent_with_its_batch"),
    ("sending", "insert into todoku_bankinquiry (file_id, sha256, answer, bank_person, reference, asked_by_id, at) "
     "select id, repeat('0', 64), 'not_received', '係', '', %(treasurer)s, now() from todoku_batchfile",
     "the_bank_is_asked_by_digest"),
    ("sending", "insert into todoku_bankinquiry (file_id, sha256, answer, bank_person, reference, asked_by_id, at) "
     "select id, sha256, 'not_received', '係', '', %(maker)s, now() from todoku_batchfile",
     "the_municipalitys_treasurer_asks_the_bank"),
    ("sending", "insert into todoku_confirmation (file_id, receipt, confirmed_by_id, at) select id, '1', %(maker)s, now() "
     "from todoku_batchfile", "the_municipalitys_treasurer_asks_the_bank"),
    ("sent", "update todoku_batch set state = 'reconciled'", "a_reconciled_batch_knows_every_result"),
    ("sent", f"update todoku_transfer set state = 'void' where id = {FIRST}", "a_transfer_moves_only_forward"),
    ("sent", f"update todoku_transfer set state = 'settled' where id = {FIRST}", "a_transfer_ends_by_a_bank_report"),
    ("sent", f"update todoku_transfer set state = 'returned' where id = {FIRST}", "a_transfer_ends_by_a_bank_report"),
    ("sent", COPY_OF_FIRST, "one_live_transfer_per_recipient"),
    ("sent", "insert into todoku_sendrecord (file_id, batch_id, sha256, taken_by_id, at) select id, batch_id, sha256, "
     "%(treasurer)s, timestamptz '2027-01-01' from todoku_batchfile",
     "a_send_record_is_of_an_approved_batch|todoku_sendrecord_pkey"),
    ("sent", "update todoku_sendrecord set sha256 = repeat('2', 64)", "permission denied"),
    ("sent", "delete from todoku_sendrecord", "permission denied"),
    ("sent", "delete from todoku_transfer", "permission denied"),
    ("sent", "delete from todoku_batch", "permission denied"),
    ("sent", "truncate todoku_transfer cascade", "permission denied"),
    ("sent", "alter table todoku_transfer disable trigger all", "must be owner"),
    ("sent", "set session_replication_role = replica", "permission denied"),
]  # fmt: skip


@pytest.mark.parametrize("state", ["ready", "built", "sealed", "approved", "sending", "sent"])
def test_the_database_refuses_by_name(money, state):
    getattr(money, state)()
    people = {name: actor.id for name, actor in money.staff.items()}
    before = standing()
    wrong = []
    for at, sql, name in REFUSALS:
        if at != state:
            continue
        with connection.cursor() as cursor:
            try:
                with transaction.atomic():
                    cursor.execute(sql, people)
                said = "nothing"
            except DatabaseError as error:
                said = str(error)
        if not any(one in said for one in name.split("|")):
            wrong.append((sql, name, said.splitlines()[0]))
    assert wrong == []
    assert standing() == before


def standing() -> list[tuple[object, ...]]:
    """Everything about money that must not have moved."""
    return [
        *Transfer.objects.order_by("pk").values_list(),
        *Batch.objects.order_by("pk").values_list(),
        *Approval.objects.order_by("pk").values_list(),
        *SendRecord.objects.order_by("pk").values_list(),
    ]


@pytest.mark.parametrize("state", ["sealed", "sent", "settled", "returned"])
def test_a_transfer_is_not_born_further_than_ready(money, state):
    money.ready()
    run(f"update todoku_transfer set state = 'void' where id = {FIRST}")
    said = refused(COPY_OF_FIRST.replace("'ready'", f"'{state}'"))
    assert "transfers_begin_ready" in said


@pytest.mark.parametrize("state", ["sealed", "approved", "sent", "reconciled"])
def test_a_batch_is_not_born_further_than_open(money, state):
    said = refused(
        "insert into todoku_batch (programme_id, state, value_date, count, total_yen, sha256, maker_id, made_at) "
        "values (%s, %s, '2026-12-04', 0, 0, repeat('0', 64), %s, now())",
        money.programme.pk, state, money.staff["maker"].id,
    )  # fmt: skip
    assert "a_batch_begins_open" in said


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("in_force = false", "a_transfer_follows_its_decision"),
        ("outcome = 'refuse'", "a_transfer_follows_its_decision"),
        ("account_id = null", "a_transfer_follows_its_decision"),
    ],
)
def test_a_transfer_needs_a_decision_in_force_with_its_account(money, change, name):
    money.ready()
    run(f"update todoku_transfer set state = 'void' where id = {FIRST}")
    changed = f"update todoku_decision set {change} where id = (select decision_id from todoku_transfer where id = {FIRST})"
    if not change.startswith("in_force"):
        assert "what_was_decided_stays" in refused(changed)
    plant(*past_triggers("decision", changed))
    assert name in refused(COPY_OF_FIRST)


def test_a_transfer_cannot_carry_another_account_than_the_decided_one(money):
    money.ready()
    run(f"update todoku_transfer set state = 'void' where id = {FIRST}")
    said = refused(
        COPY_OF_FIRST.replace(
            f"'ready', {COLUMNS}", f"'ready', {COLUMNS.replace('account_number', repr('0000001'))}"
        )
    )
    assert "a_transfer_follows_its_decision" in said


def test_a_transfer_cannot_borrow_another_cases_entitlement(money):
    money.ready()
    run(f"update todoku_transfer set state = 'void' where id = {FIRST}")
    other = f"(select entitlement_id from todoku_transfer where id = {OTHER})"
    said = refused(
        COPY_OF_FIRST.replace(f"'ready', {COLUMNS}", f"'ready', {COLUMNS.replace('entitlement_id', other)}")
    )
    assert "a_transfer_pays_its_entitlement" in said


def test_a_returned_transfer_is_paid_again_only_as_its_retry(money):
    batch = money.sent()
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into todoku_parcel (kind, scope, name, sha256, size_bytes, path, received_at, received_by) "
            "values ('bank_report', 'x', 'x', 'x', 1, 'x', now(), 'x') returning id"
        )
        parcel = cursor.fetchone()[0]
        cursor.execute(
            "insert into todoku_bankreport (batch_id, parcel_id, returned, settled, at, actor_name) "
            "values (%s, %s, 1, 0, now(), 'x') returning id",
            [batch.pk, parcel],
        )
        report = cursor.fetchone()[0]
        cursor.execute(
            f"insert into todoku_result (report_id, transfer_id, reason, at) select %s, {FIRST}, 'CLOSED', now()",
            [report],
        )
    run(f"update todoku_transfer set state = 'returned' where id = {FIRST}")
    assert "a_returned_transfer_is_paid_again_only_as_its_retry" in refused(COPY_OF_FIRST)
    first = Transfer.objects.order_by("pk").first().pk
    run(RETRY_OF_FIRST, first)
    assert Transfer.objects.get(number="1999999999").retry_of_id == first


def test_a_retry_names_a_returned_transfer(money):
    money.ready()
    run(f"update todoku_transfer set state = 'void' where id = {FIRST}")
    said = refused(RETRY_OF_FIRST, Transfer.objects.order_by("pk").first().pk)
    assert "a_retry_names_a_returned_transfer" in said


def test_a_row_cannot_slip_into_a_batch_after_its_seal(money):
    batch = money.sealed()
    run(f"update todoku_transfer set state = 'void' where id = {FIRST}")
    run(COPY_OF_FIRST)
    said = refused("update todoku_transfer set batch_id = %s where number = '1999999999'", batch.pk)
    assert "a_transfer_joins_an_open_batch" in said
    said = refused("update todoku_batch set state = 'approved'")
    assert "a_batch_totals_its_transfers" in said


def test_a_treasurer_of_another_town_approves_nothing_here(money):
    batch = money.sealed()
    money.approve(batch, "approver")
    elsewhere = Organisation.objects.create(
        kind="municipality", name="隣町 会計室", municipality_code="141305"
    )
    other = enrol(
        "treasurer-elsewhere", name="隣町 会計", organisation=elsewhere, roles=["city_treasurer"],
        password="a long enough password 1", municipality_code="141305",
    )  # fmt: skip
    said = refused(
        "insert into todoku_approval (batch_id, side, staff_id, sha256, at) values (%s, 'municipality', %s, %s, now())",
        batch.pk, other.pk, batch.sha256,
    )  # fmt: skip
    assert "an_approver_holds_the_role_in_this_municipality" in said


def test_an_approver_who_has_left_approves_nothing(money):
    batch = money.sealed()
    Staff.objects.filter(pk=money.staff["approver"].id).update(is_active=False)
    with (
        pytest.raises(IntegrityError, match="an_approver_belongs_to_the_approving_side"),
        transaction.atomic(),
    ):
        Approval.objects.create(
            batch=batch, side="office", staff_id=money.staff["approver"].id, sha256=batch.sha256, at=money.at
        )
    assert Approval.objects.count() == 0


def test_not_even_the_owner_deletes_or_rewrites_money(money):
    money.sent()
    connection.close()
    with connections["owner"].cursor() as cursor:
        for sql, name in (
            ("delete from todoku_transfer", "rows_are_never_deleted"),
            ("truncate todoku_batch cascade", "rows_are_never_deleted"),
            ("update todoku_sendrecord set sha256 = repeat('2', 64)", "rows_are_never_rewritten"),
            ("delete from todoku_approval", "rows_are_never_deleted"),
        ):
            with pytest.raises(DatabaseError, match=name):
                cursor.execute(sql)
    connections["owner"].close()
    assert Transfer.objects.filter(state="sent").count() == DECIDED


@pytest.mark.parametrize(
    "change",
    [
        "amount_yen = amount_yen + 1",
        "account_id = null",
        "outcome = 'refuse'",
        "rail = 'cash'",
        "part = 9",
    ],
)
def test_what_was_decided_stays_as_the_municipality_decided_it(money, change):
    assert "what_was_decided_stays" in refused(
        f"update todoku_decision set {change} where id = (select min(id) from todoku_decision)"
    )
    run("update todoku_decision set remark = 'x' where id = (select min(id) from todoku_decision)")


def test_a_decided_list_neither_changes_nor_takes_in_another_decision(money):
    for change in (
        "total_yen = total_yen + 1",
        "sha256 = repeat('0', 64)",
        "state = 'open'",
        "decided_by = 'x'",
        "decider_id = (select min(id) from todoku_staff)",
    ):
        assert "a_decided_list_does_not_change" in refused(f"update todoku_decisionlist set {change}")
    said = refused(
        "insert into todoku_decision (decision_list_id, case_id, part, outcome, reason, amount_yen, rail, remark, in_force) "
        "select decision_list_id, case_id, 9, 'grant', '', 100000, 'cash', '', false from todoku_decision limit 1"
    )
    assert "nothing_joins_a_decided_list" in said
