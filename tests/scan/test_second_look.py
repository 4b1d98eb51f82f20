"""Paper without an owner is given to a household by two persons, and no sheet loses its only picture by one."""

import pytest

from tests.scan.rows_fixture import ONE, TWO, Shelf
from todoku.scan.act_on_page import AlreadyActed, act_on_page, take_back
from todoku.scan.tables import PageAct, ScanLot, ScanPage


@pytest.fixture
def shelf(town):
    return Shelf(town.programme)


def _act(shelf, page, act, who, **values):
    return act_on_page(page.pk, act, actor=who, at=shelf.at, **values)


def test_a_page_without_an_owner_is_placed_by_two_who_say_the_same(shelf):
    one, two, *_ = shelf.cases
    page = shelf.page(shelf.lot(state="read"), "unplaced")
    assert _act(shelf, page, "number", ONE, number=one.number, sheet=1).state == "unplaced"
    assert _act(shelf, page, "number", ONE, number=one.number, sheet=1).case is None, "the same person again"
    assert _act(shelf, page, "number", TWO, number=two.number, sheet=1).case is None, "another number"
    assert _act(shelf, page, "number", ONE, number=two.number, sheet=5).case is None, "another kind of sheet"
    placed = _act(shelf, page, "number", TWO, number=two.number, sheet=5)
    assert (placed.state, placed.case, placed.sheet_code) == ("read", two, 5)
    assert list(PageAct.objects.order_by("pk").values_list("asks", flat=True)) == ["number"] * 4 + [""]


def test_asking_for_another_scan_is_no_way_around_the_second_person(shelf):
    page = shelf.page(shelf.lot(state="read"), "foreign")
    _act(shelf, page, "rescan", ONE)
    assert _act(shelf, page, "number", ONE, number=shelf.cases[0].number, sheet=1).state == "rescan"
    assert _act(shelf, page, "keep", ONE).state == "foreign"


def test_a_number_against_the_opened_sheet_takes_two(shelf):
    one, two, *_ = shelf.cases
    tray = shelf.tray(one)
    page = shelf.page(shelf.lot(state="read", container=tray), "look", sheet=tray.sheets.get())
    assert _act(shelf, page, "number", ONE, number=two.number, sheet=1).state == "look"
    page_of_its_sheet = shelf.page(page.lot, "look", sheet=tray.sheets.get())
    assert _act(shelf, page_of_its_sheet, "number", ONE, number=one.number, sheet=1).state == "read"


def test_the_only_picture_of_a_form_is_void_by_two_and_a_second_one_by_one(shelf):
    one, two, *_ = shelf.cases
    lot = shelf.lot(state="read")
    only = shelf.page(lot, "look", one)
    shelf.page(lot, "read", two)
    twice = shelf.page(lot, "look", two)
    assert _act(shelf, twice, "void", ONE).state == "void"
    assert _act(shelf, only, "void", ONE).state == "look" and ScanLot.objects.get().state == "read"
    assert _act(shelf, only, "void", TWO).state == "void" and ScanLot.objects.get().state == "done"


def test_taking_back_gives_the_page_what_it_said_before(shelf):
    one, two, *_ = shelf.cases
    lot = shelf.lot(state="read")
    page = shelf.page(lot, "look", one)
    note = shelf.page(lot, "attached", behind=page)
    ScanPage.objects.filter(pk=note.pk).update(case=one)
    _act(shelf, page, "number", ONE, number=two.number, sheet=5)
    assert _act(shelf, page, "number", TWO, number=two.number, sheet=5).case == two
    back = take_back(page.pk, actor=TWO, at=shelf.at)
    note.refresh_from_db()
    assert (back.state, back.case, back.number, back.sheet_code, back.page_no) == (
        "look",
        one,
        one.number,
        1,
        1,
    )
    assert note.case == one
    assert _act(shelf, page, "ok", ONE).state == "read"
    assert take_back(page.pk, actor=ONE, at=shelf.at).number == one.number


def test_what_waits_for_a_second_is_taken_back_and_the_second_then_begins_anew(shelf):
    page = shelf.page(shelf.lot(state="read"), "unplaced")
    number = shelf.cases[0].number
    _act(shelf, page, "number", ONE, number=number, sheet=1)
    assert take_back(page.pk, actor=ONE, at=shelf.at).state == "unplaced"
    assert _act(shelf, page, "number", TWO, number=number, sheet=1).state == "unplaced"


def test_an_unreadable_page_whose_sheet_came_again_makes_room(shelf):
    lot = shelf.lot(state="read")
    page = shelf.page(lot, "look")
    with pytest.raises(AlreadyActed, match="再スキャンを待っていません"):
        _act(shelf, page, "came", ONE)
    _act(shelf, page, "rescan", ONE)
    assert _act(shelf, page, "keep", ONE).state == "look"
    _act(shelf, page, "rescan", ONE)
    assert _act(shelf, page, "came", ONE).state == "rescan"
    assert _act(shelf, page, "came", TWO).state == "void" and ScanLot.objects.get().state == "done"
