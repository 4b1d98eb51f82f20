"""Pure. Every guard of the money that must stand in the database, by table (制約・トリガーの名前).

The sweep asks the catalogue for each; a test holds this list to the database in both directions, so that a new guard is
named here and none goes unnoticed. What each is for: docs/why/constraints-in-the-database.md.
"""

GUARDS: dict[str, tuple[str, ...]] = {
    "entitlement": (
        "a_case_is_due_each_part_once", "a_supplement_says_the_corrected_amount_and_why",
        "an_entitlement_is_only_superseded", "an_entitlement_is_positive_yen",
        "entitlement_with_its_amount", "no_delete_entitlement",
        "supplements_stay_within_the_corrected_amount",
    ),
    "decision": (
        "a_rehearsal_goes_no_further",
        "a_case_has_one_decision_in_force", "a_case_is_on_a_list_once", "a_decision_has_an_outcome",
        "no_delete_decision", "nothing_joins_a_decided_list", "what_was_decided_stays",
    ),
    "decisionlist": (
        "a_rehearsal_goes_no_further",
        "a_decided_list_does_not_change", "another_person_decides_a_supplement", "list_state_is_known",
        "no_delete_decisionlist", "only_an_officer_decides_a_list",
    ),
    "transfer": (
        "a_rehearsal_goes_no_further",
        "a_line_of_a_file_is_one_transfer", "a_returned_transfer_is_retried_once",
        "a_transfer_number_has_10_digits", "a_transfer_number_is_given_once",
        "a_transfer_pays_its_entitlement", "a_transfer_state_is_known", "an_amount_fits_ten_digits",
        "no_delete_transfer", "one_live_transfer_per_recipient", "only_a_bank_transfer_has_an_account",
        "transfers_begin_ready", "transfers_move_lawfully",
    ),
    "batch": (
        "a_rehearsal_goes_no_further",
        "a_batch_goes_over_a_known_rail", "a_batch_is_what_it_says", "a_batch_state_is_known",
        "a_sealed_batch_has_a_digest", "an_approved_batch_has_a_cancel_window", "no_delete_batch",
        "todoku_batch_sha256_key",
    ),
    "batchfile": (
        "a_file_joins_an_open_batch", "a_trailer_counts_six_digits", "files_of_a_batch_count_up",
        "no_delete_batchfile", "no_rewrite_batchfile", "todoku_batchfile_sha256_key",
    ),
    "approval": (
        "a_person_approves_a_batch_once", "an_approval_is_of_this_digest_by_another",
        "each_side_approves_once", "no_delete_approval", "no_rewrite_approval",
    ),
    "sendrecord": (
        "a_send_record_is_of_an_approved_batch", "no_delete_sendrecord", "no_rewrite_sendrecord",
        "todoku_sendrecord_sha256_key",
    ),
    "confirmation": (
        "a_confirmation_has_a_receipt", "no_delete_confirmation", "no_rewrite_confirmation",
        "the_bank_is_asked_about_a_file_it_was_given", "todoku_confirmation_inquiry_id_key",
    ),
    "bankinquiry": (
        "a_banks_answer_is_known", "an_answer_is_somebodys", "no_delete_bankinquiry",
        "no_rewrite_bankinquiry", "the_bank_is_asked_about_a_file_it_was_given",
    ),
    "handedagain": (
        "no_delete_handedagain", "no_rewrite_handedagain", "the_bank_is_asked_about_a_file_it_was_given",
        "two_persons_hand_a_file_over_again",
    ),
    "bankreport": ("no_delete_bankreport", "no_rewrite_bankreport"),
    "result": ("no_delete_result", "no_rewrite_result", "todoku_result_transfer_id_key"),
    "hold": (
        "a_case_is_held_for_a_reason_once", "a_hold_is_closed_but_never_rewritten",
        "a_hold_is_closed_by_a_person_with_an_outcome", "no_delete_hold", "two_persons_quarantine_a_row",
    ),
    "sweeprun": ("no_delete_sweeprun", "no_rewrite_sweeprun"),
    "halt": (
        "a_halt_is_released_but_never_rewritten", "an_invariant_halts_a_programme_once", "no_delete_halt",
        "two_persons_release_a_halt",
    ),
    "sharedpayee": (
        "a_shared_payee_has_a_limit_a_name_and_a_reason", "an_account_is_listed_for_many_once",
        "another_person_approves_a_shared_payee", "no_delete_sharedpayee",
        "the_municipality_approves_a_shared_payee",
    ),
    "accountinquiry": ("no_delete_accountinquiry",),
    "inquiredaccount": (
        "a_line_of_an_inquiry_is_one_account", "an_inquiry_answer_is_known", "an_inquiry_answer_stays_as_read",
        "an_inquiry_begins_unanswered", "no_delete_inquiredaccount",
    ),
    "bankquery": (
        "a_transfer_is_queried_once_at_a_time", "an_amendment_names_an_account", "no_delete_bankquery",
        "the_treasurer_answers_the_bank", "two_persons_answer_the_bank",
    ),
    "recall": (
        "a_recall_state_is_known", "a_transfer_is_recalled_once_at_a_time", "no_delete_recall",
        "the_treasurer_recalls_a_transfer", "two_persons_recall_a_transfer",
    ),
    "unmatchedreturn": (
        "a_line_of_a_report_is_questioned_once", "an_unmatched_return_is_resolved_by_a_person",
        "an_unmatched_return_is_resolved_once", "no_delete_unmatchedreturn",
    ),
    "giftlist": (
        "a_gift_list_stays_as_it_was_taken", "a_list_of_codes_is_taken_once", "no_delete_giftlist",
    ),
    "giftcode": (
        "a_gift_code_begins_in_stock", "a_gift_code_exists_once", "a_gift_code_has_a_value",
        "a_gift_code_moves_only_forward", "a_gift_code_state_is_known", "a_serial_is_on_a_list_once",
        "an_assigned_code_belongs_to_a_transfer", "no_delete_giftcode", "no_more_of_a_code_is_used_than_its_value",
        "todoku_giftcode_replaces_id_key", "two_persons_revoke_a_code",
    ),
    "giftmessage": (
        "a_gift_code_is_messaged_once", "a_message_has_a_number_of_its_own", "an_answer_on_a_message_has_a_day",
        "an_answered_message_stays_as_it_is", "no_delete_giftmessage",
    ),
    "giftremainder": (
        "a_remainder_is_settled_by_a_document", "a_remainder_is_settled_by_an_officer", "no_delete_giftremainder",
        "no_more_is_refunded_than_was_left", "no_rewrite_giftremainder",
    ),
    "cashpayment": (
        "a_cash_receipt_is_given_once", "cash_at_the_counter_is_given_to_a_known_person",
        "no_delete_cashpayment", "no_rewrite_cashpayment", "only_officers_hand_cash_over",
        "two_officers_hand_cash_over",
    ),
    "claim": (
        "a_claim_is_given_up_by_a_person_with_a_reason", "a_claim_is_of_money_that_was_paid",
        "a_claim_is_positive_yen", "a_claim_state_is_known", "no_delete_claim",
        "todoku_claim_slip_number_key",
    ),
    "entitlementorder": (
        "an_order_has_a_number_and_a_reason", "an_order_is_given_once", "an_order_is_of_a_known_kind",
        "no_delete_entitlementorder", "no_rewrite_entitlementorder", "the_municipality_orders_a_change",
        "todoku_entitlementorder_claim_id_key", "todoku_entitlementorder_new_case_id_key",
    ),
    "waitingsplit": (
        "a_split_off_waits_once", "a_waiting_split_off_is_an_officers",
        "a_waiting_split_off_is_carried_out_or_let_go", "no_delete_waitingsplit", "todoku_waitingsplit_order_id_key",
    ),
    "instalment": (
        "an_instalment_is_positive_yen", "instalments_count_up", "no_delete_instalment",
        "no_rewrite_instalment",
    ),
    "claimpayment": (
        "a_payment_is_refunded_once", "a_payment_on_a_claim_is_booked_once",
        "a_payment_on_a_claim_is_only_reversed", "a_payment_on_a_claim_is_positive_yen",
        "no_delete_claimpayment", "payments_on_a_claim_are_within_it",
    ),
    "paymentreversal": (
        "a_confirmed_reversal_takes_its_payment_back", "a_payment_is_reversed_once",
        "a_reversal_of_a_payment_ends_once", "a_reversed_payment_has_a_reason",
        "another_person_confirms_a_reversed_payment", "no_delete_paymentreversal",
    ),
    "claimnotice": ("no_delete_claimnotice", "no_rewrite_claimnotice"),
    "ledgerentry": (
        "a_deed_is_booked_once", "a_kind_of_entry_goes_between_its_accounts",
        "a_ledger_account_is_known", "a_ledger_entry_is_positive_yen", "a_ledger_entry_moves_money",
        "a_ledger_kind_is_known", "a_reversal_has_a_reason_and_two_persons",
        "a_reversal_mirrors_its_entry", "an_entry_is_reversed_once", "no_delete_ledgerentry",
        "no_rewrite_ledgerentry",
    ),
    "correction": (
        "a_correction_ends_once", "a_correction_has_a_reason", "an_entry_is_proposed_for_correction_once",
        "another_person_confirms_a_correction", "no_delete_correction",
    ),
    "proposal": ("a_rehearsal_goes_no_further", "a_grant_names_the_reviewed_account", "a_proposal_has_an_outcome"),
    "verdict": (
        "a_withdrawal_says_why",
        "a_submission_has_one_verdict_per_step", "a_verdict_has_an_outcome",
        "a_verdict_is_taken_back_but_never_changed", "first_and_second_reviewer_differ",
        "no_delete_verdict", "who_enters_an_account_does_not_judge_it", "the_municipality_decides_what_is_its_own",
        "what_is_the_managers_goes_to_the_manager", "a_managers_look_is_judged_by_the_manager",
    ),
    "task": (
        "a_case_is_with_one_reviewer", "a_managers_look_is_held_by_the_manager", "a_managers_look_stays_the_managers",
        "a_person_holds_one_task", "a_task_is_a_first_or_second_look", "a_task_is_in_a_queue", "a_task_state_is_known",
        "a_task_that_waits_is_not_closed",
        "only_a_seeded_look_comes_to_the_desk",
    ),
    "accountversion": ("account_versions_count_up", "no_delete_accountversion", "no_rewrite_accountversion"),
    "submission": (
        "a_receipt_number_is_given_once", "a_submission_has_a_channel", "a_submission_state_is_known",
        "a_way_of_receiving_is_marked_plainly", "no_delete_submission", "the_same_application_is_kept_once",
    ),
    "letter": (
        "a_rehearsal_goes_no_further",
        "a_copy_follows_a_void_piece", "a_letter_is_written_once_per_occasion", "a_piece_has_its_place_in_the_run",
        "no_delete_letter",
    ),
    "printrun": (
        "a_rehearsal_goes_no_further",
        "a_released_run_keeps_its_files", "a_run_is_released_by_another_person", "a_run_is_released_on_a_proof",
    ),
    "readback": ("no_delete_readback", "no_rewrite_readback"),
    "proofapproval": (
        "a_proof_is_approved_by_the_municipality", "no_delete_proofapproval", "no_rewrite_proofapproval",
    ),
    "dispatch": (
        "a_piece_begins_one_posting_lot", "a_posting_lot_has_pieces", "a_posting_lot_holds_what_was_not_pulled",
        "a_posting_lot_is_numbered_once", "no_delete_dispatch", "no_rewrite_dispatch",
    ),
    "keying": (
        "a_form_is_keyed_once_per_round", "a_form_is_keyed_twice_by_different_persons",
        "a_keying_is_taken_back_but_never_changed", "no_delete_keying",
    ),
    "addresschange": (
        "an_address_is_answered_by_the_municipality", "an_address_is_approved_by_another_person",
        "an_address_is_asked_for_once_at_a_time", "no_delete_addresschange",
    ),
    "case": ("a_case_number_has_13_digits", "a_case_number_is_given_once", "a_recipient_has_one_case"),
    "casestage": ("a_move_follows_an_arrow", "a_stage_is_one_of_the_list"),
    "followingcase": (
        "a_case_is_followed_once_a_payout", "a_further_payout_follows_a_paid_case", "no_delete_followingcase",
        "no_rewrite_followingcase", "what_follows_is_a_further_payout",
    ),
    "payoutopening": ("no_delete_payoutopening", "no_rewrite_payoutopening"),
    "caseevent": ("no_delete_caseevent", "no_rewrite_caseevent"),
    "member": ("a_person_counts_in_one_recipient",),
    "reachedat": ("a_recipient_is_reached_by_an_order", "no_delete_reachedat"),
    "recipient": (
        "a_case_is_handed_over_by_a_change", "a_household_is_a_recipient_once", "a_newcomer_comes_by_a_confirmed_order",
        "a_person_is_a_recipient_once",
    ),
    "lateproposal": (
        "a_late_case_is_answered_once", "a_late_case_is_of_the_roll_or_of_newcomers", "a_recipient_waits_for_one_late_case",
        "another_person_confirms_a_late_case", "no_delete_lateproposal",
    ),
    "laterchange": (
        "a_change_done_says_its_outcome", "a_change_to_a_case_is_found_once", "another_payee_stays_confirmed",
        "another_payee_was_confirmed", "no_delete_laterchange",
    ),
    "payeeproposal": (
        "a_change_waits_for_one_payee", "another_payee_is_answered_once", "another_payee_is_of_the_roll_or_an_heir",
        "another_payee_rests_on_an_order", "another_person_confirms_another_payee", "no_delete_payeeproposal",
    ),
    "person": ("a_person_is_on_a_programmes_roll_once", "an_heir_is_named_as_confirmed"),
    "lateopening": (
        "a_late_case_by_order_was_confirmed", "a_late_case_rests_on_a_list_or_a_confirmed_order",
        "no_delete_lateopening", "no_rewrite_lateopening", "todoku_lateopening_proposal_id_key",
    ),
    "representative": (
        "a_representative_rests_on_a_list_or_a_certificate", "a_representative_stays_who_it_is", "a_ward_has_one_representative",
        "another_person_confirms_a_representative", "no_delete_representative", "nobody_represents_himself",
        "one_representative_of_a_ward_waits",
    ),
    "version": (
        "a_version_opens_on_a_signed_sheet", "an_open_version_has_its_caps", "an_open_version_says_who_decides",
        "version_is_frozen_when_opened", "version_numbers_count_up",
    ),
    "programme": ("a_programme_stays_sample_or_real", "todoku_programme_rehearsal_of_id_key", "todoku_programme_slug_key"),
    "criteriasignature": (
        "a_person_signs_a_sheet_once", "an_officer_signs_the_sheet_of_this_text", "no_delete_criteriasignature",
        "no_rewrite_criteriasignature",
    ),
    "pastfinding": ("no_delete_pastfinding", "no_rewrite_pastfinding"),
    "pastscreening": ("no_delete_pastscreening", "no_rewrite_pastscreening"),
    "rescreening": ("a_version_rescreens_once", "no_delete_rescreening"),
    "auditevent": ("no_delete_auditevent", "no_rewrite_auditevent"),
}  # fmt: skip
