"""Characters that the font does not have: drawn as 〓, listed for hand work, never a blank."""

import csv
import io
from pathlib import Path

from benches.letters import WORDING, town_pieces
from tests.letters.finished import Finished
from todoku.letters.form_layout import compile_layout
from todoku.letters.forms import Piece, write_forms
from todoku.letters.manifest import ManifestFile
from todoku.letters.wording import complete


def named(piece_no: int, name: str) -> Piece:
    piece = list(town_pieces(piece_no))[-1]
    return piece._replace(addressee=name, members=((name, "1989/01/13", "世帯主", 30_000),), total_yen=30_000)


def test_what_the_font_lacks_is_listed_piece_by_piece(fonts_dir: Path) -> None:
    names = ["𠮷田　一", "山田　髙﨑德濵", "橋\ue003　翔太", "葛\U000e0100城　実", "𠮷田　二"]
    pieces = [named(no, name) for no, name in enumerate(names, 1)]
    out, lines = io.BytesIO(), io.StringIO()
    result = write_forms(
        out, pieces, WORDING, fonts_dir=fonts_dir, run_label="R0001", manifest=ManifestFile(lines)
    )
    assert result.undrawable == [
        (1, "name", "𠮷"),
        (1, "member_0_name", "𠮷"),
        (3, "name", "\ue003"),
        (3, "member_0_name", "\ue003"),
        (4, "name", "葛\U000e0100"),
        (4, "member_0_name", "葛\U000e0100"),
        (5, "name", "𠮷"),
        (5, "member_0_name", "𠮷"),
    ]
    flagged = [line["hand_work"] for line in csv.DictReader(io.StringIO(lines.getvalue()))]
    assert flagged == ["undrawable", "", "undrawable", "undrawable", "undrawable"]
    pdf, boxes = (
        Finished(out.getvalue()),
        compile_layout("form", complete("form", WORDING), fonts_dir).on_page(1),
    )
    shown = [pdf.text_in(at * 2, boxes["member_0_name"]).strip() for at in range(len(names))]
    assert shown == ["〓田　一", "山田　髙﨑德濵", "橋〓　翔太", "葛城　実", "〓田　二"]


def test_the_mark_is_ink_and_not_a_blank(fonts_dir: Path) -> None:
    out = io.BytesIO()
    write_forms(out, [named(1, "\ue003")], WORDING, fonts_dir=fonts_dir, run_label="R0001")
    box = compile_layout("form", complete("form", WORDING), fonts_dir).on_page(1)["member_0_name"]
    picture = Finished(out.getvalue()).picture(0, (box.x, box.y + 1, 4.4, box.h - 2), 300)
    dark = sum(value < 128 for value in picture.tobytes())
    assert dark > 0.2 * picture.width * picture.height
