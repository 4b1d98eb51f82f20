"""A parcel for the printer: only the printer's key opens it, its list holds, and a changed byte or file is refused."""

import errno
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pikepdf
import pyrage
import pytest

from benches.letters import WORDING, town_pieces
from tests.letters.finished import Finished
from todoku.sheets.forms import write_forms
from todoku.sheets.insert_plan import setup_for
from todoku.sheets.manifest import ManifestFile
from todoku.sheets.print_batches import Batch, BatchRefused, batches, split
from todoku.sheets.printer_files import Job, Laid, Sizes, counts, entries, laid, read_manifest
from todoku.sheets.printer_parcel import (
    MANIFEST,
    README,
    SUMS,
    Entry,
    KeyRefused,
    ParcelRefused,
    checked,
    file_of,
    opened,
    pack,
    public_key,
    whole,
)

AT = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
PIECES = 23
SECRET = pyrage.x25519.Identity.generate()


class Made(NamedTuple):
    """A small run as a printer gets it."""

    run: Path
    laid: Laid
    parcel: bytes


@pytest.fixture(scope="module")
def made(fonts_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    run, lines = tmp_path_factory.mktemp("parcel") / "F00001.pdf", io.StringIO(newline="")
    write_forms(
        run, town_pieces(PIECES), WORDING, fonts_dir=fonts_dir, run_label="F00001",
        manifest=ManifestFile(lines, "F00001"),
    )  # fmt: skip
    job = Job(
        "F00001", "見本市給付金 申請書", run, read_manifest(lines.getvalue().encode("utf-8-sig")),
        setup_for("kaku2", reply=True), Sizes(tray=10, bundle=4, batch=9), artwork={"reply.pdf": b"%PDF-1.7 artwork"},
        stated=(("入稿締切", "2026-11-25 17:00"),),
    )  # fmt: skip
    found, out = laid(job), io.BytesIO()
    told = counts(found, made_at=AT, source_sha256=sha256(run.read_bytes()).hexdigest())
    pack(
        entries(found, parcel_name="F00001-001", fonts_dir=fonts_dir),
        told,
        str(SECRET.to_public()),
        out,
        at=AT,
    )
    return Made(run, found, out.getvalue())


@pytest.fixture(scope="module")
def clear(made: Made) -> io.BytesIO:
    return opened(io.BytesIO(made.parcel), str(SECRET))


def test_the_printers_key_opens_it_and_counts_and_digests_hold(made: Made, clear: io.BytesIO) -> None:
    found = checked(clear)
    told = found.manifest
    assert (told["pieces"], told["sheets"], told["trays"]) == (PIECES, made.laid.pages, 3)
    assert told["source_sha256"] == sha256(made.run.read_bytes()).hexdigest()
    names = set(zipfile.ZipFile(clear).namelist())
    assert {README, SUMS, MANIFEST, "insert/F00001-insert.csv", "trays/F00001-tray-labels.pdf"} < names
    assert [batch["pieces"] for batch in told["batches"]] == [9, 9, 5]
    plan = file_of(clear, "insert/F00001-insert.csv")
    assert plan.count(b"\r\n") - 1 == PIECES
    assert json.loads(file_of(clear, "insert/F00001-insert.json"))["sha256"] == sha256(plan).hexdigest()
    for line in file_of(clear, SUMS).decode().splitlines():
        digest, name = line.split("  ")
        assert sha256(file_of(clear, name)).hexdigest() == digest


def test_the_batches_together_are_the_run_page_for_page(
    made: Made, clear: io.BytesIO, tmp_path: Path
) -> None:
    run, page = Finished(made.run), 0
    for batch in checked(clear).manifest["batches"]:
        path = tmp_path / "batch.pdf"
        path.write_bytes(file_of(clear, batch["name"]))
        part = Finished(path)
        assert len(part) == batch["pages"]
        for at in range(len(part)):
            assert part.text(at) == run.text(page)
            page += 1
    assert page == len(run)


def test_the_readme_says_in_japanese_how_many_and_what_must_not_be_done(clear: io.BytesIO) -> None:
    told = file_of(clear, README).decode("utf-8-sig")
    assert f"通数: {PIECES}通" in told and "入稿締切: 2026-11-25 17:00" in told
    assert "返信用封筒: 長形3号（折らずに封入）" in told and "写真に撮ったり" in told
    assert "age -d -i 秘密鍵.txt -o F00001-001.zip F00001-001.zip.age" in told


def test_nothing_of_it_can_be_read_without_the_key(made: Made) -> None:
    assert b"PK\x03\x04" not in made.parcel and b"%PDF" not in made.parcel and b"insert" not in made.parcel
    with pytest.raises(ParcelRefused, match="この鍵では開けない"):
        opened(io.BytesIO(made.parcel), str(pyrage.x25519.Identity.generate()))
    with pytest.raises(KeyRefused, match="秘密鍵として読めません"):
        opened(io.BytesIO(made.parcel), "age1")


@pytest.mark.parametrize("place", [0.001, 0.3, 0.7, 0.9999])
def test_a_changed_byte_is_refused(made: Made, place: float) -> None:
    data = bytearray(made.parcel)
    data[int(len(data) * place)] ^= 1
    with pytest.raises(ParcelRefused):
        checked(opened(io.BytesIO(bytes(data)), str(SECRET)))


def test_a_parcel_that_was_cut_off_is_refused(made: Made) -> None:
    with pytest.raises(ParcelRefused):
        opened(io.BytesIO(made.parcel[: len(made.parcel) // 2]), str(SECRET))


@pytest.mark.parametrize("change", ["another byte", "left out", "one more"])
def test_a_file_changed_left_out_or_added_inside_is_named(clear: io.BytesIO, change: str) -> None:
    name, out = "insert/F00001-insert.csv", io.BytesIO()
    with zipfile.ZipFile(clear) as source, zipfile.ZipFile(out, "w") as target:
        for one in source.namelist():
            data = source.read(one)
            if one == name and change == "left out":
                continue
            target.writestr(one, data[:-3] + b"9\r\n" if one == name and change == "another byte" else data)
        if change == "one more":
            name = "print/more.pdf"
            target.writestr(name, b"%PDF")
    with pytest.raises(ParcelRefused, match=name):
        checked(out)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "公開鍵として読めません"),
        ("age1abcdef", "公開鍵として読めません"),
        (str(SECRET), "これは秘密鍵です"),
        (str(SECRET).lower(), "これは秘密鍵です"),
        (str(SECRET.to_public())[:-1], "公開鍵として読めません"),
    ],
    # A key is new in every process: two that share the tests must call them alike.
    ids=["nothing", "too short", "secret", "secret in small letters", "cut off"],
)
def test_a_text_that_is_no_public_key_is_refused_with_what_to_do(text: str, says: str) -> None:
    with pytest.raises(KeyRefused, match=says):
        public_key(text)


def test_what_a_file_raised_while_it_was_packed_is_what_the_caller_sees() -> None:
    def broken() -> Iterator[bytes]:
        yield b"x" * 100_000
        raise BatchRefused("PDFは1ページですが")

    with pytest.raises(BatchRefused, match="PDFは1ページ"):
        pack([whole("a", b"1"), Entry("b", broken)], {}, str(SECRET.to_public()), io.BytesIO(), at=AT)


def test_a_full_disk_is_told_as_what_it_is() -> None:
    class Full:
        def write(self, data: bytes) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left") as told:
        pack([whole("a", b"1" * 200_000)], {}, str(SECRET.to_public()), Full(), at=AT)
    assert told.value.errno == errno.ENOSPC


def test_batches_follow_each_other_and_a_pdf_with_other_pages_is_refused(made: Made, tmp_path: Path) -> None:
    lines = made.laid.job.lines
    found = batches(lines, 9)
    assert [(one.first_piece, one.last_piece) for one in found] == [(1, 9), (10, 18), (19, 23)]
    assert found[1].first_page == found[0].pages + 1
    assert found[0].name("F00001") == "F00001-0001-000001-000009.pdf"
    with pytest.raises(BatchRefused, match="連番2の先頭ページ"):
        batches([lines[0], lines[1]._replace(first_page=9)], 9)
    with pytest.raises(BatchRefused, match="1以上"):
        batches(lines, 0)
    with pytest.raises(
        BatchRefused, match=f"PDFは{made.laid.pages}ページですが、印刷明細は{made.laid.pages - 1}ページ"
    ):
        list(split(made.run, [Batch(1, 1, PIECES, PIECES, 1, made.laid.pages - 1)]))
    short = tmp_path / "short.pdf"
    short.write_bytes(made.run.read_bytes()[:-5000])
    with pytest.raises(BatchRefused, match="途中で切れたか"):
        list(split(short, made.laid.batches))


def test_a_batch_is_a_pdf_that_a_strict_reader_finds_whole(made: Made) -> None:
    for batch, data in split(made.run, made.laid.batches):
        with pikepdf.open(io.BytesIO(data)) as pdf:
            assert pdf.check_pdf_syntax() == [] and len(pdf.pages) == batch.pages
