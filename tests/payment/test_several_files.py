"""A batch that its bank takes in several files: one manifest, each file taken, confirmed and asked about by itself."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from tests.payment.conftest import DECIDED
from tests.payment.ground import report_bytes
from tests.payment.independent import parse
from todoku.bank.read_result import read_result
from todoku.ledger.tables import LedgerEntry
from todoku.payment.agree_again import GIVE_UP, CannotAgree, agree_again
from todoku.payment.confirm import NoReceipt, confirm
from todoku.payment.file_standing import standings
from todoku.payment.give_up_file import CannotGiveUp, give_up_file
from todoku.payment.inquire import CannotHandAgain, CannotInquire, hand_over_again, inquire
from todoku.payment.kept_files import bank_files, bundle
from todoku.payment.ledger_differences import ledger_differences
from todoku.payment.make_transfers import make_transfers
from todoku.payment.sweep import sweep
from todoku.payment.tables import (
    BankInquiry,
    Batch,
    BatchFile,
    Confirmation,
    HandedAgain,
    SendRecord,
    Transfer,
)
from todoku.payment.void import CannotVoid, void
from todoku.people.actor import SYSTEM
from todoku.people.tables import Staff
from todoku.programme.tables import Municipality
from todoku_verify import verify

LIMIT = 5
SMALL_BANK = 'name = "small_bank"\nbase = "standard"\nmax_records = 5\n'


@pytest.fixture
def cut(money):
    Municipality.objects.update(bank_profile=SMALL_BANK)
    money.programme.refresh_from_db()
    return money


def test_the_files_together_are_the_batch_and_each_is_whole(cut):
    batch = cut.sealed()
    files = [parse(data) for data in bank_files(batch)]
    assert [file.count for file in files] == [LIMIT, LIMIT, DECIDED - 2 * LIMIT]
    assert sum(file.total for file in files) == batch.total_yen
    numbers = [row.number for file in files for row in file.rows]
    assert sorted(numbers) == sorted(Transfer.objects.values_list("number", flat=True))
    placed = Transfer.objects.order_by("file_number", "line").values_list("number", flat=True)
    assert list(placed) == numbers


def test_the_verifier_holds_all_files_against_the_one_manifest(cut):
    batch = cut.sealed()
    kept = bundle(batch)
    names = [file.name for file in batch.files.order_by("number")]
    (listed,) = [name for name in kept if name.startswith("decisions-")]
    decisions = {int(listed.split("-")[1].split(".")[0]): kept[listed]}
    sheet, lines = kept[f"manifest-{batch.pk}.json"], kept[f"lines-{batch.pk}.tsv"]
    whole = verify(sheet, lines, decisions, [(name, kept[name]) for name in names])
    assert (whole.ok, whole.count) == (True, DECIDED)
    swapped = verify(
        sheet,
        lines,
        decisions,
        [(names[0], kept[names[1]]), (names[1], kept[names[0]]), (names[2], kept[names[2]])],
    )
    missing = verify(sheet, lines, decisions, [(name, kept[name]) for name in names[:2]])
    assert (swapped.ok, missing.ok) == (False, False)


def test_each_file_has_its_own_receipt_and_the_batch_is_sent_with_the_last(cut):
    batch = cut.approved()
    cut.send(batch, receipt="")
    first, second, third = batch.files.order_by("number")
    treasurer = cut.staff["treasurer"]
    confirm(first, receipt="R-1", actor=treasurer, at=cut.at)
    assert cut.stages() == {"decided": DECIDED - LIMIT, "paying": LIMIT}
    # The line broke at the second file: the bank is asked about it alone.
    inquire(
        second, sha256=second.sha256, answer="received", bank_person="佐藤", reference="R-2", actor=treasurer,
        at=cut.at,
    )  # fmt: skip
    assert Batch.objects.get().state == "sending"
    with pytest.raises(CannotVoid):
        void(Batch.objects.get(), reason="試し", actor=treasurer, at=cut.at)
    confirm(third, receipt="R-3", actor=treasurer, at=cut.at)
    assert (Batch.objects.get().state, cut.stages()) == ("sent", {"paying": DECIDED})
    assert SendRecord.objects.count() == 3


# --- one file among others is given up ------------------------------------------------------------------------------------


def denied(cut, file: BatchFile) -> BankInquiry:
    return inquire(
        file, sha256=file.sha256, answer="not_received", bank_person="佐藤", reference="",
        actor=cut.staff["treasurer"], at=cut.at,
    )  # fmt: skip


def given_up(cut, inquiry: BankInquiry, **other) -> Batch:
    officer = Staff.objects.get(pk=cut.staff["officer"].id)
    values = {"second": officer, "reason": "回線の障害", "actor": cut.staff["treasurer"], "at": cut.at}
    return give_up_file(inquiry, **(values | other))


def one_denied(cut) -> tuple[Batch, BankInquiry]:
    """Three files: the first is received, the second denied, of the third nothing is known."""
    batch = cut.approved()
    cut.send(batch, receipt="")
    first, second, _ = batch.files.order_by("number")
    confirm(first, receipt="R-1", actor=cut.staff["treasurer"], at=cut.at)
    return batch, denied(cut, second)


def test_a_file_that_the_bank_never_had_is_given_up_and_the_rest_goes_on(cut):
    batch, inquiry = one_denied(cut)
    treasurer = cut.staff["treasurer"]
    with pytest.raises(CannotVoid, match="そのファイルの依頼を取りやめ"):
        void(batch, reason="急ぎ", actor=treasurer, at=cut.at)
    agree_again(inquiry, to=GIVE_UP, actor=cut.staff["officer"], at=cut.at)
    assert given_up(cut, inquiry).state == "sending"
    voided = Transfer.objects.filter(state="void")
    assert set(voided.values_list("file_number", flat=True)) == {2} and voided.count() == LIMIT
    assert LedgerEntry.objects.filter(kind="recalled").count() == LIMIT
    assert [one.state for one in standings(Batch.objects.get())] == ["confirmed", "given_up", "unknown"]
    confirm(batch.files.get(number=3), receipt="R-3", actor=treasurer, at=cut.at)
    assert (Batch.objects.get().state, cut.stages()) == (
        "sent",
        {"decided": LIMIT, "paying": DECIDED - LIMIT},
    )
    make_transfers(programme=cut.programme, actor=SYSTEM, at=cut.at)
    assert Transfer.objects.filter(state="ready").count() == LIMIT
    cut.to_value_date()
    report = read_result(batch, report_bytes(), name="kekka.csv", actor=cut.staff["maker"], at=cut.at)
    assert (report.done, Batch.objects.get().state) == (DECIDED - LIMIT, "reconciled")
    assert ledger_differences(cut.programme) == []
    found = sweep(programme=cut.programme, occasion="night", actor=SYSTEM, at=cut.at)
    assert {key: one["what"] for key, one in found.checks.items() if one["found"]} == {}


def test_the_last_open_file_that_is_given_up_leaves_the_batch_sent_and_all_of_them_leave_it_void(cut):
    batch, second = one_denied(cut)
    third = denied(cut, batch.files.get(number=3))
    for inquiry, state in ((third, "sending"), (second, "sent")):
        agree_again(inquiry, to=GIVE_UP, actor=cut.staff["officer"], at=cut.at)
        assert given_up(cut, inquiry).state == state
    assert Transfer.objects.filter(state="sent").count() == LIMIT


def test_when_every_file_was_denied_the_batch_is_void_with_the_last_that_is_given_up(cut):
    batch = cut.approved()
    cut.send(batch, receipt="")
    asked = [denied(cut, file) for file in batch.files.order_by("number")]
    agree_again(asked[0], to=GIVE_UP, actor=cut.staff["officer"], at=cut.at)
    assert given_up(cut, asked[0]).state == "sending"
    assert void(batch, reason="回線の障害", actor=cut.staff["treasurer"], at=cut.at).state == "void"
    assert set(Transfer.objects.values_list("state", flat=True)) == {"void"}
    assert ledger_differences(cut.programme) == []


def test_giving_up_takes_the_banks_newest_word_two_persons_and_a_reason(cut):
    batch, inquiry = one_denied(cut)
    treasurer, officer = cut.staff["treasurer"], cut.staff["officer"]
    agree_again(inquiry, actor=officer, at=cut.at)
    with pytest.raises(CannotGiveUp, match="取りやめに同意"):
        given_up(cut, inquiry)
    with pytest.raises(CannotAgree, match="本人は同意できません"):
        agree_again(inquiry, to=GIVE_UP, actor=treasurer, at=cut.at)
    agree_again(inquiry, to=GIVE_UP, actor=officer, at=cut.at)
    with pytest.raises(CannotGiveUp, match="理由"):
        given_up(cut, inquiry, reason=" ")
    with pytest.raises(CannotGiveUp, match="出納と"):
        given_up(cut, inquiry, actor=officer)
    with pytest.raises(CannotGiveUp, match="出納と"):
        given_up(cut, inquiry, second=Staff.objects.get(pk=treasurer.id))
    newer = denied(cut, inquiry.file)
    with pytest.raises(CannotGiveUp, match="最新の回答"):
        given_up(cut, inquiry)
    agree_again(newer, to=GIVE_UP, actor=officer, at=cut.at)
    given_up(cut, newer)
    with pytest.raises(CannotGiveUp, match="最新の回答"):
        given_up(cut, newer)


def test_what_was_given_up_goes_nowhere_any_more(cut):
    batch, inquiry = one_denied(cut)
    treasurer, officer = cut.staff["treasurer"], Staff.objects.get(pk=cut.staff["officer"].id)
    for to in (GIVE_UP, "batch.agree_again"):
        agree_again(inquiry, to=to, actor=cut.staff["officer"], at=cut.at)
    given_up(cut, inquiry)
    with pytest.raises(NoReceipt, match="取りやめました"):
        confirm(inquiry.file, receipt="R-2", actor=treasurer, at=cut.at)
    with pytest.raises(CannotInquire, match="取りやめました"):
        denied(cut, inquiry.file)
    with pytest.raises(CannotHandAgain, match="取りやめました"):
        hand_over_again(inquiry, second=officer, actor=treasurer, at=cut.at)
    for make in (
        lambda: Confirmation.objects.create(
            file=inquiry.file, receipt="R-2", confirmed_by_id=treasurer.id, at=cut.at
        ),
        lambda: HandedAgain.objects.create(
            inquiry=inquiry, taken_by_id=treasurer.id, second=officer, at=cut.at
        ),
    ):
        with pytest.raises(DatabaseError, match="a_file_that_was_given_up_stays_so"), transaction.atomic():
            make()
    with pytest.raises(DatabaseError, match="a_sent_batch_is_confirmed_by_the_bank"), transaction.atomic():
        Batch.objects.filter(pk=batch.pk).update(state="sent")
    assert Batch.objects.get().state == "sending"


def test_a_file_is_not_handed_over_again_after_its_value_date(cut):
    _, inquiry = one_denied(cut)
    agree_again(inquiry, actor=cut.staff["officer"], at=cut.at)
    officer = Staff.objects.get(pk=cut.staff["officer"].id)
    cut.to_value_date()
    with pytest.raises(CannotHandAgain, match="振込指定日が過ぎた"):
        hand_over_again(inquiry, second=officer, actor=cut.staff["treasurer"], at=cut.at + timedelta(days=1))
    assert hand_over_again(inquiry, second=officer, actor=cut.staff["treasurer"], at=cut.at).second == officer
