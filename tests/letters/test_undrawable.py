"""Characters that the font does not have: drawn as 〓, listed for hand work, never a blank."""

import csv
import io
from pathlib import Path

import pikepdf

from benches.letters import WORDING, expected_of, town_pieces
from tests.letters.finished import Finished, squeezed
from todoku.sheets.form_layout import compile_layout, page_fonts
from todoku.sheets.forms import Piece, write_forms
from todoku.sheets.manifest import ManifestFile
from todoku.sheets.read_back import read_back
from todoku.sheets.wording import complete


def named(piece_no: int, name: str) -> Piece:
    piece = list(town_pieces(piece_no))[-1]
    return piece._replace(addressee=name, members=((name, "1989/01/13", "世帯主", 30_000),), total_yen=30_000)


def test_what_the_font_lacks_is_listed_piece_by_piece(fonts_dir: Path) -> None:
    names = [
        "山田　髙﨑德濵",
        "橋\ue003　翔太",
        "𠮷田　\U0001f9ff\U0001f9ff",
        "葛\U000e01ef城　実",
        "\ue003\U000e01ef",
    ]
    pieces = [named(no, name) for no, name in enumerate(names, 1)]
    out, lines = io.BytesIO(), io.StringIO()
    result = write_forms(
        out, pieces, WORDING, fonts_dir=fonts_dir, run_label="R0001", manifest=ManifestFile(lines)
    )
    missing = [(2, "\ue003"), (3, "\U0001f9ff"), (5, "\ue003\U000e01ef")]
    assert result.undrawable == [
        (no, field, found) for no, found in missing for field in ("name", "member_0_name")
    ]
    assert result.variants == [(4, "name", "葛\U000e01ef"), (4, "member_0_name", "葛\U000e01ef")]
    flagged = [line["hand_work"] for line in csv.DictReader(io.StringIO(lines.getvalue()))]
    assert flagged == ["", "undrawable", "undrawable", "variant", "undrawable"]
    pdf, boxes = (
        Finished(out.getvalue()),
        compile_layout("form", complete("form", WORDING), fonts_dir).on_page(1),
    )
    shown = [pdf.text_in(at * 2, boxes["member_0_name"]).strip() for at in range(len(names))]
    assert shown == ["山田　髙﨑德濵", "橋〓　翔太", "𠮷田　〓〓", "葛城　実", "〓"]


def test_names_in_hangul_and_with_vietnamese_tones_are_drawn_and_read_back(fonts_dir: Path) -> None:
    names, out, lines = (
        ["김민준　（金　敏俊）", "NGUYỄN　THỊ　HIẾU", "Việt　Ngọc"],
        io.BytesIO(),
        io.StringIO(),
    )
    pieces = [named(no, name) for no, name in enumerate(names, 1)]
    manifest = ManifestFile(lines)
    result = write_forms(out, pieces, WORDING, fonts_dir=fonts_dir, run_label="R0001", manifest=manifest)
    assert (result.undrawable, result.variants, result.tight) == ([], [], [])
    listed = list(csv.DictReader(io.StringIO(lines.getvalue())))
    assert [line["hand_work"] for line in listed] == ["", "", ""]
    boxes = compile_layout("form", complete("form", WORDING), fonts_dir).on_page(1)
    pdf = Finished(out.getvalue())
    assert [pdf.text_in(at * 2, boxes["member_0_name"]).strip() for at in range(3)] == names
    # On the sheet that stays, each language is named as its readers know it.
    assert all(language in squeezed(pdf.text(1)) for language in ("한국어", "Việt"))
    read = read_back(
        out, expected_of(pieces, listed), result.boxes, run_label="R0001", honorific=result.honorific, every=1
    )
    assert (read.wrong, read.pieces, read.rasterised) == ((), 3, read.pages)


def test_the_mark_is_ink_and_not_a_blank(fonts_dir: Path) -> None:
    out = io.BytesIO()
    write_forms(out, [named(1, "\ue003")], WORDING, fonts_dir=fonts_dir, run_label="R0001")
    box = compile_layout("form", complete("form", WORDING), fonts_dir).on_page(1)["member_0_name"]
    picture = Finished(out.getvalue()).picture(0, (box.x, box.y + 1, 4.4, box.h - 2), 300)
    dark = sum(value < 128 for value in picture.tobytes())
    assert dark > 0.2 * picture.width * picture.height


def test_a_rare_kanji_and_the_form_of_a_name_are_drawn_from_the_font_that_has_them(fonts_dir: Path) -> None:
    """葛 has two forms: with its selector the one whose lower part is ヒ, and both read back as they were received."""
    names = ["𠮷田　葛\U000e0100子", "葛　葛\U000e0101", "山田　一"]
    out = io.BytesIO()
    pieces = [named(no, name) for no, name in enumerate(names, 1)]
    result = write_forms(out, pieces, WORDING, fonts_dir=fonts_dir, run_label="R0001")
    assert (result.undrawable, result.variants) == ([], [])
    pdf, boxes = (
        Finished(out.getvalue()),
        compile_layout("form", complete("form", WORDING), fonts_dir).on_page(1),
    )
    assert [pdf.text_in(at * 2, boxes["member_0_name"]).strip() for at in range(3)] == names
    box, size = boxes["member_0_name"], 12 * 25.4 / 72
    one, other = (
        pdf.picture(2, (box.x + place * size, box.y, size, box.h), 300).tobytes() for place in (0, 2)
    )
    assert one != other


def test_a_run_names_the_second_font_only_where_a_name_needs_it(fonts_dir: Path) -> None:
    found = []
    for name in ("山田　一", "𠮷田　一"):
        out = io.BytesIO()
        write_forms(out, [named(1, name)], WORDING, fonts_dir=fonts_dir, run_label="R0001")
        with pikepdf.open(out) as pdf:
            found.append(sorted(pdf.pages[0].resources.Font.keys()))
    assert found == [["/B", "/P", "/R"], ["/B", "/B2", "/P", "/R", "/R2"]]


def test_the_width_of_a_mixed_line_is_that_of_the_fonts_that_draw_it(fonts_dir: Path) -> None:
    font = page_fonts(fonts_dir)["R"]
    assert font.width("𠮷田葛\U000e0100〓") == 4000
    assert font.width("Ậ") == 608 and font.width("Ậ葛") == 1608
    assert font.width("恵\ufe00") == 1000
