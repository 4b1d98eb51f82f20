"""Pure. The child process in which files that nobody checked are opened and read: limits first, then file after file.

Gets layouts, then one file a message; answers with readings and problems, then "end". Knows no database and no secret,
writes no file, and may die of a file: the parent (reader.py) starts another and goes on with the next.
"""

import os
import resource
from collections.abc import Callable, Iterator
from typing import BinaryIO

from todoku.scan import limits, wire
from todoku.scan.my_number import DigitReader
from todoku.scan.ocr import recogniser
from todoku.scan.open_file import open_file
from todoku.scan.read_page import read_page, use_one_core
from todoku.scan.reading import FileProblem, Layouts, PageReading


def main() -> None:
    """Serve files from standard input until it ends."""
    come = open(0, "rb", closefd=False)
    go = os.fdopen(os.dup(1), "wb", buffering=1 << 20)
    os.dup2(2, 1)  # what a library prints must not look like a message
    use_one_core()
    head, _ = wire.read(_taking(come), limits.FILE_BYTES_MAX)
    layouts, masking = wire.layouts_from(head["layouts"]), bool(head["my_numbers"])
    read = recogniser().read if masking else None
    restrict(int(head["memory_bytes"]))
    seconds = int(head["page_seconds"])
    while True:
        start = come.peek(1)
        if not start:
            return
        head, blobs = wire.read(_taking(come), limits.FILE_BYTES_MAX + (1 << 20))
        file, crops = str(head["file"]), bool(head["crops"])
        for one in _timed(_told(file, blobs[0], layouts, read, crops), seconds):
            if isinstance(one, FileProblem):
                wire.write_problem(go, one)
            else:
                wire.write_reading(go, one)
        wire.write(go, {wire.END: True})


def _told(
    file: str, data: bytes, layouts: Layouts, read: DigitReader | None, crops: bool
) -> Iterator[PageReading | FileProblem]:
    for page in open_file(data):
        if isinstance(page, FileProblem):
            yield page._replace(file=file)
        else:
            yield read_page(page, layouts, file=file, digits=read, crops=crops)


def _timed(told: Iterator[PageReading | FileProblem], seconds: int) -> Iterator[PageReading | FileProblem]:
    """Each page gets so many seconds of the processor from its start; the kernel ends the child after that."""
    allow_more_time(seconds)
    for one in told:
        yield one
        allow_more_time(seconds)


def restrict(memory_bytes: int) -> None:
    """Memory beyond what the libraries take, no file to be written, few to be opened, no core left behind."""
    most = _address_space() + memory_bytes
    for what, value in (
        (resource.RLIMIT_AS, most),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, limits.OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (value, value))


def allow_more_time(seconds: int) -> None:
    """From now on."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))


def _address_space() -> int:
    """Bytes that this process has reserved so far."""
    if not os.path.exists("/proc/self/statm"):
        return 2 << 30  # not Linux: what the libraries reserve at most
    with open("/proc/self/statm", encoding="ascii") as told:
        return int(told.read().split()[0]) * resource.getpagesize()


def _taking(come: BinaryIO) -> Callable[[int], bytes]:
    def take(size: int) -> bytes:
        data = come.read(size)
        if len(data) != size:
            raise EOFError("the parent went away")
        return data

    return take


if __name__ == "__main__":
    try:
        main()
    except MemoryError:
        os._exit(limits.EXIT_MEMORY)
