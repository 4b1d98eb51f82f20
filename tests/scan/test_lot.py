"""A lot as a whole: order, what was delivered twice, what is missing, the list at the end."""

import csv
import io

import pytest

from tests.scan.paper_fixture import Bend, form_page, jpeg, printed, scanned, tiff, town, white
from todoku.scan import wire
from todoku.scan.pages_csv import HEADINGS, csv_of
from todoku.scan.read_lot import LotEnd, ScanFile, read_lot
from todoku.scan.reading import READ, FileProblem, PageReading
from todoku.scan.same_page import LotLedger
from todoku.sheets.sheet_codes import SheetCode


def files() -> dict[str, bytes]:
    first = scanned(printed(form_page(0)), seed=1)
    return {
        "0001.jpg": jpeg(first),
        "0002.tif": tiff(
            [scanned(printed(form_page(1))), white(), scanned(printed(form_page(2)), bend=Bend(turn=180))]
        ),
        "0003.jpg": jpeg(first),  # the same bytes again
        "=0004.jpg": jpeg(scanned(printed(form_page(0)), seed=2)),  # the same paper scanned again
        "0005.tif": tiff([white()]),
    }


@pytest.fixture(scope="module")
def told() -> list[PageReading | FileProblem | LotEnd]:
    lot = [ScanFile(name, lambda data=data: data) for name, data in files().items()]
    return list(read_lot(lot, town().layouts, workers=2))


def test_pages_come_in_the_order_of_the_files_whichever_child_read_them(
    told: list[PageReading | FileProblem | LotEnd],
) -> None:
    places = [(one.file, one.page) for one in told if not isinstance(one, LotEnd)]
    assert places == [
        ("0001.jpg", 1),
        ("0002.tif", 1),
        ("0002.tif", 2),
        ("0002.tif", 3),
        ("0003.jpg", None),
        ("=0004.jpg", 1),
        ("0005.tif", 1),
    ]
    codes = [one.code.number for one in told if isinstance(one, PageReading) and one.code]
    assert codes == [town().codes[form_page(nth)][0] for nth in (0, 1, 2, 0)]


def test_what_came_twice_is_told_apart(told: list[PageReading | FileProblem | LotEnd]) -> None:
    end = told[-1]
    assert isinstance(end, LotEnd)
    assert (end.files, end.pages, end.problems) == (5, 6, 1)
    found = {finding.code: finding.at for finding in end.findings}
    assert found == {
        "same_file": (("0001.jpg", 0), ("0003.jpg", 0)),
        "code_twice": (("0001.jpg", 1), ("=0004.jpg", 1)),
    }


def test_the_list_names_every_page_and_no_file_name_becomes_a_formula(
    told: list[PageReading | FileProblem | LotEnd],
) -> None:
    text = csv_of(
        (one for one in told if not isinstance(one, LotEnd)), ticks=["kind_ordinary"], fields=["bank_name"]
    )
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows[0] == [*HEADINGS, "kind_ordinary", "bank_name"] and len(rows) == 8
    assert rows[1][:4] == ["0001.jpg", "1", "読取済み", "2000-0000-00016"] and rows[1][-2:] == ["0", "0"]
    assert rows[5][2] == "取り込めない" and rows[6][0] == "'=0004.jpg"


def page(code: SheetCode | None, file: str, digest: str, state: str = READ) -> PageReading:
    return PageReading(file, 1, state, code, 0, 200.0, 1654, 2339, "four_marks", {}, {}, (), digest)


def test_gaps_in_a_piece_are_found_but_not_the_page_that_stays_with_the_resident() -> None:
    ledger = LotLedger()
    number = "2000000000016"
    ledger.see(page(SheetCode(number, 4, 3, 0), "c.jpg", "c"))
    ledger.see(page(SheetCode(number, 1, 1, 0), "a.jpg", "a"))
    ledger.see(page(SheetCode("2000000000024", 1, 1, 0), "b.jpg", "b"))
    (gap,) = ledger.findings()
    assert (gap.code, gap.number) == ("page_missing", number) and gap.sentence.startswith("3ページ目")
    due = {"2000000000024": frozenset({1, 3})}
    assert {finding.number for finding in ledger.findings(due)} == {number, "2000000000024"}


def test_the_same_pixels_twice_are_one_scan_and_blank_pages_are_all_alike() -> None:
    ledger = LotLedger()
    code = SheetCode("2000000000016", 1, 1, 0)
    assert [ledger.see(page(code, name, "same")) for name in ("a.jpg", "b.jpg")] == [False, True]
    assert [ledger.see(page(None, name, "white", "blank")) for name in ("c.jpg", "d.jpg")] == [False, False]
    assert [finding.code for finding in ledger.findings()] == ["same_pixels"]


def test_a_reading_survives_the_wire_and_nonsense_is_refused() -> None:
    one, _ = read_lot([ScanFile("a.jpg", lambda: files()["0001.jpg"])], town().layouts)
    assert isinstance(one, PageReading)
    out = io.BytesIO()
    wire.write_reading(out, one)
    back = io.BytesIO(out.getvalue())
    assert wire.reading_or_problem(*wire.read(back.read)) == one
    for nonsense in ({"reading": {"file": 1}}, {"problem": [1]}, {}):
        with pytest.raises(wire.MessageRefused):
            wire.reading_or_problem(nonsense, [])
    for noise in (b"\xff" * 8, b"\0\0\0\3\0\0\0\0{x}", b"\0\0\0\2\0\0\0\0[]"):
        with pytest.raises(wire.MessageRefused):
            wire.read(io.BytesIO(noise).read)
    assert wire.layouts_from(wire.layouts_as_data(town().layouts)) == town().layouts
