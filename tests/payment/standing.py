"""What must hold whatever was killed: the sweep finds nothing, files are whole, the bank has nothing twice."""

from tests.payment.bank_house import BankHouse
from tests.payment.ground import Money
from tests.payment.independent import parse
from todoku.custody import files
from todoku.payment.kept_files import ask_kept
from todoku.payment.sweep import sweep
from todoku.payment.tables import Batch
from todoku.people.actor import SYSTEM


def assert_standing(money: Money, bank: BankHouse) -> None:
    """Every invariant by the product's own sweep, and the files and the bank by other code."""
    run = sweep(programme=money.programme, occasion="hand", actor=SYSTEM, at=money.at)
    assert run.violations == 0, {name: found for name, found in run.checks.items() if found["found"]}
    folder = files.inside("bank")
    for path in folder.rglob("*.txt") if folder.exists() else ():
        if not path.name.endswith(".part"):
            parse(path.read_bytes())  # a file under its final name is a whole file
    for batch in Batch.objects.exclude(state__in=["open", "void"]):
        ask_kept(batch)
    brought = bank.brought()
    assert len(brought) == len(set(brought)), "a file reached the bank twice"


def assert_paid_once(money: Money, bank: BankHouse) -> None:
    """The day ended well: one batch, reconciled, and exactly its bytes at the bank."""
    assert_standing(money, bank)
    batch = Batch.objects.get()
    assert batch.state == "reconciled"
    assert bank.brought() == [files.read(file.parcel.path) for file in batch.files.order_by("number")]
