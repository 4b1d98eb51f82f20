"""A household that applies twice: the first to arrive counts, another account is looked at, and money goes out once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from todoku.intake.tables import Submission
from todoku.payment.make_transfers import make_transfers
from todoku.payment.tables import Transfer
from todoku.people.actor import SYSTEM
from todoku.review.decide import decide, make_list
from todoku.review.tables import Decision, DecisionList, Finding, Proposal, Screening, Task

BLANK = {
    "bank": "",
    "branch": "",
    "account_number": "",
    "holder_kana": "",
    "yucho_symbol": "",
    "yucho_number": "",
}


def pay(office):
    made = make_list(programme=office.programme, actor=office.staff["manager"], at=office.later())
    decide(made, sha256=made.sha256, actor=office.staff["officer"], at=office.later())
    return make_transfers(programme=office.programme, actor=SYSTEM, at=office.later())


def pass_by_web(office, one):
    office.send_web(one)
    office.screen()
    assert office.stage(one) == "passed"


def test_the_same_account_twice_is_only_noted(office):
    one = office.unsampled[0]
    pass_by_web(office, one)
    office.later(days=1)
    office.arrive(office.form(one))
    second = office.submission(one)
    assert second.state == "not_counted"
    assert list(Finding.objects.values_list("submission_id", "code", "severity")) == [
        (second.pk, "D40", "note")
    ]
    assert office.stage(one) == "passed"
    assert not Task.objects.filter(state="open").exists()


def test_another_account_before_the_decision_brings_the_first_back_to_two_persons(office):
    one = office.unsampled[0]
    pass_by_web(office, one)
    listed = make_list(programme=office.programme, actor=office.staff["manager"], at=office.later())
    office.later(days=1)
    office.arrive(office.form(one, which=1))
    assert office.stage(one) == "in_review"
    assert Finding.objects.get().severity == "look"
    task = Task.objects.get(state="open")
    assert task.reason == "second_account"
    assert task.submission.channel == "web"
    listed.refresh_from_db()
    assert listed.state == "void"
    assert Decision.objects.get().remark == "別口座の申請あり"
    office.both()
    assert office.stage(one) == "passed"
    assert Proposal.objects.get().submission.channel == "web"


def test_a_second_application_without_an_account_differs_from_one_with(office):
    one = office.unsampled[0]
    pass_by_web(office, one)
    office.later(days=1)
    office.arrive(office.form(one, declines=True, **BLANK))
    assert office.stage(one) == "in_review"
    assert Finding.objects.get(code="D40").severity == "look"


def test_a_second_application_is_compared_once_the_first_is_screened_and_never_again(office):
    one = office.unsampled[0]
    office.key(office.form(one), office.form(one, which=1, key="again"))
    assert sorted(Submission.objects.values_list("state", flat=True)) == ["not_counted", "received"]
    office.screen()
    office.screen()
    assert Screening.objects.count() == 2
    assert Finding.objects.filter(code="D40").count() == 1
    assert Task.objects.filter(case_id=one.case).count() == 1


def test_after_the_decision_a_second_account_is_only_noted(office):
    one = office.unsampled[0]
    pass_by_web(office, one)
    pay(office)
    office.later(days=1)
    office.arrive(office.form(one, which=1))
    assert office.stage(one) == "decided"
    assert Finding.objects.get().severity == "note"
    assert not Task.objects.filter(state="open").exists()


def test_the_first_to_arrive_counts_also_when_it_is_keyed_later(office):
    one = office.unsampled[0]
    office.at += timedelta(days=3)
    early = office.today - timedelta(days=2)
    office.key(office.form(one, which=1))
    office.key(office.form(one, arrived_on=early, postmark_on=early, applied_on=early, key="early"))
    office.screen()
    counted = Submission.objects.get(case_id=one.case, state="screened")
    assert counted.arrived_on == early
    assert counted.accounts.get().number == office.account(one).number


def test_a_household_that_applied_twice_is_paid_once(office):
    one = office.unsampled[0]
    office.send_web(one)
    office.later()
    office.arrive(office.form(one, which=1))
    office.both()
    first = pay(office)
    again = make_transfers(programme=office.programme, actor=SYSTEM, at=office.later())
    assert (first.done, again.done) == (1, 0)
    transfer = Transfer.objects.get(case_id=one.case)
    assert transfer.account_number == office.account(one).number
    with (
        pytest.raises(IntegrityError, match="one_live_transfer_per_recipient"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            """
            insert into todoku_transfer (number, programme_id, payout, recipient_id, case_id, entitlement_id, decision_id,
              amount_yen, bank, branch, kind, account_number, holder_kana, state, made_at)
            select '9999999999', programme_id, payout, recipient_id, case_id, entitlement_id, decision_id, amount_yen, bank,
              branch, kind, account_number, holder_kana, 'ready', made_at from todoku_transfer
            """
        )
    assert DecisionList.objects.get().state == "decided"
