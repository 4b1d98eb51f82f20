"""Pure. Moves every date of a Version so that its intake opens on a given day; the text keeps its comments.

The demo and the tests run a shipped programme "today" with it. It is never used on a Version that a
municipality has agreed to: those dates are decisions.
"""

import re
import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from todoku.formats.bank_days import bank_days_after, next_bank_day

# Strings and comments are passed over whole; what remains and looks like a date is one.
_PIECE = re.compile(
    r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*'
    r"|(?<![\w-])(?P<day>\d{4}-\d{2}-\d{2})(?![\w:-])",
    re.DOTALL,
)
# The key of a date, or of a list of dates of which this is a later one.
_KEY = re.compile(r"(\w+)\s*=\s*\[?(?:\s*\d{4}-\d{2}-\d{2}\s*,)*\s*$")
# Births long before the base date set ages: they move by whole school years (年度), or children would enter and leave with
# the day of the demo. Births of the last year and later ones are newborns: they move with the base date.
_BIRTHS = frozenset(
    "child_born_on_or_after born_on_or_after born_on_or_before disabled_born_on_or_after born birth_date".split()
)
_NEWBORN_FROM = timedelta(days=365)
# Whole weeks can fall up to three days short of the opening day; these may not lie before it.
_NOT_BEFORE_OPENING = frozenset({"closes", "opt_out_date", "received_by"})
_WEEK = timedelta(days=7)


def reschedule(terms_toml_text: str, opens_on: date) -> str:
    """The same Version with intake opening on `opens_on`.

    Every other date moves by the nearest whole number of weeks, so a Friday stays a Friday; days of payment
    are then put off to the next bank day, each later than the one before. Expects a text that `terms.parse`
    accepts.
    """
    data = tomllib.loads(terms_toml_text)
    shift = _Shift(data, opens_on)
    moved = _PIECE.sub(lambda piece: _moved(piece, shift), terms_toml_text)
    assert len(shift.seen) == sum(1 for _ in _days(data)), "a date was missed, or a number taken for one"
    return moved


class _Shift:
    """Where each date goes. Days of payment remember the one before, since two must not fall on one day."""

    def __init__(self, data: dict[str, Any], opens_on: date) -> None:
        opened: date = data["intake"]["opens"]
        self.opens_on = opens_on
        self.weeks = _WEEK * round((opens_on - opened).days / 7)
        base_date: date = data["programme"]["base_date"]
        self.newborn_from = base_date - _NEWBORN_FROM
        self.years = _school_year(base_date + self.weeks) - _school_year(base_date)
        self.last_paid = date.min
        self.seen: list[str] = []

    def target(self, key: str, day: date) -> date:
        self.seen.append(key)
        if key == "opens":
            return self.opens_on
        if key in _BIRTHS and day < self.newborn_from:
            return day.replace(year=day.year + self.years)
        moved = max(day + self.weeks, self.opens_on) if key in _NOT_BEFORE_OPENING else day + self.weeks
        if key == "pays_on":
            moved = next_bank_day(moved)
            if moved <= self.last_paid:
                moved = bank_days_after(self.last_paid, 1)
            self.last_paid = moved
        return moved


def _school_year(day: date) -> int:
    return day.year - (1 if (day.month, day.day) < (4, 1) else 0)


def _moved(piece: re.Match[str], shift: _Shift) -> str:
    if piece["day"] is None:
        return piece[0]
    key = _KEY.search(piece.string, 0, piece.start())
    assert key is not None, f"a date without a key: {piece['day']}"
    return shift.target(key[1], date.fromisoformat(piece["day"])).isoformat()


def _days(value: Any) -> Iterator[date]:
    """Every date in a TOML document."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from _days(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _days(inner)
    elif type(value) is date:
        yield value
