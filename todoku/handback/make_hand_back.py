"""Makes what is handed back (納品物): one archive with the index, a bundle for every case, pictures and digests.

Takes every case of a programme and its sealed boxes in store; leaves a HandBack with its parcel. Memory does not grow
with the town: cases are read in chunks and written as they come. Nothing leaves the house here.
"""

import hashlib
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import PurePosixPath
from typing import IO, cast
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import Q
from django.utils.timezone import localtime

from todoku.case.tables import Case
from todoku.custody import files
from todoku.custody.receive import record
from todoku.formats.codes import printed_number
from todoku.ground.step import Refusal
from todoku.handback.case_records import records_of
from todoku.handback.readable import (
    CASES_A_PAGE,
    INDEX_COLUMNS,
    IndexLine,
    case_page,
    contents_page,
    csv_bytes,
    events_csv,
    folder_of,
    index_line,
    index_page,
)
from todoku.handback.record import CaseRecord
from todoku.handback.tables import HandBack, HandBackBox
from todoku.mailroom.held_in import held_in
from todoku.mailroom.tables import Container
from todoku.people.actor import Actor
from todoku.programme.tables import Programme

Progress = Callable[[int, int | None], None]
# Digests and index lines wait on disk beyond this: 100 bytes a file make 60 MB for a large town.
HELD_BYTES = 4_000_000


class NothingToHandBack(Refusal):
    """The programme has no case."""


class HandBackUnderWay(Refusal):
    """The last one was handed over and is not inspected yet, or another was made meanwhile."""


class CasesWereAdded(Refusal):
    """While the archive was written, cases came into the programme: it would not hold all of them."""


class Archive:
    """A zip file that is written front to back, and the SHA-256 of every file in it."""

    def __init__(self, out: IO[bytes], sums: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED)
        self._sums = sums

    def put(self, name: str, data: bytes, *, packed: bool = False) -> None:
        """Adds one file. `packed`: it would not grow smaller, as a picture."""
        self._zip.writestr(name, data, zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED)
        self._sums.write(f"{hashlib.sha256(data).hexdigest()}  {name}\n".encode())

    def close(self) -> None:
        """Adds the digests, which cover everything but themselves, and ends the archive."""
        self._sums.seek(0)
        self._zip.writestr("SHA256SUMS", self._sums.read(), zipfile.ZIP_DEFLATED)
        self._zip.close()


class _Out:
    """A sink of custody as the file that zipfile asks for; it cannot be sought, so zip entries are written in one go."""

    def __init__(self, sink: files.Sink) -> None:
        self.write = sink.write

    def flush(self) -> None:
        """Nothing is held back."""


def make_hand_back(
    *, programme: Programme, actor: Actor, at: datetime, progress: Progress | None = None
) -> HandBack:
    """Everything of the programme as one archive; one that was made and not handed over is replaced.

    The programme is held only while the row is made, not while the archive is written. Raises NothingToHandBack,
    CasesWereAdded, and HandBackUnderWay while the last one waits for the municipality's word.
    """
    last = _last(programme)
    no = last.no + 1 if last else 1
    name = f"handback-{programme.slug}-{no}.zip"
    written, counts = _archive(programme, no, name, at, progress or (lambda done, total: None))
    try:
        return _kept_alone(programme, last, no, written, name, counts, actor, at)
    except Refusal:
        files.remove(written.path)  # no row names it
        raise


def _kept_alone(
    programme: Programme, last: HandBack | None, no: int, written: files.Written, name: str, counts: dict[str, int],
    actor: Actor, at: datetime,
) -> HandBack:  # fmt: skip
    """The row, if nothing came between the reading and now."""
    with transaction.atomic():
        # Rows that point to the programme are added meanwhile: applications come in while this is made.
        Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
        now_last = _last(programme)
        if now_last != last:
            raise HandBackUnderWay("この間に別の納品が作成されました。一覧を開き直してください。")
        if _count(programme) != counts["cases"]:
            raise CasesWereAdded("作成の間に案件が増えました。もう一度「作成する」を押してください。")
        if now_last and now_last.state == "made":
            HandBack.objects.filter(pk=now_last.pk).update(state="void")
        return _kept(programme, no, written, name, counts, actor, at)


def _last(programme: Programme) -> HandBack | None:
    """The newest one; raises HandBackUnderWay while it waits for its inspection."""
    last = HandBack.objects.filter(programme=programme).order_by("-no").first()
    if last and last.state == "handed":
        raise HandBackUnderWay(
            f"納品{last.no}は「{last.get_state_display()}」です。検収の結果を確かめてから作成してください。"
        )
    return last


def _archive(
    programme: Programme, no: int, name: str, at: datetime, progress: Progress
) -> tuple[files.Written, dict[str, int]]:
    """The archive, written under a name of its own: of two that are made at once, each keeps its file."""
    total = _count(programme)
    if not total:
        raise NothingToHandBack("案件がまだないため、納品物を作成できません。")
    counts = {"cases": 0, "sheets": 0, "pictures": 0}
    with (
        files.writing(f"handback/{programme.slug}/{uuid4().hex}/{name}") as sink,
        tempfile.SpooledTemporaryFile(HELD_BYTES) as sums,
        tempfile.SpooledTemporaryFile(HELD_BYTES) as lines,
    ):
        archive = Archive(cast(IO[bytes], _Out(sink)), cast(IO[bytes], sums))
        lines.write(csv_bytes(INDEX_COLUMNS, ()))
        pages: list[tuple[str, str]] = []
        for page, records in enumerate(_chunks(programme), 1):
            listed = [_put_case(archive, one) for one in records]
            lines.write(csv_bytes((), [line.values for line in listed], head=False))
            archive.put(f"index/{page:05d}.html", index_page(listed, page, -(-total // CASES_A_PAGE)))
            pages.append((printed_number(records[0].number), printed_number(records[-1].number)))
            counts["cases"] += len(records)
            counts["sheets"] += sum(len(one.places) for one in records)
            counts["pictures"] += sum(len(one.pictures) for one in records)
            progress(counts["cases"], total)
        lines.seek(0)
        archive.put("index.csv", lines.read())
        archive.put("index.html", _contents(programme, no, counts, pages, at))
        archive.close()
    return sink.written[0], counts


def _put_case(archive: Archive, one: CaseRecord) -> IndexLine:
    folder = folder_of(one.number)
    names = []
    for picture in one.pictures:
        data = files.read(picture.path)
        assert picture.sha256 == hashlib.sha256(data).hexdigest(), (
            f"a picture of case {one.number} was altered"
        )
        names.append(picture.name + PurePosixPath(picture.path).suffix)
        archive.put(f"{folder}/{names[-1]}", data, packed=True)
    archive.put(f"{folder}/events.csv", events_csv(one.events))
    archive.put(f"{folder}/case.html", case_page(one, names))
    return index_line(one)


def _contents(
    programme: Programme, no: int, counts: dict[str, int], pages: list[tuple[str, str]], at: datetime
) -> bytes:
    names = (("cases", "案件"), ("sheets", "用紙（枚）"), ("pictures", "画像"))
    told = [
        ("納品", f"第{no}回"),
        ("作成日時", f"{localtime(at):%Y-%m-%d %H:%M}"),
        *((word, f"{counts[key]:,}") for key, word in names),
    ]
    # Nobody is behind them: they belong to the disposal of the programme, not to what is handed back.
    if beside := Case.objects.filter(programme__rehearsal_of=programme).count():
        told.append(("含まないもの", f"審査の質を確かめるための架空の案件 {beside:,}"))
    return contents_page(f"{programme.municipality.name} {programme.name} 納品物", told, pages)


def _count(programme: Programme) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from todoku_case where programme_id = %s", [programme.pk])
        return int(cursor.fetchone()[0])


def _chunks(programme: Programme) -> Iterator[list[CaseRecord]]:
    """The cases in order of their numbers, a page of the index at a time."""
    last = ""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "select id, number from todoku_case where programme_id = %s and number > %s order by number limit %s",
                [programme.pk, last, CASES_A_PAGE],
            )
            rows = cursor.fetchall()
        if not rows:
            return
        last = rows[-1][1]
        yield records_of([case for case, _ in rows])


def _kept(
    programme: Programme, no: int, written: files.Written, name: str, counts: dict[str, int], actor: Actor, at: datetime
) -> HandBack:  # fmt: skip
    parcel = record(
        written, kind="handback", name=name, scope=programme.slug, from_party=actor.organisation, to_party="自治体",
        actor=actor, at=at, count=counts["cases"],
    )  # fmt: skip
    made = HandBack.objects.create(
        programme=programme, no=no, parcel=parcel, made_at=at, made_by=actor.name, **counts
    )
    # Sealed in store, or at the municipality already with a delivery that was refused.
    refused = Q(station="municipality", handbackbox__hand_back__state="refused")
    boxes = (
        Container.objects.filter(
            Q(station="store", sealed_at__isnull=False) | refused, programme=programme, kind="box"
        )
        .exclude(handbackbox__hand_back__state__in=["made", "handed", "accepted"])
        .distinct()
        .order_by("code")
    )
    HandBackBox.objects.bulk_create(
        [HandBackBox(hand_back=made, container=box, sheets=held_in(box)) for box in boxes]
    )
    return made
