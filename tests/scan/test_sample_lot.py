"""Lots of the sample town through the whole engine: every readable code right, none wrong, every planted fault found.

Each page of a lot is known (todoku/sampletown/scanner.py); what the engine says of it is held against that, page by page.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from benches.paper import PrintedTown, printed_town
from todoku.ground import assets
from todoku.sampletown.bad_files import bad_files
from todoku.sampletown.hand import PLAIN_TICKS
from todoku.sampletown.scanner import FAULTS, HANDLING, HARMLESS, Scanned, Scanner, TruePage, scan
from todoku.scan.read_lot import LotEnd, ScanFile, read_lot
from todoku.scan.reading import BLANK, FOREIGN, POOR, READ, UNREADABLE, FileProblem, PageReading

HOUSEHOLDS = 28
# What the engine must say of a page with a fault: its state, and the problem that it names.
FINDS = {
    "code_gone": (UNREADABLE, ""), "cut": (POOR, "cut"), "blurred": (POOR, "blurred"), "too_faint": (POOR, "too_faint"),
    "too_dark": (POOR, "too_dark"), "two_sheets": (POOR, "two_sheets"),
}  # fmt: skip
# Black and white pictures have no grey to be faint in; what was too soft to read has run together.
TIFF_FINDS = FINDS | {"blurred": (UNREADABLE, "")}
# 150 dpi is read as black and white, as cheap machines scan; 300 dpi as PDF.
LOTS = {150: Scanner(150, "tiff"), 200: Scanner(200, "jpeg"), 300: Scanner(300, "pdf")}
COUNTS = {150: 22, 200: 25, 300: 11}


class Lot(NamedTuple):
    dpi: int
    town: PrintedTown
    truth: Scanned
    read: dict[tuple[str, int], PageReading]
    problems: list[FileProblem]
    end: LotEnd

    def pages(self) -> Iterator[tuple[TruePage, PageReading]]:
        for page in self.truth.pages:
            yield page, self.read[page.file, page.page]


@pytest.fixture(scope="module")
def paper_town(tmp_path_factory: pytest.TempPathFactory) -> PrintedTown:
    assets.collect()
    return printed_town(tmp_path_factory.mktemp("run"), HOUSEHOLDS)


@pytest.fixture(scope="module", params=sorted(LOTS))
def lot(
    request: pytest.FixtureRequest, paper_town: PrintedTown, tmp_path_factory: pytest.TempPathFactory
) -> Lot:
    dpi: int = request.param
    folder = tmp_path_factory.mktemp(f"lot{dpi}")
    sides = list(paper_town.sides(dpi, COUNTS[dpi]))
    coded = [place for place, side in enumerate(sides) if side.code]
    planted = {coded[1 + i]: (fault,) for i, fault in enumerate(_faults(dpi))}
    truth = scan(iter(sides), folder, by=LOTS[dpi], seed=f"lot {dpi}", planted=planted)
    files = [ScanFile(path.name, path.read_bytes) for path in sorted(folder.iterdir())]
    answers = list(read_lot(files, paper_town.layouts))  # tests/scan/test_lot.py has two children
    end = answers.pop()
    assert isinstance(end, LotEnd)
    return Lot(
        dpi, paper_town, truth, {(one.file, one.page): one for one in answers if isinstance(one, PageReading)},
        [one for one in answers if isinstance(one, FileProblem)], end,
    )  # fmt: skip


def _faults(dpi: int) -> list[str]:
    """All of them at the usual resolution; in black and white those that can be seen there; at 300 dpi what costs little."""
    # Two sheets at once come last: the sheet behind them is lost in them.
    every = [one for one in (*FAULTS, *HANDLING) if one != "two_sheets"] + ["two_sheets"]
    if dpi == 200:
        return every
    if dpi == 150:
        return [one for one in every if one not in ("too_faint", "too_dark")]
    return ["code_gone", "cut", "blurred", "twice", "upside_down", "skewed"]


def test_every_page_of_the_lot_is_read_once(lot: Lot) -> None:
    assert set(lot.read) == {(page.file, page.page) for page in lot.truth.pages}
    assert lot.problems == []
    assert lot.end.pages == len(lot.truth.pages)


def test_every_code_that_can_be_read_is_right_and_none_is_wrong(lot: Lot) -> None:
    hidden = {"code_gone"} | ({"blurred"} if lot.dpi == 150 else set())
    wanted = [
        (page.code if not hidden & set(page.planted) else None, page.file, page.page)
        for page in lot.truth.pages
    ]
    assert [(one.code, page.file, page.page) for page, one in lot.pages()] == wanted


def test_every_fault_that_was_planted_is_found(lot: Lot) -> None:
    finds = TIFF_FINDS if lot.dpi == 150 else FINDS
    missed = [
        (page, one.state, [problem.code for problem in one.problems])
        for page, one in lot.pages()
        for fault in page.planted
        if fault in finds
        and (
            one.state != finds[fault][0]
            or finds[fault][1] not in [problem.code for problem in one.problems] + [""]
        )
    ]
    assert missed == []


def test_a_sheet_that_was_scanned_twice_is_told(lot: Lot) -> None:
    twice = {page.code.number for page in lot.truth.pages if "twice" in page.planted and page.code}
    assert {one.number for one in lot.end.findings if one.code == "code_twice"} == twice
    assert twice


def test_what_only_lies_badly_is_read_without_a_person(lot: Lot) -> None:
    spoilt = [
        (page, one.state, [problem.code for problem in one.problems])
        for page, one in lot.pages()
        if page.what == "form"
        and set(page.planted) <= set(HARMLESS)
        and (one.state != READ or one.problems or one.turned != page.turned)
    ]
    assert spoilt == []


def test_copies_and_blank_sides_are_told_from_forms(lot: Lot) -> None:
    told = {(page.what, one.state) for page, one in lot.pages() if page.what != "form"}
    assert told <= {("copy", FOREIGN), ("blank", BLANK)}
    assert lot.dpi == 300 or ("blank", BLANK) in told


def test_no_tick_is_decided_against_its_writer(lot: Lot) -> None:
    """A plain tick is marked and an empty box is empty; the others are for a person, never the opposite."""
    wrong = []
    for page, one in lot.pages():
        for name, seen in one.ticks.items():
            meant = page.ticks.get(name)
            allowed = (
                {"empty"} if meant is None else {"marked"} if meant in PLAIN_TICKS else {"unsure", "marked"}
            )
            if meant is None or meant in PLAIN_TICKS or meant == "struck":
                allowed = {"unsure"} if meant == "struck" else allowed
            if seen.state not in allowed:
                wrong.append((page, name, seen))
    assert wrong == []


def test_a_sheet_that_never_reached_the_scanner_is_missed(lot: Lot) -> None:
    seen = {one.code for one in lot.read.values()}
    assert not seen & set(lot.truth.missing)
    assert lot.dpi == 300 or lot.truth.missing


def test_bad_files_are_set_aside_and_the_rest_of_the_lot_goes_on(
    paper_town: PrintedTown, tmp_path: Path
) -> None:
    scan(paper_town.sides(150, 6), tmp_path, by=Scanner(150, "tiff"), seed="bad")
    scan(paper_town.sides(150, 2), tmp_path, by=Scanner(150), seed="bad")
    good = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    bad = list(bad_files(good["000001.jpg"], good["000001.tif"]))
    files = [ScanFile(one.name, partial(bytes, one.data)) for one in bad]
    files.append(ScanFile("last.jpg", partial(bytes, good["000002.jpg"])))
    read = list(read_lot(files, paper_town.layouts))
    pages = {one.file for one in read if isinstance(one, PageReading)}
    aside = {one.file for one in read if isinstance(one, FileProblem)}
    assert aside >= {one.name for one in bad if one.name != "jpeg.tif"}
    assert pages == {one.name for one in bad if one.some_pages} | {"last.jpg"}
