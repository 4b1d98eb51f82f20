"""Pure. One template, compiled once per run: the base pages and where every field stands on them.

Takes a template (typst), the complete wording and the folder of fonts; leaves the base PDF and the boxes in mm.
The same boxes serve the writer now and a scanner later; no position is written down anywhere else.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import typst

from todoku.ground.step import Refusal
from todoku.sheets.page_font import PageFont, read_font
from todoku.sheets.sheet_codes import SHEET_KINDS
from todoku.sheets.wording import TEMPLATES, WordingRefused

FAMILY = "BIZ UDGothic"
# By weight: the files that the writer opens itself; typst finds the same ones by family.
FONT_FILES = {"regular": "BIZUDGothic-Regular.ttf", "bold": "BIZUDGothic-Bold.ttf"}
# What BIZ UDGothic lacks (𠮷, most forms of kanji, Vietnamese with its tones) is taken from these, as on the base pages;
SECOND_FILES = {"regular": "NotoSansJP-Regular.ttf", "bold": "NotoSansJP-Bold.ttf"}
# the syllables of Korean from these, which have no kanji: a name's kanji never stands in another country's form.
THIRD_FILES = {"regular": "NanumGothic-Regular.ttf", "bold": "NanumGothic-Bold.ttf"}
CHAIN = (FONT_FILES, SECOND_FILES, THIRD_FILES)
# And what those lack, where the system has it (Debian's fonts-ipamj-mincho: 54,578 characters, 11,474 forms).
LAST_FILE = "ipamjm.ttf"
SYSTEM_FONTS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
MM = 72 / 25.4  # points per millimetre


class FontRefused(Refusal):
    """A named font is not in the folder; typst would set another one without a word."""


class Box(NamedTuple):
    """A field: page (from 1), left, top, width and height in mm from the page's upper left corner, and its look."""

    name: str
    role: str  # "print", "entry" or "mark"
    page: int
    x: float
    y: float
    w: float
    h: float
    kind: str = "text"  # "text", "qr" or "bars"
    sizes: tuple[float, ...] = (10.5,)  # points, the wished one first
    lines: int = 1
    align: str = "left"
    valign: str = "middle"
    bold: bool = False
    tone: float = 0.03  # grey of the text, 0 = black
    cells: int = 0
    tick: bool = False


class Layout(NamedTuple):
    """Base pages as PDF bytes, and the boxes by field name; a name may stand on several pages."""

    pdf: bytes
    pages: int
    boxes: Mapping[tuple[str, int], Box]
    template: str  # its name: with the base page it tells which kind of sheet a page is

    def on_page(self, page: int) -> dict[str, Box]:
        """The boxes of one page by name."""
        return {name: box for (name, at), box in self.boxes.items() if at == page}


class BasePage(NamedTuple):
    """One base page as a scanner or a reader of the finished file needs it: its kind of sheet, its boxes by name."""

    sheet: int
    boxes: Mapping[str, Box]


def boxes_json(layout: Layout) -> list[dict[str, Any]]:
    """The base pages of a layout in JSON's kinds of value, kept with a run; what a box has by default is left out."""
    return [
        {
            "sheet": int(SHEET_KINDS[layout.template, page]),
            "boxes": [_row(box) for box in layout.on_page(page).values()],
        }
        for page in range(1, layout.pages + 1)
    ]


def base_pages(rows: Sequence[Mapping[str, Any]]) -> list[BasePage]:
    """The base pages that `boxes_json` wrote, in order; the first is the sheet with the address."""
    return [
        BasePage(row["sheet"], {box.name: box for box in (_box(dict(one)) for one in row["boxes"])})
        for row in rows
    ]


def boxes_from_json(rows: Sequence[Mapping[str, Any]]) -> dict[int, Mapping[str, Box]]:
    """Sheet code → the boxes of that kind of sheet; of two base pages of one kind (a letter's) the first."""
    found: dict[int, Mapping[str, Box]] = {}
    for page in base_pages(rows):
        found.setdefault(page.sheet, page.boxes)
    return found


def compile_layout(template: str, words: Mapping[str, Any], fonts_dir: Path | str) -> Layout:
    """Compile `template` ("form", "letter" or "gift") with its wording. Refuses when a font is missing."""
    # What links to one folder shares what was read of its fonts.
    folder = Path(fonts_dir).resolve()
    named_fonts(folder)
    _refuse_undrawable_words(words, folder)
    return _compiled(template, json.dumps(words, ensure_ascii=False), folder)


@lru_cache(maxsize=16)
def _compiled(template: str, wording: str, folder: Path) -> Layout:
    """The same wording again is the same page: runs of one day are drawn from one."""
    compiler = typst.Compiler(
        str(TEMPLATES / f"{template}.typ"),
        root=str(TEMPLATES),
        font_paths=named_fonts(folder),
        sys_inputs={"wording": wording},
    )
    pdf, warnings = compiler.compile_with_warnings(format="pdf", pdf_tags=False)
    assert not warnings, f"the template {template} warns: {[w.message for w in warnings]}"
    assert isinstance(pdf, bytes)
    found = json.loads(compiler.query("<field>", field="value"))
    _refuse_long_words([one["text"] for one in found if one["role"] == "too_long"])
    boxes = {(box.name, box.page): box for box in map(_box, found)}
    return Layout(pdf, max(page for _, page in boxes), boxes, template)


def named_fonts(fonts_dir: Path) -> typst.Fonts:
    """The two weights of BIZ UDGothic from this folder alone, or a refusal that names what is missing."""
    for file in (file for files in CHAIN for file in files.values()):
        if not (fonts_dir / file).is_file():
            raise FontRefused(
                f"書体のファイル {file} が {fonts_dir} にありません。準備（./run up）をもう一度行ってください。"
            )
    fonts = _fonts_in(str(fonts_dir))
    found = {font.weight for font in fonts.fonts() if font.family == FAMILY}
    if not {400, 700} <= found:
        raise FontRefused(
            f"書体 {FAMILY} の標準と太字が {fonts_dir} に見つかりません。準備をもう一度行ってください。"
        )
    return fonts


def page_fonts(fonts_dir: Path | str) -> dict[str, PageFont]:
    """The two weights that the writer sets fields in, by the name that pages have for them: "R" and "B"."""
    folder, last = Path(fonts_dir).resolve(), _last_files()
    return {
        name: PageFont(name, *(folder / files[weight] for files in CHAIN), *last)
        for name, weight in (("R", "regular"), ("B", "bold"))
    }


@lru_cache(maxsize=1)
def _last_files() -> tuple[Path, ...]:
    return tuple(path for folder in SYSTEM_FONTS for path in sorted(folder.rglob(LAST_FILE)))[:1]


@lru_cache(maxsize=4)
def _fonts_in(fonts_dir: str) -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[fonts_dir])


def _refuse_long_words(texts: Sequence[str]) -> None:
    if texts:
        parts = "、".join(f"「{text[:20]}…」" if len(text) > 20 else f"「{text}」" for text in texts)
        raise WordingRefused(f"文言が長すぎて紙面に入りません: {parts}。短くしてください。")


def _refuse_undrawable_words(words: Mapping[str, Any], fonts_dir: Path) -> None:
    """A letter that goes to everybody has no place for 〓: the wording itself must be drawable."""
    missing = set(json.dumps(words, ensure_ascii=False))
    for files in CHAIN:
        if missing:  # mostly the first font has all of it
            glyphs = read_font(str(fonts_dir / files["regular"])).glyphs
            missing = {letter for letter in missing if ord(letter) not in glyphs}
    if missing:
        raise WordingRefused(
            f"文言に印刷できない文字があります: {'、'.join(sorted(missing))}。別の文字にしてください。"
        )


def _row(box: Box) -> dict[str, Any]:
    return {key: value for key, value in box._asdict().items() if value != Box._field_defaults.get(key)}


def _box(found: dict[str, Any]) -> Box:
    found["sizes"] = tuple(found.get("sizes", (10.5,)))
    return Box(**found)
