"""Reads the kept files of sealed batches again (I-08, I-09): digests, rows against lines, each record by the verifier.

Gives the numbers of the batches that differ; changes nothing and refuses nothing: the sweep counts them.
"""

from collections.abc import Iterable
from itertools import zip_longest

from django.db import connection

import todoku_verify
from todoku.payment.kept_files import FileChanged, ask_kept, bundle
from todoku.payment.manifest import decision_lists_of, names_of
from todoku.payment.rails import RAILS
from todoku.payment.tables import Batch
from todoku.programme.tables import Programme

# What stands between the seal and the bank can still be stopped; the rest is read again at night.
STOPPABLE = ("sealed", "approved")
KEPT = (*STOPPABLE, "sending", "sent", "reconciled")
FETCH_ROWS = 10_000
ROWS = """
select t.file_number, t.line, t.number, d.decision_list_id, c.number, t.part, t.amount_yen
  from todoku_transfer t join todoku_decision d on d.id = t.decision_id join todoku_case c on c.id = t.case_id
 where t.batch_id = %s and t.line is not null order by 1, 2
"""
COLUMNS = 7  # of a line of the line file, those that a row says as well


def changed_files(programme: Programme) -> list[str]:
    """Batches of which a kept file is gone or no longer has the digest that was sealed."""
    return [str(batch.pk) for batch in _batches(programme, KEPT) if not _is_kept(batch)]


def unproven_batches(programme: Programme, *, all_of_them: bool) -> list[str]:
    """Batches whose rows are not those of the line file, or whose files the verifier does not find to pay the decision.

    Asks those that can still be stopped, or every one.
    """
    states = KEPT if all_of_them else STOPPABLE
    return [str(batch.pk) for batch in _batches(programme, states) if not _is_proven(batch)]


def _batches(programme: Programme, states: Iterable[str]) -> list[Batch]:
    found = Batch.objects.filter(programme=programme, state__in=list(states))
    return list(found.select_related("manifest", "lines", "programme").order_by("pk"))


def _is_kept(batch: Batch) -> bool:
    try:
        ask_kept(batch)
    except FileChanged:
        return False
    return True


def _is_proven(batch: Batch) -> bool:
    try:
        kept = bundle(batch)
    except FileChanged:
        return False
    lines_name, sheet_name = names_of(batch)
    if not _rows_are_those_of(batch, kept[lines_name]):
        return False
    if not RAILS[batch.rail].proven:
        return True
    lists = {made.pk: kept[made.file.name] for made in decision_lists_of(batch) if made.file}
    files = [(file.name, kept[file.name]) for file in batch.files.order_by("number")]
    try:
        return todoku_verify.verify(
            kept[sheet_name], kept[lines_name], lists, files, sha256=batch.sha256 or ""
        ).ok
    except todoku_verify.Unreadable:
        return False


def _rows_are_those_of(batch: Batch, lines: bytes) -> bool:
    """The rows of the database and the lines as sealed, side by side: one to one, in both directions."""
    written = iter(lines.decode().splitlines()[1:])
    with connection.chunked_cursor() as cursor:
        cursor.execute(ROWS, [batch.pk])
        rows = (row for chunk in iter(lambda: cursor.fetchmany(FETCH_ROWS), []) for row in chunk)
        return all(
            row is not None
            and line is not None
            and [str(value) for value in row] == line.split("\t")[:COLUMNS]
            for row, line in zip_longest(rows, written)
        )
