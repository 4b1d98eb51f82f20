"""The figures as people read them: a table for the terminal, the same for a page, and plain values for a file."""

from collections.abc import Callable, Sequence
from typing import Any

from benches.run import Bench, Line, Machine
from benches.steps import STEPS

MB = 1_000_000
HEADINGS = (
    "step", "rows", "seconds", "rows/s", "peak MB", "SQL/1,000 rows", "by object rows/s", "times quicker",
    "limit rows/s", "of the limit",
)  # fmt: skip

REFERENCE_HEADINGS = (*HEADINGS, "reference rows/s", "of the reference")


def cells(line: Line) -> tuple[str, ...]:
    """One row of the table."""
    return (
        line.step, f"{line.rows:,}", f"{line.seconds:,.2f}", whole(line.rate), f"{line.peak_bytes / MB:,.0f}",
        f"{line.statements_per_1000:,.2f}", whole(line.by_object_rate), f"{line.times_by_object:,.0f} x",
        whole(line.limit_rate), f"{line.of_limit:.3f}",
    )  # fmt: skip


def money_cells(line: Line) -> tuple[str, ...]:
    """One row of the table of payments; a step without a reference has a dash."""
    if not line.reference_rows:
        return (*cells(line), "–", "–")
    return (*cells(line), whole(line.reference_rate), f"{line.of_reference:.3f}")


def whole(number: float) -> str:
    return f"{number:,.0f}"


def curve(lines: Sequence[Line]) -> list[tuple[str, ...]]:
    """For each step and each two neighbouring sizes: rate of the larger to that of the smaller, and both peaks."""
    sizes = sorted({line.households for line in lines})
    found: list[tuple[str, ...]] = []
    for small, large in zip(sizes, sizes[1:], strict=False):
        for step in (step for step in STEPS if any(line.step == step.name for line in lines)):
            low, high = (one(lines, step.name, size) for size in (small, large))
            found.append(
                (
                    step.name, f"{small:,} to {large:,}", f"{high.rate / low.rate:.2f}",
                    f"{low.peak_bytes / MB:,.0f} to {high.peak_bytes / MB:,.0f}",
                )
            )  # fmt: skip
    return found


CURVE_HEADINGS = ("step", "households or payments", "rate large / rate small", "peak MB")


def one(lines: Sequence[Line], step: str, households: int) -> Line:
    return next(line for line in lines if (line.step, line.households) == (step, households))


def text(bench: Bench) -> str:
    """The whole report for a terminal."""
    parts = [facts(bench.machine)]
    for households in sorted({line.households for line in bench.lines}):
        lines = [line for line in bench.lines if line.households == households]
        parts.append(f"{households:,} households ({runs_of(lines[0])})")
        parts.append(aligned(HEADINGS, [cells(line) for line in lines]))
    parts += of_payments(bench, "{} ({})", aligned)
    if found := curve(bench.lines) + curve(bench.payments):
        parts += ["How the rate changes with the size", aligned(CURVE_HEADINGS, found)]
    parts.append("\n".join(f"{step.name}: {step.compared}" for step in STEPS))
    parts.append(reading(bench))
    return "\n\n".join(parts)


def markdown(bench: Bench) -> str:
    """The same as tables of a page."""
    parts = [facts(bench.machine)]
    for households in sorted({line.households for line in bench.lines}):
        lines = [line for line in bench.lines if line.households == households]
        parts.append(f"### {households:,} households ({runs_of(lines[0])})")
        parts.append(piped(HEADINGS, [cells(line) for line in lines]))
    parts += of_payments(bench, "### {} ({})", piped)
    if found := curve(bench.lines) + curve(bench.payments):
        parts += ["### How the rate changes with the size", piped(CURVE_HEADINGS, found)]
    return "\n\n".join(parts) + "\n"


def of_payments(bench: Bench, heading: str, table: Callable[..., str]) -> list[str]:
    """The money steps alone: a heading and a table for each number of payments."""
    parts = []
    for payments in sorted({line.households for line in bench.payments}):
        lines = [line for line in bench.payments if line.households == payments]
        parts.append(heading.format(f"{payments:,} payments", runs_of(lines[0])))
        parts.append(table(REFERENCE_HEADINGS, [money_cells(line) for line in lines]))
    return parts


def facts(machine: Machine) -> str:
    return (
        f"{machine.at:%Y-%m-%d %H:%M}, {machine.cores} cores, {machine.system}, Python {machine.python},"
        f" PostgreSQL {machine.postgresql}; load {machine.load_before:.1f} before, {machine.load_after:.1f} at the end;"
        f" a process at rest takes {machine.idle_bytes / MB:.0f} MB"
    )


def runs_of(line: Line) -> str:
    return "one run" if line.runs == 1 else f"medians of {line.runs} runs"


def reading(bench: Bench) -> str:
    """How the columns are to be read."""
    measured = bench.lines or bench.payments
    samples = ", ".join(
        f"{line.step} {line.by_object_rows:,}"
        for line in measured
        if line.households == measured[0].households
    )
    return (
        "peak MB: the highest memory of the step's own process, the database server apart. SQL: statements and COPYs"
        f" sent. By object: measured on a sample ({samples}) inside one transaction. Limit: ready bytes by COPY into"
        " tables without foreign keys and checks, then the same indexes; files with one fsync. Reference: the same payments"
        " in tables of their own by the fewest set-based statements: foreign keys, the unique index, a duplicate and a total"
        " check, an audit row each, the file by one COPY; no books, holds, sweep, converted names or proof."
    )


def aligned(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns in one width each: the first to the left, the others to the right; long headings on two lines."""
    upper = [heading.rsplit(" ", 1)[0] if " " in heading else "" for heading in headings]
    lower = [heading.rsplit(" ", 1)[-1] for heading in headings]
    table = [upper, lower, *rows]
    widths = [max(len(row[place]) for row in table) for place in range(len(headings))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    )


def piped(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    rule = ["---", *["---:"] * (len(headings) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (headings, rule, *rows))


def values(bench: Bench) -> dict[str, Any]:
    """Everything measured, with the ratios, in JSON's kinds of value."""
    ratios = (
        "rate", "statements_per_1000", "by_object_rate", "times_by_object", "limit_rate", "of_limit", "reference_rate",
        "of_reference",
    )  # fmt: skip

    def told(line: Line) -> dict[str, Any]:
        return {**line._asdict(), **{name: getattr(line, name) for name in ratios}}

    return {
        "machine": {**bench.machine._asdict(), "at": bench.machine.at.isoformat()},
        "lines": [told(line) for line in bench.lines],
        "payments": [told(line) for line in bench.payments],
    }
