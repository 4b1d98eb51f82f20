"""Pure. A scanner's lot, file by file, becomes a stream of readings and problems in order, then what the lot shows.

Memory does not grow with the lot: one file per child is in hand, a reading is forgotten once it is given out.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from typing import NamedTuple

from todoku.scan.reader import Reader
from todoku.scan.reading import FileProblem, Layouts, PageReading
from todoku.scan.same_page import Finding, LotLedger


class ScanFile(NamedTuple):
    """A file of a lot: its name as reported, and how to get its bytes when its turn comes."""

    name: str
    load: Callable[[], bytes]


class LotEnd(NamedTuple):
    """The last thing of a lot: counts for the custody book, and what only the whole lot shows."""

    files: int
    pages: int
    problems: int
    findings: tuple[Finding, ...]


def read_lot(
    files: Iterable[ScanFile],
    layouts: Layouts,
    *,
    workers: int = 1,
    my_numbers: bool = False,
    crops: bool = True,
    expected: Mapping[str, frozenset[int]] | None = None,
) -> Iterator[PageReading | FileProblem | LotEnd]:
    """Read all files in their order. A file of the same bytes as one before is not read again.

    `workers`: children at the same time; each has a file of its own, so many small files gain, one large file does not.
    `expected`: by case number the pages that should come back, from the print run's manifest.
    """
    ledger, counts = LotLedger(), [0, 0, 0]
    with ExitStack() as stack:
        readers = [
            stack.enter_context(Reader(layouts, my_numbers=my_numbers, crops=crops))
            for _ in range(max(1, workers))
        ]
        for one in _in_order(files, readers, ledger, counts):
            if isinstance(one, FileProblem):
                counts[2] += 1
            else:
                counts[1] += 1
                ledger.see(one)
            yield one
    yield LotEnd(counts[0], counts[1], counts[2], tuple(ledger.findings(expected)))


def _in_order(
    files: Iterable[ScanFile], readers: list[Reader], ledger: LotLedger, counts: list[int]
) -> Iterator[PageReading | FileProblem]:
    """Each child works at its own file; their answers are taken in the order of the files, so a full pipe makes it wait."""
    free, busy = deque(readers), deque[Reader]()
    for file in files:
        if not free:
            yield from busy[0].answers()
            free.append(busy.popleft())
        counts[0] += 1
        data = file.load()
        before = ledger.see_file(file.name, data)
        if before is not None:
            while busy:  # what came before it is told before it
                yield from busy[0].answers()
                free.append(busy.popleft())
            yield FileProblem(
                "same_file", None, f"{before} と同じファイルです。2度目は取り込みません。", file.name
            )
            continue
        free[0].start(file.name, data)
        busy.append(free.popleft())
    while busy:
        yield from busy.popleft().answers()
