"""Takes the time, the peak memory and the statements of one piece of work, in a process of its own.

A function goes in by name with its values; what it counted comes back as Measured. The process ends afterwards, so
no step inherits the memory, the caches or the connection of the one before.
"""

import importlib
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

CLEAN_PROCESS = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
# ru_maxrss counts kilobytes on Linux and bytes on macOS.
RSS_UNIT = 1 if sys.platform == "darwin" else 1024


class Measured(NamedTuple):
    """What one run of a step took: rows, seconds, seconds of its own processor time, peak memory of its process in
    bytes, SQL statements, and seconds of processor time of its connections' server processes (0: not to be seen here)."""

    rows: int
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    statements: int
    server_cpu_seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds

    @property
    def cpu_rate(self) -> float:
        """Rows a second of processor time, its own and the database's: what a busy machine cannot change by waiting.

        Where the database's is not to be seen, rows a second.
        """
        return (
            self.rows / (self.cpu_seconds + self.server_cpu_seconds) if self.server_cpu_seconds else self.rate
        )


class Meter:
    """Runs while the work under measurement runs: `with meter:` around it, `with meter.paused():` inside."""

    def __init__(self) -> None:
        self.seconds = self.cpu_seconds = self.server_cpu_seconds = 0.0
        self.statements = 0
        self._on = False
        self._since = self._cpu_since = 0.0
        self._server_since: dict[int, float] = {}

    def __enter__(self) -> "Meter":
        self._server_since = _server_seconds()
        self._on, self._since, self._cpu_since = True, time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._since
        self.cpu_seconds += time.process_time() - self._cpu_since
        self._on = False
        for pid, seconds in _server_seconds().items():
            self.server_cpu_seconds += seconds - self._server_since.get(pid, 0.0)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leaves out what the bench itself does in the middle of a step, as reading its own file of forms."""
        self.__exit__()
        yield
        self.__enter__()

    def note_statement(self, times: int = 1) -> None:
        self.statements += times if self._on else 0


Work = Callable[..., int]


def measured(work: Work, *values: Any) -> Measured:
    """Calls `work(meter, *values)` in a new process and gives what the meter saw; `work` gives its rows."""
    with _one_process() as pool:
        return pool.submit(_measure, work, values).result()


def apart(work: Callable[..., Any], *values: Any) -> Any:
    """Calls `work(*values)` in a new process, unmeasured: what must happen between two steps."""
    with _one_process() as pool:
        return pool.submit(work, *values).result()


def _one_process() -> ProcessPoolExecutor:
    context = multiprocessing.get_context(CLEAN_PROCESS)
    if CLEAN_PROCESS == "forkserver":
        context.set_forkserver_preload(["benches.child"])
    # Set up before anything is taken in: the names of the functions sent lead to tables.
    return ProcessPoolExecutor(1, mp_context=context, initializer=_set_up)


def _measure(work: Work, values: tuple[Any, ...]) -> Measured:
    meter = Meter()
    _count_statements(meter)
    rows = work(meter, *values)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_UNIT
    return Measured(rows, meter.seconds, meter.cpu_seconds, peak, meter.statements, meter.server_cpu_seconds)


def _server_seconds() -> dict[int, float]:
    """Processor seconds so far of the server processes of this process's connections, where Linux lets them be seen."""
    from django.db import connections

    opened = [one.connection for one in connections.all(initialized_only=True) if one.connection]
    files = {one.info.backend_pid: Path(f"/proc/{one.info.backend_pid}/schedstat") for one in opened}
    return {pid: int(file.read_text().split()[0]) / 1e9 for pid, file in files.items() if file.exists()}


def _set_up() -> None:
    importlib.import_module("benches.child")


def _count_statements(meter: Meter) -> None:
    """Counts every statement and COPY that Django's default connection sends."""
    from django.db import connection
    from django.db.backends.postgresql.base import Cursor

    class Counting(Cursor):
        def copy(self, *arguments: Any, **options: Any) -> Any:
            meter.note_statement()
            return super().copy(*arguments, **options)  # type: ignore[misc]

    def count(execute: Any, sql: str, parameters: Any, many: bool, context: dict[str, Any]) -> Any:
        meter.note_statement(len(parameters) if many else 1)
        return execute(sql, parameters, many, context)

    connection.settings_dict["OPTIONS"]["cursor_factory"] = Counting
    connection.ensure_connection()
    connection.execute_wrappers.append(count)


def say(text: str) -> None:
    """One line of where the bench is."""
    print(f"bench: {text}", file=sys.stderr, flush=True)
