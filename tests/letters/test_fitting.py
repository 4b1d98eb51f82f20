"""Long names and addresses: smaller, then on two lines, then narrowed and reported; never cut, never out of the box."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benches.letters import WORDING, town_pieces
from tests.letters.finished import Finished, squeezed
from todoku.sheets.fit import fit, wrap
from todoku.sheets.form_layout import MM, compile_layout
from todoku.sheets.forms import write_forms
from todoku.sheets.wording import complete


def full_width(text: str) -> int:
    """The page font's widths, simplified: ASCII half, all else full."""
    return sum(500 if letter.isascii() else 1000 for letter in text)


@pytest.mark.parametrize(
    ("text", "size", "lines", "tight"),
    [
        ("あ" * 10, 10, ("あ" * 10,), False),  # the wished size
        ("あ" * 12, 8, ("あ" * 12,), False),  # the next size
        ("あ" * 14, 10, ("あ" * 10, "あ" * 4), False),  # two lines, large again
        ("あ" * 25, 8, ("あ" * 12, "あ" * 12 + "あ"), False),
        ("あ" * 40, 8, ("あ" * 20, "あ" * 20), True),  # narrowed, and a person looks
    ],
)
def test_the_rule_step_by_step(text: str, size: float, lines: tuple[str, ...], tight: bool) -> None:
    """A box of 104 × 24 points, wished size 10, else 8, two lines."""
    fitted = fit([text], 104, 24, (10, 8), 2, full_width)
    assert (fitted.size, fitted.tight) == (size, tight)
    assert "".join(fitted.lines) == "".join(lines)
    assert len(fitted.lines) == len(lines)


@given(st.text("あ漢アAb1-。、「」　 （）", min_size=1, max_size=120), st.sampled_from([1, 2, 3]))
def test_nothing_is_ever_lost_or_wider_than_the_box(text: str, lines: int) -> None:
    fitted = fit([text], 90, 12 * lines, (10, 8), lines, full_width)
    assert squeezed("".join(fitted.lines)) == squeezed(text)
    assert len(fitted.lines) <= lines
    for line in fitted.lines:
        assert full_width(line) * fitted.size / 1000 * fitted.stretch / 100 <= 90 + 0.001


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("お送りください。", ["お送りくださ", "い。"]),  # 句点 does not begin a line
        ("メゾン ROOM1203", ["メゾン ", "ROOM1203"]),  # a room number stays whole
        ("短い", ["短い"]),
        ("見本葛飾葛城葛\U000e0100」子", ["見本葛飾葛城", "葛\U000e0100」子"]),  # a form stays with its kanji
        ("", [""]),
    ],
)
def test_lines_break_where_a_reader_expects_it(text: str, lines: list[str]) -> None:
    assert wrap(text, 7000, full_width) == [line.rstrip() for line in lines]


LONG = {
    "addressee": "ＳＩＬＶＡ　ＤＥ　ＯＬＩＶＥＩＲＡ　ＭＡＲＩＡ　ＡＰＡＲＥＣＩＤＡ",
    "address_lines": (
        "横浜市保土ケ谷区今井町９３０番地の５",
        "グランドヒルズ見本ガーデンレジデンス壱番館サウスウイングタワー棟　２５０１号室　見本管理組合気付",
    ),
}


def test_a_long_name_and_address_stand_inside_their_boxes(fonts_dir: Path) -> None:
    piece = next(town_pieces(1))._replace(**LONG)
    name = str(LONG["addressee"])
    piece = piece._replace(members=((name, "1989/01/13", "世帯主", 30_000),))
    out = io.BytesIO()
    result = write_forms(out, [piece], WORDING, fonts_dir=fonts_dir, run_label="R0001")
    pdf, boxes = (
        Finished(out.getvalue()),
        compile_layout("form", complete("form", WORDING), fonts_dir).on_page(1),
    )
    expected = {
        "address": squeezed("".join(piece.address_lines)),
        "name": squeezed(name) + "様",
        "member_0_name": squeezed(name),
    }
    letters = list(pdf.letters(0))
    for field, text in expected.items():
        box = boxes[field]
        assert squeezed(pdf.text_in(0, box)) == text
        left, top = box.x * MM, (297 - box.y) * MM
        inside = [
            at
            for letter, at in letters
            if left <= (at[0] + at[2]) / 2 <= left + box.w * MM
            and top - box.h * MM <= (at[1] + at[3]) / 2 <= top
            and letter.strip()
        ]
        assert len(inside) == len(text)
        assert all(at[0] >= left - 0.2 and at[2] <= left + box.w * MM + 0.2 for at in inside)
        assert all(at[3] <= top + 0.2 and at[1] >= top - box.h * MM - 0.2 for at in inside)
    assert result.tight == []


def test_what_cannot_be_fitted_is_narrowed_whole_and_listed(fonts_dir: Path) -> None:
    piece = next(town_pieces(1))._replace(piece_no=7, addressee="寿限無" * 40)
    out = io.BytesIO()
    result = write_forms(out, [piece], WORDING, fonts_dir=fonts_dir, run_label="R0001")
    box = compile_layout("form", complete("form", WORDING), fonts_dir).on_page(1)["name"]
    assert squeezed(Finished(out.getvalue()).text_in(0, box)) == "寿限無" * 40 + "様"
    assert result.tight == [(7, "name")]
