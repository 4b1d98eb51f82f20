"""A batch that its bank takes in several files: one manifest, each file taken, confirmed and asked about by itself."""

import pytest

from tests.payment.conftest import DECIDED
from tests.payment.independent import parse
from todoku.payment.confirm import confirm
from todoku.payment.inquire import inquire
from todoku.payment.kept_files import bank_files, bundle
from todoku.payment.tables import Batch, SendRecord, Transfer
from todoku.payment.void import CannotVoid, void
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
