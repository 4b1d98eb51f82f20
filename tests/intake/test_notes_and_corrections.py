"""What else the intake keeps: contact notes with call-backs, corrected accounts, counts of failed look-ups."""

import os
from datetime import timedelta

import pytest

from todoku.case import stages
from todoku.case.move import move
from todoku.custody import files
from todoku.intake.add_note import NoteForm, NoteRefused, add_note
from todoku.intake.call_back_done import NothingToCallBack, call_back_done
from todoku.intake.clear_leftovers import clear_leftovers
from todoku.intake.correct_account import AccountFixed, NothingChanged, correct_account
from todoku.intake.failed_lookups import (
    NUMBER_FAILURES_MAX,
    SPAN,
    address_and_number,
    count_failure,
    is_blocked,
)
from todoku.intake.find_cases import UnknownNumber
from todoku.intake.forms import AccountForm, PaperForm
from todoku.intake.receive_paper import receive_paper
from todoku.intake.tables import ContactNote, FailedLookup
from todoku.people.actor import SYSTEM

ACCOUNT = AccountForm(bank="0001", branch="001", account_number="7654321", holder_kana="ヤマダ")


@pytest.fixture
def note(town, clerk, at):
    return lambda form: add_note(form, programme=town.programme, actor=clerk, at=at)


def test_a_note_belongs_to_a_case_or_to_whoever_called(note, letter):
    by_number = note(
        NoteForm(asked="いつ振り込まれるか", number=letter.number, identity_checked="番号と生年月日")
    )
    by_name = note(NoteForm(asked="届かない", caller="名乗らず、男性"))
    assert (by_number.case_id, by_name.case_id) == (letter.case, None)
    assert by_name.actor_name == "受付 花子"


@pytest.mark.parametrize(
    ("form", "refusal"),
    [
        (NoteForm(asked=" ", caller="不明"), NoteRefused),
        (NoteForm(asked="届かない"), NoteRefused),
        (NoteForm(asked="番号は 1234-5678-9018 だそうです", caller="不明"), NoteRefused),
        (NoteForm(asked="届かない", number="0000000000000"), UnknownNumber),
    ],
)
def test_a_note_that_helps_nobody_or_holds_too_much_is_refused(note, form, refusal):
    with pytest.raises(refusal):
        note(form)
    assert not ContactNote.objects.exists()


def test_a_call_back_is_made_once(note, clerk, day, at):
    kept = note(NoteForm(asked="届かない", caller="不明", promised="折り返し", call_back_on=day))
    assert call_back_done(kept.pk, actor=clerk, at=at).done == 1
    with pytest.raises(NothingToCallBack):
        call_back_done(kept.pk, actor=clerk, at=at)
    kept.refresh_from_db()
    assert kept.call_back_done_by == "受付 花子"


@pytest.fixture
def submission(town, letter, clerk, day, at):
    form = PaperForm(
        number=letter.number, arrived_on=day, bank="0005", branch="001", account_number="1234567"
    )
    return receive_paper(form, programme=town.programme, actor=clerk, at=at)


def test_a_corrected_account_is_a_new_version_beside_the_old_one(submission, clerk, at):
    corrected = correct_account(submission.pk, ACCOUNT, actor=clerk, at=at)
    assert (corrected.version, corrected.bank) == (2, "0001")
    assert submission.accounts.get(version=1).bank == "0005"


def test_nothing_to_correct_is_said(submission, clerk, at):
    with pytest.raises(NothingChanged):
        correct_account(submission.pk, AccountForm(), actor=clerk, at=at)
    assert submission.accounts.count() == 1


def test_an_account_is_fixed_once_the_review_is_over(town, submission, letter, clerk, at):
    move([letter.case], programme=town.programme, to=stages.PASSED, why="試験", actor=SYSTEM, at=at)
    with pytest.raises(AccountFixed) as refused:
        correct_account(submission.pk, ACCOUNT, actor=clerk, at=at)
    assert "差し戻して" in refused.value.sentence


def test_a_number_is_closed_after_some_failures_whether_it_exists_or_not(database, at):
    words = address_and_number("192.0.2.1", "0000000000000")
    for _ in range(NUMBER_FAILURES_MAX - 1):
        count_failure(words, secret="s", at=at)
    assert not is_blocked(words, secret="s", at=at)
    count_failure(words, secret="s", at=at)
    assert is_blocked(words, secret="s", at=at)
    assert not is_blocked(address_and_number("192.0.2.1", "1"), secret="s", at=at)
    assert not is_blocked(words, secret="s", at=at + SPAN)
    assert not FailedLookup.objects.filter(key__contains="192").exists()


def test_what_nobody_needs_any_more_goes_after_a_day(town, at):
    files.write("drafts/" + "a" * 32 + ".jpg", b"old")
    files.write("drafts/" + "b" * 32 + ".jpg", b"new")
    old = (at - timedelta(days=2)).timestamp()
    os.utime(files.inside("drafts/" + "a" * 32 + ".jpg"), (old, old))
    os.utime(files.inside("drafts/" + "b" * 32 + ".jpg"), (at.timestamp(), at.timestamp()))
    count_failure(address_and_number("192.0.2.1", "1"), secret="s", at=at - timedelta(days=2))
    assert clear_leftovers(actor=SYSTEM, at=at).done == 1
    assert not FailedLookup.objects.exists()
    assert [path.name[0] for path in files.inside("drafts").iterdir()] == ["b"]
