"""What a roll and the lists beside it share while they are received (受領): begun once, copied in chunks, refused, declined.

Takes the lines that the two readers give; leaves them staged or forgotten. Never looks at a value.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from django.db import transaction
from django.utils.timezone import localdate

from todoku.custody.tables import Parcel
from todoku.formats.refused import FormatRefused
from todoku.ground.copy_rows import copy_rows
from todoku.ground.step import Refusal, Report
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.registry.list_tables import FactImport
from todoku.registry.tables import RollImport

# Lines loaded at once: a few tenths of a second, so progress moves and memory stays at some ten megabytes.
CHUNK_LINES = 20_000

Progress = Callable[[int, int | None], None]
Read = TypeVar("Read", RollImport, FactImport)
Line = TypeVar("Line")


class CannotDecline(Refusal):
    """This delivery does not wait for a decision."""


def begin(
    imports: type[Read], programme: Programme, parcel: Parcel, *, actor: Actor, at: datetime, **what: str
) -> tuple[Read, bool]:
    """The import of this file, and whether it is known and to be left alone. One whose reading broke off starts anew.

    `what` says as what the file is read: the layout of a roll, the kind of a list.
    """
    with transaction.atomic():
        Programme.objects.select_for_update().get(pk=programme.pk)
        of_file = imports._default_manager.filter(programme=programme, parcel=parcel, **what)
        known = of_file.exclude(state="replaced").order_by("-pk").first()
        if known and known.state == "reading":
            forget_lines(known)
            return known, False
        if known:
            return known, True
        new = imports(
            programme=programme, parcel=parcel, state="reading", staged_at=at, staged_by=actor.name, **what
        )
        new.save(force_insert=True)
        return new, False


def forget_lines(read: RollImport | FactImport) -> int:
    """The staged lines and problems go; the delivery and its file stay. Gives how many lines went."""
    gone, _ = read.lines.all().delete()
    read.problems.all().delete()
    return gone


def copy_lines(
    table: str, columns: Sequence[str], lines: Iterable[Line], flat: Callable[[Line], Sequence[Any] | None],
    *, total: int, progress: Progress | None,
) -> int:  # fmt: skip
    """Copies lines while they are read, each made flat (None: it is no row); gives how many rows there are.

    Each leaves as it is read: the server writes on one core while the next are read on another. Raises the reader's
    FormatRefused after the rows before it were copied.
    """
    refused: list[FormatRefused] = []
    rows = (row for row in map(flat, _until(lines, refused)) if row is not None)
    done, copied = 0, CHUNK_LINES
    while copied == CHUNK_LINES:
        copied = copy_rows(table, columns, islice(rows, CHUNK_LINES))
        done += copied
        if progress and copied:
            progress(done, total)
    if refused:
        raise refused[0]
    return done


def _until(lines: Iterable[Line], refused: list[FormatRefused]) -> Iterator[Line]:
    """The lines up to a refusal, which is kept for later: raised inside a COPY it would break the transaction."""
    try:
        yield from lines
    except FormatRefused as refusal:
        refused.append(refusal)


def refuse(read: Read, sentence: str) -> Read:
    """Nothing of the file counts; the original and the sentence stay."""
    with transaction.atomic():
        forget_lines(read)
        read.state, read.refusal = "refused", sentence
        read.save(update_fields=["state", "refusal"])
    return read


def decline(read: RollImport | FactImport, *, actor: Actor, at: datetime) -> Report:
    """Declines a delivery that waits (取り込まない); `done` is the number of lines let go.

    What was found in it stays for the municipality to read, and the same file can be received again. Raises
    CannotDecline when it is taken or refused.
    """
    noun = "名簿" if isinstance(read, RollImport) else "一覧"
    with transaction.atomic():
        locked = type(read)._default_manager.select_for_update().get(pk=read.pk)
        if locked.state != "staged":
            raise CannotDecline(
                f"この{noun}は確認待ちではありません。画面を更新して、いまの状態を確かめてください。"
            )
        gone, _ = locked.lines.all().delete()
        if isinstance(locked, RollImport):
            locked.differences.all().delete()
        locked.state = "replaced"
        locked.refusal = f"{actor.name}が取り込まないことにしました（{localdate(at):%Y-%m-%d}）。"
        locked.save(update_fields=["state", "refusal"])
    return Report(done=gone, note=f"この{noun}は取り込みませんでした。直した{noun}を受け取り直してください。")
