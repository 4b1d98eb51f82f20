"""What a night does for scans: goes on with readings that were cut off, and takes away originals that nobody could read.

Takes the lots of a programme; calls take_pages. What a person stopped waits until a person goes on with it. An original that
was set aside was never searched for a My Number, so it is kept only as long as somebody needs to scan the paper again.
"""

from datetime import datetime, timedelta

from todoku.custody import files
from todoku.ground.step import Refusal, Report
from todoku.ground.tables import LongWork
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.scan.tables import ScanFile, ScanLot
from todoku.scan.take_pages import LotUnderWay, take_pages

# Younger lots are being read, or wait for their turn in the queue.
CUT_OFF_AFTER = timedelta(hours=3)
ORIGINAL_KEPT_DAYS = 14
# The kind of long work by which a desk reads a lot, and the states in which a person's stop leaves it.
READING = "scan.read"
STOPPED = frozenset({"stopping", "stopped"})


def go_on_reading(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """Report: done = lots read to their end, refused = lots that cannot be read."""
    done, refused = 0, []
    cut_off = ScanLot.objects.filter(programme=programme, state="reading", received_at__lt=at - CUT_OFF_AFTER)
    stopped = _stopped(programme)
    for lot in cut_off.select_related("programme__municipality", "container").order_by("pk"):
        if lot.pk in stopped:
            continue
        try:
            take_pages(lot, actor=actor, at=at)
            done += 1
        except LotUnderWay:
            continue  # its reader has not died after all
        except Refusal as refusal:
            refused.append((lot.name, refusal.sentence))
    gone = _let_go(programme, at)
    note = f"途中で止まった読取り{done:,}束を終えました。読めなかった元の画像{gone:,}件を消しました。"
    return Report(done=done, refused=tuple(refused), note=note)


def _stopped(programme: Programme) -> set[int]:
    """Lots whose newest reading was stopped by a person: that is a decision, and no accident."""
    works = LongWork.objects.filter(kind=READING, scope=programme.slug).order_by("pk")
    newest = dict(works.values_list("arguments__lot", "state"))
    return {lot for lot, state in newest.items() if state in STOPPED}


def _let_go(programme: Programme, at: datetime) -> int:
    """Originals with something set aside, of lots that ended so many days ago; the row keeps name, digest and reason."""
    old = (
        ScanFile.objects.filter(
            lot__programme=programme, aside__gt=0, read_at__lt=at - timedelta(days=ORIGINAL_KEPT_DAYS)
        )
        .exclude(path="")
        .exclude(lot__state="reading")
    )
    gone = 0
    for file in old.order_by("pk"):
        files.inside(file.path).unlink(missing_ok=True)
        ScanFile.objects.filter(pk=file.pk).update(path="")
        gone += 1
    return gone
