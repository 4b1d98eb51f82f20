"""A My Number on an attachment is painted over in the picture that is kept; numbers of our own stay to be read."""

import numpy as np
import pytest

from tests.scan import paper_fixture
from tests.scan.my_number_papers import MM, WAYS, full_of_other_numbers, with_a_number
from tests.scan.paper_fixture import Bend, form_page, open_page, printed, scanned, town, white, words
from todoku.formats.codes import case_number, check_digit, my_number_valid, printed_number
from todoku.scan.crop import decoded
from todoku.scan.my_number import find_my_numbers, numbers_in_text
from todoku.scan.ocr import recogniser
from todoku.scan.read_page import read_page
from todoku.scan.reading import Area, Grey
from todoku.scan.whose_page import Household

# Made for this test by its check digit; given to nobody by way of being a run of digits.
NUMBER = next(f"12345678901{d}" for d in range(10) if my_number_valid(f"12345678901{d}"))
MISREAD = NUMBER[:11] + str((int(NUMBER[11]) + 1) % 10)
UNREAD = 0  # a paper whose seal lies on so many digits that the rest is no number
OURS = "200000000001" + check_digit("200000000001")


def grouped(number: str, part: str = " ") -> str:
    return part.join((number[:4], number[4:8], number[8:]))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (NUMBER, [(NUMBER, True)]),
        (f"個人番号 {grouped(NUMBER)} です", [(grouped(NUMBER), True)]),
        (grouped(NUMBER, "-"), [(grouped(NUMBER, "-"), True)]),
        (MISREAD, []),  # twelve digits in one piece with a wrong check digit: some other number
        (
            grouped(MISREAD),
            [(grouped(MISREAD), False)],
        ),  # printed as My Numbers are: painted over, and doubted
        (OURS, []),
        (printed_number(OURS), []),
        ("4123 4567 8901 2345", []),  # a payment card
        (f"{MISREAD[:4]} {MISREAD[4:]}", [(f"{MISREAD[:4]} {MISREAD[4:]}", False)]),  # a gap was not seen
        ("電話 0120-000-000 口座 1234567", []),
        (f"9{NUMBER}", [(NUMBER, True)]),  # thirteen digits that are no number of ours
    ],
)
def test_the_rule_on_a_line_of_text(text: str, found: list[tuple[str, bool]]) -> None:
    assert [(text[a : b + 1], sure) for a, b, sure in numbers_in_text(text)] == found


def test_a_number_that_is_known_stays() -> None:
    assert numbers_in_text(NUMBER, {NUMBER}) == []
    assert case_number("200000000001") == OURS


def card(text: str, points: float = 12, tone: int = 30) -> Grey:
    page = white()
    for i, line in enumerate(("個人番号カード", text, "見本 太郎")):
        words(page, 200, 30, 40 + i * 12, line, points, tone)
    return page


LINE_AREA_MM = (25, 50, 130, 64)  # where the second line of the card stands


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_it_is_found_whichever_way_the_paper_lies(turns: int) -> None:
    page = np.ascontiguousarray(np.rot90(card(f"番号 {grouped(NUMBER)}"), turns))
    (found,) = find_my_numbers(scanned(page, bend=Bend(skew=1.2, noise=6)), 200, recogniser().read)
    assert found.sure
    upright = np.zeros(page.shape, np.uint8)
    upright[found.area.y : found.area.y + found.area.h, found.area.x : found.area.x + found.area.w] = 1
    back = np.rot90(upright, -turns)
    rows, columns = (np.flatnonzero(back.any(axis=axis)) / 200 * 25.4 for axis in (1, 0))
    left, top, right, bottom = LINE_AREA_MM
    assert left < columns[0] < 46 and 68 < columns[-1] < right
    assert top - 2 < rows[0] and rows[-1] < bottom


@pytest.mark.parametrize("points", [8, 20])
def test_small_and_large_print_is_found(points: float) -> None:
    assert [one.sure for one in find_my_numbers(card(grouped(NUMBER), points), 200, recogniser().read)] == [
        True
    ]


def test_the_code_on_the_back_of_the_card_is_covered_too() -> None:
    page = white()
    code = paper_fixture.qr(NUMBER, 7)
    page[400 : 400 + code.shape[0], 300 : 300 + code.shape[1]] = code
    (found,) = find_my_numbers(page, 200, recogniser().read)
    assert found.area.x >= 300 and found.area.y >= 400 and found.area.w > 80


def test_on_an_attachment_the_kept_picture_no_longer_shows_it() -> None:
    layouts, read = town().layouts, recogniser().read
    one = read_page(open_page(scanned(card(grouped(NUMBER)))), layouts, digits=read)
    assert one.state == "foreign" and len(one.masked) == 1
    assert [problem.code for problem in one.problems] == ["my_number"]
    assert find_my_numbers(decoded(one.picture), 150, read) == []


def test_in_an_attachment_area_of_our_form_it_is_covered() -> None:
    layouts = town().layouts
    box = layouts[paper_fixture.FORM].boxes["attach_identity"]
    page = printed(form_page(0)).copy()
    paper_fixture.card(page, 200, box, ("個人番号", grouped(NUMBER)))
    one = read_page(open_page(scanned(page)), layouts, digits=recogniser().read)
    assert one.code is not None and one.inked["attach_identity"]
    assert find_my_numbers(decoded(one.picture), 150, recogniser().read) == []
    assert find_my_numbers(decoded(one.crops["attach_identity"]), 150, recogniser().read) == []
    (area,) = one.masked
    assert isinstance(area, Area)
    assert box.x - 8 < area.x / 200 * 25.4 < box.x + box.w and box.y < area.y / 200 * 25.4 < box.y + box.h


def test_a_form_without_attachments_is_left_alone() -> None:
    one = read_page(open_page(scanned(printed(form_page(0)))), town().layouts, digits=recogniser().read)
    assert list(one.masked) == []


@pytest.mark.parametrize("kind", WAYS)
def test_no_number_on_a_loose_page_is_shown(kind: str) -> None:
    """On a card, small, turned, by hand; a line or a seal through it makes it doubtful at worst, never unseen."""
    paper = with_a_number(kind, 0)
    found = find_my_numbers(paper.grey, 200, recogniser().read)
    assert found
    if paper.at:
        left, _, right, _ = (value * MM for value in paper.at)
        assert (
            min(one.area.x for one in found) < left + MM
            and max(one.area.x + one.area.w for one in found) > right - MM
        )
    assert kind == "stamp" or all(one.read for one in found)


def test_a_page_full_of_other_numbers_stays_as_it_is() -> None:
    page = full_of_other_numbers(0)
    one = read_page(open_page(page.grey), town().layouts, digits=recogniser().read)
    assert (one.state, list(one.masked), [problem.code for problem in one.problems]) == ("foreign", [], [])


def test_on_our_form_it_is_covered_wherever_it_was_written_and_our_own_numbers_stay() -> None:
    layouts = town().layouts
    boxes = layouts[paper_fixture.FORM].boxes
    page = printed(form_page(0)).copy()
    paper_fixture.digits_in_cells(page, 200, boxes["account_number"], "1234567")
    words(page, 200, boxes["day_phone"].x + 3, boxes["day_phone"].y + 2, "045-000-0000")
    box = boxes["signature"]
    words(page, 200, box.x + 3, box.y + 2, grouped(NUMBER))
    one = read_page(open_page(scanned(page)), layouts, digits=recogniser().read)
    (area,) = (area._replace(x=round(area.x / MM), y=round(area.y / MM)) for area in one.masked)
    assert box.x - 4 < area.x < box.x + 6 and box.y - 4 < area.y < box.y + 5
    assert [problem.code for problem in one.problems] == ["my_number"]


def test_what_could_not_be_read_is_painted_over_and_set_aside_for_a_person() -> None:
    paper = with_a_number("stamp", UNREAD)
    one = read_page(open_page(paper.grey), town().layouts, digits=recogniser().read)
    assert one.masked and [problem.code for problem in one.problems] == ["my_number_unread"]
    place = Household(page=1, case=7).place(2, one, case=None, seen=False, twice=False)
    assert place == ("look", 1, 7)
