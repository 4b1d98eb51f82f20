"""Faults planted beside the way of a transfer: claims, supplements, the books, facts, halts; gift codes and cash.

As planted.py; those of gifts and cash are planted where such a batch was released and handed out in part.
"""

from tests.payment.planted import FIRST, FIRST_CASE, LAST, Fault, past_triggers

IN_STOCK = "(select max(id) from todoku_giftcode where state = 'stock')"
ENTRY = (
    "insert into todoku_ledgerentry (programme_id, fiscal_year, kind, debit, credit, amount_yen, case_id, subject_kind, "
    "subject_id, at, actor_id, actor_name, second_id, second_name, reason, reverses_id) select programme_id, fiscal_year, "
)
CLAIM = (
    'insert into todoku_claim (programme_id, case_id, transfer_id, reason, why, "order", amount_yen, state, slip_number, '
    "opened_at, end_why) select programme_id, case_id, id, 'not_due', 'x', 'x', amount_yen + 1, 'noticed', 'X-1', now(), '' "
    "from todoku_transfer where id = (select max(id) from todoku_transfer where state = 'settled')"
)

BESIDE = (
    Fault(
        "a number given to two transfers", "ready",
        ("alter table todoku_transfer drop constraint a_transfer_number_is_given_once",
         *past_triggers("transfer", "update todoku_transfer set number = (select number from todoku_transfer where id = "
                        f"{FIRST}) where id = {LAST}")),
        ("number_given_once", "guards_stand"),
    ),
    Fault(
        "a supplement above the corrected amount", "ready",
        past_triggers("entitlement", "insert into todoku_entitlement (programme_id, payout, recipient_id, case_id, version_id, "
                      "part, amount_yen, member_count, corrected_yen, why) select programme_id, payout, recipient_id, case_id, "
                      "version_id, 2, 2000, member_count, amount_yen + 1000, 'x' from todoku_entitlement "
                      f"where case_id = (select case_id from todoku_transfer where id = {LAST})"),
        ("supplements_within",),
    ),
    Fault(
        "work that ended without the mark of who began it", "ready",
        ("insert into todoku_longwork (kind, label, arguments, state, done_count, outcome, log, scope, started_by, token, "
         "created_at) select 'x', 'x', '{}', 'done', 0, '', '[]', slug, 'x', 0, now() from todoku_programme",),
        ("effect_by_token",),
    ),
    Fault(
        "a refusal that came after the decision, and no hold", "ready",
        (f"update todoku_submission set declines = true, registered_at = '2027-01-01' where case_id = {FIRST_CASE}",),
        ("late_facts_are_held",),
    ),
    Fault(
        "an account for many, approved at the office", "ready",
        past_triggers("sharedpayee", "insert into todoku_sharedpayee (programme_id, kind, name, bank, branch, account_kind, "
                      "account_number, limit_yen, why, proposed_by_id, proposed_at, approved_by_id, approved_at) select p.id, "
                      "'facility', 'x', '0005', '001', 1, '1234567', 1, 'x', m.id, now(), a.id, now() from todoku_programme p, "
                      "todoku_staff m, todoku_staff a where m.username = 'maker' and a.username = 'approver'"),
        ("shared_payee_is_approved",),
    ),
    Fault(
        "a digest in the place of the file's own", "sealed",
        past_triggers("batchfile", "update todoku_batchfile set sha256 = repeat('0', 64)"),
        ("files_are_kept",),
    ),
    Fault(
        "a batch sealed while the programme stood still", "sealed",
        ("insert into todoku_halt (programme_id, invariant, evidence, sweep_id, at, release_reason) select b.programme_id, "
         "'I-15', 'x', (select max(id) from todoku_sweeprun), b.sealed_at - interval '1 hour', '' from todoku_batch b",),
        ("nothing_during_a_halt",),
    ),
    Fault(
        "a deed booked twice", "sent",
        ("drop index a_deed_is_booked_once",
         *past_triggers("ledgerentry", f"{ENTRY} kind, debit, credit, amount_yen, case_id, subject_kind, subject_id, at, "
                        "actor_id, actor_name, second_id, second_name, reason, null from todoku_ledgerentry "
                        "where kind = 'transfer' order by id limit 1")),
        ("deed_booked_once", "guards_stand", "books_say_what_rows_say"),
    ),
    Fault(
        "a reversal of another amount than its entry's", "sent",
        past_triggers("ledgerentry", f"{ENTRY} 'reversal', credit, debit, amount_yen - 1, case_id, subject_kind, subject_id, at, "
                      "1, 'x', 2, 'y', 'x', id from todoku_ledgerentry where kind = 'transfer' order by id limit 1"),
        ("reversal_mirrors",),
    ),
    Fault(
        "a payment without a result in a batch that is reconciled", "settled",
        past_triggers("transfer", f"update todoku_transfer set state = 'sent' where id = {LAST}"),
        ("reconciled_knows_every_result", "transfer_moves_with_its_batch"),
    ),
    Fault(
        "a retry of a payment that did not come back", "returned",
        past_triggers("transfer", "update todoku_transfer set retry_of_id = (select min(id) from todoku_transfer where state = "
                      "'settled') where number = '1999999999'"),
        ("retry_of_a_returned",),
    ),
    Fault(
        "a claim on more than was paid", "returned",
        past_triggers("claim", CLAIM),
        ("claims_within_the_payment", "books_say_what_rows_say"),
    ),
    Fault(
        "more paid on a claim than it was", "returned",
        past_triggers("claimpayment", "insert into todoku_claimpayment (claim_id, amount_yen, excess_yen, received_on, receipt, "
                      "at, staff_id) select c.id, c.amount_yen + 1, 0, '2026-12-20', 'x', now(), s.id from todoku_claim c, "
                      "todoku_staff s where s.username = 'treasurer'"),
        ("claims_within_the_payment",),
    ),
    Fault(
        "a claim on a payment that came back", "returned",
        past_triggers("claim", CLAIM.replace("amount_yen + 1", "amount_yen").replace("'X-1'", "'X-2'")
                      .replace("'settled'", "'returned'")),
        ("claims_of_what_was_received",),
    ),
)  # fmt: skip

# Codes assigned and sent by post; cash of which one was handed over.
OF_RAILS = (
    Fault(
        "a code worth a yen less than its share", "gift",
        past_triggers("giftcode", "update todoku_giftcode set value_yen = value_yen - 1 where id = "
                      "(select min(id) from todoku_giftcode where state = 'assigned')"),
        ("codes_add_up",),
    ),
    Fault(
        "one code twice in the stock", "gift",
        ("alter table todoku_giftcode drop constraint a_gift_code_exists_once",
         *past_triggers("giftcode", "update todoku_giftcode set digest = (select min(digest) from todoku_giftcode "
                        f"where state = 'assigned') where id = {IN_STOCK}")),
        ("code_exists_once", "guards_stand"),
    ),
    Fault(
        "a code given to a payment over another rail", "gift",
        past_triggers("giftcode", "update todoku_giftcode set state = 'assigned', transfer_id = (select min(id) from "
                      f"todoku_transfer where rail <> 'gift') where id = {IN_STOCK}"),
        ("code_exists_once",),
    ),
    Fault(
        "a replaced code that is still good", "gift",
        past_triggers("giftcode", "update todoku_giftcode set replaces_id = (select min(id) from todoku_giftcode where state = "
                      f"'assigned') where id = {IN_STOCK}"),
        ("replaced_code_is_dead",),
    ),
    Fault(
        "a payment that came back while its code is good", "gift",
        past_triggers("transfer", "update todoku_transfer set state = 'returned' where id = (select max(transfer_id) from "
                      "todoku_giftcode where state = 'assigned')"),
        ("no_live_code_of_a_dead_payment",),
    ),
    Fault(
        "cash witnessed by somebody of the office", "cash",
        past_triggers("cashpayment", "update todoku_cashpayment set witness_id = (select id from todoku_staff where username = "
                      "'maker')"),
        ("cash_by_two_officers",),
    ),
    Fault(
        "cash paid to who asked for a transfer", "cash",
        past_triggers("cashpayment", "update todoku_cashpayment set transfer_id = (select min(id) from todoku_transfer "
                      "where rail = 'bank')"),
        ("cash_by_two_officers", "settled_by_a_report"),
    ),
)  # fmt: skip
