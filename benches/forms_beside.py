"""Forms beside other ways of making the same pages: one run, each way in a process of its own, ratios at the end.

`todoku` prints the forms of so many households with every code and reads every page back; the others print a stated
sample. No database: the pieces are written down beforehand and handed over one by one, as a database would hand them.
"""

import csv
import importlib.util
import pickle
import resource
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from benches import report
from benches.letters import WORDING, expected_of, page_texts, town_pieces, typst_overlay_rate, typst_rate
from benches.measure import RSS_UNIT, apart
from benches.static_page import StaticPage, placed, static_pages
from todoku.formats.post_barcode import bars, has_barcode
from todoku.ground.places import var
from todoku.sheets.form_layout import FONT_FILES, Layout, compile_layout
from todoku.sheets.forms import Piece, write_forms
from todoku.sheets.manifest import ManifestFile
from todoku.sheets.read_back import read_back
from todoku.sheets.sheet_codes import SHEET_KINDS, qr_payload
from todoku.sheets.wording import complete

CHUNK = 1_000
# How many forms each other way prints: a few seconds of each.
SAMPLES = {"typst": 30, "typst overlay": 1_000, "ReportLab": 300, "WeasyPrint": 20}
LABEL = "R0001"


class Way(NamedTuple):
    """One way at one number of forms: pages, wall and processor seconds, bytes a page, peak memory; or why it was left out."""

    name: str
    forms: int
    pages: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    bytes_per_page: float = 0.0
    peak_bytes: int = 0
    left_out: str = ""

    @property
    def per_cpu_second(self) -> float:
        """Forms per second of processor time."""
        return self.forms / self.cpu_seconds if self.cpu_seconds else 0.0

    @property
    def per_second(self) -> float:
        return self.forms / self.seconds if self.seconds else 0.0


def beside(sizes: Iterable[int], *, sample: int = max(SAMPLES.values())) -> list[Way]:
    """Every way: ours at each size, printing alone and with every page read back; the others on at most `sample` forms."""
    found: list[Way] = []
    with tempfile.TemporaryDirectory() as folder:
        for size in sorted(set(sizes)):
            apart(store_pieces, folder, size)
            printed = apart(print_forms, folder, size)
            read = apart(read_forms, folder, size)
            found += [printed, read, _together(printed, read)]
    return found + [apart(way, min(SAMPLES[name], sample)) for name, way in OTHERS.items()]


HEADINGS = (
    "way", "forms", "forms/s", "forms/CPU s", "B/page", "peak MB", "times quicker, printed", "and read back",
)  # fmt: skip


def text(ways: Sequence[Way]) -> str:
    """The table for the terminal, with how it is to be read."""
    return "\n\n".join([report.aligned(HEADINGS, _rows(ways)), *_left_out(ways), READING])


def markdown(ways: Sequence[Way]) -> str:
    """The same as a part of a page; nothing where nothing was measured."""
    if not ways:
        return ""
    parts = ["### Forms beside other ways", report.piped(HEADINGS, _rows(ways)), *_left_out(ways), READING]
    return "\n" + "\n\n".join(parts) + "\n"


def values(way: Way) -> dict[str, Any]:
    """One way in JSON's kinds of value."""
    return {**way._asdict(), "per_second": way.per_second, "per_cpu_second": way.per_cpu_second}


READING = (
    "Forms beside other ways: a form has two pages or more. Printed and read back: all fields fitted, QR and customer"
    " barcode, manifest, then every page read from the file and every thousandth drawn. typst: the template anew for each"
    " form, fixed words only. typst overlay: base pages as pictures, fields placed, no codes. ReportLab: base pages as form"
    " XObjects, fields at one size, QR modules by zint and bars as paths. WeasyPrint: the same words placed by CSS, codes as"
    " SVG. Times quicker: forms per second of processor time at the largest size, to that way's."
)


def _rows(ways: Sequence[Way]) -> list[tuple[str, ...]]:
    printed, together = (
        max((way.per_cpu_second for way in ways if way.name == name), default=0.0)
        for name in (PRINTED, TOGETHER)
    )

    def times(ours: float, way: Way) -> str:
        return f"{ours / way.per_cpu_second:,.1f} x" if way.name in OTHERS else ""

    return [
        (
            way.name, f"{way.forms:,}", _rate(way.per_second), _rate(way.per_cpu_second),
            f"{way.bytes_per_page:,.0f}", f"{way.peak_bytes / report.MB:,.0f}",
            times(printed, way), times(together, way),
        )
        for way in ways
        if not way.left_out
    ]  # fmt: skip


def _rate(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.2f}"


def _left_out(ways: Sequence[Way]) -> list[str]:
    return [f"{way.name} left out: {way.left_out}." for way in ways if way.left_out]


# ---- ours ------------------------------------------------------------------------------------------------------


def store_pieces(folder: str, count: int) -> None:
    """The pieces of so many households in a file, some at a time."""
    pieces = town_pieces(count)
    with (Path(folder) / "pieces").open("wb") as file:
        while chunk := list(islice(pieces, CHUNK)):
            pickle.dump(chunk, file)


def stored_pieces(folder: str) -> Iterator[Piece]:
    with (Path(folder) / "pieces").open("rb") as file:
        while True:
            try:
                yield from pickle.load(file)
            except EOFError:
                return


def print_forms(folder: str, count: int) -> Way:
    """Every form with its codes, and the manifest."""
    path = Path(folder)
    with _clock() as clock, (path / "forms.csv").open("w", encoding="utf-8-sig", newline="") as lines:
        done = write_forms(
            path / "forms.pdf", stored_pieces(folder), WORDING, fonts_dir=_fonts(), run_label=LABEL,
            manifest=ManifestFile(lines, LABEL),
        )  # fmt: skip
    (path / "boxes").write_bytes(pickle.dumps((done.boxes, done.honorific)))
    return clock.way(PRINTED, count, done.pages, done.bytes)


def read_forms(folder: str, count: int) -> Way:
    """Every page read back from the file and held against the pieces and the manifest."""
    path = Path(folder)
    boxes, honorific = pickle.loads((path / "boxes").read_bytes())
    with (
        _clock() as clock,
        (path / "forms.pdf").open("rb") as file,
        (path / "forms.csv").open(encoding="utf-8-sig", newline="") as lines,
    ):
        expected = expected_of(stored_pieces(folder), csv.DictReader(lines))
        found = read_back(file, expected, boxes, run_label=LABEL, honorific=honorific)
    assert not found.wrong and found.pieces == count, found.wrong[:3]
    return clock.way("todoku: every page read back", count, found.pages, (path / "forms.pdf").stat().st_size)


PRINTED, TOGETHER = "todoku: printed", "todoku: printed and read back"


def _together(printed: Way, read: Way) -> Way:
    return printed._replace(
        name=TOGETHER,
        seconds=printed.seconds + read.seconds,
        cpu_seconds=printed.cpu_seconds + read.cpu_seconds,
        peak_bytes=max(printed.peak_bytes, read.peak_bytes),
    )


# ---- the others ------------------------------------------------------------------------------------------------


def by_typst(count: int) -> Way:
    """typst sets the template anew for each form, fixed words only, without codes."""
    return _of_rate("typst", count, typst_rate(count, _fonts()))


def by_typst_overlay(count: int) -> Way:
    """Base pages as pictures, the fields placed; no codes."""
    return _of_rate("typst overlay", count, typst_overlay_rate(count, _fonts()))


def by_reportlab(count: int) -> Way:
    """A form XObject for each base page, then fields, QR (zint's modules as rectangles) and bars on every page."""
    if not importlib.util.find_spec("reportlab"):
        return Way("ReportLab", count, left_out="reportlab is not installed")
    from benches.reportlab_way import write

    return _others("ReportLab", count, write)


def by_weasyprint(count: int) -> Way:
    """One HTML document with all forms: words and fields placed, QR and bars as SVG."""
    if not importlib.util.find_spec("weasyprint"):
        return Way("WeasyPrint", count, left_out="weasyprint is not installed")
    try:
        from benches.weasyprint_way import write
    except OSError as missing:
        return Way("WeasyPrint", count, left_out=f"a library of the system is missing ({missing})"[:90])
    return _others("WeasyPrint", count, write)


OTHERS: dict[str, Callable[[int], Way]] = {
    "typst": by_typst,
    "typst overlay": by_typst_overlay,
    "ReportLab": by_reportlab,
    "WeasyPrint": by_weasyprint,
}


class Sheet(NamedTuple):
    """One page as the other ways get it: base page (from 0), its words, what the QR says, the bars."""

    base: int
    words: list
    qr: str
    bars: str


Write = Callable[[list[StaticPage], list[Sheet], Layout, Path], bytes]


def _others(name: str, count: int, write: Write) -> Way:
    layout = compile_layout("form", complete("form", WORDING), _fonts())
    static = static_pages(layout)
    sheets = list(_sheets(layout, count))
    with _clock() as clock:
        data = write(static, sheets, layout, _fonts() / FONT_FILES["regular"])
    return clock.way(name, count, len(sheets), len(data))


def _sheets(layout: Layout, count: int) -> Iterator[Sheet]:
    for piece in town_pieces(count):
        for page, (base, texts) in enumerate(page_texts(piece, layout), 1):
            shown = bars(piece.postal_code, piece.barcode_rest) if _has_bars(piece, page) else ""
            payload = qr_payload(piece.number, page, SHEET_KINDS["form", base], piece.issue)
            yield Sheet(base - 1, placed(layout.on_page(base), texts), payload, shown)


def _has_bars(piece: Piece, page: int) -> bool:
    return page == 1 and bool(piece.barcode_rest) and has_barcode(piece.postal_code)


def _of_rate(name: str, count: int, rate) -> Way:  # type: ignore[no-untyped-def]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_UNIT
    return Way(
        name, count, rate.pages, rate.pages / rate.pages_per_s, rate.pages / rate.pages_per_cpu_s, rate.bytes_per_page,
        peak,
    )  # fmt: skip


class _clock:
    """Wall and processor time of a block, and the peak memory of the process after it."""

    def __enter__(self) -> "_clock":
        self._wall, self._cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self._wall, self._cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu

    def way(self, name: str, forms: int, pages: int, size: int) -> Way:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_UNIT
        return Way(name, forms, pages, self._wall, self._cpu, size / pages, peak)


def _fonts() -> Path:
    return var("assets", "fonts")
