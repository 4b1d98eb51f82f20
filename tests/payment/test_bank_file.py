"""The sealed file: byte for byte what was decided, the same whenever it is rendered, whole after any crash."""

import hashlib

import pytest
from django.db import connection

from tests.payment.conftest import DECIDED
from tests.payment.independent import parse
from todoku.custody import files
from todoku.custody.tables import HandOver, Parcel
from todoku.formats.kana import bank_kana
from todoku.payment.bank_file import render
from todoku.payment.kept_files import FileChanged, bank_files
from todoku.payment.seal import NotReadyToSeal, seal
from todoku.payment.tables import Batch, Transfer
from todoku.review.tables import Decision


def decided_payments() -> list[tuple[str, str, str, str, str, int]]:
    """What the municipality decided, straight from its decisions: account, holder in bank kana, amount."""
    return sorted(
        (a.bank, a.branch, str(a.kind), a.number, bank_kana(a.holder_kana)[:30].rstrip(), d.amount_yen)
        for d in Decision.objects.filter(in_force=True, outcome="grant").select_related("account")
        for a in [d.account]
    )


def test_every_line_of_the_file_is_a_decision_and_every_decision_a_line(money):
    batch = money.sealed()
    file = parse(bank_files(batch)[0])
    assert sorted(row[:6] for row in file.rows) == decided_payments()
    assert (
        (file.count, file.total)
        == (DECIDED, sum(row.amount for row in file.rows))
        == (batch.count, batch.total_yen)
    )
    assert {row.number for row in file.rows} == set(Transfer.objects.values_list("number", flat=True))


def test_the_header_names_payer_day_and_the_name_in_passbooks(money):
    payer = money.programme.municipality
    file = parse(bank_files(money.sealed())[0])
    assert (file.client_code, file.value_date) == (payer.requester_code, "1204")
    assert file.client_name == "ﾄｸﾍﾞﾂﾃｲｶﾞｸｷﾕｳﾌｷﾝ"
    assert file.payer == (payer.bank_code, payer.branch_code, "1", payer.account_number)


def test_line_numbers_are_kept_beside_the_transfers(money):
    file = parse(bank_files(money.sealed())[0])
    lines = dict(Transfer.objects.values_list("line", "number"))
    assert [lines[at] for at in range(1, DECIDED + 1)] == [row.number for row in file.rows]
    assert len(lines) == DECIDED


def test_rendered_again_the_file_has_the_same_digest(money):
    batch = money.built()
    (first,) = render(batch)
    connection.close()
    (second,) = render(Batch.objects.get(pk=batch.pk))
    assert first == second
    sealed = seal(batch, actor=money.staff["maker"], at=money.at)
    assert sealed.files.get().sha256 == hashlib.sha256(first.data).hexdigest()
    assert bank_files(sealed) == [first.data]


def test_the_file_is_in_custody_with_its_count_and_digest(money):
    batch = money.sealed()
    file = batch.files.get()
    parcel = file.parcel
    assert (parcel.kind, parcel.record_count, parcel.sha256) == ("bank_file", DECIDED, file.sha256)
    assert HandOver.objects.get(parcel=parcel).count_found == DECIDED


class Killed(BaseException):
    """Stands for the death of the process: nothing of the product catches it."""


@pytest.fixture
def killed_after():
    """`killed_after("renamed")` ends the process at that step of writing a file; `killed_after("")` no more."""

    def arm(step: str) -> None:
        def die(name: str) -> None:
            if name == step:
                raise Killed

        files.AFTER_STEP[:] = [die]

    yield arm
    files.AFTER_STEP.clear()


@pytest.mark.parametrize("step", ["written", "synced", "renamed", "folder synced"])
def test_killed_between_file_and_seal_the_next_run_seals_the_same_bytes(money, killed_after, step):
    batch = money.built()
    (expected,) = render(batch)
    killed_after(step)
    with pytest.raises(Killed):
        seal(batch, actor=money.staff["maker"], at=money.at)
    connection.close()
    assert Batch.objects.get().state == "open"
    assert set(Transfer.objects.values_list("state", flat=True)) == {"ready"}
    killed_after("")
    sealed = seal(Batch.objects.get(), actor=money.staff["maker"], at=money.at)
    assert bank_files(sealed) == [expected.data]
    assert Parcel.objects.filter(kind="bank_file").count() == 1


def test_a_file_changed_on_disk_is_neither_approved_nor_sent(money):
    batch = money.sealed()
    path = files.inside(batch.files.get().parcel.path)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"0000100000", b"0004630000", 1))
    assert path.read_bytes() != data
    with pytest.raises(FileChanged, match="確定したときの内容と違います"):
        money.approve(batch, "approver")
    path.unlink()
    with pytest.raises(FileChanged, match="見つかりません"):
        money.approve(batch, "approver")
    path.write_bytes(data)
    assert money.approve(batch, "approver").approvals.count() == 1


def test_a_batch_is_sealed_once(money):
    batch = money.sealed()
    with pytest.raises(NotReadyToSeal, match="すでに確定"):
        seal(batch, actor=money.staff["maker"], at=money.at)
    assert Parcel.objects.filter(kind="bank_file").count() == 1
