"""Writes a whole sample town into a folder, in one pass, with a manifest of what must be found in it.

Goes in: seed, size, municipality, dates. Comes out: the roll, a later roll, known accounts, guardians, the
residents' answers and replies, broken rolls, manifest.json. Holds one household at a time; asks no database.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from todoku.sampletown import accounts, answers, broken, later, roll, town
from todoku.sampletown.household import Household
from todoku.sampletown.places import YOKOHAMA, Municipality

ROLL, LATER_ROLL = "roll.csv", "roll_later.csv"
KNOWN_ACCOUNTS, GUARDIANS = "known_accounts.csv", "guardians.csv"
ANSWERS, REPLIES, MANIFEST = "answers.jsonl", "replies.jsonl", "manifest.json"
BROKEN_FOLDER = "broken"

GUARDIAN_HEADINGS = ("宛名番号", "後見人氏名", "後見人カナ")

_TAX_NAMES = {"1": "untaxed", "2": "levy_only", "3": "taxed", "4": "unfiled", "": "unknown"}


@dataclass
class Manifest:
    """What stands in the folder, to be compared with the counts at every hand-over.

    `kinds`, `tax` and `events` count households; `later_rows` counts lines of the later roll that were added,
    gone or changed against the first; `files` maps each file name to its SHA-256.
    """

    seed: int
    municipality_code: str
    municipality_name: str
    base_date: str
    opened_on: str
    layout: str
    households: int = 0
    persons: int = 0
    known_accounts: int = 0
    answering_households: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    tax: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    deficiencies: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    later_rows: Counter[str] = field(default_factory=Counter)
    files: dict[str, str] = field(default_factory=dict)


class _Terms(NamedTuple):
    """What every household is written with."""

    seed: int
    municipality: Municipality
    base_date: date
    opened_on: date
    web_share: float
    layout: str
    parts: dict[int, str]
    events: dict[int, str]


class _Files(NamedTuple):
    """The open files of one town."""

    roll: TextIO
    later_roll: TextIO
    known: TextIO
    guardians: TextIO
    answers: TextIO
    replies: TextIO


def write_town(
    folder: Path,
    *,
    seed: int,
    households: int,
    municipality: Municipality = YOKOHAMA,
    base_date: date,
    opened_on: date,
    web_share: float = answers.WEB_SHARE,
    layout: str = "benefit42",
) -> Manifest:
    """Write every file of the town into `folder` (made if absent) and return the manifest, also written there.

    `base_date` is the programme's 基準日, `opened_on` the day on which the first forms are posted; `layout` is
    "benefit42" or "extract". The same arguments write the same bytes. Raises NoSuchMunicipality.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts = answers.forced_answers(seed, households)
    events = later.events(seed, households)
    terms = _Terms(seed, municipality, base_date, opened_on, web_share, layout, parts, events)
    manifest = Manifest(seed, *municipality, base_date.isoformat(), opened_on.isoformat(), layout)
    with ExitStack() as stack:
        files = _open(stack, folder, layout)
        for household in town.build(seed, households, municipality, base_date):
            rows = roll.LAYOUTS[layout][1](household)
            lines = _lines(rows)
            _write_register(files, household, lines, manifest)
            if household.serial in events:
                lines = _later_lines(household, rows, terms, manifest)
            files.later_roll.write(lines)
            _write_answers(files, household, terms, manifest)
        for newcomer in later.newcomers(seed, households, municipality, base_date):
            rows = roll.LAYOUTS[layout][1](newcomer)
            files.later_roll.write(_lines(rows))
            manifest.events["moved_in_late"] += 1
            manifest.later_rows["added"] += len(rows)
    _write_broken(folder / BROKEN_FOLDER, municipality)
    manifest.files = dict(_digests(folder))
    text = json.dumps(vars(manifest), ensure_ascii=False, indent=2, sort_keys=True)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """Read back the manifest that write_town left in the folder."""
    values: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    for name in ("kinds", "tax", "answers", "deficiencies", "events", "later_rows"):
        values[name] = Counter(values[name])
    return Manifest(**values)


def _open(stack: ExitStack, folder: Path, layout: str) -> _Files:
    """Open the files and write the headings; what the municipality sends is CP932, what residents send UTF-8."""
    names = (ROLL, LATER_ROLL, KNOWN_ACCOUNTS, GUARDIANS, ANSWERS, REPLIES)
    files = _Files(
        *(
            stack.enter_context(
                open(
                    folder / name, "w", encoding="utf-8" if name.endswith("l") else roll.ENCODING, newline=""
                )
            )
            for name in names
        )
    )
    headings = roll.LAYOUTS[layout][0]
    files.roll.write(_lines([headings]))
    files.later_roll.write(_lines([headings]))
    files.known.write(_lines([accounts.KNOWN_HEADINGS]))
    files.guardians.write(_lines([GUARDIAN_HEADINGS]))
    return files


def _lines(rows: list[tuple[str, ...]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def _write_register(files: _Files, household: Household, lines: str, manifest: Manifest) -> None:
    """Write what the register offices send about one household."""
    files.roll.write(lines)
    if household.guardian:
        files.guardians.write(_lines([(household.head.number, *household.guardian)]))
    manifest.households += 1
    manifest.persons += len(household.members)
    manifest.kinds.update(household.kinds)
    manifest.tax[_TAX_NAMES[roll.TAX_KEYS[household.tax]]] += 1


def _later_lines(household: Household, rows: list[tuple[str, ...]], terms: _Terms, manifest: Manifest) -> str:
    """Return the lines of a household to which something happened, and count those that differ."""
    event = terms.events[household.serial]
    changed = later.later_household(
        household, event, seed=terms.seed, base_date=terms.base_date, municipality=terms.municipality
    )
    new_rows = roll.LAYOUTS[terms.layout][1](changed) if changed else []
    before, after = {row[0]: row for row in rows}, {row[0]: row for row in new_rows}
    manifest.events[event] += 1
    manifest.later_rows["added"] += len(after.keys() - before.keys())
    manifest.later_rows["gone"] += len(before.keys() - after.keys())
    manifest.later_rows["changed"] += sum(before[n] != after[n] for n in before.keys() & after.keys())
    return _lines(new_rows)


def _write_answers(files: _Files, household: Household, terms: _Terms, manifest: Manifest) -> None:
    """Write the household's known account, what it sends in, and its replies to return letters."""
    prefecture = terms.municipality.code[:2]
    account = accounts.account_of(household, terms.seed, prefecture)
    if accounts.is_known(household, terms.seed):
        files.known.write(_lines([accounts.known_row(household, account)]))
        manifest.known_accounts += 1
    sent = answers.answers_of(
        household,
        account,
        seed=terms.seed,
        prefecture=prefecture,
        opened_on=terms.opened_on,
        web_share=terms.web_share,
        part=terms.parts.get(household.serial, ""),
    )
    manifest.answering_households += bool(sent)
    for answer in sent:
        files.answers.write(answers.to_line(answer))
        manifest.answers[answer.channel] += 1
        manifest.deficiencies.update(answer.intended_deficiencies)
        reply = answers.reply_of(household, account, answer, terms.seed)
        if reply:
            files.replies.write(answers.to_line(reply))
            manifest.answers["replies"] += 1


def _write_broken(folder: Path, municipality: Municipality) -> None:
    folder.mkdir(exist_ok=True)
    for name, case in broken.CASES.items():
        (folder / f"{name}.csv").write_bytes(case(municipality).data)


def _digests(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield name and SHA-256 of every file of the town, in order of name."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != MANIFEST:
            with path.open("rb") as file:
                yield path.relative_to(folder).as_posix(), hashlib.file_digest(file, "sha256").hexdigest()
