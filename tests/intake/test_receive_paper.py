"""A paper form keyed by an operator: kept whole, the case received, refusals with their remedy."""

from dataclasses import replace
from datetime import timedelta

import pytest

from todoku.case import stages
from todoku.case.move import move
from todoku.case.tables import CaseEvent, CaseStage
from todoku.intake.find_cases import CaseClosed, UnknownNumber, WrongNumber
from todoku.intake.forms import PaperForm
from todoku.intake.receive_paper import WrongDate, receive_paper
from todoku.intake.tables import AccountVersion, Entry, Submission
from todoku.people.actor import SYSTEM


@pytest.fixture
def form(letter, day):
    return PaperForm(
        number=letter.number,
        arrived_on=day,
        postmark_on=day - timedelta(days=2),
        applied_on=day - timedelta(days=3),
        phone="045-000-0000",
        identity_evidence="clear",
        account_evidence="clear",
        yucho_symbol="14080",
        yucho_number="12712721",
        holder_kana=letter.kana,
    )


@pytest.fixture
def receive(town, clerk, at):
    return lambda form, **other: receive_paper(
        form, **({"programme": town.programme, "actor": clerk, "at": at} | other)
    )


def walk(town, case, at, *through):
    """Brings a case to a stage by the arrows that lead there."""
    for stage in through:
        move([case], programme=town.programme, to=stage, why="試験", actor=SYSTEM, at=at)


def test_a_form_leaves_submission_account_and_keying_and_the_case_is_received(receive, form, letter, at):
    submission = receive(form, started_at=at - timedelta(seconds=95))
    assert (submission.case_id, submission.channel, submission.state) == (letter.case, "paper", "received")
    account = AccountVersion.objects.get(submission=submission)
    assert (account.bank, account.branch, account.kind, account.number) == ("9900", "408", 1, "1271272")
    assert (account.yucho_symbol, account.yucho_number, account.version) == ("14080", "12712721", 1)
    entry = Entry.objects.get(submission=submission)
    assert (entry.finished_at - entry.started_at).seconds == 95
    assert CaseStage.objects.get(pk=letter.case).stage == stages.RECEIVED
    assert CaseEvent.objects.filter(case=letter.case, to_stage=stages.RECEIVED).count() == 1


def test_the_number_may_be_typed_in_any_width_and_with_hyphens(receive, form, letter):
    number = f"{letter.number[:4]}－{letter.number[4:8]}-{letter.number[8:]}"
    assert receive(replace(form, number=number)).case_id == letter.case


def test_a_miscopied_number_is_refused_and_nothing_is_kept(receive, form):
    wrong = form.number[:5] + str((int(form.number[5]) + 1) % 10) + form.number[6:]
    with pytest.raises(WrongNumber) as refused:
        receive(replace(form, number=wrong))
    assert "入力し直してください" in refused.value.sentence
    assert not Submission.objects.exists()


def test_a_number_that_nobody_was_given_is_refused_by_another_name(receive, form):
    with pytest.raises(UnknownNumber) as refused:
        receive(replace(form, number="0000000000000"))
    assert "給付金の名前を確かめて" in refused.value.sentence


@pytest.mark.parametrize(
    ("through", "words"),
    [
        (
            (stages.RECEIVED, stages.PASSED, stages.DECIDED, stages.PAYING, stages.PAID),
            "二重に支給することはありません",
        ),
        ((stages.RECEIVED, stages.PASSED, stages.REFUSED), "申立て"),
        ((stages.LAPSED,), "自治体の指示"),
    ],
)
def test_a_case_at_its_end_takes_no_form_and_says_what_to_do_with_the_paper(
    town, receive, form, letter, at, through, words
):
    walk(town, letter.case, at, *through)
    with pytest.raises(CaseClosed) as refused:
        receive(form)
    assert words in refused.value.sentence
    assert not Submission.objects.exists()


def test_dates_that_cannot_be_right_are_refused(receive, form, day):
    with pytest.raises(WrongDate, match="今日より後"):
        receive(replace(form, arrived_on=day + timedelta(days=1)))
    with pytest.raises(WrongDate, match="消印"):
        receive(replace(form, postmark_on=day + timedelta(days=1)))
    assert not Submission.objects.exists()


def test_the_second_of_two_forms_is_kept_but_does_not_count(receive, form, later):
    first = receive(form)
    second = receive(replace(form, arrived_on=form.arrived_on, phone="090-0000-0000"))
    first.refresh_from_db()
    assert (first.state, second.state) == ("received", "not_counted")
    assert AccountVersion.objects.count() == 2


def test_what_arrived_earlier_goes_first_though_it_was_keyed_later(receive, form):
    keyed_first = receive(form)
    keyed_second = receive(replace(form, arrived_on=form.arrived_on - timedelta(days=1), postmark_on=None))
    keyed_first.refresh_from_db()
    assert (keyed_first.state, keyed_second.state) == ("not_counted", "received")


def test_once_somebody_has_looked_the_counted_one_stays(town, receive, form, letter, at):
    first = receive(form)
    Submission.objects.filter(pk=first.pk).update(state="screened")
    walk(town, letter.case, at, stages.IN_REVIEW)
    second = receive(replace(form, arrived_on=form.arrived_on - timedelta(days=1), postmark_on=None))
    first.refresh_from_db()
    assert (first.state, second.state) == ("screened", "not_counted")
    assert CaseStage.objects.get(pk=letter.case).stage == stages.IN_REVIEW


def test_a_correction_replaces_what_was_returned_and_takes_over_its_account(town, receive, form, letter, at):
    returned = receive(replace(form, identity_evidence=""))
    Submission.objects.filter(pk=returned.pk).update(state="screened")
    walk(town, letter.case, at, stages.IN_REVIEW, stages.RETURNED)
    correction = receive(PaperForm(number=form.number, arrived_on=form.arrived_on, identity_evidence="clear"))
    returned.refresh_from_db()
    assert (returned.state, correction.state) == ("superseded", "received")
    assert (correction.identity_evidence, correction.account_evidence) == ("clear", "clear")
    assert correction.accounts.get().yucho_number == "12712721"
    assert CaseStage.objects.get(pk=letter.case).stage == stages.RECEIVED


def test_after_a_failed_transfer_the_old_account_is_no_fallback(town, receive, form, letter, at):
    paid = receive(form)
    Submission.objects.filter(pk=paid.pk).update(state="screened")
    walk(
        town, letter.case, at, stages.PASSED, stages.DECIDED, stages.PAYING, stages.FAILED
    )  # the bank sent the money back
    again = receive(PaperForm(number=form.number, arrived_on=form.arrived_on))
    assert (again.state, again.accounts.get().number) == ("received", "")


def test_the_same_press_twice_is_one_form(receive, form):
    first = receive(replace(form, key="page-1"))
    again = receive(replace(form, key="page-1", phone="090-1111-1111"))
    assert (again.pk, Submission.objects.count()) == (first.pk, 1)
