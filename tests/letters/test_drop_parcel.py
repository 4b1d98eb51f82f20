"""Our copy of what went to the printer is erased after the receipt, and never before; the record stays."""

from datetime import timedelta
from pathlib import Path

import pyrage
import pytest
from django.db import IntegrityError, transaction

from tests.proofs import proofed
from tests.town_fixture import AT, MANAGER, PRINTER
from todoku.custody import files
from todoku.letters.drop_parcel import DAYS_KEPT, CannotDrop, drop_parcel, kept_too_long
from todoku.letters.hand_to_printer import (
    Enclosing,
    confirm_printer,
    hand_to_printer,
    record_receipt,
    register_printer,
)
from todoku.letters.make_run import make_form_run
from todoku.letters.release import release
from todoku.letters.tables import PrinterParcel, PrintRun
from todoku.sheets.insert_plan import setup_for

LATER = AT + timedelta(days=DAYS_KEPT, hours=1)


@pytest.fixture
def handed(fonts_dir: Path, town) -> PrinterParcel:
    made = make_form_run(programme=town.programme, limit=3, actor=PRINTER, at=AT)
    release(proofed(made), actor=MANAGER, at=AT)
    run = PrintRun.objects.select_related("programme", "pdf", "manifest").get(pk=made.pk)
    key = str(pyrage.x25519.Identity.generate().to_public())
    printer = register_printer("見本印刷", key, programme_id=run.programme_id, actor=PRINTER, at=AT)
    confirm_printer(printer, actor=MANAGER, at=AT)
    printer.refresh_from_db()
    enclosing = Enclosing(setup_for("kaku2", reply=True))
    return hand_to_printer(run, printer=printer, enclosing=enclosing, actor=PRINTER, at=AT)


def test_before_the_receipt_nothing_is_erased(handed: PrinterParcel) -> None:
    with pytest.raises(CannotDrop, match="受領がまだ"):
        drop_parcel(handed, actor=PRINTER, at=LATER)
    with pytest.raises(IntegrityError, match="a_parcel_is_erased_after_its_receipt"), transaction.atomic():
        PrinterParcel.objects.filter(pk=handed.pk).update(dropped_at=LATER)
    assert files.inside(handed.parcel.path).is_file()
    assert not kept_too_long(handed.run.programme, at=LATER).exists()


def test_after_the_receipt_the_file_goes_and_its_record_stays(handed: PrinterParcel) -> None:
    record_receipt(handed, sha256=handed.parcel.sha256, actor=PRINTER, at=AT)
    programme = handed.run.programme
    assert not kept_too_long(programme, at=AT + timedelta(days=1)).exists()
    assert kept_too_long(programme, at=LATER).count() == 1
    assert drop_parcel(handed, actor=MANAGER, at=LATER).done == 1
    assert drop_parcel(handed, actor=MANAGER, at=LATER).done == 0
    assert not files.inside(handed.parcel.path).exists()
    found = PrinterParcel.objects.select_related("parcel").get()
    assert (found.dropped_by, found.parcel.sha256) == (MANAGER.name, found.received_sha256)
    assert not kept_too_long(programme, at=LATER).exists()
    # The run's own file is another one: reprints are made from it.
    assert files.inside(handed.run.pdf.path).is_file()


def test_killed_between_the_file_and_its_record_the_next_call_notes_it(handed: PrinterParcel) -> None:
    record_receipt(handed, sha256=handed.parcel.sha256, actor=PRINTER, at=AT)
    files.remove(handed.parcel.path)
    assert drop_parcel(handed, actor=MANAGER, at=LATER).done == 1
    assert handed.dropped_at == LATER
