"""Runs every step of every size in turn and gathers what was measured. Prints nothing but where it is."""

import os
import platform
import shutil
import statistics
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import connections
from django.utils import timezone

from benches import reference
from benches.decided import decided_programme
from benches.limits import Limit, limit
from benches.measure import Measured, Work, apart, measured, say
from benches.sample import Setting, empty_programme, remove_written, write_files
from benches.steps import STEPS, Step
from todoku.ground.places import var

# The steps measured on decided payments alone, and the reference that each stands beside (the verifier has none).
MONEY: dict[str, Work | None] = {
    "payment to file": reference.pay,
    "verify": None,
    "bank result": reference.read_results,
}


class Line(NamedTuple):
    """One step of one size: medians of its runs, the highest peak."""

    step: str
    households: int
    runs: int
    rows: int
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    statements: int
    by_object_rows: int
    by_object_seconds: float
    by_object_statements: int
    limit_copy_seconds: float
    limit_index_seconds: float
    limit_file_seconds: float
    limit_bytes: int
    # Of the reference, where a step has one.
    reference_rows: int = 0
    reference_seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds

    @property
    def statements_per_1000(self) -> float:
        return self.statements * 1_000 / self.rows

    @property
    def by_object_rate(self) -> float:
        return self.by_object_rows / self.by_object_seconds

    @property
    def times_by_object(self) -> float:
        """How many times quicker than one object at a time."""
        return self.rate / self.by_object_rate

    @property
    def limit_rate(self) -> float:
        return self.rows / (self.limit_copy_seconds + self.limit_index_seconds + self.limit_file_seconds)

    @property
    def of_limit(self) -> float:
        """Which part of the limit's rate the step reaches."""
        return self.rate / self.limit_rate

    @property
    def reference_rate(self) -> float:
        return self.reference_rows / self.reference_seconds if self.reference_rows else 0.0

    @property
    def of_reference(self) -> float:
        """Which part of the reference's rate the step reaches."""
        return self.rate / self.reference_rate if self.reference_rows else 0.0


class Machine(NamedTuple):
    """Where and when; without these no figure means anything."""

    at: datetime
    cores: int
    python: str
    postgresql: str
    system: str
    load_before: float
    load_after: float
    idle_bytes: int


class Bench(NamedTuple):
    """`lines`: the whole work by households; `payments`: the money steps alone, by decided payments."""

    machine: Machine
    lines: list[Line]
    payments: list[Line]


class Once(NamedTuple):
    """One run of one step."""

    ours: Measured
    by_object: Measured
    limit: Limit
    reference: Measured | None = None


def bench(
    sizes: Iterable[int], *, payments: Iterable[int] = (), repeats: int, sample: int, sheets: int
) -> Bench:
    """Measures every step at every size; the smallest size `repeats` times, larger ones once, as the money steps."""
    sizes = sorted(set(sizes))
    load, at, idle = os.getloadavg()[0], timezone.now(), measured(idle_work).peak_bytes
    lines = []
    for households in sizes:
        setting = Setting(households, sample, sheets)
        lines += one_size(setting, repeats if households == sizes[0] else 1)
    money = [line for count in sorted(set(payments)) for line in of_payments(Setting(count, sample, sheets))]
    machine = Machine(
        at, os.cpu_count() or 1, platform.python_version(), apart(server_version),
        f"{platform.system()} {platform.machine()}", load, os.getloadavg()[0], idle,
    )  # fmt: skip
    shutil.rmtree(var("bench", "limit"), ignore_errors=True)
    return Bench(machine, lines, money)


def one_size(setting: Setting, runs: int) -> list[Line]:
    """The whole work of one size, `runs` times from an empty database; its files are removed at the end."""
    say(f"{setting.households:,} households: writing the sample town")
    apart(write_files, setting)
    kept: dict[str, list[Once]] = {step.name: [] for step in STEPS}
    for run in range(1, runs + 1):
        apart(empty_programme, setting)
        for step in STEPS:
            once = one_step(step, setting)
            kept[step.name].append(once)
            say(
                f"{setting.households:,} households, run {run} of {runs}: {step.name} {once.ours.rows:,} {step.rows} in"
                f" {once.ours.seconds:.2f} s"
            )
    remove_written(setting)
    shutil.rmtree(setting.folder)
    return [line_of(step, setting, kept[step.name]) for step in STEPS]


def of_payments(setting: Setting) -> list[Line]:
    """The money steps for so many decided payments, each beside the reference too; files are removed at the end."""
    say(f"{setting.households:,} payments: deciding them")
    apart(decided_programme, setting)
    lines = []
    for step in (step for step in STEPS if step.name in MONEY):
        once = one_step(step, setting, MONEY[step.name])
        say(f"{setting.households:,} payments: {step.name} {once.ours.rows:,} in {once.ours.seconds:.2f} s")
        lines.append(line_of(step, setting, [once]))
    remove_written(setting)
    shutil.rmtree(setting.folder)
    return lines


def one_step(step: Step, setting: Setting, reference: Work | None = None) -> Once:
    """By object first, since it leaves nothing; then the step; then the limit, from what the step left."""
    by_object = measured(step.by_object, setting)
    beside = measured(reference, setting) if reference else None
    ours = measured(step.ours, setting)
    lowest = apart(limit, step.leaves, setting)
    if step.after:
        apart(step.after, setting)
    return Once(ours, by_object, lowest, beside)


def line_of(step: Step, setting: Setting, runs: list[Once]) -> Line:
    first = runs[0]
    assert all(run.ours.rows == first.ours.rows for run in runs), (
        f"{step.name}: the same town gave other counts"
    )
    return Line(
        step=step.name, households=setting.households, runs=len(runs), rows=first.ours.rows,
        seconds=statistics.median(run.ours.seconds for run in runs),
        cpu_seconds=statistics.median(run.ours.cpu_seconds for run in runs),
        peak_bytes=max(run.ours.peak_bytes for run in runs), statements=first.ours.statements,
        by_object_rows=first.by_object.rows,
        by_object_seconds=statistics.median(run.by_object.seconds for run in runs),
        by_object_statements=first.by_object.statements,
        limit_copy_seconds=statistics.median(run.limit.copy_seconds for run in runs),
        limit_index_seconds=statistics.median(run.limit.index_seconds for run in runs),
        limit_file_seconds=statistics.median(run.limit.file_seconds for run in runs),
        limit_bytes=first.limit.row_bytes + first.limit.file_bytes,
        reference_rows=first.reference.rows if first.reference else 0,
        reference_seconds=first.reference.seconds if first.reference else 0.0,
    )  # fmt: skip


def idle_work(_meter: object) -> int:
    """Nothing: its peak is what Python, Django and a connection take before any step begins."""
    return 0


def server_version() -> str:
    with connections["default"].cursor() as cursor:
        cursor.execute("show server_version")
        (version,) = cursor.fetchone()
    return str(version)
