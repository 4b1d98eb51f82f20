"""The steps under measurement, each by the very verbs that desks and commands call.

Each function takes a meter and the setting, and gives the number of rows. `between_…` do, unmeasured, what other
people do between two steps: release, post, decide, approve, send.
"""

from collections.abc import Iterator
from datetime import timedelta

from benches.measure import Meter
from benches.sample import (
    KEYED_ON,
    OPENS_ON,
    POSTED_ON,
    SEED,
    Setting,
    at,
    keyed_blocks,
    person,
    programme_of,
    write_keyed_forms,
)
from todoku.bank.read_result import read_result
from todoku.case.open_cases import open_cases
from todoku.formats.bank_days import bank_days_after
from todoku.intake.forms import PaperForm
from todoku.intake.receive_many import receive_many
from todoku.letters.dispatch import dispatch
from todoku.letters.make_run import make_form_run
from todoku.letters.release import release
from todoku.letters.reserve import NothingToPrint
from todoku.letters.tables import PrintRun
from todoku.payment.approve import approve
from todoku.payment.build_batch import NothingToPay, build_batch
from todoku.payment.kept_files import bank_files
from todoku.payment.make_transfers import make_transfers
from todoku.payment.seal import seal
from todoku.payment.send import send
from todoku.payment.tables import Batch
from todoku.people.actor import SYSTEM
from todoku.registry.import_roll import stage_roll
from todoku.registry.take_roll import take_roll
from todoku.review.decide import decide, make_list
from todoku.review.screen import screen
from todoku.review.tables import Screening
from todoku.sampletown import bank
from todoku.sampletown.proofs import approved_proof
from todoku.sampletown.write import ROLL

ROLL_DAY = OPENS_ON - timedelta(days=7)
VALUE_DATE = bank_days_after(KEYED_ON, 5)
TAKEN_ON = bank_days_after(KEYED_ON, 2)  # a bank day, and the cancel window has passed
# A town of any size has a person under 支援措置 or none; a run without anybody is refused, which is as it should be.
PRINT_DAY = POSTED_ON - timedelta(days=3)


def import_roll(meter: Meter, setting: Setting) -> int:
    """Persons staged and taken."""
    programme, manager = programme_of(setting), person("manager")
    with meter:
        data = (setting.folder / ROLL).read_bytes()
        staged = stage_roll(
            data, programme=programme, name=ROLL, layout="benefit42", actor=manager, at=at(ROLL_DAY, 9)
        )
        report = take_roll(staged, only_good=True, actor=manager, at=at(ROLL_DAY, 10))
    return report.done


def open_all(meter: Meter, setting: Setting) -> int:
    """Cases opened."""
    programme, manager = programme_of(setting), person("manager")
    with meter:
        return open_cases(programme=programme, actor=manager, at=at(ROLL_DAY, 11)).done


def print_forms(meter: Meter, setting: Setting) -> int:
    """Forms printed, the protected in a run of their own."""
    programme, printer = programme_of(setting), person("printer")
    pieces = 0
    with meter:
        for protected in (False, True):
            try:
                run = make_form_run(
                    programme=programme, protected=protected, actor=printer, at=at(PRINT_DAY, 9)
                )
            except NothingToPrint:
                continue
            pieces += run.pieces
    return pieces


def between_print_and_post(setting: Setting) -> None:
    """Released and posted, so that the cases are INVITED; what comes back is keyed into a file."""
    manager, printer = person("manager"), person("printer")
    for run in PrintRun.objects.filter(programme__slug=setting.slug):
        approved_proof(run, officer=person("officer"), at=at(PRINT_DAY, 15))
        release(run, actor=manager, at=at(PRINT_DAY, 16))
        dispatch(run, posted_on=POSTED_ON, counted=run.pieces, actor=printer, at=at(POSTED_ON, 8))
    write_keyed_forms(setting)


def receive_paper(meter: Meter, setting: Setting) -> int:
    """Forms kept, whether they count or not."""
    programme, clerk = programme_of(setting), person("clerk")
    with meter:
        report = receive_many(_keyed(meter, setting), programme=programme, actor=clerk, at=at(KEYED_ON, 10))
    return report.done + report.waiting


def _keyed(meter: Meter, setting: Setting) -> Iterator[PaperForm]:
    """The forms, without the time that reading the bench's own file takes."""
    blocks = keyed_blocks(setting)
    while True:
        with meter.paused():
            block = next(blocks, None)
        if block is None:
            return
        yield from block


def screen_all(meter: Meter, setting: Setting) -> int:
    """Submissions screened."""
    programme = programme_of(setting)
    with meter:
        screen(programme=programme, actor=SYSTEM, at=at(KEYED_ON, 12))
    return Screening.objects.filter(case__programme=programme).count()


def between_screening_and_payment(setting: Setting) -> None:
    """The municipality decides on what passed."""
    programme, manager, officer = programme_of(setting), person("manager"), person("officer")
    made = make_list(programme=programme, actor=manager, at=at(KEYED_ON, 16))
    decide(made, sha256=made.sha256, actor=officer, at=at(KEYED_ON, 17))


def pay(meter: Meter, setting: Setting) -> int:
    """Transfers made, put in batches and written into sealed bank files."""
    programme, maker = programme_of(setting), person("maker")
    count = 0
    with meter:
        make_transfers(programme=programme, actor=SYSTEM, at=at(KEYED_ON, 18))
        while True:
            try:
                batch = build_batch(
                    programme=programme, value_date=VALUE_DATE, received_by=None, actor=maker, at=at(KEYED_ON, 19),
                    budget_item="3-1-1-18", payment_order="0001",
                )  # fmt: skip
            except NothingToPay:
                return count
            count += seal(batch, actor=maker, at=at(KEYED_ON, 20)).count


def between_seal_and_result(setting: Setting) -> None:
    """Both sides approve, the treasurer hands the files over, and the bank answers."""
    approver, treasurer = person("approver"), person("treasurer")
    for batch in Batch.objects.filter(programme__slug=setting.slug, state="sealed"):
        assert batch.sha256
        for actor in (approver, treasurer):
            approve(batch, sha256=batch.sha256, actor=actor, at=at(KEYED_ON, 21))
        batch.refresh_from_db()
        send(batch, sha256=batch.sha256, bank_receipt="1", actor=treasurer, at=at(TAKEN_ON, 10))
        batch.refresh_from_db()
        answer = bank.returned_transfers(bank_files(batch), SEED, returned_on=VALUE_DATE)
        setting.bank_report(batch.pk).write_bytes(answer)


def read_results(meter: Meter, setting: Setting) -> int:
    """Transfers settled or returned by the bank's reports."""
    maker, count = person("maker"), 0
    for batch in Batch.objects.filter(programme__slug=setting.slug, state="sent").select_related("programme"):
        report = setting.bank_report(batch.pk)
        with meter:
            read = read_result(
                batch, report.read_bytes(), name=report.name, actor=maker, at=at(VALUE_DATE + timedelta(days=1), 9)
            )  # fmt: skip
        count += read.done + len(read.refused)
    return count
