"""Steps by command: the same verbs as the pages, under a person's password; what leaves the house waits for --go."""

import argparse
import io
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.payment.ground import BUDGET_ITEM, PAYMENT_ORDER, Money
from todoku.commands import step
from todoku.commands.terminal import NotAllowed
from todoku.letters.tables import PrintRun
from todoku.payment.send import CannotSend
from todoku.payment.tables import Batch, SendRecord
from todoku.sampletown.staff import make_staff, sample_password


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
    made = PrintRun.objects.get()
    assert by_command("release", "--id", str(made.pk), username="manager") == 0
    posted = ["dispatch", "--id", str(made.pk), "--counted", str(made.pieces), "--on", "2026-11-25"]
    assert by_command(*posted) == 0
    made.refresh_from_db()
    assert made.state == "released"
    assert "--go" in capsys.readouterr().out
    assert by_command(*posted, "--go") == 0
    made.refresh_from_db()
    assert made.state == "dispatched"


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
