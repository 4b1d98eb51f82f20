"""Measures the reading of scans: pages a second beside bare JPEG decoding and beside a full-page search for codes.

`beside(sizes)` makes lots of the sample town (grey JPEG, 200 dpi, every tenth page with a fault) and reads each in a process
of its own; the two others see a stated sample of the same pages.
"""

import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import zxingcpp

from benches import report
from benches.measure import RSS_UNIT, apart
from benches.paper import form_layouts, printed_town
from todoku.sampletown.scanner import HARMLESS, Scanner, scan
from todoku.scan.open_file import open_file
from todoku.scan.read_lot import ScanFile, read_lot
from todoku.scan.read_page import read_page, use_one_core
from todoku.scan.reading import FileProblem, Grey, Layouts, PageReading
from todoku.sheets.sheet_codes import read_payload

SIZES, QUICK_SIZES = (500, 5_000), (60, 600)
SAMPLE = 100  # pages for the two others and for the reading without a child
HOUSEHOLDS, DISTINCT, DPI = 120, 250, 200
FAULT_EVERY = 10


class Way(NamedTuple):
    """One way of reading: name, pages, seconds, own processor seconds, peak memory, codes right and wrong."""

    name: str
    pages: int
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    right: int = 0
    wrong: int = 0

    @property
    def rate(self) -> float:
        """Pages a second."""
        return self.pages / self.seconds

    @property
    def cpu_rate(self) -> float:
        """Pages a second of processor time."""
        return self.pages / self.cpu_seconds


Counts = tuple[int, int, int]  # pages, codes right, codes wrong


def beside(sizes: Sequence[int], sample: int = SAMPLE) -> list[Way]:
    """Every way: the whole reading at each size; on the sample the pages alone and the two others."""
    with tempfile.TemporaryDirectory() as folder:
        codes = apart(make_lot, folder, min(DISTINCT, max((*sizes, sample))))
        sample = min(sample, len(codes))
        return [
            *(apart(_timed, "a lot in its child", whole_lot, folder, size, codes) for size in sizes),
            *(apart(_timed, name, work, folder, sample, codes) for name, work in ALONE.items()),
        ]


def make_lot(folder: str, pages: int) -> list[str]:
    """Prints a town, fills in its forms and scans them: gives the case number on each page, "" for copies."""
    town = printed_town(Path(folder), HOUSEHOLDS)
    planted = {
        place: (HARMLESS[place // FAULT_EVERY % len(HARMLESS)],) for place in range(0, pages, FAULT_EVERY)
    }
    made = scan(town.sides(DPI, pages), Path(folder) / "lot", by=Scanner(DPI), seed="bench", planted=planted)
    return [page.code.number if page.code else "" for page in made.pages]


def whole_lot(folder: str, count: int, codes: list[str], layouts: Layouts) -> Counts:
    """The engine as the office runs it but for My Numbers: child process, limits, fields cut out, pictures to keep.

    A lot larger than the distinct pages has them again; a byte behind the picture's end makes each a file of its own.
    """
    paths = _pages(folder)
    files = [
        ScanFile(f"{i:06d}.jpg", partial(_again, paths[i % len(paths)], i // len(paths)))
        for i in range(count)
    ]
    pages = right = wrong = 0
    for one in read_lot(files, layouts):
        if isinstance(one, PageReading):
            meant = codes[int(one.file[:6]) % len(paths)]
            pages, (right, wrong) = (
                pages + 1,
                _judged(one.code.number if one.code else "", meant, right, wrong),
            )
    return pages, right, wrong


def _again(path: Path, turn: int) -> bytes:
    return path.read_bytes() + (str(turn).encode() if turn else b"")


def pages_alone(folder: str, count: int, codes: list[str], layouts: Layouts) -> Counts:
    """Open, find the code, place the page, judge ticks and fields, cut out pictures: without a child."""
    use_one_core()
    right = wrong = 0
    for path, meant in zip(_pages(folder)[:count], codes, strict=False):
        for page in open_file(path.read_bytes()):
            assert not isinstance(page, FileProblem)
            one = read_page(page, layouts)
            right, wrong = _judged(one.code.number if one.code else "", meant, right, wrong)
    return count, right, wrong


def jpeg_alone(folder: str, count: int, codes: list[str], layouts: Layouts) -> Counts:
    """What no reading can do without."""
    for path in _pages(folder)[:count]:
        _decoded(path)
    return count, 0, 0


def zxing_alone(folder: str, count: int, codes: list[str], layouts: Layouts) -> Counts:
    """The obvious way to a code: the whole page, all formats, all of the library's own tries; nothing else is read."""
    right = wrong = 0
    for path, meant in zip(_pages(folder)[:count], codes, strict=False):
        found = [code for seen in zxingcpp.read_barcodes(_decoded(path)) if (code := read_payload(seen.text))]
        right, wrong = _judged(found[0].number if found else "", meant, right, wrong)
    return count, right, wrong


ALONE: dict[str, Callable[[str, int, list[str], Layouts], Counts]] = {
    "the pages alone": pages_alone,
    "bare JPEG decoding": jpeg_alone,
    "zxing-cpp, whole page": zxing_alone,
}


def _timed(
    name: str,
    work: Callable[[str, int, list[str], Layouts], Counts],
    folder: str,
    count: int,
    codes: list[str],
) -> Way:
    """In a process of its own: seconds and processor seconds of it and of its children, the highest peak of one."""
    layouts = form_layouts()
    wall, before = time.perf_counter(), _processor_seconds()
    pages, right, wrong = work(folder, count, codes, layouts)
    seconds, cpu = time.perf_counter() - wall, _processor_seconds() - before
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return Way(name, pages, seconds, cpu, peak * RSS_UNIT, right, wrong)


def _processor_seconds() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


def _judged(read: str, meant: str, right: int, wrong: int) -> tuple[int, int]:
    """Counts a code that is there and was read, and one that is none of this page's."""
    return right + (bool(meant) and read == meant), wrong + (bool(read) and read != meant)


def _decoded(path: Path) -> Grey:
    cv2.setNumThreads(1)
    grey = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert grey is not None
    return np.asarray(grey, dtype=np.uint8)


def _pages(folder: str) -> list[Path]:
    return sorted((Path(folder) / "lot").iterdir())


HEADINGS = (
    "way",
    "pages",
    "pages/s",
    "pages/CPU s",
    "peak MB",
    "codes right",
    "codes wrong",
    "of the JPEG decoding",
)
READING = (
    "Scans: grey JPEG, A4 at 200 dpi, filled in and scanned by the sample town, every tenth page with a fault that must not"
    f" matter. Larger lots have the same {DISTINCT} pages again. The lot in its child is the whole reading but for My Numbers;"
    " the pages alone do the same work without a child; JPEG decoding is the least that any reading costs; zxing-cpp looks"
    " for a code over the whole page and reads nothing else."
)


def text(ways: Sequence[Way]) -> str:
    """The table for the terminal."""
    return f"{report.aligned(HEADINGS, _rows(ways))}\n\n{READING}"


def markdown(ways: Sequence[Way]) -> str:
    """The same as a part of a page; nothing where nothing was measured."""
    return f"\n### Scans\n\n{report.piped(HEADINGS, _rows(ways))}\n\n{READING}\n" if ways else ""


def values(way: Way) -> dict[str, Any]:
    """One way in JSON's kinds of value."""
    return {**way._asdict(), "per_second": way.rate, "per_cpu_second": way.cpu_rate}


def _rows(ways: Sequence[Way]) -> list[tuple[str, ...]]:
    jpeg = next((way.cpu_rate for way in ways if way.name == "bare JPEG decoding"), 0.0)
    return [
        (
            way.name, f"{way.pages:,}", f"{way.rate:,.1f}", f"{way.cpu_rate:,.1f}", f"{way.peak_bytes / report.MB:,.0f}",
            f"{way.right:,}", f"{way.wrong:,}", f"{way.cpu_rate / jpeg:.2f}" if jpeg else "–",
        )
        for way in ways
    ]  # fmt: skip
