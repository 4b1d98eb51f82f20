"""Receives a list of facts (一覧の受領): a file in, staged lines and problems out. Takes nothing over yet.

The original is kept first, so nothing is lost even when the file is refused. Reading is marked while it runs; a file
whose reading was killed is read again from the start. What the lines mean against the roll, match_list.py looks up.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice

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
from todoku.registry.list_tables import FactImport, FactProblem, StagedFact
from todoku.registry.match_list import match_list

# Lines loaded at once, as for a roll: a few tenths of a second, so that progress moves.
CHUNK_LINES = 20_000
_STAGED = ("fact_import_id", "line", "number", "good", "values")
_PROBLEM = ("fact_import_id", "line", "column", "kind", "remedy", "severity")

Progress = Callable[[int, int | None], None]


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
    fact_import, is_known = _begin(programme, parcel, kind, actor, at)
    if is_known:
        return fact_import
    found: list[Problem] = []
    try:
        fact_import.rows_read = _load(fact_import, read_facts(data, kind), found, data.count(b"\n"), progress)
    except FormatRefused as refused:
        return _refuse(fact_import, refused.sentence)
    return _close(fact_import, found)


def _begin(
    programme: Programme, parcel: Parcel, kind: str, actor: Actor, at: datetime
) -> tuple[FactImport, bool]:
    """The import of this file, and whether it is known and to be left alone. One whose reading broke off starts anew."""
    with transaction.atomic():
        Programme.objects.select_for_update().get(pk=programme.pk)
        known = (
            FactImport.objects.filter(programme=programme, parcel=parcel, kind=kind)
            .exclude(state="replaced")
            .order_by("-pk")
            .first()
        )
        if known and known.state != "reading":
            return known, True
        if known:
            forget_lines(known)
            return known, False
        return FactImport.objects.create(
            programme=programme, parcel=parcel, kind=kind, state="reading", staged_at=at, staged_by=actor.name
        ), False


def forget_lines(fact_import: FactImport) -> None:
    """The staged lines and problems go; the delivery and its file stay."""
    StagedFact.objects.filter(fact_import=fact_import).delete()
    FactProblem.objects.filter(fact_import=fact_import).delete()


def _load(
    fact_import: FactImport, lines: Iterator[FactLine | Problem], found: list[Problem], total: int,
    progress: Progress | None,
) -> int:  # fmt: skip
    """Copies the lines while they are read, problems aside; gives how many lines there were."""
    refused: list[FormatRefused] = []
    staged = (
        (fact_import.pk, one.line, one.values["number"], one.good, json.dumps(one.values, ensure_ascii=False))
        for one in _until(lines, found, refused)
    )
    done, copied = 0, CHUNK_LINES
    while copied == CHUNK_LINES:
        copied = copy_rows("todoku_stagedfact", _STAGED, islice(staged, CHUNK_LINES))
        done += copied
        if progress and copied:
            progress(done, total)
    if refused:
        raise refused[0]
    refresh_if_many(done, "todoku_stagedfact")
    return done


def _until(
    lines: Iterator[FactLine | Problem], found: list[Problem], refused: list[FormatRefused]
) -> Iterator[FactLine]:
    """The lines up to a refusal, which is kept for later: raised inside a COPY it would break the transaction."""
    try:
        for one in lines:
            if isinstance(one, Problem):
                found.append(one)
            else:
                yield one
    except FormatRefused as refusal:
        refused.append(refusal)


def _refuse(fact_import: FactImport, sentence: str) -> FactImport:
    """Nothing of the file counts; the original and the sentence stay."""
    with transaction.atomic():
        forget_lines(fact_import)
        fact_import.state, fact_import.refusal = "refused", sentence
        fact_import.save(update_fields=["state", "refusal"])
    return fact_import


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
