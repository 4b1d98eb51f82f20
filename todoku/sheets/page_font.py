"""Pure. One weight of the page's type: text in, commands for a content stream out, and at the end the subsets needed.

A weight is a chain of font files: each character is taken from the first that has it. Codes are given in order of
first use, so pages can be written before a subset exists: one pass over any number of pieces, memory bounded by the
characters of the fonts. What no font draws is drawn as 〓 and reported; so is a form that no font has.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from io import BytesIO
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from fontTools import subset
from fontTools.ttLib import TTFont

GETA = "〓"  # the printer's mark for a missing sort (ゲタ)
# Variation selectors follow a kanji to name one of its forms (異体字セレクタ): both together are one character.
SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
# Tables of a font that nobody asks for inside a PDF; taken out before any is read.
UNSEEN = ("cmap", "OS/2", "GDEF", "GSUB", "GPOS", "BASE", "VORG", "vhea", "vmtx", "gasp", "GlyphOrder")
_UNIT = re.compile("(?s).[\ufe00-\ufe0f\U000e0100-\U000e01ef]*")


class FontFile(NamedTuple):
    """What is read of a font file once per process: glyphs by code point and by form, advances (1/1000 em), outline facts.

    `forms`: a kanji with its selector → glyph.
    """

    path: str
    name: str
    glyphs: dict[int, str]
    forms: dict[str, str]
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
    with _opened(path) as font:
        em = font["head"].unitsPerEm
        # A private code means another character in every vendor's set (外字): never trust a glyph that sits there.
        glyphs = {
            point: name
            for point, name in font.getBestCmap().items()
            if not is_private(point) and not is_selector(chr(point))
        }
        forms = {
            chr(point) + chr(selector): name or glyphs[point]
            for table in font["cmap"].tables
            if table.format == 14
            for selector, found in table.uvsDict.items()
            for point, name in found
            if name or point in glyphs
        }
        advances = {name: round(advance * 1000 / em) for name, (advance, _) in font["hmtx"].metrics.items()}
        head, hhea = font["head"], font["hhea"]
        box = [round(value * 1000 / em) for value in (head.xMin, head.yMin, head.xMax, head.yMax)]
        name = font["name"].getDebugName(6)
        ascent, descent = round(hhea.ascent * 1000 / em), round(hhea.descent * 1000 / em)
    return FontFile(path, name, glyphs, forms, advances, ascent, descent, (box[0], box[1], box[2], box[3]))


def _opened(path: str) -> TTFont:
    """The font with glyphs called by their numbers: making up names for all of them would take half a second."""
    font = TTFont(path, lazy=True, recalcTimestamp=False)
    font.setGlyphOrder([".notdef", *(f"g{number}" for number in range(1, font["maxp"].numGlyphs))])
    return font


def is_private(point: int) -> bool:
    """Whether a code point lies in one of Unicode's private use areas."""
    return 0xE000 <= point <= 0xF8FF or point >= 0xF0000


def is_selector(letter: str) -> bool:
    """Whether a character only chooses a form of the one before it (異体字セレクタ)."""
    return any(ord(letter) in block for block in SELECTORS)


class PageFont:
    """Collects the characters of one weight while pages are written. `name`: what pages call its first font."""

    def __init__(self, name: str, *paths: Path | str) -> None:
        first = read_font(str(paths[0]))
        assert ord(GETA) in first.glyphs, f"{paths[0]} lacks {GETA}"
        self._name, self._paths = name, paths
        self._sorts: dict[int, _Sorts] = {
            0: _Sorts(first)
        }  # a further font is opened when something needs it
        self._codes = _Codes(self._sorts[0])
        self._widths = _Widths(self)
        self._missed = False

    def show(self, text: str, size: float) -> str:
        """The commands that show the text where the pen stands, in the size (points) that is set."""
        codes = text.translate(self._codes)
        if not self._codes.odd:
            return f"<{codes}>Tj"
        self._codes.odd = False
        runs = groupby(map(self._code, _UNIT.findall(text)), key=itemgetter(0))
        shown = ((place, "".join(code for _, code in run)) for place, run in runs)
        return "".join(
            f"/{self._named(place)} {size:g} Tf<{codes}>Tj/{self._name} {size:g} Tf"
            if place
            else f"<{codes}>Tj"
            for place, codes in shown
        )

    def width(self, text: str) -> int:
        """The width of the text on one line, in 1/1000 of its size."""
        width = sum(map(self._widths.__getitem__, text))
        if not self._widths.odd:
            return width
        self._widths.odd = False
        return sum(self.advance(unit) for unit in _UNIT.findall(text))

    def advance(self, unit: str) -> int:
        """The width of one character, its selector included, as it will be drawn."""
        place, glyph = self._find(unit)
        return self._sort(place).file.advances[glyph]

    def draws(self, grapheme: str) -> bool:
        """Whether some font has every part of one character; a form that none has is drawn as the common one."""
        return not is_selector(grapheme[0]) and all(
            any(ord(part) in file.glyphs for file in self._files())
            for part in grapheme
            if not is_selector(part)
        )

    def lacks_form(self, grapheme: str) -> bool:
        """Whether the character names a form that no font has, so that its common form stands there."""
        found = _UNIT.match(grapheme)
        unit = found[0] if found else ""
        return (
            len(unit) > 1 and self.draws(grapheme) and not any(unit in file.forms for file in self._files())
        )

    def take_missed(self) -> bool:
        """Whether a character or its form could not be drawn since the last call."""
        missed, self._missed = self._missed, False
        return missed

    def subsets(self) -> Iterator[tuple[str, SubsetFont]]:
        """What pages call each font that was used, and its program with maps from code to glyph and to text."""
        for place, sorts in sorted(self._sorts.items()):
            if sorts.units or not place:
                yield self._named(place), _subset(sorts)

    @property
    def _geta(self) -> str:
        return self._sorts[0].file.glyphs[ord(GETA)]

    def _named(self, place: int) -> str:
        return f"{self._name}{place + 1}" if place else self._name

    def _sort(self, place: int) -> "_Sorts":
        if place not in self._sorts:
            self._sorts[place] = _Sorts(read_font(str(self._paths[place])))
        return self._sorts[place]

    def _files(self) -> Iterator[FontFile]:
        return (self._sort(place).file for place in range(len(self._paths)))

    def _find(self, unit: str) -> tuple[int, str]:
        """Font and glyph of one character: its form where a font has it, else its common form, else 〓."""
        if len(unit) > 1:
            for place, file in enumerate(self._files()):
                if unit in file.forms:
                    return place, file.forms[unit]
        for place, file in enumerate(self._files()):
            if ord(unit[0]) in file.glyphs:
                return place, file.glyphs[ord(unit[0])]
        return 0, self._geta

    def _code(self, unit: str) -> tuple[int, str]:
        """Font and code of one character, given at its first use."""
        if is_selector(unit[0]):  # one that follows no character
            self._missed = True
            unit = GETA
        place, glyph = self._find(unit)
        sorts = self._sort(place)
        if len(unit) > 1 and sorts.file.forms.get(unit) != glyph:
            self._missed, unit = True, unit[0]
        if glyph == self._geta and not place:
            self._missed = self._missed or unit != GETA
            unit = GETA
        return place, sorts.code(unit, glyph)


class _Sorts:
    """The characters used of one font file: codes by character, in order of first use."""

    def __init__(self, file: FontFile) -> None:
        self.file = file
        self.units: list[str] = []
        self.glyphs: list[str] = []
        self._codes: dict[str, str] = {}

    def code(self, unit: str, glyph: str) -> str:
        known = self._codes.get(unit)
        if not known:
            self.units.append(unit)
            self.glyphs.append(glyph)
            known = self._codes[unit] = f"{len(self.units):04X}"
        return known


class _Codes(dict[int, str]):
    """Code point → four hexadecimal digits in the first font. For `str.translate`; what is not there makes it `odd`."""

    def __init__(self, sorts: _Sorts) -> None:
        super().__init__()
        self.odd = False
        self._sorts = sorts

    def __missing__(self, point: int) -> str:
        glyph = self._sorts.file.glyphs.get(point)
        if not glyph:
            self.odd = True  # not stored, so that every text that has it is set character by character
            return ""
        code = self[point] = self._sorts.code(chr(point), glyph)
        return code


class _Widths(dict[str, int]):
    """Character → advance in 1/1000 em; what cannot be drawn is as wide as the mark drawn for it."""

    def __init__(self, font: PageFont) -> None:
        super().__init__()
        self.odd = False
        self._font = font

    def __missing__(self, letter: str) -> int:
        if is_selector(letter):
            self.odd = True
            return 0
        width = self[letter] = self._font.advance(letter)
        return width


def _subset(sorts: _Sorts) -> SubsetFont:
    """The program of one font with the characters used; its own map of characters goes, since codes go through ours."""
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.notdef_outline = True
    options.glyph_names = False
    options.recalc_timestamp = False
    options.name_IDs = [1, 2, 6]
    with _opened(sorts.file.path) as font:
        # A glyph goes over as its bytes stand: taking every outline apart, to find again the box that the PDF is told from
        # the whole font, takes twice as long as all the rest.
        font.recalcBBoxes = False
        for table in UNSEEN:
            if table in font:
                del font[table]
        shrink = subset.Subsetter(options)
        shrink.populate(glyphs=sorts.glyphs)
        shrink.subset(font)
        glyph_id = font.getReverseGlyphMap()
        kept = [glyph_id[glyph] for glyph in sorts.glyphs]
        out = BytesIO()
        font.save(out, reorderTables=False)
    return SubsetFont(
        name=f"TODOKU+{sorts.file.name}",
        program=out.getvalue(),
        glyph_of_code=b"".join(gid.to_bytes(2, "big") for gid in [0, *kept]),
        widths=b" ".join(_width_runs([sorts.file.advances[glyph] for glyph in sorts.glyphs])),
        to_unicode=_to_unicode(sorts.units),
        file=sorts.file,
    )


def _width_runs(widths: Sequence[int]) -> Iterator[bytes]:
    """The W array for codes from 1 on: `first last width` per run; full width (1000) is the default and left out."""
    start = 0
    for i in range(1, len(widths) + 1):
        if i == len(widths) or widths[i] != widths[start]:
            if widths[start] != 1000:
                yield b"%d %d %d" % (start + 1, i, widths[start])
            start = i


def _to_unicode(units: Sequence[str]) -> bytes:
    """The CMap that turns codes back into text, at most 100 lines a block as the CMap format allows."""
    blocks = [
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def",
        b"/CMapName/Adobe-Identity-UCS def /CMapType 2 def",
        b"1 begincodespacerange <0000> <FFFF> endcodespacerange",
    ]
    for start in range(0, len(units), 100):
        block = units[start : start + 100]
        blocks.append(b"%d beginbfchar" % len(block))
        for code, unit in enumerate(block, start + 1):
            blocks.append(b"<%04X> <%s>" % (code, unit.encode("utf-16-be").hex().upper().encode()))
        blocks.append(b"endbfchar")
    blocks.append(b"endcmap CMapName currentdict /CMap defineresource pop end end")
    return b"\n".join(blocks)
