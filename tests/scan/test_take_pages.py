"""A scanner's lot becomes pages of cases: by their codes, by what they lie behind, once, whatever kills the reading."""

import hashlib
import io
import zipfile
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.timezone import localdate
from PIL import ImageDraw, ImageFont

from tests.open_today import open_today
from tests.scanned import blank, filled, jpeg, note, printed, tiff
from todoku.case.tables import Case
from todoku.custody import files
from todoku.formats.codes import my_number_valid
from todoku.ground.long_work import Stopped
from todoku.ground.places import var
from todoku.mailroom.tables import Difference
from todoku.people.actor import Actor
from todoku.scan.delivered import CannotOpen, files_of_folder, files_of_upload
from todoku.scan.receive_lot import LotKnown, WrongArrival, receive_lot
from todoku.scan.tables import ScanFile, ScanLot, ScanPage
from todoku.scan.take_pages import LotNotReadable, take_pages

CLERK = Actor(7, "受付 花子", frozenset({"clerk"}))


class Scanner:
    """The town's printed forms, and lots made of them."""

    def __init__(self, town):
        self.programme = open_today(town.programme)
        self.at = timezone.now()
        self.printed = printed(self.programme, 4)
        self.forms = [filled(one, self.printed.boxes[1]) for one in self.printed.forms()]
        self.numbers = [one.code.number for one in self.printed.forms()]

    def lot(self, *named, name="束1", **values):
        return receive_lot(
            files_of_upload(named), programme=self.programme, name=name, arrived_on=localdate(self.at), actor=CLERK,
            at=self.at, **values,
        )  # fmt: skip

    def take(self, lot, **values):
        return take_pages(ScanLot.objects.get(pk=lot.pk), actor=CLERK, at=self.at, **values)

    def pages(self, lot):
        return list(ScanPage.objects.filter(lot=lot).order_by("no"))


@pytest.fixture
def scanner(town):
    return Scanner(town)


def _whole_day(scanner):
    """Three households: a form with two papers behind it, a form and a blank side, a form; in two files."""
    first, second, third, _ = scanner.forms
    return (
        ("001.tif", tiff([first, note("免許証"), note("通帳"), second])),
        ("002.jpg", jpeg(blank())),
        ("003.jpg", jpeg(third)),
    )


def test_pages_belong_to_the_case_of_their_code_or_of_the_page_before(scanner):
    lot = scanner.lot(*_whole_day(scanner), stated_sheets=6)
    report = scanner.take(lot)
    pages = scanner.pages(lot)
    one, two, three, _ = scanner.numbers
    assert [(page.state, page.case and page.case.number) for page in pages] == [
        ("read", one), ("attached", one), ("attached", one), ("read", two), ("blank", two), ("read", three)
    ]  # fmt: skip
    assert [page.behind and page.behind.no for page in pages] == [None, 1, 1, None, 4, None]
    form = pages[0]
    assert form.ticks["kind_ordinary"] == "marked" and form.ticks["kind_current"] == "empty"
    assert {"bank_code", "account_number", "holder_kana"} <= set(
        form.inked
    ) and "yucho_symbol" not in form.inked
    assert form.offered["account_number"][0] == "1234567"
    assert all(
        len(files.read(page.path)) > 1000 and page.number not in page.path for page in pages if page.number
    )
    lot.refresh_from_db()
    assert (lot.state, lot.pages, lot.aside) == ("read", 6, 0) and (report.done, report.waiting) == (6, 0)
    assert not Difference.objects.exists()
    for page in pages:
        assert page.sha256 == hashlib.sha256(files.read(page.path)).hexdigest() != page.pixels_sha256


def test_a_lot_delivered_twice_is_refused_and_a_single_file_is_set_aside(scanner):
    files_of_day = _whole_day(scanner)
    scanner.take(scanner.lot(*files_of_day))
    with pytest.raises(LotKnown, match="取り込み済み"):
        scanner.lot(*files_of_day, name="束2")
    again = scanner.lot(files_of_day[2], ("009.jpg", jpeg(scanner.forms[3])), name="束3")
    report = scanner.take(again)
    assert [page.number for page in scanner.pages(again)] == [scanner.numbers[3]]
    assert report.refused[0][0] == "003.jpg" and "束1" in report.refused[0][1]


def test_the_same_picture_in_another_file_is_a_duplicate_and_counts_for_nobody(scanner):
    one = tiff([scanner.forms[0]])
    scanner.take(scanner.lot(("a.tif", one)))
    lot = scanner.lot(("b.tif", tiff([scanner.forms[0], scanner.forms[1]])), name="束2")
    scanner.take(lot)
    assert [page.state for page in scanner.pages(lot)] == ["duplicate", "read"]


def test_a_broken_file_is_set_aside_and_what_follows_is_nobodys(scanner):
    broken = tiff([scanner.forms[1]])[:3000]
    lot = scanner.lot(
        ("1.jpg", jpeg(scanner.forms[0])), ("2.tif", broken), ("3.jpg", jpeg(note("保険証"))), ("4.jpg", jpeg(scanner.forms[2])),
        stated_sheets=5,
    )  # fmt: skip
    report = scanner.take(lot)
    assert [page.state for page in scanner.pages(lot)] == ["read", "unplaced", "read"]
    assert report.refused[0][0] == "2.tif" and report.waiting == 1
    difference = Difference.objects.get()
    assert (difference.stated, difference.found) == (5, 4) and difference.subject_id == lot.pk


def test_a_form_of_another_programme_and_its_papers_wait_for_a_person(scanner):
    Case.objects.filter(number=scanner.numbers[0]).update(number="0000000000000")
    lot = scanner.lot(("1.tif", tiff([scanner.forms[0], note("免許証"), scanner.forms[1], note("通帳")])))
    scanner.take(lot)
    assert [page.state for page in scanner.pages(lot)] == ["foreign", "foreign", "read", "attached"]


def test_nothing_readable_is_refused_and_may_be_sent_again(scanner):
    junk = ("1.pdf", b"%PDF-1.4 nothing more")
    with pytest.raises(LotNotReadable, match="読めたページはありません"):
        scanner.take(scanner.lot(junk))
    again = scanner.lot(junk, name="束2")
    assert again.state == "reading" and ScanLot.objects.filter(state="refused").count() == 1
    with pytest.raises(WrongArrival):
        receive_lot(
            files_of_upload([junk]), programme=scanner.programme, name="束", arrived_on=localdate(scanner.at) + timedelta(1),
            actor=CLERK, at=scanner.at,
        )  # fmt: skip


class Killed(BaseException):
    """The process ends here, as by SIGKILL: nothing that follows runs."""


def test_a_reading_killed_at_any_file_step_goes_on_and_keeps_each_page_once(scanner, monkeypatch):
    monkeypatch.setattr("todoku.scan.take_pages.CHUNK_PAGES", 2)
    lot = scanner.lot(*_whole_day(scanner), stated_sheets=6)
    killed = 0
    for step in range(1, 24, 3):
        steps = iter(range(1000))

        def kill(name, at=step, steps=steps):
            if next(steps) == at:
                raise Killed

        files.AFTER_STEP.append(kill)
        try:
            scanner.take(lot)
        except Killed:
            killed += 1
        finally:
            files.AFTER_STEP.remove(kill)
        assert [page.no for page in scanner.pages(lot)] == list(range(1, len(scanner.pages(lot)) + 1))
    assert killed >= 3, "the reading was not cut off often enough to prove anything"
    scanner.take(lot)
    pages = scanner.pages(lot)
    one, two, three, _ = scanner.numbers
    assert [page.case and page.case.number for page in pages] == [one, one, one, two, two, three]
    assert sum(ScanFile.objects.filter(lot=lot).values_list("pages", flat=True)) == 6
    kept = {path.name for path in files.inside(f"scans/{lot.pk}-{lot.sha256[:12]}/pages").iterdir()}
    assert kept == {page.path.rsplit("/", 1)[1] for page in pages} and not Difference.objects.exists()


def test_a_stopped_reading_goes_on_behind_the_last_page(scanner, monkeypatch):
    monkeypatch.setattr("todoku.scan.take_pages.CHUNK_PAGES", 2)
    lot = scanner.lot(*_whole_day(scanner))

    def stop(done, total):
        raise Stopped("停止しました。")

    with pytest.raises(Stopped):
        scanner.take(lot, progress=stop)
    assert len(scanner.pages(lot)) == 2
    assert scanner.take(lot).done == 6 and [page.no for page in scanner.pages(lot)] == [1, 2, 3, 4, 5, 6]


def test_an_original_that_shows_a_my_number_is_not_kept_even_by_a_reading_that_stops(scanner, monkeypatch):
    monkeypatch.setattr("todoku.scan.take_pages.CHUNK_PAGES", 2)
    card = note("個人番号")
    number = next(f"12345678901{last}" for last in range(10) if my_number_valid(f"12345678901{last}"))
    font = ImageFont.truetype(str(next(var("assets/fonts").glob("*UDGothic*-Regular*"))), 34)
    ImageDraw.Draw(card).text((300, 1400), f"{number[:4]} {number[4:8]} {number[8:]}", fill=20, font=font)
    lot = scanner.lot(("1.tif", tiff([scanner.forms[0], card])), ("2.jpg", jpeg(scanner.forms[1])))

    def stop(done, total):
        if ScanFile.objects.filter(lot=lot, read_at__isnull=False).exists():
            raise Stopped("停止しました。")

    with pytest.raises(Stopped):
        scanner.take(lot, progress=stop)
    assert (
        ScanFile.objects.get(lot=lot, no=1).path == "" and ScanLot.objects.get(pk=lot.pk).state == "reading"
    )
    scanner.take(lot)
    form, masked, other = scanner.pages(lot)
    assert masked.masked and not form.masked
    first, second = ScanFile.objects.filter(lot=lot).order_by("no")
    assert first.path == "" and files.read(second.path) == jpeg(scanner.forms[1]) and first.sha256


def test_files_come_in_the_order_in_which_people_number_them(tmp_path):
    folder = tmp_path / "scanner"
    folder.mkdir()
    names = ["scan1.jpg", "scan2.jpg", "Scan10.jpg", "scan011.jpg"]
    for name in reversed(names):
        (folder / name).write_bytes(name.encode())
    assert [one.name for one in files_of_folder(folder)] == names
    uploaded = files_of_upload([(name, name.encode()) for name in reversed(names)])
    assert [one.read().decode() for one in uploaded] == names


def test_a_zip_with_a_broken_or_unknown_member_is_refused_with_a_sentence():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.jpg", bytes(range(256)) * 40)
    whole = packed.getvalue()
    start = whole.index(b"a.jpg") + 5
    broken = whole[:start] + b"\xff" * 8 + whole[start + 8 :]
    (member,) = files_of_upload([("broken.zip", broken)])
    with pytest.raises(CannotOpen, match="壊れています"):
        member.read()
    head, entry = whole.index(b"PK\x03\x04"), whole.index(b"PK\x01\x02")
    unknown = bytearray(whole)
    unknown[head + 8] = unknown[entry + 10] = 97
    (member,) = files_of_upload([("unknown.zip", bytes(unknown))])
    with pytest.raises(CannotOpen, match="壊れています"):
        member.read()


def test_a_folder_and_a_zip_are_the_same_lot(scanner, tmp_path):
    tmp_path = tmp_path / "scanner"
    tmp_path.mkdir()
    one, two = jpeg(scanner.forms[0]), jpeg(scanner.forms[1])
    (tmp_path / "a.jpg").write_bytes(one)
    (tmp_path / "b.jpg").write_bytes(two)
    (tmp_path / "index.txt").write_text("not a scan")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.jpg", one)
        archive.writestr("b.jpg", two)
    folder = files_of_folder(tmp_path)
    assert [one.name for one in folder] == ["a.jpg", "b.jpg"]
    receive_lot(
        folder,
        programme=scanner.programme,
        name="束",
        arrived_on=localdate(scanner.at),
        actor=CLERK,
        at=scanner.at,
    )
    with pytest.raises(LotKnown):
        scanner.lot(("scan.zip", packed.getvalue()))
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.tif", bytes(8 * 1024 * 1024))
    with pytest.raises(CannotOpen, match="大きすぎます"):
        files_of_upload([("bomb.zip", bomb.getvalue())])
    with pytest.raises(CannotOpen, match="ありません"):
        files_of_upload([])
