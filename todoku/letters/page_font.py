"""Pure. One weight of the page font: text in, codes for a content stream out, and at the end the subset it needed.

Codes are given in order of first use, so pages can be written before the subset exists: one pass over any number of
pieces, memory bounded by the characters of the font. What the font cannot draw is drawn as 〓 and reported.
"""

from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from fontTools import subset
from fontTools.ttLib import TTFont

GETA = "〓"  # the printer's mark for a missing sort (ゲタ)
# Variation selectors follow a kanji to name one of its forms; the font has one form, so they cannot be honoured.
SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))


class FontFile(NamedTuple):
    """What is read of a font file once per process: glyph by code point, advance by glyph (1/1000 em), outline facts."""

    path: str
    name: str
    glyphs: dict[int, str]
    advances: dict[str, int]
    ascent: int
    descent: int
    bbox: tuple[int, int, int, int]


class SubsetFont(NamedTuple):
    """The parts of a composite font as PDF needs them; streams are uncompressed."""

    name: str
    program: bytes
    glyph_of_code: bytes  # CIDToGIDMap
    widths: bytes  # the W array
    to_unicode: bytes
    file: FontFile


@lru_cache(maxsize=8)
def read_font(path: str) -> FontFile:
    """The character map and metrics of one TrueType file."""
    with TTFont(path, lazy=True) as font:
        em = font["head"].unitsPerEm
        # A private code means another character in every vendor's set (外字): never trust a glyph that sits there.
        glyphs = {point: name for point, name in font.getBestCmap().items() if not is_private(point)}
        advances = {name: round(advance * 1000 / em) for name, (advance, _) in font["hmtx"].metrics.items()}
        head, hhea = font["head"], font["hhea"]
        box = [round(value * 1000 / em) for value in (head.xMin, head.yMin, head.xMax, head.yMax)]
        name = font["name"].getDebugName(6)
        ascent, descent = round(hhea.ascent * 1000 / em), round(hhea.descent * 1000 / em)
    return FontFile(path, name, glyphs, advances, ascent, descent, (box[0], box[1], box[2], box[3]))


def is_private(point: int) -> bool:
    """Whether a code point lies in one of Unicode's private use areas."""
    return 0xE000 <= point <= 0xF8FF or point >= 0xF0000


def is_selector(letter: str) -> bool:
    """Whether a character only chooses a form of the one before it (異体字セレクタ)."""
    return any(ord(letter) in block for block in SELECTORS)


class PageFont:
    """Collects the characters of one weight while pages are written."""

    def __init__(self, path: Path | str) -> None:
        self.file = read_font(str(path))
        assert ord(GETA) in self.file.glyphs, f"{path} lacks {GETA}"
        self._codes = _Codes(self.file.glyphs)
        self._widths = _Widths(self.file)

    def show(self, text: str) -> str:
        """The text as hexadecimal codes, ready for `<…> Tj`."""
        return text.translate(self._codes)

    def width(self, text: str) -> int:
        """The width of the text on one line, in 1/1000 of its size."""
        return sum(map(self._widths.__getitem__, text))

    def draws(self, grapheme: str) -> bool:
        """Whether the font has every part of one character, its selector included."""
        return all(ord(part) in self.file.glyphs for part in grapheme)

    def take_missed(self) -> bool:
        """Whether something undrawable was shown since the last call."""
        missed, self._codes.missed = self._codes.missed, False
        return missed

    def subset(self) -> SubsetFont:
        """The font program with the characters shown so far, and its maps from code to glyph and to text."""
        letters = self._codes.letters
        options = subset.Options()
        options.layout_features = []
        options.hinting = False
        options.notdef_outline = True
        options.glyph_names = False
        options.recalc_timestamp = False
        options.name_IDs = [1, 2, 6]
        options.drop_tables += ["GSUB", "vhea", "vmtx", "gasp", "GlyphOrder"]
        with TTFont(self.file.path, lazy=True, recalcTimestamp=False) as font:
            shrink = subset.Subsetter(options)
            shrink.populate(unicodes=[ord(letter) for letter in letters])
            shrink.subset(font)
            glyph_id = font.getReverseGlyphMap()
            kept = [glyph_id[self.file.glyphs[ord(letter)]] for letter in letters]
            del font["cmap"]  # the page's codes go through the map below; readers ignore the font's own
            out = BytesIO()
            font.save(out, reorderTables=False)
        return SubsetFont(
            name=f"TODOKU+{self.file.name}",
            program=out.getvalue(),
            glyph_of_code=b"".join(gid.to_bytes(2, "big") for gid in [0, *kept]),
            widths=b" ".join(_width_runs([self._widths[letter] for letter in letters])),
            to_unicode=_to_unicode(letters),
            file=self.file,
        )


class _Codes(dict[int, str]):
    """Code point → four hexadecimal digits; a new character gets the next code. For `str.translate`."""

    def __init__(self, glyphs: dict[int, str]) -> None:
        super().__init__()
        self.letters: list[str] = []
        self.missed = False
        self._glyphs = glyphs

    def __missing__(self, point: int) -> str:
        if point not in self._glyphs:
            self.missed = True  # not stored, so that every piece that has it is noticed
            return "" if is_selector(chr(point)) else self[ord(GETA)]
        self.letters.append(chr(point))
        code = self[point] = f"{len(self.letters):04X}"
        return code


class _Widths(dict[str, int]):
    """Character → advance in 1/1000 em; what cannot be drawn is as wide as the mark drawn for it."""

    def __init__(self, file: FontFile) -> None:
        super().__init__()
        self._file = file

    def __missing__(self, letter: str) -> int:
        glyph = self._file.glyphs.get(ord(letter), self._file.glyphs[ord(GETA)])
        width = 0 if is_selector(letter) else self._file.advances[glyph]
        if not is_selector(letter):
            self[letter] = width
        return width


def _width_runs(widths: list[int]) -> Iterator[bytes]:
    """The W array for codes from 1 on: `first last width` per run; full width (1000) is the default and left out."""
    start = 0
    for i in range(1, len(widths) + 1):
        if i == len(widths) or widths[i] != widths[start]:
            if widths[start] != 1000:
                yield b"%d %d %d" % (start + 1, i, widths[start])
            start = i


def _to_unicode(letters: list[str]) -> bytes:
    """The CMap that turns codes back into text, at most 100 lines a block as the CMap format allows."""
    blocks = [
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def",
        b"/CMapName/Adobe-Identity-UCS def /CMapType 2 def",
        b"1 begincodespacerange <0000> <FFFF> endcodespacerange",
    ]
    for start in range(0, len(letters), 100):
        block = letters[start : start + 100]
        blocks.append(b"%d beginbfchar" % len(block))
        for code, letter in enumerate(block, start + 1):
            blocks.append(b"<%04X> <%s>" % (code, letter.encode("utf-16-be").hex().upper().encode()))
        blocks.append(b"endbfchar")
    blocks.append(b"endcmap CMapName currentdict /CMap defineresource pop end end")
    return b"\n".join(blocks)
