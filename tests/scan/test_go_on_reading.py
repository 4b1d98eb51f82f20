"""What a night does for scans: a reading that was cut off goes on, and an original that nobody could read does not stay."""

from datetime import timedelta

import pytest

from tests.scan.rows_fixture import ONE, Shelf
from tests.scanned import jpeg, note
from todoku.custody import files
from todoku.ground.tables import LongWork
from todoku.scan.delivered import files_of_upload
from todoku.scan.go_on_reading import CUT_OFF_AFTER, ORIGINAL_KEPT_DAYS, READING, go_on_reading
from todoku.scan.receive_lot import LotKnown, receive_lot
from todoku.scan.tables import ScanLot


@pytest.fixture
def shelf(town):
    return Shelf(town.programme)


def _night(shelf, at):
    return go_on_reading(programme=shelf.programme, actor=ONE, at=at)


def _received(shelf):
    return receive_lot(
        files_of_upload([("1.jpg", jpeg(note("免許証")))]), programme=shelf.programme, name="束", arrived_on=shelf.at.date(),
        actor=ONE, at=shelf.at,
    )  # fmt: skip


def test_a_reading_that_was_cut_off_goes_on_at_night(shelf):
    lot = _received(shelf)
    with pytest.raises(LotKnown) as known:
        _received(shelf)
    assert known.value.lot == lot and known.value.lot.state == "reading"
    assert _night(shelf, shelf.at + timedelta(minutes=5)).done == 0
    work = LongWork.objects.create(
        kind=READING, label="読取り", arguments={"lot": lot.pk}, state="stopped", scope=shelf.programme.slug,
        started_by="受付 花子", created_at=shelf.at,
    )  # fmt: skip
    assert _night(shelf, shelf.at + CUT_OFF_AFTER + timedelta(minutes=5)).done == 0, "a person stopped it"
    LongWork.objects.filter(pk=work.pk).update(state="broken")
    assert _night(shelf, shelf.at + CUT_OFF_AFTER + timedelta(minutes=5)).done == 1
    assert (ScanLot.objects.get().state, ScanLot.objects.get().pages) == ("read", 1)


def test_an_original_that_nobody_could_read_is_gone_after_its_days(shelf):
    lot = shelf.lot(state="refused")
    path = files.write("scans/1/originals/00001.jpg", b"no picture").path
    unread = shelf.file(lot, problem="damaged", aside=1, path=path)
    _night(shelf, shelf.at + timedelta(days=ORIGINAL_KEPT_DAYS - 1))
    assert files.read(path) == b"no picture"
    report = _night(shelf, shelf.at + timedelta(days=ORIGINAL_KEPT_DAYS, minutes=1))
    unread.refresh_from_db()
    assert unread.path == "" and not files.inside(path).exists() and "1件を消しました" in report.note
