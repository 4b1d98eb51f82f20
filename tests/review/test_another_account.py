"""The bank sends money back: another account is screened, judged and decided anew, and paid as the retry of the first."""

from datetime import timedelta

import pytest

from todoku.bank.read_result import read_result
from todoku.formats.bank_days import bank_days_after
from todoku.payment.approve import approve
from todoku.payment.build_batch import build_batch
from todoku.payment.kept_files import bank_files
from todoku.payment.make_transfers import make_transfers
from todoku.payment.seal import seal
from todoku.payment.send import send
from todoku.payment.tables import Transfer
from todoku.people.actor import SYSTEM
from todoku.review.decide import decide, make_list
from todoku.review.tables import Decision, Finding, Proposal
from todoku.rounds.due_letters import due_items
from todoku.sampletown import bank


def decide_all(office):
    made = make_list(programme=office.programme, actor=office.staff["manager"], at=office.later())
    decide(made, sha256=made.sha256, actor=office.staff["officer"], at=office.later())
    return make_transfers(programme=office.programme, actor=SYSTEM, at=office.later())


def pay_and_fail(office):
    """Sends what is ready to the bank, which sends everything back."""
    day = bank_days_after(office.today, 3)
    batch = build_batch(
        programme=office.programme,
        value_date=day,
        received_by=None,
        actor=office.staff["maker"],
        at=office.later(),
        budget_item="3-1-1-18 給付金",
        payment_order="支令-0001",
    )
    batch = seal(batch, actor=office.staff["maker"], at=office.later())
    for who in ("approver", "treasurer"):
        batch = approve(batch, sha256=batch.sha256, actor=office.staff[who], at=office.later())
    office.at = batch.releasable_at.astimezone(office.at.tzinfo)
    send(batch, sha256=batch.sha256, bank_receipt="受付1", actor=office.staff["treasurer"], at=office.later())
    office.at += timedelta(days=(day - office.today).days + 1)
    answer = bank.returned_transfers(bank_files(batch), 1, share=1.0, returned_on=office.today)
    read_result(batch, answer, name="returned.csv", actor=office.staff["maker"], at=office.later())


@pytest.fixture
def failed(office):
    """One case whose transfer came back."""
    one = office.unsampled[0]
    office.arrive(office.form(one))
    office.both()
    decide_all(office)
    pay_and_fail(office)
    assert office.stage(one) == "failed"
    return one


def test_the_letter_names_the_account_by_its_last_digits_and_is_due_once(office, failed):
    (item,) = due_items("transfer_failed", office.programme, office.today)
    assert item.values[1].endswith("****" + Transfer.objects.get().account_number[-3:])
    assert item.occasion == Transfer.objects.get().pk


def test_another_account_on_paper_goes_through_both_persons_and_is_paid_as_a_retry(office, failed):
    office.later(days=5)
    office.arrive(office.form(failed, which=1, identity_evidence=""))
    assert not Finding.objects.filter(submission=office.submission(failed)).exists()
    office.both()
    assert Proposal.objects.get().account.number == office.account(failed, 1).number
    assert decide_all(office).done == 1
    first, retry = Transfer.objects.order_by("id")
    assert retry.retry_of == first
    assert (first.state, retry.state) == ("returned", "ready")
    assert retry.account_number == office.account(failed, 1).number
    assert list(Decision.objects.order_by("id").values_list("in_force", flat=True)) == [False, True]


def test_another_account_by_web_goes_straight_to_the_decision(office, failed):
    office.later(days=5)
    office.send_web(failed, which=1)
    assert office.screen().done == 1
    assert decide_all(office).done == 1
    assert Transfer.objects.get(state="ready").retry_of == Transfer.objects.get(state="returned")


def test_another_account_after_the_last_day_for_it_is_looked_at(office, failed):
    office.at += timedelta(days=(office.programme.terms.payment.repay_deadline - office.today).days + 2)
    office.arrive(office.form(failed, which=1))
    assert Finding.objects.get(submission=office.submission(failed)).code == "D42"
    assert office.stage(failed) == "in_review"


def test_a_form_without_an_account_never_falls_back_on_the_one_that_failed(office, failed):
    blank = {
        "bank": "",
        "branch": "",
        "account_number": "",
        "holder_kana": "",
        "yucho_symbol": "",
        "yucho_number": "",
    }
    office.later(days=5)
    office.arrive(office.form(failed, **blank))
    found = set(Finding.objects.filter(submission=office.submission(failed)).values_list("code", flat=True))
    assert found == {"D10"}
