"""From the finished file to the post: an officer approves the proof, another person releases, a death is found, two lots go.

The printer's operator cannot release alone and the manager cannot before the municipality's 校了. A death that is reported
while the letters lie in their trays puts one piece on the pull list; it is scanned void by its code. The rest goes in two
lots on two days; a count that is one too many is refused.
"""

import pytest
from django.utils import timezone
from django.utils.timezone import localdate
from playwright.sync_api import Page, expect

from tests.open_today import open_today
from tests.stories.desk import goes_to, press
from todoku.case.tables import CaseStage
from todoku.letters.make_run import make_form_run
from todoku.letters.tables import Dispatch, Letter, PrintRun, PulledPiece
from todoku.people.tables import AuditEvent
from todoku.registry.report_death import report_death
from todoku.sampletown.staff import make_staff
from todoku.sheets.sheet_codes import qr_payload

PIECES = 12


@pytest.fixture
def run(town):
    """Twelve forms, printed by the operator and read back."""
    programme = open_today(town.programme)
    staff = make_staff(programme.municipality)
    return make_form_run(programme=programme, limit=PIECES, actor=staff["printer"], at=timezone.now())


def the_officer_approves(page: Page, run: PrintRun, faults, picture) -> None:
    expect(page.get_by_role("heading", name="校正刷りの確認")).to_be_visible()
    goes_to(page, "proofs/")
    assert faults(page) == []
    picture(page, "city-proofs")
    page.get_by_role("link", name=f"F{run.pk:05d}").first.click()
    expect(page.get_by_role("heading", name="校了が覆う内容")).to_be_visible()
    expect(page.get_by_text("最初の一通").first).to_be_visible()
    assert faults(page) == []
    picture(page, "city-proof")
    press(page, "校正を戻す")
    expect(page.get_by_text("どこを直すのかを書いてください").first).to_be_visible()
    with page.expect_response("**/sheets.pdf") as opened:
        page.evaluate("url => fetch(url)", page.url.replace("/answer/", "/") + "sheets.pdf")
    assert opened.value.headers["content-type"] == "application/pdf"
    press(page, "校了する")
    expect(page.get_by_text("校了しました").first).to_be_visible()


def scans_void(page: Page, letter: Letter) -> None:
    page.get_by_label("QR").fill(qr_payload(letter.case.number, 1, 1, 1))
    page.keyboard.press("Enter")
    expect(page.get_by_text("抜き取りとして記録しました").first).to_be_visible()


def posts(page: Page, run: PrintRun, first: int, last: int, counted: int) -> None:
    goes_to(page, f"print/run/{run.pk}/")
    page.get_by_label("通し番号（初め）").fill(str(first))
    page.get_by_label("通し番号（終わり）").fill(str(last))
    page.get_by_label("数えた通数").fill(str(counted))
    press(page, "差出しを記録")


def test_from_the_finished_file_to_the_post_by_three_persons(run, at_desk, sound, picture):
    manager = at_desk("office", "manager")
    goes_to(manager, f"print/run/{run.pk}/")
    expect(manager.get_by_text("校了待ち")).to_be_visible()
    expect(manager.get_by_text("自治体の校了を待っています").first).to_be_visible()
    expect(manager.get_by_role("button", name="確認しました")).to_have_count(0)

    the_officer_approves(at_desk("municipality", "officer"), run, sound, picture)

    goes_to(manager, f"print/run/{run.pk}/")
    press(manager, "確認しました")
    expect(manager.get_by_text("発送待ち").first).to_be_visible()
    picture(manager, "office-run-released")
    assert sound(manager) == []

    dead = Letter.objects.select_related("case__recipient__head").get(run=run, piece_no=4)
    report_death(dead.case.recipient.head, died_on=localdate())

    printer = at_desk("office", "printer")
    posts(printer, run, 1, 6, 6)
    expect(printer.get_by_text("事情が変わりました").first).to_be_visible()
    goes_to(printer, f"print/run/{run.pk}/pulls/")
    press(printer, "最新の事情と照らす")
    expect(printer.get_by_role("cell", name="死亡")).to_be_visible()
    assert sound(printer) == []
    picture(printer, "office-pulls")
    posts(printer, run, 1, 6, 6)
    expect(printer.get_by_text("トレー1の4通目").first).to_be_visible()
    goes_to(printer, f"print/run/{run.pk}/pulls/")
    scans_void(printer, dead)

    posts(printer, run, 1, 6, 6)
    expect(printer.get_by_text("数えた通数は6通ですが").first).to_be_visible()
    assert Dispatch.objects.count() == 0
    posts(printer, run, 1, 6, 5)
    expect(printer.get_by_text("5通を発送し").first).to_be_visible()
    posts(printer, run, 7, PIECES, 6)
    expect(printer.get_by_text("6通を発送し").first).to_be_visible()
    picture(printer, "office-run-posted")
    assert sound(printer) == []

    run.refresh_from_db()
    assert run.state == "dispatched" and run.released_by != run.made_by
    assert list(Dispatch.objects.order_by("lot_no").values_list("counted", flat=True)) == [5, 6]
    assert PulledPiece.objects.get().reason == "died"
    assert CaseStage.objects.get(case=dead.case).stage == "listed"
    assert CaseStage.objects.filter(stage="invited").count() == PIECES - 1
    assert AuditEvent.objects.filter(action="proof.approve").count() >= 2
