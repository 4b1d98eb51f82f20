"""Pure. The training cases (研修案件) as shipped: made-up applications with the expected verdict and why.

Takes the text of training_cases.toml; gives frozen values, a set for one run (other cases or another order each time), and
whether a verdict was right. A mistake in the file is a bug of the product: an assertion names it.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from todoku.review.code_sentences import REFUSALS
from todoku.review.codes import CODES
from todoku.review.queues import QUEUES

FILE = Path(__file__).with_name("training_cases.toml")
OUTCOMES = ("approve", "return", "refer", "refuse", "decline")


class Line(NamedTuple):
    """One line of the form: as written, beside what the roll or the master says; whether the checks saw a difference."""

    label: str
    sent: str
    held: str
    differs: bool


class Drawn(NamedTuple):
    """One enclosed document as it is drawn: title, how it was taken (clear, blurred, cut), what stands on it."""

    title: str
    taken: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class TrainingCase:
    """One made-up application, what is expected of it, and the explanation shown after the verdict."""

    name: str
    queues: tuple[str, ...]
    channel: str
    found: tuple[str, ...]
    sent: tuple[Line, ...]
    pictures: tuple[Drawn, ...]
    outcome: str
    codes: tuple[str, ...]
    also: tuple[tuple[str, ...], ...]
    why: str

    def is_right(self, outcome: str, codes: Sequence[str]) -> bool:
        """Whether the verdict is the expected one, or one that is as good; codes in any order."""
        given = (outcome, *sorted(codes))
        return given in ((self.outcome, *sorted(self.codes)), *self.also)


@lru_cache(maxsize=1)
def training_cases() -> dict[str, TrainingCase]:
    """All cases by name."""
    read = tomllib.loads(FILE.read_text("utf-8"))["case"]
    cases = {row["name"]: _case(row) for row in read}
    assert len(cases) == len(read), "every training case has a name of its own"
    return cases


def cases_of(queue: str) -> list[TrainingCase]:
    """The cases of one queue, in the order of the file."""
    return [case for case in training_cases().values() if queue in case.queues]


def chosen(queue: str, *, wanted: int, seed: str) -> list[str]:
    """The names of the cases for one run, drawn and put in order by the seed; all of them where there are no more."""
    names = [case.name for case in cases_of(queue)]
    return Random(seed).sample(names, min(wanted, len(names)))


def _case(row: dict[str, Any]) -> TrainingCase:
    case = TrainingCase(
        name=row["name"], queues=tuple(row["queues"]), channel=row["channel"], found=tuple(row["found"]),
        sent=tuple(Line(line[0], line[1], line[2], line[3:] == ["≠"]) for line in row["sent"]),
        pictures=tuple(Drawn(title, taken, tuple(lines)) for title, taken, *lines in row["pictures"]),
        outcome=row["outcome"], codes=tuple(row.get("codes", ())),
        also=tuple((other[0], *sorted(other[1:])) for other in row.get("also", ())), why=row["why"],
    )  # fmt: skip
    assert set(case.queues) <= QUEUES.keys() and case.outcome in OUTCOMES, case.name
    assert set(case.found) | set(case.codes) <= CODES.keys() | REFUSALS.keys(), case.name
    assert (case.outcome in ("return", "refuse")) == bool(case.codes), case.name
    return case
