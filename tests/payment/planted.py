"""Faults planted past every guard: as the database's owner, with a guard dropped or switched off.

What no verb and no role of the doors can do stands here as bare SQL, so that the sweep can be shown to find it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from django.db import connection, connections


@contextmanager
def as_owner() -> Iterator[object]:
    """A cursor of the owner's role; the office's own connection is closed first, since changing a table locks it."""
    connection.close()
    try:
        with connections["owner"].cursor() as cursor:
            yield cursor
    finally:
        connections["owner"].close()


def plant(*statements: str) -> None:
    with as_owner() as cursor:
        for statement in statements:
            cursor.execute(statement)


def past_triggers(table: str, *statements: str) -> tuple[str, ...]:
    """The statements with the table's own triggers switched off around them."""
    return (
        f"alter table todoku_{table} disable trigger user",
        *statements,
        f"alter table todoku_{table} enable trigger user",
    )


def plant_grant(staff_id: int, role: str, municipality_code: str = "") -> None:
    """A role of the other side in somebody's hand, as no verb and no role of the doors can put it there."""
    row = f"insert into todoku_grant (staff_id, role, municipality_code) values ({staff_id}, '{role}', '{municipality_code}')"
    plant(*past_triggers("grant", row))


COLUMNS = (
    "programme_id, payout, recipient_id, case_id, part, entitlement_id, decision_id, amount_yen, rail, bank, branch, "
    "kind, account_number, holder_kana, made_at"
)
COPY_OF_FIRST = (
    f"insert into todoku_transfer (number, state, {COLUMNS}) select '1999999999', 'ready', {COLUMNS} "
    "from todoku_transfer order by id limit 1"
)
FIRST = "(select min(id) from todoku_transfer)"
LAST = "(select max(id) from todoku_transfer)"
FIRST_CASE = "(select case_id from todoku_transfer order by id limit 1)"


class Fault(NamedTuple):
    """One planted fault: how far the money is, what is done to it, and the checks that must name it."""

    name: str
    state: str
    statements: tuple[str, ...]
    found_by: tuple[str, ...]


FAULTS = (
    Fault(
        "a second live transfer after the index was dropped", "sealed",
        ("drop index one_live_transfer_per_recipient", COPY_OF_FIRST),
        ("one_live_transfer", "guards_stand"),
    ),
    Fault(
        "another amount than the entitlement after the foreign key was dropped", "ready",
        ("alter table todoku_transfer drop constraint a_transfer_pays_its_entitlement",
         *past_triggers("transfer", f"update todoku_transfer set amount_yen = amount_yen + 1 where id = {FIRST}")),
        ("amount_is_the_entitlement", "decided_by_the_municipality", "guards_stand"),
    ),
    Fault(
        "a payment of another case's recipient", "ready",
        past_triggers("transfer", f"update todoku_transfer set recipient_id = (select r.id from todoku_recipient r where "
                      f"not exists (select 1 from todoku_transfer t where t.recipient_id = r.id) limit 1) where id = {FIRST}"),
        ("transfer_of_its_case",),
    ),
    Fault(
        "a person counted in two households", "ready",
        ("drop index a_person_counts_in_one_recipient",
         "insert into todoku_member (programme_id, payout, recipient_id, person_id, relation, superseded_by_order) "
         "select programme_id, payout, (select max(id) from todoku_recipient), person_id, '', '' from todoku_member "
         "order by id limit 1"),
        ("person_in_one_recipient", "guards_stand"),
    ),
    Fault(
        "a paid row deleted, as if it had never been paid", "settled",
        past_triggers("transfer", f"delete from todoku_transfer where id = {FIRST}"),
        ("paid_case_has_its_transfer", "batch_totals_its_lines", "file_totals_its_lines", "files_are_proven",
         "paying_left_a_transfer"),
    ),
    Fault(
        "a case whose stage says unpaid again", "settled",
        (f"update todoku_casestage set previous = 'passed', stage = 'decided' where case_id = {FIRST_CASE}",),
        ("stage_agrees_with_transfer",),
    ),
    Fault(
        "an entitlement superseded without another in its place", "ready",
        (f"update todoku_entitlement set superseded_by_order = 'x' where case_id = {FIRST_CASE}",),
        ("case_is_due_something",),
    ),
    Fault(
        "a cap lowered under what was sealed", "sealed",
        past_triggers("version", "update todoku_version set cap_per_transfer_yen = 1, cap_per_account_yen = 1"),
        ("amount_within_cap", "account_within_cap"),
    ),
    Fault(
        "a transfer settled in a batch that was never sent", "sealed",
        past_triggers("transfer", f"update todoku_transfer set state = 'settled' where id = {FIRST}"),
        ("transfer_moves_with_its_batch", "settled_by_a_report", "stage_agrees_with_transfer"),
    ),
    Fault(
        "a payment that the stage of its case forgot", "sent",
        past_triggers("casestage", "update todoku_casestage set previous = 'passed', stage = 'decided' "
                      f"where case_id = {FIRST_CASE}"),
        ("all_adds_up", "stage_agrees_with_transfer"),
    ),
    Fault(
        "a whole batch settled without the bank's report", "sent",
        (*past_triggers("transfer", "update todoku_transfer set state = 'settled'"),
         *past_triggers("casestage", "update todoku_casestage set previous = 'paying', stage = 'paid' where stage = 'paying'"),
         *past_triggers("batch", "update todoku_batch set state = 'reconciled'")),
        ("settled_by_a_report",),
    ),
    Fault(
        "a batch that is gone", "built",
        (*past_triggers("transfer", "update todoku_transfer set batch_id = null"),
         *past_triggers("batch", "delete from todoku_batch")),
        ("no_batch_is_missing",),
    ),
    Fault(
        "a batch's total that is off by one yen", "sealed",
        past_triggers("batch", "update todoku_batch set total_yen = total_yen + 1"),
        ("batch_totals_its_lines",),
    ),
    Fault(
        "a line taken out of a sealed batch", "sealed",
        past_triggers("transfer", f"update todoku_transfer set batch_id = null, line = null, state = 'ready' where id = {FIRST}"),
        ("batch_totals_its_lines", "file_totals_its_lines", "files_are_proven"),
    ),
    Fault(
        "a decision list whose total is off", "ready",
        past_triggers("decisionlist", "update todoku_decisionlist set total_yen = total_yen + 1 where state = 'decided'"),
        ("list_totals_its_decisions",),
    ),
    Fault(
        "a file taken without an approval", "sealed",
        past_triggers("sendrecord", "insert into todoku_sendrecord (file_id, batch_id, sha256, taken_by_id, at) select f.id, "
                      "f.batch_id, f.sha256, b.maker_id, now() from todoku_batchfile f join todoku_batch b on b.id = f.batch_id"),
        ("two_approve_what_is_sent", "approvals_come_first", "sent_batch_has_its_records"),
    ),
    Fault(
        "a send record of another content", "sent",
        past_triggers("sendrecord", "update todoku_sendrecord set sha256 = repeat('0', 64)"),
        ("sent_once",),
    ),
    Fault(
        "a confirmation that is gone", "sent",
        past_triggers("confirmation", "delete from todoku_confirmation"),
        ("sent_batch_has_its_records",),
    ),
    Fault(
        "an approval by the maker in the place of another's", "approved",
        past_triggers("approval", "update todoku_approval set staff_id = (select maker_id from todoku_batch limit 1) "
                      "where side = 'office'"),
        ("two_approve_what_is_sent",),
    ),
    Fault(
        "an approval of another digest", "approved",
        past_triggers("approval", "update todoku_approval set sha256 = repeat('0', 64) where side = 'municipality'"),
        ("two_approve_what_is_sent",),
    ),
    Fault(
        "a reviewer who keyed the account", "ready",
        past_triggers("verdict", "update todoku_verdict v set staff_id = e.staff_id from todoku_entry e "
                      f"where e.submission_id = v.submission_id and v.step = 1 and v.case_id = {FIRST_CASE}"),
        ("keyer_does_not_judge",),
    ),
    Fault(
        "an approver who keyed an account of the batch", "approved",
        (*past_triggers("approval", "update todoku_approval set staff_id = (select a.staff_id from todoku_accountversion a "
                        "join todoku_decision d on d.account_id = a.id limit 1) where side = 'office'"),),
        ("keyer_does_not_approve",),
    ),
    Fault(
        "an account exchanged after the review", "ready",
        past_triggers("transfer", f"update todoku_transfer set account_number = '0000001' where id = {FIRST}"),
        ("account_is_the_reviewed_one",),
    ),
    Fault(
        "an account exchanged in the decision as well as in the payment", "ready",
        (*past_triggers("accountversion", "insert into todoku_accountversion (submission_id, version, bank, branch, kind, "
                        "number, holder_kana, yucho_symbol, yucho_number, entered_at, entered_by) select a.submission_id, 9, "
                        "a.bank, a.branch, a.kind, '0000002', a.holder_kana, '', '', a.entered_at, '' from todoku_transfer t "
                        "join todoku_decision d on d.id = t.decision_id join todoku_accountversion a on a.id = d.account_id "
                        f"where t.id = {LAST}"),
         *past_triggers("decision", "update todoku_decision set account_id = (select id from todoku_accountversion where "
                        f"version = 9) where id = (select decision_id from todoku_transfer where id = {LAST})"),
         *past_triggers("transfer", f"update todoku_transfer set account_number = '0000002' where id = {LAST}")),
        ("account_is_the_reviewed_one",),
    ),
    Fault(
        "a grant that no counted application carries", "ready",
        past_triggers("submission", "update todoku_submission set state = 'not_counted' where case_id = "
                      f"(select case_id from todoku_transfer where id = {LAST})"),
        ("granted_on_an_application",),
    ),
    Fault(
        "a decision taken out of force under a live payment", "sealed",
        (f"update todoku_decision set in_force = false where id = (select decision_id from todoku_transfer where id = {FIRST})",),
        ("decided_by_the_municipality",),
    ),
    Fault(
        "a payment sent while it was held", "sent",
        past_triggers("hold", "insert into todoku_hold (programme_id, case_id, kind, reason, owner_role, due_on, opened_at, "
                      f"outcome) select programme_id, {FIRST_CASE}, 'objection', 'x', 'manager', '2026-12-01', '2026-12-01', '' "
                      "from todoku_batch limit 1"),
        ("held_is_not_sent",),
    ),
    Fault(
        "a returned transfer that no line of a report names", "returned",
        past_triggers("result", "delete from todoku_result"),
        ("returned_has_its_line", "report_counts_its_lines"),
    ),
    Fault(
        "a second payment beside a returned one, not as its retry", "returned",
        past_triggers("transfer", COPY_OF_FIRST),
        ("paid_again_as_a_retry",),
    ),
    Fault(
        "an entry of the books below nothing", "ready",
        ("alter table todoku_ledgerentry drop constraint a_ledger_entry_is_positive_yen",
         "insert into todoku_ledgerentry (programme_id, fiscal_year, kind, debit, credit, amount_yen, subject_kind, at, "
         "actor_name, second_name, reason) select id, 2026, 'claim', 'claimed', 'paid', -1, 'x', now(), 'x', '', '' "
         "from todoku_programme limit 1"),
        ("entry_is_balanced", "no_account_below_zero", "guards_stand", "books_say_what_rows_say"),
    ),
    Fault(
        "an entry of the books about a payment that is not there", "ready",
        ("insert into todoku_ledgerentry (programme_id, fiscal_year, kind, debit, credit, amount_yen, subject_kind, "
         "subject_id, at, actor_name, second_name, reason) select id, 2026, 'settled', 'paid', 'ordered', 1, 'transfer', "
         "999999, now(), 'x', '', '' from todoku_programme limit 1",),
        ("booked_payment_exists", "no_account_below_zero", "books_say_what_rows_say"),
    ),
    Fault(
        "an application kept twice", "ready",
        ("alter table todoku_submission drop constraint the_same_application_is_kept_once",
         "update todoku_submission set idempotency_key = 'x' where id in (select id from todoku_submission limit 2)"),
        ("application_kept_once", "guards_stand"),
    ),
    Fault(
        "money kept in a column with decimals", "ready",
        ("alter table todoku_claim alter column amount_yen type numeric",),
        ("money_is_whole_yen",),
    ),
    Fault(
        "a trigger switched off", "ready", ("alter table todoku_transfer disable trigger transfers_move_lawfully",),
        ("guards_stand",),
    ),
    Fault("a trigger dropped", "ready", ("drop trigger a_batch_is_what_it_says on todoku_batch",), ("guards_stand",)),
)  # fmt: skip


def copy_with(**changes: str) -> str:
    """An INSERT of the first transfer once more, with other expressions for some of its columns."""
    names = COLUMNS.split(", ")
    assert set(changes) <= set(names), changes
    said = ", ".join(changes.get(name, f"t.{name}") for name in names)
    return (
        f"insert into todoku_transfer (number, state, {COLUMNS}) select '1999999999', 'ready', {said} "
        "from todoku_transfer t order by t.id limit 1"
    )
