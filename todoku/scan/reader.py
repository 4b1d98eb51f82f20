"""Pure. The parent's side of a reading child: hands a file over, takes readings back, ends and replaces a child that died.

A file costs at most its own pages: what was read before the child died is kept, the rest is reported as a problem.
"""

import os
import select
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, cast

from todoku.scan import limits, wire
from todoku.scan.open_file import file_too_large
from todoku.scan.reading import FileProblem, Layouts, PageReading

ROOT = Path(__file__).resolve().parents[2]
# The child sees none of this process's secrets: only what Python and its libraries need to start.
ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
_CHUNK = 1 << 20


class ChildGone(Exception):
    """The child ended, hangs, or says what is no message; caught here alone, where it becomes a FileProblem."""


class Reader:
    """One child, started when it is needed: with Reader(layouts) as reader: for one in reader.read(name, data): …

    `my_numbers`: search attachments for My Numbers and paint them over. `crops`: make pictures of the fields.
    """

    def __init__(
        self,
        layouts: Layouts,
        *,
        my_numbers: bool = False,
        crops: bool = True,
        memory_bytes: int = limits.MEMORY_BYTES,
        page_seconds: int = limits.PAGE_CPU_SECONDS,
    ) -> None:
        self._crops = crops
        self._first = {
            "layouts": wire.layouts_as_data(layouts),
            "my_numbers": my_numbers,
            "memory_bytes": memory_bytes,
            "page_seconds": page_seconds,
        }
        self._child: subprocess.Popen[bytes] | None = None
        self._file = ""
        self._refused: FileProblem | None = None
        self.started = 0  # children so far: one, and one more for each that died

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child."""
        if self._child is None:
            return
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            assert pipe is not None
            pipe.close()
        self._child = None

    def read(self, file: str, data: bytes) -> Iterator[PageReading | FileProblem]:
        """All that one file gives, in the order of its pages."""
        self.start(file, data)
        return self.answers()

    def start(self, file: str, data: bytes) -> None:
        """Hand a file over; all its answers must be taken before the next one is started."""
        self._file, self._refused = file, None
        if len(data) > limits.FILE_BYTES_MAX:
            self._refused = file_too_large()._replace(file=file)
            return
        try:
            self._send({"file": file, "crops": self._crops}, data)
        except ChildGone as gone:
            self._refused = self._died(str(gone), 0)

    def answers(self) -> Iterator[PageReading | FileProblem]:
        """What the child says about the file that was started."""
        if self._refused is not None:
            yield self._refused
            return
        page = 0
        while True:
            try:
                one = wire.reading_or_problem(*wire.read(self._take))
            except (ChildGone, wire.MessageRefused, struct.error) as gone:
                yield self._died(str(gone), page + 1)
                return
            if one is None:
                return
            page = one.page or page
            yield one

    def _send(self, head: dict[str, Any], data: bytes) -> None:
        if self._child is None:
            self._child = self._new_child()
            self.started += 1
            wire.write(cast(BinaryIO, self), self._first)
        wire.write(cast(BinaryIO, self), head, data)

    def _new_child(self) -> subprocess.Popen[bytes]:
        child = subprocess.Popen(
            [sys.executable, "-m", "todoku.scan.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=ENVIRONMENT,
            cwd=ROOT,
            bufsize=0,
        )
        assert child.stdin is not None
        os.set_blocking(child.stdin.fileno(), False)
        return child

    def write(self, data: bytes) -> None:
        """Into the child's pipe, never waiting for longer than the limit."""
        assert self._child is not None and self._child.stdin is not None
        to, left = self._child.stdin.fileno(), memoryview(data)
        while left:
            if not select.select([], [to], [], limits.WAIT_SECONDS)[1]:
                raise ChildGone("waits")
            try:
                left = left[os.write(to, left[:_CHUNK]) :]
            except BrokenPipeError as error:
                raise ChildGone("ended") from error

    def flush(self) -> None:
        """Nothing is held back."""

    def _take(self, size: int) -> bytes:
        """Exactly so many bytes from the child."""
        assert self._child is not None and self._child.stdout is not None
        come, parts, left = self._child.stdout.fileno(), [], size
        while left:
            if not select.select([come], [], [], limits.WAIT_SECONDS)[0]:
                raise ChildGone("waits")
            part = os.read(come, min(left, _CHUNK))
            if not part:
                raise ChildGone("ended")
            parts.append(part)
            left -= len(part)
        return b"".join(parts)

    def _died(self, how: str, page: int) -> FileProblem:
        """End what is left of the child and say why the rest of its file was not read."""
        assert self._child is not None
        if how != "ended":
            self._child.kill()
        end = self._child.wait()
        self.close()
        rest = "このファイルを除いて読取りを続けています。" + (f"{page}ページ目から" if page > 1 else "")
        if end == -signal.SIGXCPU or how == "waits":
            return FileProblem(
                "too_slow",
                page or None,
                f"ファイルを開くのに時間がかかりすぎるため中止しました。{rest}紙を読み直してください。",
                self._file,
            )
        if end in (limits.EXIT_MEMORY, -signal.SIGKILL):
            return FileProblem(
                "too_much_memory",
                page or None,
                f"ファイルを開くのに必要なメモリが大きすぎるため中止しました。{rest}紙を読み直してください。",
                self._file,
            )
        return FileProblem(
            "reader_died",
            page or None,
            f"ファイルを開く途中で異常が起きました。{rest}紙を読み直し、このファイルは係の者に渡してください。",
            self._file,
        )
