"""Pure. The one shape of every step: what it reports when it worked, and how it refuses when it must not.

A step is `step(selection, *, actor, at) -> Report`; pages, commands and the round call the same function.
"""

from collections.abc import Iterable
from dataclasses import dataclass


class Refusal(Exception):
    """A step declined to act. `sentence` is Japanese, says the remedy and may be shown as it stands."""

    def __init__(self, sentence: str, *, remedy: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.remedy = remedy


@dataclass(frozen=True)
class Report:
    """What one step did: rows done, rows left waiting for somebody, and what was refused, as (what, why).

    `refused` names things by number or id, never by a person's name: reports are printed and logged.
    """

    done: int = 0
    waiting: int = 0
    refused: tuple[tuple[str, str], ...] = ()
    note: str = ""

    @property
    def came_in(self) -> int:
        """Everything the step looked at: a hand-over balances when this equals what the step before left."""
        return self.done + self.waiting + len(self.refused)


def total(reports: Iterable[Report]) -> Report:
    """One report for several chunks of the same step; notes that say something are kept in order."""
    done = waiting = 0
    refused: list[tuple[str, str]] = []
    notes: list[str] = []
    for report in reports:
        done += report.done
        waiting += report.waiting
        refused.extend(report.refused)
        if report.note:
            notes.append(report.note)
    return Report(done=done, waiting=waiting, refused=tuple(refused), note=" / ".join(notes))
