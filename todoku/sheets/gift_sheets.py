"""Pure. Writes the letters that bear gift codes (デジタルギフトのお届け): page 1 the letter, then the codes, six a page.

Takes letters with their codes; leaves one PDF, which is money: whoever calls keeps it locked. A code is drawn as a 2D
code and nowhere written out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from todoku.formats.gift_list import GiftUrl
from todoku.sheets.form_layout import compile_layout
from todoku.sheets.letter_sheets import LetterPiece
from todoku.sheets.manifest import FormsResult, ManifestFile
from todoku.sheets.sheet_run import Sheet, open_run
from todoku.sheets.wording import complete

LETTER, CODES = 1, 2  # base pages of gift.typ
CODES_A_PAGE = 6


class PrintedCode(NamedTuple):
    """One code as the letter shows it: the URL (as a 2D code alone), value, last day, where usable, serial number."""

    url: GiftUrl
    value_yen: int
    expires_on: date
    merchants: str
    serial: str


def write_gift_letters(
    target: Path | str | BinaryIO,
    pieces: Iterable[tuple[LetterPiece, Sequence[PrintedCode]]],
    wording: Mapping[str, Any],
    *,
    fonts_dir: Path | str,
    run_label: str,
    protected_run: bool = False,
    manifest: ManifestFile | None = None,
) -> FormsResult:
    """Write every gift letter into `target`; raises as `write_forms`."""
    words = complete("gift", wording)
    layout = compile_layout("gift", words, fonts_dir)
    with open_run(
        target,
        layout,
        words,
        fonts_dir=fonts_dir,
        run_label=run_label,
        protected_run=protected_run,
        manifest=manifest,
    ) as run:
        for piece, codes in pieces:
            assert codes, f"piece {piece.piece_no} has no code"
            assert len(piece.values) == len(words["rows"]), f"piece {piece.piece_no} does not fill the table"
            letter = {f"value_{i}": value for i, value in enumerate(piece.values)}
            pages = list(_pages(codes, words))
            sheets: list[Sheet] = [(LETTER, letter), *((CODES, texts) for texts, _ in pages)]
            run.add(piece, sheets, {number: drawn for number, (_, drawn) in enumerate(pages, LETTER + 1)})
        return run.finish()


def _pages(
    codes: Sequence[PrintedCode], words: Mapping[str, Any]
) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """The texts and the 2D codes of each page of codes."""
    for start in range(0, len(codes), CODES_A_PAGE):
        texts: dict[str, str] = {}
        drawn: dict[str, str] = {}
        for i, code in enumerate(codes[start : start + CODES_A_PAGE]):
            day = code.expires_on
            drawn[f"code_{i}"] = code.url.reveal()
            texts[f"code_value_{i}"] = f"{code.value_yen:,}{words['yen']}"
            texts[f"code_expires_{i}"] = f"{words['expires_label']}\n{day.year}年{day.month}月{day.day}日まで"
            if code.merchants:
                texts[f"code_merchants_{i}"] = f"{words['merchants_label']} {code.merchants}"
            texts[f"code_serial_{i}"] = (
                f"{start + i + 1} / {len(codes)}　{words['serial_label']} {code.serial}"
            )
        yield texts, drawn
