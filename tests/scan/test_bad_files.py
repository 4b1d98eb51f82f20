"""Files that harm whoever opens them without care cost themselves alone: refused with a reason, and the lot goes on."""

from collections.abc import Callable

import pytest

from tests.scan import bad_files, paper_fixture
from todoku.scan.open_file import OpenPage, open_file
from todoku.scan.read_lot import LotEnd, ScanFile, read_lot
from todoku.scan.reader import Reader
from todoku.scan.reading import READ, FileProblem, PageReading
from todoku.scan.untrusted_pdf import active_content


@pytest.fixture(scope="module")
def sheet() -> paper_fixture.Grey:
    return paper_fixture.scanned(paper_fixture.printed(paper_fixture.form_page(0)))


def told(data: bytes) -> list[tuple[str, int | None] | int]:
    """What open_file says: page numbers, and problems as (code, page)."""
    return [(one.code, one.page) if isinstance(one, FileProblem) else one.page for one in open_file(data)]


REFUSED: list[tuple[str, Callable[[], bytes], str, int | None]] = [
    ("a PNG of 900 million pixels in 170 KB", bad_files.huge_png, "too_many_pixels", 1),
    ("a TIFF of 900 million pixels", bad_files.huge_tiff, "too_many_pixels", 1),
    ("a PDF with a stream of 100 MB", bad_files.pdf_with_large_stream, "stream_too_large", None),
    (
        "a PDF with such a stream packed twice",
        lambda: bad_files.pdf_with_large_stream(filters=2),
        "stream_too_large",
        None,
    ),
    ("a PDF of 20,000 pages", bad_files.pdf_of_many_pages, "too_many_pages", None),
    ("a PDF page of 5 metres", bad_files.huge_paper_pdf, "too_many_pixels", 1),
    ("nothing", lambda: b"", "empty_file", None),
    ("a text", lambda: b"no picture " * 50, "unknown_format", None),
    ("a picture of 3 pixels", lambda: paper_fixture.jpeg(paper_fixture.white()[:3, :3]), "too_small", 1),
]


@pytest.mark.parametrize(
    ("make", "code", "page"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_it_is_refused_with_a_sentence_before_it_is_decoded(
    make: Callable[[], bytes], code: str, page: int | None
) -> None:
    (one,) = open_file(make())
    assert isinstance(one, FileProblem)
    assert (one.code, one.page) == (code, page)
    assert one.sentence.endswith("。")


def test_a_pdf_with_javascript_hidden_deep_is_taken_as_a_picture_and_said(sheet: paper_fixture.Grey) -> None:
    plain = paper_fixture.pdf([sheet])
    problem, page = open_file(bad_files.pdf_with_hidden_script(plain))
    assert isinstance(problem, FileProblem) and problem.code == "active_content"
    assert "JavaScript" in problem.sentence
    assert isinstance(page, OpenPage) and abs(page.grey.shape[0] - sheet.shape[0]) <= 1
    assert told(plain) == [1]


def test_every_kind_of_active_content_is_known() -> None:
    import pikepdf

    pdf = pikepdf.new()
    page = pdf.add_blank_page()
    page.AA = pikepdf.Dictionary(O=pikepdf.Dictionary(S=pikepdf.Name.Launch, F="a"))
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.URI)
    pdf.Root.Names = pikepdf.Dictionary(EmbeddedFiles=pikepdf.Dictionary())
    assert active_content(pdf) == {
        "自動実行の動作",
        "プログラムの起動",
        "開いたときの動作",
        "埋め込みファイル",
    }
    plain = pikepdf.new()
    plain.add_blank_page()
    plain.Root.OpenAction = pikepdf.Array([plain.pages[0].obj, pikepdf.Name.Fit])  # only which page to show
    assert active_content(plain) == set()


@pytest.mark.parametrize("password", ["", "secret"])
def test_an_encrypted_pdf_is_refused_even_if_it_would_open(sheet: paper_fixture.Grey, password: str) -> None:
    assert told(bad_files.encrypted_pdf(paper_fixture.pdf([sheet]), password)) == [("encrypted", None)]


def test_of_a_truncated_tiff_the_good_pages_are_taken(sheet: paper_fixture.Grey) -> None:
    whole = paper_fixture.tiff([sheet] * 3)
    assert told(whole) == [1, 2, 3]
    assert told(whole[: len(whole) // 2]) == [1, ("pages_lost", 2)] or told(whole[: len(whole) // 2]) == [
        1,
        ("broken_page", 2),
    ]


def test_a_picture_that_ends_in_the_middle_is_reported_by_its_page(sheet: paper_fixture.Grey) -> None:
    picture = paper_fixture.jpeg(sheet)
    assert told(picture[: len(picture) // 2]) == [("broken_page", 1)]
    assert told(picture + b"\nscanner's own note") == [1]
    assert told(paper_fixture.pdf([sheet])[:2_000]) == [("broken_pdf", None)]


def test_a_tiff_that_runs_in_a_circle_and_one_without_end_come_to_an_end(sheet: paper_fixture.Grey) -> None:
    assert told(bad_files.looping_tiff(paper_fixture.tiff([sheet]))) == [1]
    pages = told(bad_files.many_tiff_pages(501))
    assert pages[-1] == ("too_many_pages", None) and pages[:-1] == list(range(1, 501))


def test_a_child_that_dies_of_a_file_costs_that_file_alone(sheet: paper_fixture.Grey) -> None:
    good = paper_fixture.jpeg(sheet)
    layouts = paper_fixture.town().layouts
    with Reader(layouts, page_seconds=1) as reader:
        answers = [
            list(reader.read(name, data))
            for name, data in (
                ("good.jpg", good),
                ("slow.pdf", bad_files.slow_pdf()),
                ("good again.jpg", good),
            )
        ]
        started = reader.started
    assert [[getattr(one, "state", getattr(one, "code", "")) for one in answer] for answer in answers] == [
        [READ],
        ["too_slow"],
        [READ],
    ]
    assert started == 2


def test_a_file_that_needs_too_much_memory_is_given_up(sheet: paper_fixture.Grey) -> None:
    with Reader(paper_fixture.town().layouts, memory_bytes=24 << 20) as reader:
        (problem,) = reader.read("large.tif", paper_fixture.tiff([paper_fixture.white(600)]))
    assert isinstance(problem, FileProblem)
    assert problem.code in ("too_much_memory", "reader_died") and problem.file == "large.tif"


def test_the_lot_goes_on_past_all_of_them(sheet: paper_fixture.Grey) -> None:
    good = paper_fixture.jpeg(sheet)
    files = [ScanFile("0.jpg", lambda: good)]
    files += [ScanFile(name, make) for name, make, _, _ in REFUSED]
    files.append(ScanFile("last.jpg", lambda: good + b"\n"))
    *told, end = read_lot(files, paper_fixture.town().layouts)
    assert [one.code for one in told if isinstance(one, FileProblem)] == [row[2] for row in REFUSED]
    assert [one.file for one in told if isinstance(one, PageReading)] == ["0.jpg", "last.jpg"]
    assert isinstance(end, LotEnd)
    assert (end.files, end.pages, end.problems) == (len(files), 2, len(REFUSED))


def test_a_file_over_the_limit_is_not_handed_to_a_child(sheet: paper_fixture.Grey) -> None:
    with Reader(paper_fixture.town().layouts) as reader:
        (problem,) = reader.read("disk.img", bytes(200 * 1024 * 1024 + 1))
        assert isinstance(problem, FileProblem) and problem.code == "file_too_large"
        assert reader.started == 0
