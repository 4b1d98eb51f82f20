"""Members split off by order are due on their own; the household that they left keeps what is due to it, and learns nothing."""

import pytest
from django.db import IntegrityError, connection, transaction

from tests.recovery.orders_ground import DV, SHELTER, Orders
from tests.town_fixture import take
from todoku.case.tables import Case, DoorKey, Entitlement
from todoku.formats.codes import case_number_valid
from todoku.letters.make_run import make_form_run
from todoku.letters.pieces import forms_of
from todoku.letters.waiting import set_aside
from todoku.payment.sweep import sweep
from todoku.payment.tables import Transfer
from todoku.people.actor import SYSTEM
from todoku.recovery.order_plan import effect_of
from todoku.recovery.put_right import CannotOrder
from todoku.recovery.split_off import plan_split
from todoku.recovery.tables import Claim, EntitlementOrder
from todoku.registry.tables import FixedMembers, Member, ReachedAt, Recipient
from todoku.review.tables import Decision, DecisionList

EACH = 100_000  # 特別定額給付金: yen a person


def sound(orders: Orders) -> None:
    """No invariant is broken."""
    run = sweep(programme=orders.programme, occasion="hand", actor=SYSTEM, at=orders.at)
    assert run.violations == 0, [key for key, one in run.checks.items() if one["found"]]


def due(case: Case) -> tuple[int, int]:
    return Entitlement.objects.values_list("amount_yen", "member_count").get(
        case=case, part=1, superseded_by_order=""
    )


def test_those_who_leave_get_a_recipient_case_number_and_key_of_their_own(orders):
    case = orders.case("listed")
    before = orders.members(case)
    order = orders.split(case)
    new = order.new_case
    assert orders.members(new) == before[-2:]
    assert orders.members(case) == before[:-2]
    assert (new.standing.stage, due(new), due(case)) == (
        "listed",
        (2 * EACH, 2),
        ((len(before) - 2) * EACH, len(before) - 2),
    )
    assert case_number_valid(new.number) and new.number != case.number
    keys = {one.case_id: one for one in DoorKey.objects.filter(case__in=[case, new])}
    assert keys[case.pk].key_token != keys[new.pk].key_token
    assert keys[case.pk].lookup_token != keys[new.pk].lookup_token
    recipient = Recipient.objects.get(pk=new.recipient_id)
    assert not recipient.household_number.isascii()
    assert FixedMembers.objects.filter(recipient=recipient).exists()
    assert recipient.reached_at.address == SHELTER.address and recipient.reached_at.protected
    sound(orders)


def test_a_person_still_counts_once_and_the_old_rows_name_the_order(orders):
    case = orders.case("listed")
    leaving = orders.members(case)[-2:]
    orders.split(case)
    for person in leaving:
        rows = (
            Member.objects.filter(person=person).order_by("pk").values_list("superseded_by_order", flat=True)
        )
        assert list(rows) == [DV.number, ""]
    with (
        pytest.raises(IntegrityError, match="a_person_counts_in_one_recipient"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "update todoku_member set superseded_by_order = '' where person_id = %s and superseded_by_order <> ''",
            [leaving[0]],
        )


def test_a_later_roll_changes_nothing_and_the_form_goes_to_the_new_address_in_the_protected_run(orders):
    """The register still shows them at the home that they fled from; it is never written to for them."""
    case = orders.case("listed")
    new = orders.split(case).new_case
    leaving = orders.members(new)
    take(orders.programme, orders.town.households, at=orders.at)
    assert orders.members(new) == leaving
    assert not set(leaving) & set(orders.members(case))
    assert ReachedAt.objects.get(recipient=new.recipient_id).address == SHELTER.address
    aside = {one.number: one.reason for one in set_aside(orders.programme, kind="form", cohort=new.cohort)}
    assert aside[new.number] == "protected"
    terms = orders.programme.terms
    run = make_form_run(
        programme=orders.programme, protected=True, actor=orders.staff["printer"], at=orders.at
    )
    pieces = {one.number: one for one in forms_of(run, terms, protected=True, done=lambda count: None)}
    assert SHELTER.address in pieces[new.number].address_lines
    assert case.number not in pieces


def test_of_a_paid_household_the_excess_becomes_a_claim_in_the_same_transaction(orders):
    case = orders.case("paid")
    people = len(orders.members(case))
    before = orders.books()
    order = orders.split(case)
    claim = Claim.objects.get(case=case)
    assert order.claim_id == claim.pk
    assert (claim.amount_yen, claim.reason, claim.state) == (2 * EACH, "split_off", "open")
    assert (order.before_yen, order.after_yen) == (people * EACH, (people - 2) * EACH)
    assert case.standing.stage == "paid"
    after = orders.books()
    assert (after["claimed"], before["paid"] - after["paid"]) == (2 * EACH, 2 * EACH)
    assert orders.make_transfers() == orders_decided(orders), "the paid household is not paid again"
    sound(orders)


def orders_decided(orders: Orders) -> int:
    return Case.objects.filter(standing__stage="decided").count()


def test_of_a_decided_household_the_decision_and_its_transfer_are_taken_back(orders):
    case = orders.case("decided")
    batch = orders.built()
    count, owed = batch.count, orders.books()["owed"]
    people = len(orders.members(case))
    orders.split(case)
    assert Transfer.objects.get(case=case).state == "void"
    assert not Decision.objects.filter(case=case, in_force=True).exists()
    assert Case.objects.get(pk=case.pk).standing.stage == "in_review"
    assert due(case) == ((people - 2) * EACH, people - 2)
    batch.refresh_from_db()
    assert batch.count == count - 1
    assert owed - orders.books()["owed"] == people * EACH
    assert not Claim.objects.exists()
    sound(orders)


def test_a_household_that_passed_leaves_the_open_list_and_the_next_one_has_the_right_amount(orders):
    case = orders.case("passed")
    people = len(orders.members(case))
    made = orders.list_made()
    orders.split(case)
    made.refresh_from_db()
    assert Decision.objects.get(decision_list=made, case=case).outcome == "sent_back"
    again = orders.list_made()
    assert Decision.objects.get(decision_list=again, case=case).amount_yen == (people - 2) * EACH
    assert DecisionList.objects.count() == 4
    sound(orders)


def test_what_stands_in_a_sealed_file_waits_and_nothing_is_left_half_done(orders):
    case = orders.case("decided")
    orders.sealed()
    with pytest.raises(CannotOrder, match="振込データを取り消すか"):
        orders.split(case)
    assert not EntitlementOrder.objects.exists()
    assert Recipient.objects.filter(household_number__startswith="分").count() == 0


def test_the_plan_says_in_yen_what_the_order_then_does(orders):
    case = orders.case("paid")
    people = orders.members(case)
    plan = plan_split(case, people[-2:])
    order = orders.split(case)
    assert (plan.before_yen, plan.remaining_yen, plan.leaving_yen) == (
        order.before_yen,
        order.after_yen,
        due(order.new_case)[0],
    )
    assert plan.effect.claim_yen == order.claim.amount_yen


def test_those_split_off_apply_are_paid_and_the_chain_ends_at_the_same_sum(orders):
    case = orders.case("paid")
    total = orders.books()["paid"]
    new = orders.split(case).new_case
    orders.apply(new)
    orders.review_and_decide()
    orders.make_transfers()
    owed = orders.books()["owed"]
    orders.pay()
    assert Transfer.objects.get(case=new).state == "settled"
    assert Transfer.objects.get(case=new).amount_yen == 2 * EACH
    books = orders.books()
    assert books["paid"] == total - 2 * EACH + owed
    sound(orders)


# (what the order says, the words of the refusal)
REFUSED = [
    ({"actor": "manager"}, "担当課職員だけ"),
    ({"actor": "treasurer"}, "担当課職員だけ"),
    ({"given": DV._replace(number=" ")}, "決裁の番号"),
    ({"given": DV._replace(reason="")}, "理由を選んで"),
    ({"reached": SHELTER._replace(address=" ")}, "住所を入力"),
    ({"reached": SHELTER._replace(postal_code="123")}, "郵便番号は7桁"),
    ({"head": 0}, "新しい世帯の受給者"),
]


def test_an_order_that_lacks_something_is_refused_by_name(orders):
    case = orders.case("listed")
    for values, words in REFUSED:
        said = values | ({"actor": orders.staff[values["actor"]]} if "actor" in values else {})
        with pytest.raises(CannotOrder, match=words):
            orders.split(case, **said)
    assert not EntitlementOrder.objects.exists()


def test_the_head_stays_and_who_is_no_member_cannot_leave(orders):
    case = orders.case("listed")
    with pytest.raises(CannotOrder, match="世帯主は分離できません"):
        plan_split(case, orders.members(case))
    with pytest.raises(CannotOrder, match="数えていない人"):
        plan_split(case, [orders.members(orders.case("paid"))[1]])
    with pytest.raises(CannotOrder, match="選んでください"):
        plan_split(case, [])


def test_two_who_leave_one_after_the_other_are_claimed_for_once_each(orders):
    case = orders.case("paid", members=4)
    people = len(orders.members(case))
    orders.split(case, 1)
    orders.split(case, 1, given=DV._replace(number="福祉第32号"))
    assert list(Claim.objects.order_by("pk").values_list("amount_yen", flat=True)) == [EACH, EACH]
    assert due(case) == ((people - 2) * EACH, people - 2)
    orders.books()
    sound(orders)


def test_the_same_order_is_given_once(orders):
    case = orders.case("listed", members=4)
    orders.split(case, 1)
    with pytest.raises(CannotOrder, match="記録されています"):
        orders.split(case, 1)
    assert EntitlementOrder.objects.count() == 1


# (where the payment stands, what counts as given, what is right, the effect)
EFFECTS = [
    ("open", 300, 200, "replace"), ("open", 300, 400, "replace"), ("open", 300, 300, "replace"),
    ("decided", 300, 200, "hand_back"), ("decided", 300, 300, "keep"), ("decided", 300, 400, "hand_back"),
    ("at_the_bank", 300, 200, "wait"), ("at_the_bank", 300, 300, "keep"),
    ("paid", 300, 200, "claim"), ("paid", 300, 300, "replace"), ("paid", 300, 400, "supplement"),
    ("supplemented", 300, 200, "wait"),
]  # fmt: skip


@pytest.mark.parametrize(("payment", "before", "after", "code"), EFFECTS)
def test_the_effect_follows_from_where_the_payment_stands(payment, before, after, code):
    effect = effect_of(payment, before, after)
    assert effect.code == code
    assert effect.claim_yen == (before - after if code == "claim" else 0)
