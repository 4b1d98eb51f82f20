"""Reads the pages of a received lot (スキャンの読取り): its files in, ScanPage rows with their pictures out, chunk by chunk.

Long work: stopped or killed, it goes on behind the last page that was kept, and a page is kept once (lot, no); one lot is
read by one at a time. At the end its sides are compared (compare_sides). Opens no file of a scanner itself: a child process
does.

An original that shows a My Number is not kept at all: the law (番号法20条) forbids keeping the number where the office
needs none of it, encrypted too. Its page stays as a picture with the number painted over, its file by its digest.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction

from todoku.custody import files
from todoku.ground.step import Refusal, Report
from todoku.people.actor import Actor
from todoku.scan.act_on_page import close_lot
from todoku.scan.compare_sides import compare_sides, lay_on_sheets
from todoku.scan.keep_pages import Keeper
from todoku.scan.read_before import is_read_again, read_before, set_aside_again
from todoku.scan.reader import Reader
from todoku.scan.reading import FileProblem
from todoku.scan.receive_lot import folder_of
from todoku.scan.sheet_boxes import programme_layouts
from todoku.scan.sides_of import sides_of
from todoku.scan.tables import ScanFile, ScanLot, ScanPage

_AGAIN = """
with replaced as (
  update todoku_scanpage o set state = 'void'
    from todoku_scanpage n
   where n.lot_id = %(lot)s and n.state = 'read' and o.programme_id = n.programme_id and o.lot_id <> n.lot_id
     and o.state = 'rescan' and (o.number, o.page_no, o.sheet_code) = (n.number, n.page_no, n.sheet_code)
  returning o.id)
insert into todoku_pageact (page_id, from_state, to_state, number, asks, was, why, staff_id, actor_name, at)
select id, 'rescan', 'void', '', '', '{}', '再スキャンで差し替え', %(staff)s, %(name)s, %(at)s from replaced
"""
CHUNK_PAGES = 50  # what a kill loses at most: two seconds of reading
# Said of a file or a page that is taken all the same.
REMARKS = frozenset({"active_content"})
READ_AGAIN = "前に読み取ったものと同じ用紙です（読み直し）。すべてのページを重複とし、打鍵には入れません。することはありません。"
Telling = Callable[[int, int | None], None]


class LotNotReadable(Refusal):
    """Not one page of the lot could be taken."""


class LotUnderWay(Refusal):
    """Somebody else reads this lot now."""


class _Ended(NamedTuple):
    """What reading a file came to: its pages, those set aside, and the first problem."""

    file: ScanFile
    pages: int
    aside: int
    problem: FileProblem | None


def take_pages(lot: ScanLot, *, actor: Actor, at: datetime, progress: Telling | None = None) -> Report:
    """Reads what is not read yet of one lot and closes the counts; safe to run again at any point.

    Report: done = pages of a known case, waiting = those for a person, refused = files set aside with the reason.
    Raises LotNotReadable where nothing came out, LotUnderWay where it is being read.
    """
    with _alone(lot):
        lot.refresh_from_db(fields=["state", "pages", "aside"])
        if lot.state == "reading":
            _read(lot, at, progress)
            _close(lot, actor, at)
        _leave_no_number(lot)
        _sweep_pictures(lot)
    return _report(lot)


@contextmanager
def _alone(lot: ScanLot) -> Iterator[None]:
    """A lock of the session: it goes with a process that is killed, whatever its transactions were."""
    name = [f"scan lot {lot.pk}"]
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", name)
        if not cursor.fetchone()[0]:
            raise LotUnderWay(
                f"「{lot.name}」は、いま読み取り中です。終わるのを待って、画面を開き直してください。"
            )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", name)


def _read(lot: ScanLot, at: datetime, progress: Telling | None) -> None:
    left = list(ScanFile.objects.filter(lot=lot, read_at__isnull=True).order_by("no"))
    if not left:
        return
    layouts = programme_layouts(lot.programme)
    total = lot.stated_sheets * (2 if lot.both_sides else 1) if lot.stated_sheets else None
    keeper = Keeper(lot, layouts)
    with Reader(layouts, my_numbers=True, crops=False) as reader:
        ended: list[_Ended] = []
        for file in left:
            if _gap_before(lot, file):
                keeper.gap()
            for one in _file(reader, file, keeper):
                if isinstance(one, _Ended):
                    ended.append(one)
                if keeper.waiting >= CHUNK_PAGES or isinstance(one, _Ended) and len(ended) >= CHUNK_PAGES:
                    _commit(keeper, ended, at)
                    if progress:
                        progress(keeper.last, total)
        _commit(keeper, ended, at)
        if progress:
            progress(keeper.last, total)


def _file(reader: Reader, file: ScanFile, keeper: Keeper) -> Iterator[_Ended | None]:
    """Hands the new pages of one file to the keeper; one None a page, then how the file ended."""
    kept = keeper.kept_of(file)
    pages = aside = 0
    first: FileProblem | None = None
    for one in reader.read(file.name, files.read(file.path)):
        if isinstance(one, FileProblem):
            first = first or one
            if one.code not in REMARKS:
                aside += 1
                keeper.gap()
            continue
        pages += 1
        if pages > kept:
            keeper.add(file, one)
        yield None
    yield _Ended(file, pages, aside, first)


def _gap_before(lot: ScanLot, file: ScanFile) -> bool:
    """Whether the file before was set aside, in whole or at its end, for another reason than that it is here already."""
    return ScanFile.objects.filter(lot=lot, no=file.no - 1, aside__gt=0).exclude(problem="duplicate").exists()


def _commit(keeper: Keeper, ended: list[_Ended], at: datetime) -> None:
    """One chunk: its pages, and the files that ended with it."""
    with transaction.atomic():
        keeper.write()
        for one in ended:
            problem = one.problem
            ScanFile.objects.filter(pk=one.file.pk).update(
                pages=one.pages, aside=one.aside, read_at=at,
                problem=problem.code if problem else "", sentence=problem.sentence[:300] if problem else "",
            )  # fmt: skip
    if ended:
        _leave_no_number(keeper.lot)
    ended.clear()


def _close(lot: ScanLot, actor: Actor, at: datetime) -> None:
    """The counts of the whole lot; where they do not agree, a difference is opened in the same transaction."""
    with transaction.atomic():
        held = ScanLot.objects.select_for_update().get(pk=lot.pk)
        if held.state != "reading":
            return
        pages = ScanPage.objects.filter(lot=lot).count()
        rows = list(ScanFile.objects.filter(lot=lot).values_list("pages", "aside"))
        aside = sum(one for _, one in rows)
        assert pages == sum(one for one, _ in rows), "a page was lost or kept twice"
        lot.pages, lot.aside, lot.state = pages, aside, "read" if pages else "refused"
        lot.sides = sides_of(lot)
        lot.save(update_fields=["pages", "aside", "sides", "state"])
        if pages:
            before = read_before(lot)
            if not before:
                lay_on_sheets(lot, actor=actor, at=at)
            _take_the_place(lot, actor, at)
            compare_sides(lot, actor=actor, at=at)
            if before and set_aside_again(lot, before):
                lot.state = "done"


def _take_the_place(lot: ScanLot, actor: Actor, at: datetime) -> None:
    """Sheets that were asked for again and came: the picture that was not good enough is void."""
    with connection.cursor() as cursor:
        cursor.execute(_AGAIN, {"lot": lot.pk, "at": at, "staff": actor.id or 0, "name": actor.name})
    for waiting in ScanLot.objects.filter(programme=lot.programme, state="read").exclude(pk=lot.pk):
        close_lot(waiting.pk)


def _leave_no_number(lot: ScanLot) -> None:
    """Takes away the originals, read to their end, of which a page was painted over; the masked pictures are safe by now."""
    shown = ScanPage.objects.filter(lot=lot).exclude(masked=[]).values("file_id")
    for file in ScanFile.objects.filter(lot=lot, pk__in=shown, read_at__isnull=False).exclude(path=""):
        files.inside(file.path).unlink(missing_ok=True)
        ScanFile.objects.filter(pk=file.pk).update(path="")


def _sweep_pictures(lot: ScanLot) -> None:
    """Takes away pictures that no row names: those of a chunk that was killed before its rows were written."""
    folder = files.inside(f"{folder_of(lot)}/pages")
    if not folder.is_dir():
        return
    named = set(ScanPage.objects.filter(lot=lot).values_list("path", flat=True))
    for path in folder.iterdir():
        if f"{folder_of(lot)}/pages/{path.name}" not in named:
            path.unlink(missing_ok=True)


def _report(lot: ScanLot) -> Report:
    aside = tuple(
        (file.name, file.sentence) for file in ScanFile.objects.filter(lot=lot, aside__gt=0).order_by("no")
    )
    if lot.state == "refused":
        raise LotNotReadable(
            f"このスキャンから読めたページはありません。{aside[0][1] if aside else ''}"
            "保存形式を確かめて、もう一度送ってください。"
        )
    waiting = ScanPage.objects.filter(lot=lot, state__in=["look", "foreign", "unplaced", "rescan"]).count()
    if is_read_again(lot):
        return Report(done=lot.pages, refused=aside, note=READ_AGAIN)
    words = f"{lot.pages:,}ページを読み取りました。{waiting:,}ページは人の確認を待っています。"
    if lot.aside:
        words += f"{lot.aside:,}件は取り込めませんでした。"
    return Report(done=lot.pages - waiting, waiting=waiting, refused=aside, note=words)
