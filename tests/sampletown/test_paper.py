"""Filled-in paper: the same seed the same pixels, what was meant is written where it belongs, files as scanners write them."""

import hashlib
import io
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image, ImageSequence

from benches.paper import PrintedTown, printed_town
from todoku.formats.codes import my_number_valid
from todoku.ground import assets
from todoku.ground.places import var
from todoku.sampletown import copies, hand
from todoku.sampletown.bad_files import bad_files, png_bomb
from todoku.sampletown.scanner import FAULTS, Scanner, Side, scan
from todoku.sheets.form_layout import Box

DPI = 100  # enough to see where ink is


@pytest.fixture(scope="module")
def paper_town(tmp_path_factory: pytest.TempPathFactory) -> PrintedTown:
    assets.collect()
    return printed_town(tmp_path_factory.mktemp("run"), 14)


def _blank() -> hand.Paper:
    return hand.paper(np.full((round(297 / 25.4 * DPI), round(210 / 25.4 * DPI)), 255, np.uint8), DPI)


def _ink(page: hand.Paper, box: Box) -> int:
    x, y, w, h = (round(value * page.dots) for value in (box.x, box.y, box.w, box.h))
    return int((page.grey[y : y + h, x : x + w] < 200).sum())


def test_one_seed_writes_one_page_and_another_writes_another(paper_town: PrintedTown) -> None:
    def digests(seed: str) -> list[str]:
        return [hashlib.sha256(side.grey.tobytes()).hexdigest() for side in paper_town.sides(DPI, 4, seed)]

    assert digests("a") == digests("a")
    assert not set(digests("a")) & set(digests("b"))


def test_digits_stand_in_their_cells_and_end_in_the_last_one() -> None:
    assets.collect()
    page, rng = _blank(), random.Random(1)
    by = hand.hand_of(rng, var("assets", "hands"))
    box = Box("account_number", "entry", 1, 20, 20, 56, 8, cells=7)
    hand.write_cells(page, by, rng, box, "12345", to_right=True)
    cells = [box._replace(x=box.x + i * 8 + 0.5, w=7) for i in range(7)]
    assert [_ink(page, cell) > 0 for cell in cells] == [False, False, True, True, True, True, True]


@pytest.mark.parametrize(
    ("kind", "inside"),
    [("check", True), ("cross", True), ("filled", True), ("circled", False), ("struck", True)],
)
def test_a_tick_is_in_its_box_and_a_ring_is_round_it(kind: str, inside: bool) -> None:
    assets.collect()
    page, rng = _blank(), random.Random(2)
    by = hand.hand_of(rng, var("assets", "hands"))
    box = Box("kind_ordinary", "entry", 1, 50, 50, 4.6, 4.6, tick=True)
    hand.tick(page, by, rng, box, kind)
    assert (_ink(page, box._replace(x=50.6, y=50.6, w=3.4, h=3.4)) > 0) is inside
    assert int((page.grey < 200).sum()) > 0


def test_who_fills_in_a_form_writes_what_the_answer_says(paper_town: PrintedTown) -> None:
    number, answer, _ = next(one for one in paper_town.answers if not one[1].declines)
    sides = next(iter(paper_town.envelopes(DPI)))
    assert sides[0].code is not None and sides[0].code.number == number
    assert sides[0].written is not None
    values = sides[0].written.values
    assert values["yucho_number" if answer.account.symbol else "account_number"] in (
        answer.account.yucho_number,
        answer.account.number,
    )
    assert values["day_phone"] == answer.phone
    assert (values["applied_month"], values["applied_day"]) == (
        str(answer.posted_on.month),
        str(answer.posted_on.day),
    )


def test_what_stays_with_the_resident_does_not_come_back(paper_town: PrintedTown) -> None:
    codes = [side.code for sides in paper_town.envelopes(DPI) for side in sides if side.code]
    assert codes
    assert 2 not in {code.sheet for code in codes}


def test_a_my_number_of_a_copy_is_valid_and_nobodys() -> None:
    numbers = [copies.invented_my_number(random.Random(seed)) for seed in range(50)]
    assert all(my_number_valid(number) and number.startswith("9999") for number in numbers)


def _dpi(file: Path) -> tuple[float, float]:
    with Image.open(file) as opened:
        found: tuple[float, float] = opened.info["dpi"]
    return found


@pytest.mark.parametrize("form", ["jpeg", "tiff", "pdf"])
def test_files_are_what_a_scanner_writes(paper_town: PrintedTown, tmp_path: Path, form: str) -> None:
    done = scan(paper_town.sides(DPI, 5), tmp_path, by=Scanner(DPI, form), seed="f")
    files = sorted(tmp_path.iterdir())
    if form == "jpeg":
        assert [_dpi(file) for file in files] == [(DPI, DPI)] * 5
    elif form == "tiff":
        with Image.open(files[0]) as opened:
            assert (len(files), len(list(ImageSequence.Iterator(opened))), opened.info["compression"]) == (
                1,
                5,
                "group4",
            )
    else:
        pdf = pypdfium2.PdfDocument(files[0])
        shape = (len(files), len(pdf), round(pdf[0].get_width() / 72 * 25.4))
        pdf.close()
        assert shape == (1, 5, 210)
    assert [one.file for one in done.pages] == ([file.name for file in files] * 5)[:5]


def test_the_truth_says_what_was_planted_and_what_never_came(paper_town: PrintedTown, tmp_path: Path) -> None:
    forms = [side for side in paper_town.sides(DPI, 12) if side.code][:7]
    planted = {0: ("missing",), 1: ("twice",), 2: ("two_sheets",), 4: ("blank_side",), 5: ("upside_down",)}
    done = scan(iter(forms), tmp_path, by=Scanner(DPI), seed="t", planted=planted)
    told = [(page.what, page.planted, page.sides) for page in done.pages]
    assert told == [
        ("form", ("twice",), 1), ("form", ("twice",), 1), ("form", ("two_sheets",), 2), ("form", ("blank_side",), 1),
        ("blank", (), 1), ("form", ("upside_down",), 1), ("form", (), 1),
    ]  # fmt: skip
    assert done.missing == (forms[0].code, forms[3].code)
    assert done.pages[5].turned == 180


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_every_fault_shows(paper_town: PrintedTown, tmp_path: Path, fault: str) -> None:
    side = next(iter(paper_town.sides(DPI, 1)))
    scan([Side(side.grey)], tmp_path / "good", by=Scanner(DPI), seed="s")
    scan([Side(side.grey)], tmp_path / "bad", by=Scanner(DPI), seed="s", planted={0: (fault,)})
    good, bad = (np.asarray(Image.open(tmp_path / one / "000001.jpg")).astype(int) for one in ("good", "bad"))
    assert good.shape != bad.shape or float(np.abs(good - bad).mean()) > 0.2


def test_bad_files_are_small_and_say_what_they_are(paper_town: PrintedTown, tmp_path: Path) -> None:
    scan(paper_town.sides(DPI, 3), tmp_path, by=Scanner(DPI, "tiff"), seed="b")
    scan(paper_town.sides(DPI, 1), tmp_path, by=Scanner(DPI), seed="b")
    good = [(tmp_path / name).read_bytes() for name in ("000001.jpg", "000001.tif")]
    made = {bad.name: (bad.what, len(bad.data)) for bad in bad_files(*good)}
    assert {what for what, _ in made.values()} == {
        "empty", "no_picture", "misnamed", "cut_short", "active", "encrypted", "bomb",
    }  # fmt: skip
    assert max(size for _, size in made.values()) < 3_000_000
    with pytest.raises(Image.DecompressionBombError, match="900000000"):
        Image.open(io.BytesIO(png_bomb()))


def test_scanning_many_pages_takes_no_more_memory_than_few(tmp_path: Path) -> None:
    """A process of its own tells the most memory that it ever had, after 12 pages and after 48."""
    program = (
        "import resource, sys; from pathlib import Path; from benches.paper import printed_town;"
        "from todoku.sampletown.scanner import Scanner, scan; t = printed_town(Path(sys.argv[1]), 12);"
        "scan(t.sides(100, 12), Path(sys.argv[1]) / 'a', by=Scanner(100, 'tiff'), seed='m');"
        "few = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "scan(t.sides(100, 36), Path(sys.argv[1]) / 'b', by=Scanner(100, 'tiff'), seed='m');"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - few)"
    )
    root = Path(__file__).parents[2]
    told = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], cwd=root, capture_output=True, check=True
    )
    assert int(told.stdout) < 24 * 1024  # KB: the cache of glyphs grows, pages do not stay
