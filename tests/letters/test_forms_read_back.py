"""Sixty forms of the sample town, read back from the finished PDF: every page belongs to whom it says."""

import csv
import hashlib
import io
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from benches.letters import WORDING, town_pieces
from tests.letters.finished import Finished, squeezed
from todoku.case.door_keys import shown_key
from todoku.formats.codes import printed_number
from todoku.formats.post_barcode import bars
from todoku.sheets.form_layout import Layout, compile_layout
from todoku.sheets.forms import Piece, write_forms
from todoku.sheets.manifest import FormsResult, ManifestFile, summary
from todoku.sheets.sheet_codes import BAR_PITCH, read_payload
from todoku.sheets.wording import complete

COUNT = 60


class Run(NamedTuple):
    pieces: list[Piece]
    result: FormsResult
    pdf: Finished
    layout: Layout
    manifest: list[dict[str, str]]
    path: Path
    codes: list[str]  # what the QR of every page says


@pytest.fixture(scope="module")
def run(fonts_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    path = tmp_path_factory.mktemp("run") / "forms.pdf"
    pieces, lines = list(town_pieces(COUNT)), io.StringIO()
    result = write_forms(
        path, iter(pieces), WORDING, fonts_dir=fonts_dir, run_label="R0001", manifest=ManifestFile(lines)
    )
    layout = compile_layout("form", complete("form", WORDING), fonts_dir)
    pdf, told = Finished(path), list(csv.DictReader(io.StringIO(lines.getvalue())))
    codes = [pdf.qr(page, layout.on_page(1)["qr"]) for page in range(len(pdf))]
    return Run(pieces, result, pdf, layout, told, path, codes)


def test_the_code_of_every_page_agrees_with_its_number_and_its_address(run: Run) -> None:
    by_number = {piece.number: piece for piece in run.pieces}
    for page in range(len(run.pdf)):
        boxes = run.layout.on_page(1)
        code = read_payload(run.codes[page])
        assert code is not None
        piece = by_number[code.number]
        assert run.pdf.text_in(page, boxes["number"]).strip() == printed_number(code.number)
        assert run.pdf.text_in(page, boxes["page_code"]).strip() == f"{code.page}/2"
        assert run.pdf.text_in(page, boxes["piece"]).strip() == f"R0001-{piece.piece_no:06d}"
        if code.page == 1:
            assert squeezed(run.pdf.text_in(page, boxes["address"])) == squeezed("".join(piece.address_lines))
            assert (
                run.pdf.text_in(page, boxes["postal"]).strip()
                == f"〒{piece.postal_code[:3]}-{piece.postal_code[3:]}"
            )


def test_everyone_is_in_the_run_exactly_once(run: Run) -> None:
    expected = [
        f"{piece.number}{page:02d}{page}{piece.issue % 10}" for piece in run.pieces for page in (1, 2)
    ]
    assert Counter(run.codes) == dict.fromkeys(expected, 1)
    assert (run.result.pieces, run.result.pages) == (COUNT, len(run.pdf))


def test_every_member_and_amount_stands_in_its_line(run: Run) -> None:
    boxes = run.layout.on_page(1)
    for at, piece in enumerate(run.pieces):
        for i, (name, birth, relation, amount_yen) in enumerate(piece.members):
            line = [
                run.pdf.text_in(at * 2, boxes[f"member_{i}_{cell}"])
                for cell in ("name", "birth", "relation", "amount")
            ]
            drawn = "".join("〓" if 0xE000 <= ord(letter) <= 0xF8FF else letter for letter in name)
            assert [squeezed(cell) for cell in line] == [
                squeezed(drawn),
                birth,
                relation,
                f"{amount_yen:,}円",
            ]
        assert run.pdf.text_in(at * 2, boxes["total"]).strip() == f"{piece.total_yen:,}円"


def test_the_bars_are_those_of_the_postal_manual(run: Run) -> None:
    box = run.layout.on_page(1)["bars"]
    for at, piece in enumerate(run.pieces):
        assert run.pdf.text_in(at * 2, box).strip() == bars(piece.postal_code, piece.barcode_rest)


def test_the_drawn_bars_measure_what_the_manual_asks_and_stand_clear(run: Run) -> None:
    """Read off the picture: each bar's ends against the middle line, and 2 mm of white around all of them."""
    box, dpi = run.layout.on_page(1)["bars"], 1200
    pixel = 25.4 / dpi
    picture = run.pdf.picture(0, (box.x - 2, box.y - 2, box.w + 4, box.h + 4), dpi)
    dark = picture.point(lambda value: 255 if value < 128 else 0)
    left, top, right, bottom = dark.getbbox()
    assert left * pixel >= 1.95 and top * pixel >= 1.95
    assert (picture.width - right) * pixel >= 1.95 and (picture.height - bottom) * pixel >= 1.95
    middle, read = (top + bottom) / 2, ""
    for i in range(67):
        centre = left + (i * BAR_PITCH + 0.27) / pixel
        column = dark.crop((int(centre), 0, int(centre) + 1, picture.height)).getbbox()
        up, down = (middle - column[1]) * pixel, (column[3] - middle) * pixel
        read += {(True, True): "1", (True, False): "2", (False, True): "3", (False, False): "4"}[
            up > 1, down > 1
        ]
        assert min(abs(up - 1.62), abs(up - 0.54)) < 0.06 and min(abs(down - 1.62), abs(down - 0.54)) < 0.06
    assert read == bars(run.pieces[0].postal_code, run.pieces[0].barcode_rest)


def test_the_key_is_on_the_page_that_stays_at_home_and_on_no_other(run: Run) -> None:
    for at, piece in enumerate(run.pieces):
        key = squeezed(shown_key(piece.key))
        assert key not in squeezed(run.pdf.text(at * 2))
        assert key in squeezed(run.pdf.text(at * 2 + 1))


def test_the_manifest_counts_what_is_in_the_file(run: Run) -> None:
    data = run.path.read_bytes()
    told = summary(run.result, kind="form", run_label="R0001", pdf_name="forms.pdf")
    assert (told["sha256"], told["bytes"]) == (hashlib.sha256(data).hexdigest(), len(data))
    assert [line["number"] for line in run.manifest] == [piece.number for piece in run.pieces]
    assert sum(int(line["pages"]) for line in run.manifest) == told["pages"] == len(run.pdf)
    assert [int(line["first_page"]) for line in run.manifest] == list(range(1, 2 * COUNT, 2))
    assert {line["postal_code"] for line in run.manifest} == {piece.postal_code for piece in run.pieces}


def test_the_manifest_tells_the_printer_no_name_and_no_key(run: Run) -> None:
    told = str(run.manifest)
    assert not any(piece.addressee in told or piece.key in told for piece in run.pieces)


def test_a_reprint_is_identical_to_the_byte(run: Run, fonts_dir: Path) -> None:
    again = io.BytesIO()
    result = write_forms(again, town_pieces(COUNT), WORDING, fonts_dir=fonts_dir, run_label="R0001")
    assert result.sha256 == run.result.sha256
    assert again.getvalue() == run.path.read_bytes()
