"""Pure. A bank and branch code and a day in, whether an account stood there on that day out (金融機関・支店の異動).

The master (bank_master.py) is the state of one day; `bank_changes.csv` beside this file keeps what changed from one list to
the next, as `find_changes` finds it. A list tells between which two days something happened, a bank's notice the very day.
"""

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from todoku.formats import bank_master

FILE = "bank_changes.csv"
COLUMNS = ("bank", "branch", "what", "seen", "since", "name", "to_bank", "to_branch")
WHATS = ("opened", "closed", "renamed", "merged")
GONE = ("closed", "merged")
GONE_SHOWN = 3  # beside what was found, on a telephone


class Change(NamedTuple):
    """One change: `branch` "" for a whole bank; `seen` the last day of the old state, `since` the first day of the new one
    (the days of two lists where no notice says more); `name` as it was, of an opening as it is; where it went, if known."""

    bank: str
    branch: str
    what: str
    seen: date
    since: date
    name: str
    to_bank: str = ""
    to_branch: str = ""


class Standing(NamedTuple):
    """A code on a day: "open", "closed" or "unknown"; since when it is closed, what it was called, where it went."""

    state: str
    since: date | None = None
    name: str = ""
    to_bank: str = ""
    to_branch: str = ""
    # Whether it was still there on the day that was asked about, and has gone since.
    was_open: bool = False


OPEN, UNKNOWN = Standing("open"), Standing("unknown")


class ChangesUnreadable(ValueError):
    """A line of the file cannot be read; `sentence` says which and how it is to be."""

    def __init__(self, line: int, why: str) -> None:
        self.sentence = f"金融機関の異動の{line}行目：{why}"
        super().__init__(self.sentence)


def standing(bank: str, branch: str, on: date) -> Standing:
    """How a branch (or with "" a whole bank) stands for an application that counts on this day, or a payment on it.

    What the list no longer has is closed for both, even where it was still there on the day: no bank can credit it now.
    """
    gone = _gone().get((bank, branch)) or (_gone().get((bank, "")) if branch else None)
    if _listed(bank, branch):
        # Still in the list: closed only where its bank has announced the day, and that day has come.
        return _closed(gone, on) if gone and gone.since > _issued() and gone.since <= on else OPEN
    return _closed(gone, on) if gone else UNKNOWN


def find_gone(text: str, bank: str = "") -> list[Change]:
    """Banks, or branches of one bank, that are no more and whose name begins so: for people who look for the old name."""
    typed = bank_master.name_key(text)
    if not typed:
        return []
    return [
        one
        for (of, branch), one in _gone().items()
        if (of == bank and branch if bank else not branch)
        and bank_master.name_key(one.name).startswith(typed)
        and not _listed(of, branch)
    ][:GONE_SHOWN]


def words(bank: str, branch: str = "") -> str:
    """A bank, or one of its branches, by name and code: 福井 大野（0147-123）; "" for none."""
    where, place = bank_master.bank(bank), bank_master.branch(bank, branch) if branch else None
    if not bank:
        return ""
    name = " ".join(one.name for one in (where, place) if one)
    return f"{name}（{bank}-{branch}）" if branch else f"{name}（{bank}）"


def _closed(change: Change, on: date) -> Standing:
    return Standing(
        "closed", change.since, change.name, change.to_bank, change.to_branch, was_open=on <= change.seen
    )


def _listed(bank: str, branch: str) -> bool:
    return (bank_master.branch(bank, branch) if branch else bank_master.bank(bank)) is not None


@lru_cache(maxsize=1)
def _issued() -> date:
    text = bank_master.issued_on()
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


@lru_cache(maxsize=1)
def changes() -> tuple[Change, ...]:
    """Every change that is kept, the oldest first."""
    return read((files("todoku.formats") / FILE).read_text("utf-8"))


@lru_cache(maxsize=1)
def _gone() -> Mapping[tuple[str, str], Change]:
    """The last end of each code; one that opened again later is no end."""
    ended: dict[tuple[str, str], Change] = {}
    for one in changes():
        if one.what in GONE:
            ended[one.bank, one.branch] = one
        elif one.what == "opened":
            ended.pop((one.bank, one.branch), None)
    return ended


def read(text: str) -> tuple[Change, ...]:
    """The changes of a file, by day. Raises ChangesUnreadable."""
    lines = csv.DictReader(text.splitlines())
    if tuple(lines.fieldnames or ()) != COLUMNS:
        raise ChangesUnreadable(1, f"見出しは {','.join(COLUMNS)} です。")
    return tuple(sorted((_change(row, at) for at, row in enumerate(lines, 2)), key=_by_day))


def _change(row: Mapping[str, str], line: int) -> Change:
    if row["what"] not in WHATS:
        raise ChangesUnreadable(line, f"what は {'・'.join(WHATS)} のどれかです。")
    if len(row["bank"]) != 4 or len(row["branch"] or "") not in (0, 3):
        raise ChangesUnreadable(line, "bank は4桁、branch は3桁か空欄です。")
    try:
        seen, since = date.fromisoformat(row["seen"]), date.fromisoformat(row["since"])
    except ValueError:
        raise ChangesUnreadable(line, "seen と since は 2026-08-24 のように書いてください。") from None
    if seen >= since:
        raise ChangesUnreadable(line, "seen（前の状態の最後の日）は since より前の日です。")
    return Change(
        row["bank"], row["branch"], row["what"], seen, since, row["name"], row["to_bank"], row["to_branch"]
    )


def write(found: Iterable[Change]) -> str:
    """The changes as a file, by day, then by code."""
    rows = [",".join(COLUMNS)]
    rows += [",".join(str(part) for part in one) for one in sorted(found, key=_by_day)]
    return "\n".join(rows) + "\n"


def _by_day(one: Change) -> tuple[date, str, str, str]:
    return one.since, one.bank, one.branch, one.what
