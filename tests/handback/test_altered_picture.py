"""A kept picture that is not the one that was kept does not go to the municipality as if it were."""

import io

import pytest

from tests.scan.rows_fixture import Shelf
from todoku.custody import files
from todoku.handback.case_records import records_of
from todoku.handback.make_hand_back import Archive, _put_case
from todoku.scan.tables import ScanPage


def test_a_scanned_page_is_handed_back_as_it_was_kept_or_not_at_all(town):
    shelf = Shelf(town.programme)
    case = shelf.cases[0]
    kept = files.write("scans/1/pages/1.jpg", b"the masked picture")
    page = shelf.page(shelf.lot(state="done"), "read", case)
    ScanPage.objects.filter(pk=page.pk).update(path=kept.path, sha256=kept.sha256)
    archive = Archive(io.BytesIO(), io.BytesIO())
    (record,) = records_of([case.pk])
    assert _put_case(archive, record)
    files.inside(kept.path).write_bytes(b"another picture")
    with pytest.raises(AssertionError, match="was altered"):
        _put_case(archive, record)
