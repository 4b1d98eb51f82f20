"""What was too little is paid later, once, decided by another person; what was too much is corrected before it is paid."""

import pytest
from django.db import DatabaseError, connection, transaction

import todoku_verify
from tests.recovery.orders_ground import WRONG, Orders
from tests.recovery.test_split_off import sound
from todoku.case.tables import Case, Entitlement
from todoku.intake.find_cases import CaseClosed
from todoku.payment.kept_files import bundle
from todoku.payment.tables import Transfer
from todoku.people.tables import AuditEvent
from todoku.recovery.correct import correct, plan_correction
from todoku.recovery.put_right import CannotOrder
from todoku.recovery.supplement import CannotSupplement, plan_supplement, propose_again, supplement
from todoku.recovery.tables import Claim, EntitlementOrder
from todoku.review.decide import NotTheDecider, decide, send_back
from todoku.review.tables import Decision, DecisionList

MORE = 20_000


def proposed(orders: Orders, case: Case, **values: object) -> DecisionList:
    """A supplement of MORE yen on an open list."""
    said = {"given": WRONG, "actor": orders.officer, "at": orders.at}
    supplement(case, corrected_yen=case.entitlement.amount_yen + MORE, **(said | values))
    return DecisionList.objects.get(kind="supplement", state="open")


def decided(orders: Orders, made: DecisionList) -> None:
    decide(made, sha256=made.sha256, actor=orders.other_officer, at=orders.at)


def test_from_the_order_to_a_sealed_file_that_the_verifier_proves_and_the_bank_pays(orders):
    case = orders.case("paid")
    before = orders.books()
    made = proposed(orders, case)
    assert (made.grants, made.total_yen) == (1, MORE)
    with pytest.raises(NotTheDecider, match="提案した人とは別"):
        decide(made, sha256=made.sha256, actor=orders.officer, at=orders.at)
    assert orders.make_transfers() == 6, "an undecided supplement is not paid"
    decided(orders, made)
    assert orders.books()["owed"] == before["owed"] + MORE
    assert Case.objects.get(pk=case.pk).standing.stage == "paid"
    assert (orders.make_transfers(), orders.make_transfers()) == (1, 0)
    first, second = Transfer.objects.filter(case=case).order_by("part")
    assert (second.part, second.amount_yen, second.account_number) == (2, MORE, first.account_number)
    batch = orders.pay()
    kept = bundle(batch)
    verdict = todoku_verify.verify(
        kept.pop(f"manifest-{batch.pk}.json"),
        kept.pop(f"lines-{batch.pk}.tsv"),
        [data for name, data in kept.items() if name.startswith("decisions-")],
        [(name, data) for name, data in kept.items() if not name.startswith("decisions-")],
        sha256=batch.sha256,
    )
    assert verdict.ok, verdict.differences
    lines = bundle(batch)[f"lines-{batch.pk}.tsv"].decode().splitlines()[1:]
    assert [line.split("\t")[5:7] for line in lines if line.split("\t")[4] == case.number] == [
        ["2", str(MORE)]
    ]
    second.refresh_from_db()
    assert second.state == "settled"
    assert orders.books()["paid"] == before["paid"] + before["owed"] + MORE
    assert Case.objects.get(pk=case.pk).standing.stage == "paid"
    sound(orders)


def test_a_supplement_that_came_back_goes_to_a_newly_submitted_account_and_nowhere_else(orders):
    case = orders.case("paid")
    with pytest.raises(CaseClosed):
        orders.apply(case)
    decided(orders, proposed(orders, case))
    orders.make_transfers()
    second = Transfer.objects.get(case=case, part=2)
    orders.pay(returned=[second])
    assert Case.objects.get(pk=case.pk).standing.stage == "paid", "what was paid before stays paid"
    again = {
        "part": 2,
        "given": WRONG._replace(number="福祉第42号"),
        "actor": orders.officer,
        "at": orders.at,
    }
    with pytest.raises(CannotSupplement, match="戻った口座"):
        propose_again(case, **again)
    account = orders.apply(case, "1112223")
    propose_again(case, account=account, **again)
    decided(orders, DecisionList.objects.get(kind="supplement", state="open"))
    assert orders.make_transfers() == 1
    retry = Transfer.objects.get(case=case, part=2, state="ready")
    assert (retry.retry_of_id, retry.account_number, retry.amount_yen) == (second.pk, "1112223", MORE)
    orders.books()
    sound(orders)


def test_a_supplement_sent_back_is_due_no_more_and_may_be_ordered_anew(orders):
    case = orders.case("paid")
    made = proposed(orders, case)
    send_back(made.decisions.get(), reason="額の確認", actor=orders.other_officer, at=orders.at)
    made.refresh_from_db()
    assert made.state == "void"
    assert Entitlement.objects.get(case=case, part=2).superseded_by_order
    again = proposed(orders, case, given=WRONG._replace(number="福祉第43号"))
    assert again.decisions.get().part == 3
    decided(orders, again)
    assert orders.make_transfers() == 7
    sound(orders)


def test_what_cannot_be_a_supplement_is_refused_with_what_to_do(orders):
    paid, open_case = orders.case("paid"), orders.case("decided")
    with pytest.raises(CannotSupplement, match="支給予定額の訂正"):
        plan_supplement(open_case, open_case.entitlement.amount_yen + MORE)
    with pytest.raises(CannotSupplement, match="支給済みの額は"):
        plan_supplement(paid, paid.entitlement.amount_yen)
    with pytest.raises(CannotSupplement, match="業務責任者だけ"):
        proposed(orders, paid, actor=orders.staff["treasurer"])
    proposed(orders, paid, actor=orders.staff["manager"])
    with pytest.raises(CannotSupplement, match="追給が途中"):
        plan_supplement(paid, paid.entitlement.amount_yen + 2 * MORE)
    with pytest.raises(CannotOrder, match="追給が途中"):
        orders.split(paid)


def test_the_database_itself_refuses_what_no_page_would_ask(orders):
    """As the office's role, by bare SQL, each under the name that a person reads in the error."""
    case = orders.case("paid")
    made, values = proposed(orders, case), {"case": case.pk, "officer": orders.officer.id}
    alone = (
        "update todoku_decisionlist set state = 'decided', decided_at = now(), decider_id = %(officer)s "
        "where kind = 'supplement'"
    )
    with pytest.raises(DatabaseError, match="another_person_decides_a_supplement"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(alone, values)
    decided(orders, made)
    orders.make_transfers()
    for sql, name in REFUSED_BY_NAME:
        with pytest.raises(DatabaseError, match=name), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)


COLUMNS = (
    "programme_id, payout, recipient_id, case_id, part, entitlement_id, decision_id, amount_yen, rail, bank, branch, kind, "
    "account_number, holder_kana, made_at"
)
# (a statement, the name in the refusal)
REFUSED_BY_NAME = [
    ("insert into todoku_entitlement (case_id, programme_id, payout, recipient_id, version_id, part, amount_yen, "
     "member_count, corrected_yen, why) select case_id, programme_id, payout, recipient_id, version_id, 3, 1, member_count, "
     "corrected_yen, 'x' from todoku_entitlement where case_id = %(case)s and part = 2",
     "supplements_stay_within_the_corrected_amount"),
    (f"insert into todoku_transfer (number, state, {COLUMNS}) select '1999999999', 'ready', {COLUMNS} "
     "from todoku_transfer where case_id = %(case)s and part = 2", "one_live_transfer_per_recipient"),
    ("update todoku_entitlement set superseded_by_order = 'x' where case_id = %(case)s and part = 2; "
     "update todoku_transfer set state = 'void' where case_id = %(case)s and part = 2; "
     f"insert into todoku_transfer (number, state, {COLUMNS}) select '1999999999', 'ready', {COLUMNS} "
     "from todoku_transfer where case_id = %(case)s and part = 2", "a_superseded_entitlement_is_not_paid"),
    ("insert into todoku_member (programme_id, payout, recipient_id, person_id, relation, superseded_by_order) "
     "select m.programme_id, m.payout, (select max(id) from todoku_recipient), m.person_id, '', '' from todoku_member m "
     "join todoku_case c on c.recipient_id = m.recipient_id where c.id = %(case)s limit 1",
     "a_person_counts_in_one_recipient"),
    ("update todoku_entitlement set amount_yen = amount_yen + 1 where case_id = %(case)s", "permission denied"),
    ("update todoku_decisionlist set decider_id = %(officer)s where kind = 'supplement'",
     "a_decided_list_does_not_change"),
    ("update todoku_entitlementorder set after_yen = 1", "permission denied|rows_are_never_rewritten"),
    ("insert into todoku_entitlementorder (programme_id, case_id, kind, reason, number, why, part, before_yen, after_yen, "
     "members_left, given_by_id, at) select programme_id, case_id, 'correction', reason, 'x', why, 1, before_yen, 1, 0, "
     "(select min(id) from todoku_staff where username = 'treasurer'), at from todoku_entitlementorder",
     "the_municipality_orders_a_change"),
]  # fmt: skip


def test_before_payment_another_amount_takes_the_place_of_the_wrong_one(orders):
    case = orders.case("passed")
    right = case.entitlement.amount_yen + MORE
    made = orders.list_made()
    order = correct(case, right_yen=right, given=WRONG, actor=orders.officer, at=orders.at)
    assert (order.after_yen - order.before_yen, order.claim_id) == (MORE, None)
    case = Case.objects.get(pk=case.pk)
    assert case.entitlement.amount_yen == right
    assert Decision.objects.get(decision_list=made, case=case).outcome == "sent_back"
    decide_all(orders)
    orders.make_transfers()
    assert Transfer.objects.get(case=case).amount_yen == right
    sound(orders)


def decide_all(orders: Orders) -> None:
    made = orders.list_made()
    decide(made, sha256=made.sha256, actor=orders.officer, at=orders.at)


def test_after_payment_what_was_too_much_is_claimed_back(orders):
    case = orders.case("paid")
    right = case.entitlement.amount_yen - MORE
    assert plan_correction(case, right).claim_yen == MORE
    before = orders.books()
    correct(case, right_yen=right, given=WRONG, actor=orders.officer, at=orders.at)
    claim = Claim.objects.get(case=case)
    assert (claim.amount_yen, claim.reason) == (MORE, "overpaid")
    assert orders.books()["claimed"] - before["claimed"] == MORE
    assert Case.objects.get(pk=case.pk).entitlement.amount_yen == right
    with pytest.raises(CannotOrder, match="同じ"):
        plan_correction(case, right)
    with pytest.raises(CannotOrder, match="「追給」"):
        plan_correction(case, right + 1)
    assert AuditEvent.objects.filter(action="entitlement.order", subject_id=case.pk).count() == 1
    assert EntitlementOrder.objects.get().claim_id == claim.pk
    sound(orders)
