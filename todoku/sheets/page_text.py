"""Pure. What stands on one page of a finished run: each field's text, the bars, the codes, by where they are drawn.

Takes a page's content as drawn, the fonts' own maps back to text, and the boxes of the layout. Strict: a text outside
every box, a command it does not know or a glyph without a meaning makes the page unreadable.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from todoku.sheets.form_layout import MM, BasePage
from todoku.sheets.pdf_pages import BrokenFile, PdfPages

NEAR_MM = 0.05  # coordinates are written to a hundredth of a point
KNOWN_PLACES_MAX = 4_096  # a field's text mostly begins at the same place; centred amounts do not
FONT_BYTES_MAX = 16 << 20
NO_MEANING = "\ufffd"

# One command after the other, as a run's pages have them; grey above 0.5 would be text that nobody can read.
_COMMAND = re.compile(
    r"\s*(?:"
    r"(?:0(?:\.[0-4]\d*)? g )?(?:/(\w+) [1-9][\d.]* Tf\s*)?(?:[\d.]+ 0 0 1 (-?[\d.]+) (-?[\d.]+) Tm)?"
    r"(?:/(\w+) [1-9][\d.]* Tf)?(?:<((?:[0-9A-F]{4})+)>|\(([1-4]+)\))Tj"
    r"|q 0 g ([\d.]+) 0 0 ([\d.]+) (-?[\d.]+) (-?[\d.]+) cm\s*"
    r"BI/W (\d+)/H (\d+)/BPC 1/IM true/D\[1 0\]/F/AHx ID ([0-9a-f]+)> EI Q"
    r"|/(\w+) Do"
    r"|(BT|ET|/\w+ [1-9][\d.]* Tf)(?!\S)"
    r"|(\S+))"
)
_BFCHAR = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]+)>")
_TO_UNICODE = re.compile(rb"/ToUnicode (\d+) 0 R")
_TYPE3 = re.compile(rb"/Subtype/Type3\b.*/CharProcs<<([^<>]*)>>.*/Differences\[(\d+)((?:/\w+)+)\]", re.DOTALL)
_GLYPH = re.compile(rb"[\d. -]+ d1 0 (-?[\d.]+) [\d.]+ ([\d.]+) re f\Z")


class Image(NamedTuple):
    """A code as drawn: its side in modules and the bits of its rows, hexadecimal."""

    side: int
    bits: str


class PageSays(NamedTuple):
    """What one page says: its base page (from 1), text by field, bars (1–4), image by field; `fault`: why it is unreadable."""

    base: int
    texts: Mapping[str, str]
    bars: str
    images: Mapping[str, Image]
    fault: str = ""


class _Meanings(dict[int, str]):
    """Code → text, for `str.translate`; what the font's map leaves out has no meaning."""

    def __missing__(self, code: int) -> str:
        return NO_MEANING


class Fault(Exception):
    """Why a page is unreadable; caught where pages are read."""


class _Base:
    """One base page's fields, found by where a text or an image is drawn (points from the lower left corner)."""

    def __init__(self, page: BasePage, height: float) -> None:
        boxes = [box for box in page.boxes.values() if box.role == "print"]
        self._height = height
        self._texts = [box for box in boxes if box.kind == "text"]
        self._images = [box for box in boxes if box.kind == "qr"]
        self._bars = [box for box in boxes if box.kind == "bars"]
        self._known: dict[tuple[str, str], str] = {}

    def field(self, x: str, y: str) -> str:
        """The field in whose box a text begins on its baseline."""
        field = self._known.get((x, y))
        if field is None:
            at, down = float(x) / MM, (self._height - float(y)) / MM
            found = [
                box.name
                for box in self._texts
                if box.x - NEAR_MM <= at < box.x + box.w and box.y <= down <= box.y + box.h + NEAR_MM
            ]
            if len(found) != 1:
                raise Fault("文字が欄の外にあります")
            if len(self._known) >= KNOWN_PLACES_MAX:
                self._known.clear()
            field = self._known[x, y] = found[0]
        return field

    def check_bars(self, x: str, y: str) -> None:
        """The barcode begins at its box's left edge, on the middle line."""
        at, down = float(x or -1) / MM, (self._height - float(y or -1)) / MM
        if not any(
            abs(box.x - at) < NEAR_MM and abs(box.y + box.h / 2 - down) < NEAR_MM for box in self._bars
        ):
            raise Fault("バーコードが欄の外にあります")

    def image(self, place: tuple[str, ...]) -> str:
        """The field that an image fills to the edges."""
        w, h, left, low = (float(value) / MM for value in place)
        drawn = (left, self._height / MM - low - h, w, h)
        for box in self._images:
            if all(
                abs(one - other) < NEAR_MM
                for one, other in zip(drawn, (box.x, box.y, box.w, box.h), strict=True)
            ):
                return box.name
        raise Fault("コードが欄の外にあります")


class PageReader:
    """The fonts and boxes of one run, made ready; `read` takes a page's content."""

    def __init__(self, pdf: PdfPages, bases: Sequence[BasePage]) -> None:
        self._meanings: dict[str, _Meanings] = {}
        self._bars: dict[str, dict[str, str]] = {}
        for name, number in pdf.resources("Font").items():
            entries = pdf.object(number)[0]
            if b"/Subtype/Type3" in entries:
                self._bars[name] = _bars_of(pdf, entries)
            else:
                self._meanings[name] = _meanings_of(pdf, entries)
        self._bases = {f"S{i}": (i, _Base(page, pdf.height)) for i, page in enumerate(bases, 1)}
        if set(self._bases) != set(pdf.resources("XObject")):
            raise BrokenFile("下地のページが足りない")

    def read(self, content: bytes) -> PageSays:
        """Everything that is drawn on the page, or the fault that makes it unreadable."""
        commands = _COMMAND.findall(content.decode("latin-1"))
        number, base = self._bases.get(commands[0][13] if commands else "", (0, None))
        if base is None:
            return PageSays(0, {}, "", {}, "下地がありません")
        texts: dict[str, str] = {}
        images: dict[str, Image] = {}
        bars: list[str] = []
        try:
            self._follow(commands[1:], base, texts, images, bars)
        except Fault as fault:
            return PageSays(number, {}, "", {}, str(fault))
        return PageSays(number, texts, "".join(bars), images)

    def _follow(
        self, commands: Sequence[tuple[str, ...]], base: _Base, texts: dict[str, str], images: dict[str, Image],
        bars: list[str],
    ) -> None:  # fmt: skip
        font = field = ""
        for (
            set_font,
            x,
            y,
            other_font,
            codes,
            drawn,
            *place,
            side,
            rows,
            bits,
            form,
            plain,
            unknown,
        ) in commands:
            if codes:
                font = other_font or set_font or font
                if x:
                    field = base.field(x, y)
                texts[field] = texts.get(field, "") + self._meaning(codes, font, field)
            elif drawn:
                base.check_bars(x, y)
                bars.append(self._shapes(drawn, other_font or set_font or font))
            elif side:
                name = base.image(tuple(place))
                if name in images or side != rows:
                    raise Fault("コードが重なっています")
                images[name] = Image(int(side), bits)
            elif unknown or form:
                raise Fault("知らない命令があります")
            elif plain[0] == "/":
                font = plain[1:].split()[0]

    def _meaning(self, codes: str, font: str, field: str) -> str:
        meanings = self._meanings.get(font)
        if meanings is None or not field:
            raise Fault("文字の書体か欄がありません")
        text = bytes.fromhex(codes).decode("utf-16-be", "surrogatepass").translate(meanings)
        if NO_MEANING in text:
            raise Fault("意味のわからない字があります")
        return text

    def _shapes(self, drawn: str, font: str) -> str:
        shapes = self._bars.get(font, {})
        return "".join([shapes.get(bar, "?") for bar in drawn])


def _meanings_of(pdf: PdfPages, entries: bytes) -> _Meanings:
    """A font's map from its codes (two bytes) to text."""
    found = _TO_UNICODE.search(entries)
    if not found or b"/Encoding/Identity-H" not in entries:
        raise BrokenFile("書体に文字の対応表がない")
    lines = _BFCHAR.findall(pdf.stream(int(found[1]), FONT_BYTES_MAX))
    return _Meanings(
        {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in lines}
    )


def _bars_of(pdf: PdfPages, entries: bytes) -> dict[str, str]:
    """The shape (1 long, 2 upper, 3 lower, 4 timing) that each letter of the bars' font draws, by what it draws."""
    found = _TYPE3.search(entries)
    if not found:
        raise BrokenFile("バーコードの書体が読めない")
    procedures = {name: int(number) for name, number in re.findall(rb"/(\w+) (\d+) 0 R", found[1])}
    names = found[3].decode().strip("/").split("/")
    spans: dict[str, tuple[float, float]] = {}
    for letter, name in enumerate(names, int(found[2])):
        drawing = _GLYPH.match(pdf.stream(procedures[name.encode()], FONT_BYTES_MAX))
        if not drawing:
            raise BrokenFile("バーコードの書体が読めない")
        low, height = float(drawing[1]), float(drawing[2])
        spans[chr(letter)] = (low, low + height)
    top, bottom = max(high for _, high in spans.values()), min(low for low, _ in spans.values())
    shapes = {(True, True): "1", (True, False): "2", (False, True): "3", (False, False): "4"}
    return {letter: shapes[high == top, low == bottom] for letter, (low, high) in spans.items()}
