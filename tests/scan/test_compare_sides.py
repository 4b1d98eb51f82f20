"""What was counted before scanning, what lies in the tray and what was read: one sheet lost beside one scanned twice is seen."""

import pytest

from tests.scan.rows_fixture import ONE, Shelf
from todoku.mailroom.tables import Difference
from todoku.scan.compare_sides import compare_sides, lay_on_sheets
from todoku.scan.read_before import is_read_again, read_before, set_aside_again
from todoku.scan.receive_lot import NotCounted, receive_lot
from todoku.scan.sides_of import sides_of
from todoku.scan.tables import ScanPage


@pytest.fixture
def shelf(town):
    return Shelf(town.programme)


def _compared(shelf, lot):
    lot.sides = sides_of(lot)
    lot.save()
    compare_sides(lot, actor=ONE, at=shelf.at)
    return {(one.subject_kind, one.stated, one.found) for one in Difference.objects.all()}


def test_a_sheet_scanned_twice_does_not_stand_for_one_that_is_lost(shelf):
    one, two, three, _ = shelf.cases
    lot = shelf.lot(stated_sheets=3, state="read")
    for case, state in ((one, "read"), (two, "read"), (two, "look")):
        shelf.page(lot, state, case)
    assert _compared(shelf, lot) == {("scan_lot", 3, 2)}


def test_a_file_that_came_twice_does_not_stand_for_a_sheet(shelf):
    lot = shelf.lot(stated_sheets=2, state="read")
    shelf.page(lot, "read", shelf.cases[0])
    shelf.file(lot, problem="duplicate", aside=1)
    assert _compared(shelf, lot) == {("scan_lot", 2, 1)}
    shelf.file(lot, problem="damaged", aside=1)
    assert sides_of(lot) == 2


def test_the_tray_itself_is_compared_however_many_sheets_were_stated(shelf):
    one, two, *_ = shelf.cases
    tray = shelf.tray(one, two, None)
    lot = shelf.lot(container=tray, stated_sheets=2, state="read")
    shelf.page(lot, "read", one)
    shelf.page(lot, "read", two)
    assert _compared(shelf, lot) == {("scan_tray", 3, 2)}


def test_a_sheet_scanned_again_for_its_tray_counts_once(shelf):
    one, two, *_ = shelf.cases
    tray = shelf.tray(one, two)
    first = shelf.lot(container=tray, stated_sheets=2, state="read")
    shelf.page(first, "read", one)
    shelf.page(first, "rescan", two)
    first.sides = 2
    first.save()
    again = shelf.lot(container=tray, stated_sheets=1, state="read")
    shelf.page(again, "read", two)
    assert _compared(shelf, again) == set()


def test_a_tray_read_once_more_is_a_duplicate_lot_and_no_difference_of_counts(shelf):
    one, two, three, _ = shelf.cases
    tray = shelf.tray(one, None, two)
    first = shelf.lot(container=tray, stated_sheets=3, state="done")
    for case in (one, None, two):
        shelf.page(first, "read" if case else "attached", case)
    again = shelf.lot(container=tray, stated_sheets=3, state="read")
    waits = shelf.page(again, "look", one)
    shelf.page(again, "attached")
    last = shelf.page(again, "look", two)
    assert _compared(shelf, again) == set(), "the same sheets, the attachment too"
    assert read_before(again) == (first,) and not is_read_again(again)
    ScanPage.objects.filter(lot=first, case=two).update(state="look")
    assert not set_aside_again(again, (first,)), "who still has to choose between the pictures, chooses"
    ScanPage.objects.filter(lot=first, case=two).update(state="read")
    assert set_aside_again(again, (first,)) and is_read_again(again)
    again.refresh_from_db()
    waits.refresh_from_db()
    assert (again.state, waits.state) == ("done", "duplicate") and sides_of(first, again) == 3
    ScanPage.objects.filter(pk=last.pk).update(number=three.number, state="read")
    assert read_before(again) == () and not is_read_again(again), "a sheet that was not there before is new"


def test_paper_out_of_a_tray_is_counted_before_it_is_scanned(shelf):
    tray = shelf.tray(shelf.cases[0])
    with pytest.raises(NotCounted, match="数えた枚数"):
        receive_lot(
            [object()], programme=shelf.programme, name="束", arrived_on=shelf.at.date(), actor=ONE, at=shelf.at,
            container=tray,
        )  # fmt: skip


def test_pages_in_another_order_than_the_sheets_lie_on_none_of_them(shelf):
    one, two, *_ = shelf.cases
    tray = shelf.tray(one, None, two)
    right = shelf.lot(container=tray, stated_sheets=3, state="read", pages=3)
    for case in (one, None, two):
        shelf.page(right, "read" if case else "attached", case)
    lay_on_sheets(right, actor=ONE, at=shelf.at)
    laid = ScanPage.objects.filter(lot=right).order_by("no").values_list("sheet__position", flat=True)
    assert list(laid) == [1, 2, 3] and not Difference.objects.exists()
    turned = shelf.lot(container=tray, stated_sheets=3, state="read", pages=3)
    for case in (two, None, one):
        shelf.page(turned, "read" if case else "attached", case)
    lay_on_sheets(turned, actor=ONE, at=shelf.at)
    assert not ScanPage.objects.filter(lot=turned, sheet__isnull=False).exists()
    difference = Difference.objects.get()
    assert (difference.subject_kind, difference.stated, difference.found) == ("scan_order", 2, 0)
