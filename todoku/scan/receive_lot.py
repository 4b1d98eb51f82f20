"""Takes a scanner's lot in (スキャンの受入れ): files as they came; leaves a ScanLot whose files are kept and wait to be read.

A lot is taken once, by the digest of its files. A single file that another lot brought before is set aside. Reads no page:
that is take_pages, which goes on where it was stopped.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import PurePosixPath

from django.db import connection, transaction
from django.utils.timezone import localdate

from todoku.custody import files
from todoku.ground.step import Refusal
from todoku.mailroom.tables import Container
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.scan.delivered import Delivered
from todoku.scan.limits import FILE_BYTES_MAX
from todoku.scan.tables import ScanFile, ScanLot

SUFFIX_MAX = 5
_KNOWN = """
select f.sha256, min(l.name) from todoku_scanfile f join todoku_scanlot l on l.id = f.lot_id
 where l.programme_id = %s and l.state not in ('refused', 'void') and f.sha256 = any(%s) and f.problem <> 'duplicate'
 group by f.sha256
"""


class LotKnown(Refusal):
    """The same lot was delivered before, as `lot`: where it is still `reading`, take_pages goes on with it."""

    def __init__(self, sentence: str, lot: ScanLot) -> None:
        super().__init__(sentence)
        self.lot = lot


class NotCounted(Refusal):
    """Paper out of a container was not counted before it was scanned."""


class WrongArrival(Refusal):
    """Paper cannot have arrived after it was scanned."""


def receive_lot(
    delivered: Sequence[Delivered], *, programme: Programme, name: str, arrived_on: date, actor: Actor, at: datetime,
    container: Container | None = None, stated_sheets: int | None = None, both_sides: bool = False,
) -> ScanLot:  # fmt: skip
    """Keeps every file and gives the lot, its pages not read yet. Raises LotKnown, WrongArrival, NotCounted or CannotWrite.

    `stated_sheets`: sheets of paper as the scanner's operator counted them, two sides each with `both_sides`; never left out
    where they come from a `container`.
    """
    assert delivered, "an empty lot is refused where it is opened"
    if arrived_on > localdate(at):
        raise WrongArrival("到着日が今日より後になっています。受付印の日付を入力してください。")
    if container is not None and stated_sheets is None:
        raise NotCounted("入れ物から読み取るときは、読み取る前に数えた枚数を入力してください。")
    digests = [_digest(one) for one in delivered]
    with transaction.atomic():
        whole = hashlib.sha256("".join(digests).encode()).hexdigest()
        _ask_new(programme, whole)
        lot = ScanLot.objects.create(
            programme=programme, container=container, name=name[:100], sha256=whole, stated_sheets=stated_sheets,
            both_sides=both_sides, files=len(delivered), received_at=at, received_by=actor.name, arrived_on=arrived_on,
        )  # fmt: skip
        known = _known(programme, digests)
        try:
            for no, (one, digest) in enumerate(zip(delivered, digests, strict=True), 1):
                _keep(lot, no, one, digest, known.get(digest))
                known.setdefault(digest, lot.name)
        except Refusal:
            files.remove_folder(folder_of(lot))
            raise
    return lot


def folder_of(lot: ScanLot) -> str:
    """Where the files of a lot lie below the state folder: named by the lot, never by a case."""
    return f"scans/{lot.pk}-{lot.sha256[:12]}"


def _digest(one: Delivered) -> str:
    """The digest of a file; of one beyond the limit, of its name and size: it is set aside unread."""
    if one.size > FILE_BYTES_MAX:
        return hashlib.sha256(f"{one.name} {one.size}".encode()).hexdigest()
    return hashlib.sha256(one.read()).hexdigest()


def _ask_new(programme: Programme, whole: str) -> None:
    """Who brings the same lot at the same moment waits here, and is then refused."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"scan {programme.pk} {whole}"]
        )
    before = (
        ScanLot.objects.filter(programme=programme, sha256=whole)
        .exclude(state__in=["refused", "void"])
        .first()
    )
    if before:
        raise LotKnown(
            f"このスキャンは「{before.name}」として {localdate(before.received_at):%m/%d} に取り込み済みです。"
            "二重に取り込む必要はありません。別の束のときは、保存先を確かめてください。",
            before,
        )


def _known(programme: Programme, digests: Sequence[str]) -> dict[str, str]:
    """Digest → the lot that brought this file before."""
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [programme.pk, list(digests)])
        return dict(cursor.fetchall())


def _keep(lot: ScanLot, no: int, one: Delivered, digest: str, before: str | None) -> None:
    row = ScanFile(lot=lot, no=no, name=one.name[-200:], sha256=digest, size_bytes=one.size)
    if before is not None:
        row.problem, row.aside, row.read_at = "duplicate", 1, lot.received_at
        row.sentence = f"「{before}」に同じファイルがあります。2度目は取り込みません。"[:300]
    elif one.size > FILE_BYTES_MAX:
        row.problem, row.aside, row.read_at = "file_too_large", 1, lot.received_at
        row.sentence = (
            f"ファイルが大きすぎます（{FILE_BYTES_MAX >> 20}MBまで）。束を分けて読み取ってください。"
        )
    else:
        suffix = PurePosixPath(one.name).suffix.lower()[:SUFFIX_MAX]
        row.path = files.write(f"{folder_of(lot)}/originals/{no:05d}{suffix}", one.read()).path
    row.save()
