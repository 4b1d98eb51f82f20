"""Steps by command: the same verbs as the pages, under a person's password; what leaves the house waits for --go."""

import argparse
import io
from datetime import timedelta

import pyrage
import pytest
from django.utils import timezone

from tests.payment.ground import BUDGET_ITEM, PAYMENT_ORDER, Money
from tests.proofs import proofed
from tests.town_fixture import AT, MANAGER, PRINTER
from todoku.commands import step
from todoku.commands.terminal import NotAllowed
from todoku.custody import files
from todoku.letters.hand_to_printer import CannotHandOver
from todoku.letters.make_run import make_form_run
from todoku.letters.tables import Printer, PrinterParcel, PrintRun, ReplyPermit
from todoku.payment.send import CannotSend
from todoku.payment.tables import Batch, SendRecord
from todoku.sampletown.staff import make_staff, sample_password
from todoku.sheets.printer_parcel import checked, opened


@pytest.fixture
def by_command(town, monkeypatch):
    """Runs one step as a person of the sample office, who types the password."""
    make_staff(town.programme.municipality)

    def run(*words: str, username: str = "printer", password: str | None = None) -> int:
        monkeypatch.setattr("sys.stdin", io.StringIO((password or sample_password()) + "\n"))
        parser = argparse.ArgumentParser()
        step.arguments(parser)
        return step.run(parser.parse_args([*words, "--as", username]))

    return run


def test_forms_are_printed_and_posted_only_with_go(by_command, town, var_folder, capsys):
    assert by_command("print") == 0
    made = proofed(PrintRun.objects.get())
    assert by_command("release", "--id", str(made.pk), username="manager") == 0
    posted = ["dispatch", "--id", str(made.pk), "--counted", str(made.pieces), "--on", "2026-11-25"]
    assert by_command(*posted) == 0
    made.refresh_from_db()
    assert made.state == "released"
    assert "--go" in capsys.readouterr().out
    assert by_command(*posted, "--go") == 0
    made.refresh_from_db()
    assert made.state == "dispatched"


def test_a_run_goes_to_a_printer_whose_key_two_people_vouch_for(
    by_command, town, var_folder, tmp_path, capsys
):
    secret, key = pyrage.x25519.Identity.generate(), tmp_path / "key.txt"
    key.write_text(str(secret.to_public()))
    run = proofed(make_form_run(programme=town.programme, limit=5, actor=PRINTER, at=AT))
    run.state, run.released_at, run.released_by = "released", AT, MANAGER.name
    run.save(update_fields=["state", "released_at", "released_by"])
    assert by_command("printer", "--name", "見本印刷", "--file", str(key)) == 0
    printer = Printer.objects.get()
    hand = ["hand", "--id", str(run.pk), "--printer", str(printer.pk), "--post-office", "見本中央局", "--go"]
    with pytest.raises(CannotHandOver, match="別の人がまだ確認していません"):
        by_command(*hand, "--no-reply")
    assert by_command("printer-confirm", "--id", str(printer.pk), "--go", username="manager") == 0
    with pytest.raises(CannotHandOver, match="料金受取人払の承認が、記録されていません"):
        by_command(*hand)
    until = town.programme.terms.deadline + timedelta(days=1)
    ReplyPermit.objects.create(
        programme=town.programme, post_office="見本中央郵便局", approval_no="12345", postal_code="9808691", box_number="215",
        valid_from=timezone.localdate() - timedelta(days=1), valid_until=max(until, timezone.localdate() + timedelta(days=9)),
        at=AT, actor_name=PRINTER.name,
    )  # fmt: skip
    assert by_command(*hand) == 0
    handed = PrinterParcel.objects.select_related("parcel").get()
    found = checked(opened(io.BytesIO(files.read(handed.parcel.path)), str(secret)))
    assert found.manifest["pieces"] == 5
    assert {"artwork/outer-kaku2.pdf", "artwork/reply-naga3.pdf"} < set(found.files)
    assert handed.parcel.sha256 in capsys.readouterr().out
    assert by_command("hand-receipt", "--id", str(handed.pk), "--receipt", handed.parcel.sha256) == 0
    handed.refresh_from_db()
    assert handed.received_sha256 == handed.parcel.sha256


def test_a_wrong_password_and_a_role_without_the_right_are_refused(by_command):
    with pytest.raises(NotAllowed):
        by_command("print", password="not the password at all")
    with pytest.raises(NotAllowed):
        by_command("print", username="reviewer1")
    assert not PrintRun.objects.exists()


def test_a_number_of_nothing_is_refused_with_the_remedy(by_command):
    with pytest.raises(NotAllowed) as refused:
        by_command("release", "--id", "999", username="manager")
    assert "--id" in refused.value.sentence


def test_a_batch_goes_to_the_bank_by_command_after_its_cancel_window_and_waits_for_its_receipt(
    by_command, town, clock, capsys
):
    money = Money(town, timezone.localtime() - timedelta(hours=1))
    money.decided(2)
    money.ready()
    order = ["--budget-item", BUDGET_ITEM, "--payment-order", PAYMENT_ORDER]
    assert by_command("build", "--on", money.value_date.isoformat(), *order, username="maker") == 0
    batch = Batch.objects.get()
    named = ["--id", str(batch.pk)]
    assert by_command("seal", *named, username="maker") == 0
    assert Batch.objects.get().state == "open"
    for words, username in (("seal", "maker"), ("approve", "approver"), ("approve", "treasurer")):
        assert by_command(words, *named, "--go", username=username) == 0
    with pytest.raises(CannotSend, match="取りやめられる"):
        by_command("send", *named, "--go", username="treasurer")
    clock.forward(minutes=61)
    assert by_command("send", *named, username="treasurer") == 0
    assert SendRecord.objects.count() == 0
    assert by_command("send", *named, "--go", username="treasurer") == 0
    assert "受付番号はまだありません" in capsys.readouterr().out
    assert (Batch.objects.get().state, SendRecord.objects.count()) == ("sending", 1)
    with pytest.raises(CannotSend, match="二度と渡せません"):
        by_command("send", *named, "--go", username="treasurer")
