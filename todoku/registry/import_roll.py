"""Receives a roll (名簿の受領): a file in, staged lines, problems and differences out. Takes nothing over yet.

The original is kept first, so nothing is lost even when the file is refused. Reading is marked while it runs; a file
whose reading was killed is read again from the start.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import transaction

from todoku.custody.receive import receive
from todoku.custody.tables import Parcel
from todoku.formats import names
from todoku.formats.encoding import decode_lines, sniff
from todoku.formats.refused import FormatRefused
from todoku.formats.roll import LAYOUTS, Findings, RollRow, iter_rows
from todoku.ground.copy_rows import copy_rows, refresh_statistics
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.registry.differences import COLUMNS, find_differences
from todoku.registry.staging import Progress, begin, copy_lines, refuse
from todoku.registry.tables import Person, RollImport, StagedPerson
from todoku.registry.take_roll import take_roll

__all__ = ["stage_roll", "take_roll"]

assert COLUMNS == RollRow._fields, "the tables of the roll and the reader's rows have the same columns"

_SEARCH_KEY_MAX = Person._meta.get_field("search_key").max_length
_STAGED = (*COLUMNS, "roll_import_id", "line", "good", "search_key")
_PROBLEM = ("roll_import_id", "line", "column", "kind", "value_kind", "remedy", "severity")


def stage_roll(
    data: bytes, *, programme: Programme, name: str, layout: str, actor: Actor, at: datetime,
    progress: Progress | None = None,
) -> RollImport:  # fmt: skip
    """Reads a roll into staged lines; gives the import with its counts, problems and differences.

    In: the file's bytes and a key of formats.roll.LAYOUTS. A file that as a whole is not this municipality's roll
    comes back with state "refused" and the sentence in `refusal`. The same file again gives the known import.
    """
    assert layout in LAYOUTS, f"unknown layout {layout!r}"
    parcel, _ = receive(
        data,
        kind="roll",
        name=name,
        scope=programme.slug,
        from_party=programme.municipality.name,
        actor=actor,
        at=at,
    )
    roll_import, is_known = begin(RollImport, programme, parcel, actor=actor, at=at, layout=layout)
    if is_known:
        return roll_import
    findings = Findings()

    def flat(read: tuple[int, RollRow]) -> Sequence[Any]:
        line, row = read
        # Whether a household is good is known at the end.
        return *row, roll_import.pk, line, True, _search_key(row)

    try:
        encoding = sniff(data)
        lines = decode_lines(data, encoding, mark_broken=True)
        rows = iter_rows(lines, layout, programme.municipality_id, findings)
        copy_lines("todoku_stagedperson", _STAGED, rows, flat, total=data.count(b"\n"), progress=progress)
    except FormatRefused as refused:
        return refuse(roll_import, refused.sentence)
    refresh_statistics("todoku_stagedperson")
    roll_import.encoding = encoding
    return _close(roll_import, findings)


def _search_key(row: RollRow) -> str:
    """Every name under which a person may be looked for, in the form that a search compares."""
    every = (row.name, row.kana, row.latin_name, row.alias, row.alias_kana)
    keys = dict.fromkeys("".join(map(_key_of_part, one.split("　"))) for one in every if one)
    return " ".join(keys)[:_SEARCH_KEY_MAX]


# Surnames and given names return a thousand times in a roll; a key is made once for each.
_key_of_part = lru_cache(maxsize=50_000)(names.search_key)


def _close(roll_import: RollImport, findings: Findings) -> RollImport:
    """Marks the households with an error, writes problems and differences, and opens the import for a decision."""
    staged = StagedPerson.objects.filter(roll_import=roll_import)
    problems = sorted(findings.problems, key=lambda problem: problem.line)
    with transaction.atomic():
        staged.filter(household_number__in=list(findings.bad_households)).update(good=False)
        copy_rows("todoku_rollproblem", _PROBLEM, ((roll_import.pk, *problem) for problem in problems))
        roll_import.rows_read = findings.rows
        roll_import.rows_good = staged.filter(good=True).count()
        roll_import.households = staged.filter(good=True, is_head=True).count()
        roll_import.errors = sum(problem.severity == "error" for problem in problems)
        roll_import.warnings = len(problems) - roll_import.errors
        roll_import.state = "staged"
        roll_import.save()
        Parcel.objects.filter(pk=roll_import.parcel_id).update(record_count=findings.rows)
        find_differences(roll_import)
    return roll_import
