"""A run after printing: its proof, the database's guards, the pull list, spoiled pieces, a stopped printer, posting lots."""

import io
from datetime import date, timedelta
from pathlib import Path

import pypdfium2
import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.proofs import city_officer, proofed
from tests.town_fixture import AT, MANAGER, PRINTER
from todoku.case.stages import INVITED, LISTED
from todoku.case.tables import CaseStage
from todoku.custody import files
from todoku.letters.approve_proof import (
    CannotApprove,
    approve_proof,
    is_covered,
    look_at_proof,
    waiting_proofs,
)
from todoku.letters.dispatch import CannotDispatch, CountsDiffer, dispatch, left_to_post, next_range
from todoku.letters.make_run import make_form_run
from todoku.letters.proof_sheets import NoProof, proof_sheets
from todoku.letters.pull_list import list_pulls, unlisted
from todoku.letters.release import CannotRelease, release
from todoku.letters.reply_permit import CannotNote, PermitEnds, note_permit
from todoku.letters.reprint import CannotReprint, reprint, wanted
from todoku.letters.resume_printing import CannotResume, resume_printing
from todoku.letters.run_file import manifest_lines
from todoku.letters.stock import NotEnough, count_stock, move_stock, warnings
from todoku.letters.tables import Dispatch, Letter, PrintRun, ProofApproval, PulledPiece, Stock, StockMove
from todoku.letters.void_piece import CannotVoid, void_piece
from todoku.registry.report_death import report_death
from todoku.sheets.proof_choice import PIECES_MAX, ProofPiece, choose
from todoku.sheets.sheet_codes import qr_payload

POSTED = date(2026, 11, 24)
PIECES = 12


@pytest.fixture
def run(fonts_dir: Path, town):
    return make_form_run(programme=town.programme, limit=PIECES, actor=PRINTER, at=AT)


@pytest.fixture
def released(run):
    release(proofed(run), actor=MANAGER, at=AT)
    run.refresh_from_db()
    return run


def piece(run, number):
    return Letter.objects.select_related("case__recipient__head").get(run=run, piece_no=number)


def code_of(letter):
    """The 17 digits on the first sheet of a form."""
    return qr_payload(letter.case.number, 1, 1, letter.occasion)


def post(run, counted, **options):
    return dispatch(run, posted_on=POSTED, counted=counted, actor=PRINTER, at=AT, **options)


# ---- the proof ----


def test_a_proof_shows_the_extremes_and_nobody_under_protection():
    rows = [
        ProofPiece(1, 4, 20, 1, "一般", "", False), ProofPiece(2, 9, 20, 1, "一般", "", False),
        ProofPiece(3, 4, 60, 1, "一般", "tight", False), ProofPiece(4, 30, 90, 12, "一般", "undrawable", True),
        ProofPiece(5, 4, 20, 8, "転入", "", False), ProofPiece(6, 4, 20, 1, "転入", "", False),
    ]  # fmt: skip
    found = {one.piece_no: one.why for one in choose(rows)}
    assert sorted(found) == [1, 2, 3, 5, 6] and len(found) <= PIECES_MAX
    assert "氏名" in found[2] and "住所" in found[3] and "詰めた" in found[3] and "世帯員" in found[5]
    assert "区分「転入」" in found[5] and "最後" in found[6] and choose([]) == []


def test_proof_sheets_are_pages_of_the_runs_own_file(run):
    proof = proof_sheets(run)
    lines = {line.piece_no: line for line in manifest_lines(run)}
    shown = pypdfium2.PdfDocument(proof.pdf)
    whole = pypdfium2.PdfDocument(files.inside(run.pdf.path))
    assert len(shown) == sum(lines[one.piece_no].pages for one in proof.pieces)
    first = lines[proof.pieces[0].piece_no].first_page - 1
    assert shown[0].get_textpage().get_text_range() == whole[first].get_textpage().get_text_range()
    run.protected = True
    with pytest.raises(NoProof, match="支援措置"):
        proof_sheets(run)


def test_only_the_municipality_approves_a_proof_and_the_last_word_on_the_digest_counts(run):
    digest, officer = run.pdf.sha256, city_officer()
    with pytest.raises(CannotApprove, match="担当課"):
        approve_proof(run, sha256=digest, approved=True, actor=MANAGER, at=AT)
    with pytest.raises(CannotApprove, match="作り直されて"):
        approve_proof(run, sha256="0" * 64, approved=True, actor=officer, at=AT)
    with pytest.raises(CannotApprove, match="どこを直す"):
        approve_proof(run, sha256=digest, approved=False, comment=" ", actor=officer, at=AT)
    assert [one.pk for one in waiting_proofs(run.programme_id)] == [run.pk] and not is_covered(run)

    with pytest.raises(CannotApprove, match="まだ開いていません"):
        approve_proof(run, sha256=digest, approved=True, actor=officer, at=AT)
    look_at_proof(run, pieces=3, actor=officer, at=AT)
    with pytest.raises(CannotApprove, match="このまま校了するときは消し"):
        approve_proof(run, sha256=digest, approved=True, comment="電話番号が違う", actor=officer, at=AT)
    assert approve_proof(run, sha256=digest, approved=True, actor=officer, at=AT).done == 1
    assert approve_proof(run, sha256=digest, approved=True, actor=officer, at=AT).done == 0
    assert is_covered(run) and waiting_proofs(run.programme_id) == []
    approve_proof(run, sha256=digest, approved=False, comment="電話番号が違う", actor=officer, at=AT)
    assert not is_covered(run) and ProofApproval.objects.filter(run=run).count() == 2
    with pytest.raises(CannotRelease, match="校了がありません"):
        release(run, actor=MANAGER, at=AT)


def refused_by_the_database(name, act):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        act()


def test_the_database_releases_no_run_without_read_back_proof_and_a_second_person(run):
    def let_go(by=MANAGER.name):
        PrintRun.objects.filter(pk=run.pk).update(state="released", released_at=AT, released_by=by)

    refused_by_the_database("a_run_is_released_on_a_proof", let_go)
    proofed(run)
    refused_by_the_database("a_run_is_released_by_another_person", lambda: let_go(PRINTER.name))
    refused_by_the_database("a_run_is_released_by_another_person", lambda: let_go(""))
    refused_by_the_database(
        "a_run_is_posted_after_its_release",
        lambda: PrintRun.objects.filter(pk=run.pk).update(state="dispatched"),
    )
    other = run.manifest
    PrintRun.objects.filter(pk=run.pk).update(pdf=other)  # another file under the same run
    refused_by_the_database("a_run_is_released_after_its_read_back", let_go)
    PrintRun.objects.filter(pk=run.pk).update(pdf=run.pdf)
    let_go()
    run.refresh_from_db()
    assert run.state == "released"


def test_the_database_takes_a_proof_from_the_municipality_alone(run):
    refused_by_the_database(
        "a_proof_is_approved_by_the_municipality",
        lambda: ProofApproval.objects.create(
            run=run, sha256=run.pdf.sha256, approved=True, at=AT, actor_id=0, actor_name="誰か"
        ),
    )
    assert ProofApproval.objects.count() == 0


def test_protected_people_are_printed_on_the_proof_of_the_same_wording(run):
    apart = make_form_run(programme=run.programme, protected=True, actor=PRINTER, at=AT)
    assert apart.protected and apart.wording_sha256 == run.wording_sha256 != ""
    with pytest.raises(CannotRelease, match="この種類と文面"):
        release(apart, actor=MANAGER, at=AT)
    proofed(run)
    assert release(apart, actor=MANAGER, at=AT).done == apart.pieces
    later = make_form_run(programme=run.programme, limit=2, actor=PRINTER, at=AT)
    with pytest.raises(CannotRelease, match="この印刷ロットの校正刷り"):
        release(later, actor=MANAGER, at=AT)


# ---- stock and the permit of reply envelopes ----


def test_a_released_run_takes_its_envelopes_off_the_shelf_once(run):
    programme = run.programme
    count_stock(programme, "outer", counted=PIECES, warn_below=5, actor=MANAGER, at=AT)
    count_stock(programme, "reply", counted=PIECES - 1, actor=MANAGER, at=AT)
    proofed(run)
    with pytest.raises(NotEnough, match="返信用封筒の在庫は11"):
        release(run, actor=MANAGER, at=AT)
    run.refresh_from_db()
    assert run.state == "made" and Stock.objects.get(item="outer").on_hand == PIECES
    move_stock(programme, "reply", change=100, why="納品", actor=MANAGER, at=AT)
    release(run, actor=MANAGER, at=AT)
    release(run, actor=MANAGER, at=AT)
    assert dict(Stock.objects.values_list("item", "on_hand")) == {"outer": 0, "reply": 99}
    assert sorted(StockMove.objects.filter(run=run).values_list("change", flat=True)) == [-PIECES, -PIECES]
    assert [one.item for one in warnings(programme)] == ["送付用封筒"]


def permit(programme, until, start=date(2026, 1, 1)):
    return note_permit(
        programme, post_office="見本郵便局", approval_no="1234", valid_from=start, valid_until=until,
        postal_code="2248790", actor=MANAGER, at=AT,
    )  # fmt: skip


def test_reply_envelopes_that_end_too_soon_stop_release_and_posting(run):
    programme = run.programme
    with pytest.raises(CannotNote, match="2年以内"):
        permit(programme, date(2029, 1, 1))
    permit(programme, programme.terms.deadline - timedelta(days=1))
    proofed(run)
    with pytest.raises(PermitEnds, match="更新を申請"):
        release(run, actor=MANAGER, at=AT)
    permit(programme, programme.terms.deadline)
    assert release(run, actor=MANAGER, at=AT).done == PIECES
    with pytest.raises(PermitEnds, match="終わっています"):
        dispatch(run, posted_on=date(2028, 2, 1), counted=PIECES, actor=PRINTER, at=AT)


# ---- the pull list ----


def test_what_became_known_is_pulled_by_tray_and_position_and_never_posted(released):
    run = released
    PrintRun.objects.filter(pk=run.pk).update(tray_size=5)
    dead, gone = piece(run, 3), piece(run, 7)
    assert list_pulls(run, actor=MANAGER, at=AT).done == 0
    report_death(dead.case.recipient.head, died_on=None)
    with pytest.raises(CannotDispatch, match="事情が変わりました"):
        post(run, PIECES)
    CaseStage.objects.filter(case=gone.case).update(stage="declined", previous="listed")
    with CaptureQueriesContext(connection) as asked:
        assert list_pulls(run, actor=MANAGER, at=AT).waiting == 2
    assert len(asked) <= 11, "the same few queries find them, however many"
    places = PulledPiece.objects.order_by("pk").values_list("letter__piece_no", "reason", "tray", "position")
    assert set(places) == {(3, "died", 1, 3), (7, "declined", 2, 2)}
    assert list_pulls(run, actor=MANAGER, at=AT).done == 0

    with pytest.raises(CannotDispatch, match="トレー1の3通目、死亡"):
        post(run, PIECES)
    refused_by_the_database("a_pulled_piece_does_not_leave", lambda: lot(run, 1, PIECES, PIECES))
    assert void_piece(code_of(dead), run=run, actor=PRINTER, at=AT).waiting == 1
    assert void_piece(gone.case.number, run=run, actor=PRINTER, at=AT).waiting == 0
    assert "すでに" in void_piece(code_of(dead), run=run, actor=PRINTER, at=AT).note
    with pytest.raises(CountsDiffer, match="10通"):
        post(run, PIECES)
    report = post(run, PIECES - 2)
    run.refresh_from_db()
    assert (report.done, run.state) == (PIECES - 2, "dispatched")
    assert CaseStage.objects.get(case=dead.case).stage == LISTED
    assert CaseStage.objects.filter(stage=INVITED).count() == PIECES - 2
    assert dead.posting is None


def lot(run, first, last, counted):
    return Dispatch.objects.create(
        run=run,
        lot_no=9,
        from_piece=first,
        to_piece=last,
        posted_on=POSTED,
        counted=counted,
        at=AT,
        actor_name="x",
    )


def test_a_new_address_and_protection_pull_a_piece_and_a_new_letter_follows(released):
    run = released
    guarded = piece(run, 2)
    guarded.case.recipient.head.protected = True
    guarded.case.recipient.head.save()
    assert [(one.piece_no, one.reason) for one in unlisted(run)] == [(2, "protected")]
    list_pulls(run, actor=MANAGER, at=AT)
    void_piece(code_of(guarded), run=run, actor=PRINTER, at=AT)
    again = make_form_run(programme=run.programme, protected=True, actor=PRINTER, at=AT)
    assert Letter.objects.get(run=again, case=guarded.case).copy == 2


def test_a_code_of_another_run_or_an_unlisted_piece_is_refused_with_the_remedy(released):
    run = released
    other = make_form_run(programme=run.programme, limit=1, actor=PRINTER, at=AT)
    stranger = piece(other, 1)
    for code, sentence in (
        (code_of(stranger), "この印刷ロットの通ではありません"), ("123", "検査数字"), (code_of(piece(run, 1)), "トレーに戻し"),
    ):  # fmt: skip
        with pytest.raises(CannotVoid, match=sentence):
            void_piece(code, run=run, actor=PRINTER, at=AT)
    assert PulledPiece.objects.count() == 0


# ---- spoiled pieces, a stopped printer ----


def test_a_spoiled_piece_is_printed_again_from_the_same_bytes_and_nobody_twice(released):
    run = released
    spoiled, answered = piece(run, 4), piece(run, 5)
    with pytest.raises(CannotReprint, match="ありません"):
        reprint(run, actor=PRINTER, at=AT)
    for one in (spoiled, answered):
        void_piece(code_of(one), run=run, reason="spoiled", actor=PRINTER, at=AT)
    CaseStage.objects.filter(case=answered.case).update(stage="received", previous="listed")
    assert [number for _, number in wanted(run)] == [4]
    again = reprint(run, actor=PRINTER, at=AT)
    assert (again.pieces, again.state, again.reprint_of_id) == (1, "made", run.pk)
    assert Letter.objects.get(run=again).copy == 2 and Letter.objects.get(run=again).piece_no == 4
    assert again.read_backs.get().sha256 == again.pdf.sha256
    old = pypdfium2.PdfDocument(files.inside(run.pdf.path))
    line = manifest_lines(run)[3]
    new = pypdfium2.PdfDocument(files.inside(again.pdf.path))
    assert len(new) == line.pages == again.pages
    assert new[0].get_textpage().get_text_range() == old[line.first_page - 1].get_textpage().get_text_range()
    with pytest.raises(CannotReprint):
        reprint(run, actor=PRINTER, at=AT)

    assert post(run, PIECES - 2).done == PIECES - 2
    assert release(again, actor=MANAGER, at=AT).done == 1  # on the proof of the run it is a part of
    assert post(again, 1).done == 1
    assert CaseStage.objects.get(case=spoiled.case).stage == INVITED


def test_the_database_takes_no_second_copy_before_the_first_is_void(released):
    one = piece(released, 1)
    other = make_form_run(programme=released.programme, limit=1, actor=PRINTER, at=AT)
    refused_by_the_database(
        "a_copy_follows_a_void_piece",
        lambda: Letter.objects.create(run=other, piece_no=99, case=one.case, kind="form", occasion=1, copy=2),
    )
    assert Letter.objects.filter(case=one.case).count() == 1


def test_a_printer_that_stopped_goes_on_after_the_last_whole_piece_and_nobody_is_printed_twice(released):
    run = released
    rest = resume_printing(run, printed_to=5, doubtful=2, actor=PRINTER, at=AT)
    lines = manifest_lines(run)
    assert (rest.first_piece, rest.last_piece, rest.voided) == (8, PIECES, 2)
    assert len(pypdfium2.PdfDocument(io.BytesIO(rest.pdf))) == sum(line.pages for line in lines[7:])
    assert resume_printing(run, printed_to=5, doubtful=2, actor=PRINTER, at=AT).voided == 0
    again = reprint(run, actor=PRINTER, at=AT)
    assert sorted(again.letters.values_list("piece_no", flat=True)) == [6, 7]
    for printed_to, doubtful in ((99, 0), (5, 51), (PIECES, 0)):
        with pytest.raises(CannotResume):
            resume_printing(run, printed_to=printed_to, doubtful=doubtful, actor=PRINTER, at=AT)


# ---- posting lots ----


def test_a_run_goes_in_lots_over_several_days_each_counted(released):
    run = released
    void_piece(code_of(piece(run, 6)), run=run, reason="mis_enclosed", actor=PRINTER, at=AT)
    first = post(run, 5, to_piece=5)
    run.refresh_from_db()
    assert (first.done, first.waiting, run.state) == (5, 6, "released") and next_range(run) == (7, PIECES)
    assert CaseStage.objects.filter(stage=INVITED).count() == 5
    with pytest.raises(CannotDispatch, match="差出し済み"):
        post(run, 3, from_piece=5, to_piece=7)
    refused_by_the_database("a_piece_leaves_with_one_posting_lot", lambda: lot(run, 5, 7, 2))
    refused_by_the_database("a_posting_lot_is_counted", lambda: lot(run, 6, PIECES, 7))
    with pytest.raises(CannotVoid, match="差出し済み"):
        void_piece(code_of(piece(run, 2)), run=run, reason="spoiled", actor=PRINTER, at=AT)
    second = dispatch(
        run,
        posted_on=POSTED + timedelta(days=1),
        counted=6,
        from_piece=6,
        to_piece=PIECES,
        actor=PRINTER,
        at=AT,
    )
    run.refresh_from_db()
    assert (second.done, second.waiting, run.state, left_to_post(run)) == (6, 0, "dispatched", 0)
    assert list(Dispatch.objects.order_by("lot_no").values_list("lot_no", "from_piece", "to_piece", "counted")) == [
        (1, 1, 5, 5), (2, 6, PIECES, 6),
    ]  # fmt: skip
    assert "変更していません" in post(run, 5, to_piece=5).note
