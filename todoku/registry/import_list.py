"""Receives a list of facts (一覧の受領): a file in, staged lines and problems out. Takes nothing over yet.

The original is kept first, so nothing is lost even when the file is refused. Reading is marked while it runs; a file
whose reading was killed is read again from the start. What the lines mean against the roll, match_list.py looks up.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from todoku.custody.receive import receive
from todoku.custody.tables import Parcel
from todoku.formats.csv_list import ERROR, Problem
from todoku.formats.fact_list_kinds import LISTS
from todoku.formats.fact_lists import FactLine, read_facts
from todoku.formats.refused import FormatRefused
from todoku.ground.copy_rows import copy_rows, refresh_if_many
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.registry.list_tables import FactImport
from todoku.registry.match_list import match_list
from todoku.registry.staging import Progress, begin, copy_lines, refuse

_STAGED = ("fact_import_id", "line", "number", "good", "values")
_PROBLEM = ("fact_import_id", "line", "column", "kind", "remedy", "severity")


def stage_list(
    data: bytes, *, programme: Programme, name: str, kind: str, actor: Actor, at: datetime,
    progress: Progress | None = None,
) -> FactImport:  # fmt: skip
    """Reads a list into staged lines; gives the import with its counts and problems.

    In: the file's bytes and a key of formats.fact_list_kinds.LISTS. A file that as a whole is no such list comes back
    with state "refused" and the sentence in `refusal`. The same file again gives the known import.
    """
    assert kind in LISTS, f"unknown list {kind!r}"
    parcel, _ = receive(
        data,
        kind=kind,
        name=name,
        scope=programme.slug,
        from_party=programme.municipality.name,
        actor=actor,
        at=at,
    )
    fact_import, is_known = begin(FactImport, programme, parcel, actor=actor, at=at, kind=kind)
    if is_known:
        return fact_import
    found: list[Problem] = []

    def flat(one: FactLine | Problem) -> Sequence[Any] | None:
        if isinstance(one, Problem):
            found.append(one)
            return None
        values = json.dumps(one.values, ensure_ascii=False)
        return fact_import.pk, one.line, one.values["number"], one.good, values

    try:
        lines, total = read_facts(data, kind), data.count(b"\n")
        rows = copy_lines("todoku_stagedfact", _STAGED, lines, flat, total=total, progress=progress)
    except FormatRefused as refused:
        return refuse(fact_import, refused.sentence)
    refresh_if_many(rows, "todoku_stagedfact")
    fact_import.rows_read = rows
    return _close(fact_import, found)


def _close(fact_import: FactImport, found: list[Problem]) -> FactImport:
    """Writes the problems, looks the lines up on the roll, and opens the import for a decision."""
    with transaction.atomic():
        copy_rows("todoku_factproblem", _PROBLEM, ((fact_import.pk, *problem) for problem in found))
        # A line whose cells do not fit the headings was read and is not staged.
        fact_import.rows_read += sum(problem.column == "" and problem.severity == ERROR for problem in found)
        fact_import.state = "staged"
        Parcel.objects.filter(pk=fact_import.parcel_id).update(record_count=fact_import.rows_read)
        match_list(fact_import)
        fact_import.save()
    return fact_import
