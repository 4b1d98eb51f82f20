"""Letters that bear gift codes: zint draws each code, zxing reads it back, and nowhere in the file is it written out."""

import io
from datetime import date
from pathlib import Path

import pytest

from benches.letters import WORDING, town_pieces
from tests.letters.finished import Finished, squeezed
from todoku.formats.gift_list import GiftUrl
from todoku.sheets.form_layout import compile_layout
from todoku.sheets.gift_sheets import CODES_A_PAGE, PrintedCode, write_gift_letters
from todoku.sheets.letter_sheets import LetterPiece
from todoku.sheets.wording import complete

SITE = "https://gift.example.jp/v1/"


def codes(count: int, path: str = "kD83hZq0xW{:02d}") -> list[PrintedCode]:
    return [
        PrintedCode(GiftUrl(SITE + path.format(i)), 10_000, date(2029, 3, 31), "", f"Q-{i:04d}")
        for i in range(count)
    ]


def written(fonts_dir: Path, given: list[PrintedCode]) -> tuple[Finished, bytes, int]:
    piece = LetterPiece(
        *next(town_pieces(1))[:8], values=("90,000円", "9個", "2029年3月31日", "全国の加盟店")
    )
    out = io.BytesIO()
    result = write_gift_letters(out, [(piece, given)], WORDING, fonts_dir=fonts_dir, run_label="D00001")
    return Finished(out.getvalue()), out.getvalue(), result.pages


@pytest.mark.parametrize("count", [1, 6, 9])
def test_every_code_is_read_back_from_its_place(fonts_dir: Path, count: int) -> None:
    given = codes(count)
    pdf, data, pages = written(fonts_dir, given)
    boxes = compile_layout("gift", complete("gift", WORDING), fonts_dir).on_page(2)
    read = [pdf.qr(1 + i // CODES_A_PAGE, boxes[f"code_{i % CODES_A_PAGE}"]) for i in range(count)]
    assert read == [code.url.reveal() for code in given]
    assert (len(pdf), pages) == (1 + -(-count // CODES_A_PAGE),) * 2
    words = "".join(squeezed(pdf.text(page)) for page in range(len(pdf)))
    assert f"{count}/{count}" in words and "有効期限2029年3月31日まで" in words and "10,000円" in words
    assert SITE.encode() not in data and b"kD83hZq0" not in data and "example.jp" not in words


def test_the_letter_says_that_links_are_never_sent(fonts_dir: Path) -> None:
    pdf, _, _ = written(fonts_dir, codes(1))
    sentence = squeezed(complete("gift", WORDING)["never_links"])
    assert all(sentence in squeezed(pdf.text(page)) for page in range(2))


def test_a_long_code_still_fits_and_is_read(fonts_dir: Path) -> None:
    given = codes(1, "x" * 380 + "{:02d}")
    pdf, _, _ = written(fonts_dir, given)
    box = compile_layout("gift", complete("gift", WORDING), fonts_dir).on_page(2)["code_0"]
    assert pdf.qr(1, box, dpi=300) == given[0].url.reveal()
