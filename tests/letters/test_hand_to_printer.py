"""A run goes to the printer: only released, read back and approved on its digest, to a key that two people vouch for."""

import io
from datetime import timedelta
from pathlib import Path

import pyrage
import pytest
from django.db import IntegrityError, transaction

from tests.proofs import city_officer
from tests.town_fixture import AT, MANAGER, PRINTER
from todoku.custody import files
from todoku.custody.tables import HandOver, Parcel
from todoku.incident.tables import Incident
from todoku.letters.hand_to_printer import (
    CannotHandOver,
    Enclosing,
    ReceiptDiffers,
    confirm_printer,
    hand_to_printer,
    ready_for_printer,
    record_receipt,
    register_printer,
)
from todoku.letters.make_run import make_form_run
from todoku.letters.stopped import RunStopped
from todoku.letters.tables import Printer, PrinterParcel, PrintRun, ProofApproval
from todoku.sheets.insert_plan import setup_for
from todoku.sheets.printer_parcel import KeyRefused, checked, opened

SECRET = pyrage.x25519.Identity.generate()
ENCLOSING = Enclosing(setup_for("kaku2", reply=True))
LATER = AT + timedelta(hours=2)


@pytest.fixture
def run(fonts_dir: Path, town) -> PrintRun:
    made = make_form_run(programme=town.programme, limit=20, actor=PRINTER, at=AT)
    return PrintRun.objects.select_related("programme", "pdf", "manifest").get(pk=made.pk)


@pytest.fixture
def printer(run: PrintRun) -> Printer:
    key = str(SECRET.to_public())
    made = register_printer("見本印刷株式会社", key, programme_id=run.programme_id, actor=PRINTER, at=AT)
    confirm_printer(made, actor=MANAGER, at=AT)
    return made


def _proof(run: PrintRun, approved: bool = True, sha256: str = "") -> None:
    officer = city_officer()
    ProofApproval.objects.create(
        run=run,
        sha256=sha256 or run.pdf.sha256,
        approved=approved,
        at=AT,
        actor_id=officer.id,
        actor_name=officer.name,
    )


def _ready(run: PrintRun) -> None:
    """Approved and released, and read back when it was made; what release asks besides (stock, permit) is not the
    printer's matter."""
    _proof(run)
    run.state, run.released_at, run.released_by = "released", AT, MANAGER.name
    run.save(update_fields=["state", "released_at", "released_by"])


def test_a_ready_run_becomes_one_encrypted_parcel_with_its_hand_over(run: PrintRun, printer: Printer) -> None:
    _ready(run)
    handed = hand_to_printer(run, printer=printer, enclosing=ENCLOSING, actor=MANAGER, at=LATER)
    path = files.inside(handed.parcel.path)
    assert files.sha256_of(path) == handed.parcel.sha256
    with path.open("rb") as file:
        found = checked(opened(file, str(SECRET)))
    assert found.manifest["pieces"] == handed.pieces == run.pieces == 20
    assert found.manifest["pages"] == run.pages
    assert found.manifest["source_sha256"] == run.pdf.sha256
    hand_over = HandOver.objects.get(parcel=handed.parcel)
    assert (hand_over.to_party, hand_over.count_stated) == ("見本印刷株式会社", 20)
    assert not handed.late
    # The run's own two files, and the encrypted parcel: nothing else lies there.
    assert sorted(one.suffix for one in path.parent.iterdir()) == [".age", ".csv", ".pdf"]


def test_handed_over_again_it_is_the_same_parcel(run: PrintRun, printer: Printer) -> None:
    _ready(run)
    first = hand_to_printer(run, printer=printer, enclosing=ENCLOSING, actor=MANAGER, at=LATER)
    again = hand_to_printer(run, printer=printer, enclosing=ENCLOSING, actor=MANAGER, at=LATER)
    assert again.pk == first.pk
    assert PrinterParcel.objects.count() == 1
    assert Parcel.objects.filter(name__endswith=".age").count() == 1


@pytest.mark.parametrize(("minutes", "late"), [(1, False), (-1, True)])
def test_a_hand_over_after_the_deadline_is_allowed_and_stands_as_late(
    run: PrintRun, printer: Printer, minutes: int, late: bool
) -> None:
    _ready(run)
    PrintRun.objects.filter(pk=run.pk).update(deadline_at=LATER + timedelta(minutes=minutes))
    assert hand_to_printer(run, printer=printer, enclosing=ENCLOSING, actor=MANAGER, at=LATER).late is late


def test_each_thing_that_is_missing_is_named_until_the_run_is_ready(run: PrintRun) -> None:
    for state in ("made", "void", "dispatched"):
        run.state = state
        with pytest.raises(CannotHandOver, match="確認が済んだ、発送前"):
            ready_for_printer(run)
    # In memory alone: the database itself releases no run that was not read back and approved.
    run.state = "released"
    with pytest.raises(CannotHandOver, match="校了がありません"):
        ready_for_printer(run)
    _proof(run, sha256="0" * 64)
    with pytest.raises(CannotHandOver, match="校了がありません"):
        ready_for_printer(run)
    _proof(run, approved=False)
    with pytest.raises(CannotHandOver, match="校了がありません"):
        ready_for_printer(run)
    _proof(run)
    ready_for_printer(run)
    # Another file under the same name, whose pages nobody read: neither the read-back nor the proof is of it.
    path = files.inside(run.pdf.path)
    path.write_bytes(path.read_bytes() + b"\n")
    run.pdf.sha256 = files.sha256_of(path)
    with pytest.raises(CannotHandOver, match="全ページの照合が済んでいません"):
        ready_for_printer(run)
    assert PrinterParcel.objects.count() == 0


def test_a_run_that_an_incident_stops_and_one_with_gift_codes_stay(run: PrintRun, printer: Printer) -> None:
    _ready(run)
    run.kind = "gift"
    with pytest.raises(CannotHandOver, match="ギフトコード"):
        ready_for_printer(run)
    made = Incident.objects.create(
        programme=run.programme,
        kind="mis_sent",
        found_at=AT,
        what="照合の誤り",
        opened_at=AT,
        opened_by=PRINTER.name,
    )
    PrintRun.objects.filter(pk=run.pk).update(stopped_by=made)
    with pytest.raises(RunStopped, match="止めています"):
        hand_to_printer(run, printer=printer, enclosing=ENCLOSING, actor=MANAGER, at=LATER)


def test_a_file_changed_on_disk_since_it_was_approved_does_not_leave(run: PrintRun, printer: Printer) -> None:
    _ready(run)
    path = files.inside(run.pdf.path)
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(CannotHandOver, match="作成したときのものと違います"):
        hand_to_printer(run, printer=printer, enclosing=ENCLOSING, actor=MANAGER, at=LATER)


def test_a_run_of_protected_people_is_printed_in_the_house(fonts_dir: Path, town, printer: Printer) -> None:
    made = make_form_run(programme=town.programme, protected=True, actor=PRINTER, at=AT)
    protected = PrintRun.objects.select_related("programme", "pdf", "manifest").get(pk=made.pk)
    _ready(protected)
    with pytest.raises(CannotHandOver, match="支援措置の方の印刷ロットは"):
        hand_to_printer(protected, printer=printer, enclosing=ENCLOSING, actor=MANAGER, at=LATER)


def test_a_key_is_vouched_for_by_two_people(run: PrintRun) -> None:
    _ready(run)
    with pytest.raises(KeyRefused, match="これは秘密鍵です"):
        register_printer("見本印刷", str(SECRET), programme_id=run.programme_id, actor=PRINTER, at=AT)
    key = str(SECRET.to_public())
    made = register_printer("見本印刷", key, programme_id=run.programme_id, actor=PRINTER, at=AT)
    with pytest.raises(CannotHandOver, match="別の人がまだ確認していません"):
        hand_to_printer(run, printer=made, enclosing=ENCLOSING, actor=MANAGER, at=LATER)
    with pytest.raises(CannotHandOver, match="登録した人とは別の人"):
        confirm_printer(made, actor=PRINTER, at=AT)
    with (
        pytest.raises(IntegrityError, match="a_printers_key_is_confirmed_by_another_person"),
        transaction.atomic(),
    ):
        Printer.objects.filter(pk=made.pk).update(confirmed_by=PRINTER.name, confirmed_at=AT)
    assert confirm_printer(made, actor=MANAGER, at=AT).done == 1
    assert confirm_printer(made, actor=MANAGER, at=AT).done == 0
    Printer.objects.filter(pk=made.pk).update(retired_at=AT)
    made.refresh_from_db()
    with pytest.raises(CannotHandOver, match="使われなくなった公開鍵"):
        hand_to_printer(run, printer=made, enclosing=ENCLOSING, actor=MANAGER, at=LATER)


def test_the_printers_receipt_must_name_the_digest_of_the_parcel(run: PrintRun, printer: Printer) -> None:
    _ready(run)
    handed = hand_to_printer(run, printer=printer, enclosing=ENCLOSING, actor=MANAGER, at=LATER)
    with pytest.raises(ReceiptDiffers, match="印刷を止めてもらい"):
        record_receipt(handed, sha256=run.pdf.sha256, actor=PRINTER, at=LATER)
    assert PrinterParcel.objects.get().received_at is None
    typed = " ".join(handed.parcel.sha256.upper()[at : at + 8] for at in range(0, 64, 8))
    assert record_receipt(handed, sha256=typed, actor=PRINTER, at=LATER).done == 1
    assert record_receipt(handed, sha256=typed, actor=MANAGER, at=LATER).done == 0
    found = PrinterParcel.objects.get()
    assert (found.received_sha256, found.received_by) == (found.parcel.sha256, PRINTER.name)


def test_killed_while_it_is_written_nothing_is_recorded_and_the_next_try_makes_it(
    run: PrintRun, printer: Printer
) -> None:
    _ready(run)

    def stop(step: str) -> None:
        if step == "written":
            raise KeyboardInterrupt

    files.AFTER_STEP.append(stop)
    try:
        with pytest.raises(KeyboardInterrupt), transaction.atomic():
            hand_to_printer(run, printer=printer, enclosing=ENCLOSING, actor=MANAGER, at=LATER)
    finally:
        files.AFTER_STEP.remove(stop)
    folder = files.inside(run.pdf.path).parent
    assert [one.name for one in folder.iterdir() if "age" in one.name] == []
    assert PrinterParcel.objects.count() == 0
    handed = hand_to_printer(run, printer=printer, enclosing=ENCLOSING, actor=MANAGER, at=LATER)
    assert checked(opened(io.BytesIO(files.read(handed.parcel.path)), str(SECRET))).manifest["pieces"] == 20
