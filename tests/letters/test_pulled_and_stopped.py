"""What became known after printing keeps a piece from the printer as from the post; what is stopped stays stopped whole."""

import csv
import io
from datetime import date, timedelta
from pathlib import Path

import pyrage
import pytest
from django.db import IntegrityError, transaction
from pypdfium2 import PdfDocument

from tests.proofs import city_officer, proofed
from tests.town_fixture import AT, MANAGER, PRINTER
from todoku.case.tables import CaseStage, Entitlement
from todoku.custody import files
from todoku.formats.kana import bank_kana
from todoku.incident.tables import Incident
from todoku.letters.abandon_run import CannotAbandon, abandon_run
from todoku.letters.answer_register import read_answers
from todoku.letters.dispatch import dispatch
from todoku.letters.hand_to_printer import (
    CannotHandOver,
    Enclosing,
    confirm_printer,
    hand_to_printer,
    register_printer,
)
from todoku.letters.make_run import make_form_run
from todoku.letters.pull_list import CannotList, list_pulls, unlisted
from todoku.letters.register_inquiry import ask_register, inquiry_csv
from todoku.letters.release import release
from todoku.letters.reprint import CannotReprint, reprint, wanted
from todoku.letters.reserve import reserve_first
from todoku.letters.resume_printing import resume_printing
from todoku.letters.run_file import manifest_lines
from todoku.letters.stop_run import stop_run
from todoku.letters.stopped import RunStopped
from todoku.letters.tables import AddressChange, Letter, PrintRun, PulledPiece, RegisterInquiry, Undelivered
from todoku.letters.void_piece import void_piece
from todoku.letters.waiting import withheld
from todoku.recovery.tables import EntitlementOrder
from todoku.registry.report_death import report_death
from todoku.registry.representative_tables import Representative
from todoku.registry.tables import KnownAccount, Person, ReachedAt
from todoku.sampletown.staff import make_staff
from todoku.sheets.insert_plan import setup_for
from todoku.sheets.print_batches import batches, pages_of
from todoku.sheets.printer_parcel import checked, opened

PIECES = 8
SECRET = pyrage.x25519.Identity.generate()
ENCLOSING = Enclosing(setup_for("kaku2", reply=True))


@pytest.fixture
def run(fonts_dir: Path, town) -> PrintRun:
    made = make_form_run(programme=town.programme, limit=PIECES, actor=PRINTER, at=AT)
    release(proofed(made), actor=MANAGER, at=AT)
    return PrintRun.objects.select_related("programme", "pdf", "manifest").get(pk=made.pk)


def piece(run: PrintRun, number: int) -> Letter:
    return Letter.objects.select_related("case__recipient__head").get(run=run, piece_no=number)


def incident(run: PrintRun) -> Incident:
    return Incident.objects.create(
        programme=run.programme, kind="mis_sent", found_at=AT, what="照合の誤り", opened_at=AT, opened_by=PRINTER.name
    )  # fmt: skip


def test_void_pieces_are_in_no_parcel_and_nothing_leaves_before_the_list_is_done(run: PrintRun) -> None:
    key = str(SECRET.to_public())
    printer = register_printer("見本印刷", key, programme_id=run.programme_id, actor=PRINTER, at=AT)
    confirm_printer(printer, actor=MANAGER, at=AT)

    def hand_over():
        return hand_to_printer(run, printer=printer, enclosing=ENCLOSING, actor=MANAGER, at=AT)

    guarded = piece(run, 3)
    guarded.case.recipient.head.protected = True
    guarded.case.recipient.head.save()
    with pytest.raises(CannotHandOver, match="1通の事情が変わりました"):
        hand_over()
    list_pulls(run, actor=MANAGER, at=AT)
    with pytest.raises(CannotHandOver, match="抜き取る通が1通"):
        hand_over()
    void_piece(guarded.case.number, run=run, actor=PRINTER, at=AT)
    handed = hand_over()
    with Path(handed_path(handed)).open("rb") as file:
        found = checked(opened(file, str(SECRET)))
    lines = manifest_lines(run)
    assert handed.pieces == found.manifest["pieces"] == PIECES - 1
    assert found.manifest["pages"] == run.pages - lines[2].pages
    # Where a piece lies is counted as the printer laid them: without the one that was void before.
    report_death(piece(run, 5).case.recipient.head, died_on=None)
    list_pulls(run, actor=MANAGER, at=AT + timedelta(hours=1))
    assert PulledPiece.objects.get(letter__piece_no=5).position == 4


def handed_path(handed) -> str:
    return str(files.inside(handed.parcel.path))


def test_batches_leave_the_pages_of_void_pieces_out(run: PrintRun) -> None:
    lines = manifest_lines(run)
    found = batches(lines, 3, frozenset({1, 4}))
    assert [one.pieces for one in found] == [3, 3] and found[0].first_page == lines[1].first_page
    out = pages_of(lines, frozenset({1, 4}))
    assert len(out) + sum(one.pages for one in found) == run.pages and lines[3].first_page in out


def test_printing_that_goes_on_leaves_out_what_became_known(run: PrintRun) -> None:
    report_death(piece(run, 6).case.recipient.head, died_on=None)
    void_piece(piece(run, 7).case.number, run=run, reason="spoiled", actor=PRINTER, at=AT)
    rest = resume_printing(run, printed_to=2, doubtful=1, actor=PRINTER, at=AT)
    assert (rest.first_piece, rest.last_piece, rest.voided) == (4, PIECES, 1)
    again = resume_printing(run, printed_to=2, doubtful=1, actor=PRINTER, at=AT)
    assert again._replace(pdf=b"") == rest._replace(pdf=b"", voided=0)
    pages = {line.piece_no: line.pages for line in manifest_lines(run)}
    assert len(PdfDocument(io.BytesIO(rest.pdf))) == sum(pages[number] for number in (4, 5, 8))
    states = dict(PulledPiece.objects.values_list("letter__piece_no", "reason"))
    assert states == {3: "spoiled", 6: "died", 7: "spoiled"}
    assert not PulledPiece.objects.filter(voided_at=None).exists()


def test_a_run_is_stopped_with_its_reprints_and_with_what_it_is_a_reprint_of(run: PrintRun) -> None:
    void_piece(piece(run, 2).case.number, run=run, reason="spoiled", actor=PRINTER, at=AT)
    again = reprint(run, actor=PRINTER, at=AT)
    void_piece(piece(run, 4).case.number, run=run, reason="spoiled", actor=PRINTER, at=AT)
    assert stop_run([again], incident=incident(run), actor=MANAGER, at=AT).done == 2
    with pytest.raises(RunStopped):
        reprint(run, actor=PRINTER, at=AT)
    with pytest.raises(RunStopped):
        release(again, actor=MANAGER, at=AT)


def test_what_sets_a_case_aside_before_printing_pulls_its_piece_after_it(run: PrintRun) -> None:
    dispatch(run, posted_on=date(2026, 11, 24), counted=3, to_piece=3, actor=PRINTER, at=AT)
    back = piece(run, 1)
    other = PrintRun.objects.create(
        programme=run.programme, kind="push_notice", state="made", made_at=AT, made_by=PRINTER.name, pieces=1
    )
    Letter.objects.create(run=other, piece_no=1, case=back.case, kind="push_notice", occasion=1)
    assert reasons(other) == ["account"]  # none to name any more
    head = back.case.recipient.head
    account = KnownAccount.objects.create(
        programme=run.programme, person=head, bank="0001", branch="001", kind=1, number="1234567",
        holder_kana=bank_kana(head.kana), source="税", taken_at=AT,
    )  # fmt: skip
    assert reasons(other) == []
    KnownAccount.objects.filter(pk=account.pk).update(taken_at=AT + timedelta(hours=1))
    assert reasons(other) == ["account"]  # another than the notice names
    Undelivered.objects.create(
        letter=back, reason="unknown", returned_on=date(2026, 11, 27), at=AT, actor_name=PRINTER.name
    )
    assert reasons(other) == ["undelivered"]


def test_a_letter_to_who_acts_no_more_or_past_who_acts_by_now_does_not_leave(run: PrintRun) -> None:
    ended, begun, stays = (piece(run, number).case.recipient.head for number in (1, 2, 3))
    later, clerk = AT + timedelta(hours=1), make_staff(run.programme.municipality, ["clerk"])["clerk"]
    acting = {}
    for ward, since in ((ended, AT), (begun, later), (stays, AT)):
        guardian = Person.objects.create(
            programme=run.programme, municipality_code=ward.municipality_code, number=f"後-{ward.number}", is_head=True,
            household_number=f"後-{ward.number}", name="法見　仁", kana="ノリミ　ジン", address="みなと町9-9", outside=True,
            roll_import=ward.roll_import,
        )  # fmt: skip
        acting[ward] = Representative.objects.create(
            programme=run.programme, ward=ward, guardian=guardian, kind="adult_guardian", state="confirmed",
            issued_on=AT.date(), evidence="第1号", proposed_by_id=clerk.id, proposed_at=AT,
            answered_by_id=city_officer().id, answered_at=since,
        )  # fmt: skip
    assert [(one.piece_no, one.reason) for one in unlisted(run)] == [(2, "moved")]
    Representative.objects.filter(pk=acting[ended].pk).update(state="ended", ended_at=later)
    assert [(one.piece_no, one.reason) for one in unlisted(run)] == [(1, "moved"), (2, "moved")]


def reasons(run: PrintRun) -> list[str]:
    return [one.reason for one in unlisted(run)]


def test_the_database_keeps_files_void_pieces_and_the_municipalitys_word(run: PrintRun) -> None:
    def refused(name, act):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            act()

    runs = PrintRun.objects.filter(pk=run.pk)
    refused("a_released_run_keeps_its_files", lambda: runs.update(pdf=run.manifest))
    refused("a_released_run_keeps_its_files", lambda: runs.update(pieces=PIECES + 1))
    refused("a_released_run_keeps_its_files", lambda: runs.update(state="made"))
    void_piece(piece(run, 2).case.number, run=run, reason="spoiled", actor=PRINTER, at=AT)
    refused("a_void_piece_stays_void", lambda: PulledPiece.objects.update(voided_at=None))
    asked = AddressChange.objects.create(
        case=piece(run, 1).case, postal_code="2240001", address="横浜市", reason="入院", evidence="証明", asked_at=AT,
        asked_id=77, asked_by="受付",
    )  # fmt: skip
    change = AddressChange.objects.filter(pk=asked.pk)
    refused(
        "an_address_is_answered_by_the_municipality", lambda: change.update(state="approved", answered_id=0)
    )
    officer = city_officer()
    change.update(state="approved", answered_id=officer.id, answered_at=AT, answered_by=officer.name)
    refused("an_address_is_answered_once", lambda: change.update(state="refused"))
    refused("an_address_is_answered_once", lambda: change.update(address="別の市"))
    assert change.get().state == "approved"


def test_a_run_that_cannot_go_on_is_given_up_and_everybody_is_written_to_once(fonts_dir: Path, town) -> None:
    programme = town.programme
    begun = reserve_first(
        programme,
        "form",
        [town.programme.terms.cohorts[0].name],
        limit=4,
        protected=False,
        actor=PRINTER,
        at=AT,
    )
    cases = list(begun.run.letters.order_by("piece_no").values_list("case", flat=True))
    head = piece(begun.run, 1).case.recipient.head
    head.protected = True
    head.save()
    made = make_form_run(programme=programme, limit=3, actor=PRINTER, at=AT)
    begun.run.refresh_from_db()
    assert (begun.run.state, begun.run.pieces, made.state, made.pieces) == ("void", 4, "made", 3)
    assert sorted(made.letters.values_list("case", "copy")) == sorted((case, 2) for case in cases[1:])
    assert set(PulledPiece.objects.values_list("reason", flat=True)) == {"unprinted"}
    apart = make_form_run(programme=programme, protected=True, actor=PRINTER, at=AT)
    assert cases[0] in set(apart.letters.values_list("case", flat=True))


def test_a_run_whose_proof_was_sent_back_is_given_up_and_its_cases_are_written_to_anew(
    town, run: PrintRun
) -> None:
    with pytest.raises(CannotAbandon):
        abandon_run(run, actor=PRINTER, at=AT)  # released: its pieces are pulled one by one
    made = make_form_run(programme=town.programme, limit=3, actor=PRINTER, at=AT)
    cases = set(made.letters.values_list("case", flat=True))
    assert abandon_run(made, actor=PRINTER, at=AT).done == 3
    assert "変更していません" in abandon_run(made, actor=PRINTER, at=AT).note
    again = make_form_run(programme=town.programme, limit=3, actor=PRINTER, at=AT)
    assert set(again.letters.values_list("case", "copy")) == {(case, 2) for case in cases}


def test_two_pieces_of_one_case_on_a_list_are_answered_each(run: PrintRun) -> None:
    dispatch(run, posted_on=date(2026, 11, 24), counted=PIECES, actor=PRINTER, at=AT)
    first = piece(run, 1)
    other = PrintRun.objects.create(
        programme=run.programme, kind="return", state="made", made_at=AT, made_by=PRINTER.name
    )
    second = Letter.objects.create(run=other, piece_no=1, case=first.case, kind="return", occasion=7)
    for one in (first, second):
        Undelivered.objects.create(
            letter=one, reason="unknown", returned_on=date(2026, 11, 27), at=AT, actor_name=PRINTER.name
        )
    number = ask_register(run.programme, actor=PRINTER, at=AT)
    rows = list(csv.DictReader(io.StringIO(inquiry_csv(run.programme, number).decode("utf-8-sig"))))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0].keys())
    writer.writeheader()
    writer.writerows(
        row | {"回答": word} for row, word in zip(rows, ("不明", "住所は登録のとおり"), strict=True)
    )
    report = read_answers(text.getvalue().encode(), programme=run.programme, actor=city_officer(), at=AT)
    assert (report.done, report.refused) == (2, ())
    assert set(RegisterInquiry.objects.values_list("answer", flat=True)) == {"unknown", "same"}


def test_a_spoiled_piece_whose_household_changed_is_left_out_with_its_reason_and_written_to_anew(
    run: PrintRun,
) -> None:
    later = AT + timedelta(hours=1)
    cases = [piece(run, number).case for number in range(1, PIECES + 1)]
    moved, dead, guarded, answered, declined, stopped, lapsed, same = cases
    for one in cases:
        void_piece(one.number, run=run, reason="spoiled", actor=PRINTER, at=AT)
    ReachedAt.objects.create(
        recipient=moved.recipient,
        payee=moved.recipient.head,
        postal_code="2240001",
        address="横浜市都筑区中川1-1",
        protected=False,
        order="届1",
        at=later,
    )
    report_death(dead.recipient.head, died_on=None)
    Person.objects.filter(pk=guarded.recipient.head_id).update(protected=True)
    Person.objects.filter(pk=stopped.recipient.head_id).update(mail_to_head=False)
    for case, stage in ((answered, "received"), (declined, "declined"), (lapsed, "lapsed")):
        CaseStage.objects.filter(case=case).update(stage=stage, previous="listed")
    expected = {
        moved.pk: "moved", dead.pk: "died", guarded.pk: "protected", answered.pk: "answered", declined.pk: "declined",
        stopped.pk: "ended", lapsed.pk: "ended", same.pk: "spoiled",
    }  # fmt: skip
    assert [number for _, number in wanted(run)] == [PIECES]
    with pytest.raises(IntegrityError, match="a_void_piece_stays_void"), transaction.atomic():
        PulledPiece.objects.filter(letter__case=moved).update(reason="moved", voided_by="だれか")
    # Who prints the others meets them all: what is known by then is written down first.
    others = make_form_run(programme=run.programme, limit=1_000, actor=PRINTER, at=later)
    assert dict(PulledPiece.objects.values_list("letter__case", "reason")) == expected
    anew = Letter.objects.filter(run=others, case__in=cases)
    assert [(one.case_id, one.copy, one.occasion) for one in anew] == [(moved.pk, 2, 1)]
    with files.inside(others.pdf.path).open("rb") as pdf:
        place = next(line for line in manifest_lines(others) if line.number == moved.number)
        assert "中川" in PdfDocument(pdf)[place.first_page - 1].get_textpage().get_text_range()
    again = reprint(run, actor=PRINTER, at=later)
    assert list(again.letters.values_list("case", flat=True)) == [same.pk]
    apart = make_form_run(programme=run.programme, protected=True, actor=PRINTER, at=later)
    assert apart.letters.filter(case=guarded, copy=2).exists()
    waiting = {one.case_id: one.reason for one in withheld([case.pk for case in cases])}
    assert waiting == {dead.pk: "head_died", stopped.pk: "mail_stopped", guarded.pk: "protected"}
    with pytest.raises(IntegrityError, match="a_void_piece_stays_void"), transaction.atomic():
        PulledPiece.objects.filter(letter__case=moved).update(reason="spoiled")


def test_what_speaks_against_a_spoiled_piece_stands_on_the_list_of_a_run_that_was_posted(
    run: PrintRun,
) -> None:
    changed, back = piece(run, 2), piece(run, 3)
    for one in (changed, back):
        void_piece(one.case.number, run=run, reason="mis_enclosed", actor=PRINTER, at=AT)
    dispatch(run, posted_on=date(2026, 11, 24), counted=PIECES - 2, actor=PRINTER, at=AT)
    with pytest.raises(CannotList):
        list_pulls(run, actor=MANAGER, at=AT)
    later, entitled = AT + timedelta(hours=1), Entitlement.objects.get(case=changed.case, part=1)
    officer = make_staff(run.programme.municipality, ["officer"])["officer"]
    EntitlementOrder.objects.create(
        programme=run.programme, case=changed.case, kind="correction", reason="amount", number="福1", why="訂正",
        before_yen=entitled.amount_yen, after_yen=entitled.amount_yen + 10_000, at=later, given_by_id=officer.id,
    )  # fmt: skip
    earlier = Letter.objects.create(
        run=PrintRun.objects.create(programme=run.programme, kind="reminder", state="void", made_at=AT),
        piece_no=1, case=back.case, kind="reminder",
    )  # fmt: skip
    Undelivered.objects.create(
        letter=earlier, reason="unknown", returned_on=date(2026, 11, 27), at=AT, actor_name=PRINTER.name
    )
    with pytest.raises(CannotReprint, match="金額の変更1通、前の郵便が不着1通"):
        reprint(run, actor=PRINTER, at=later)
    assert dict(PulledPiece.objects.values_list("letter__piece_no", "reason")) == {
        2: "amount",
        3: "undelivered",
    }
    assert [case for case, in make_form_run(
        programme=run.programme, limit=1_000, actor=PRINTER, at=later
    ).letters.filter(copy=2).values_list("case")] == [changed.case_id]  # fmt: skip


def test_spoiled_pieces_of_a_run_that_is_given_up_wait_with_the_others(fonts_dir: Path, town) -> None:
    made = make_form_run(programme=town.programme, limit=2, actor=PRINTER, at=AT)
    void_piece(piece(made, 1).case.number, run=made, reason="spoiled", actor=PRINTER, at=AT)
    abandon_run(made, actor=MANAGER, at=AT)
    again = make_form_run(programme=town.programme, limit=2, actor=PRINTER, at=AT)
    assert set(again.letters.values_list("case", "copy")) == {
        (case, 2) for case in made.letters.values_list("case", flat=True)
    }
