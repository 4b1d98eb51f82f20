"""Pure. Writes a run of sheets: each page is a base page shown once more, with one recipient's fields laid over it.

Takes a layout and, page by page, the texts of its fields; leaves a finished PDF in any binary file. One pass: text
goes out under codes of our own, the fonts' subset is written when the last page is known. Knows no kind of letter.
"""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

import pikepdf

from todoku.formats.names import graphemes, undrawable
from todoku.sheets.fit import AIRY, LEADING, Fitted, fit
from todoku.sheets.form_layout import MM, Box, Layout, page_fonts
from todoku.sheets.page_font import PageFont, SubsetFont
from todoku.sheets.pdf_stream import PdfStream, Written
from todoku.sheets.sheet_codes import BAR_LONG, BAR_PITCH, BAR_WIDTH, bar_glyphs, code_drawer, qr_drawer

ASCENT = 0.88  # baseline below the top of the em square, which this font fills
BARS = "1234"
AIR = 0.1  # of a box's height, kept free where lines stand in its middle
SHARE_LEFT = {"left": 0.0, "center": 0.5, "right": 1.0}  # of the free width
# Texts remembered per field: relations, amounts and dates come again, names mostly do not. A fifth quicker than
# none; 64 to 4,096 measure alike, so memory decides.
KNOWN_MAX = 128


class Field(NamedTuple):
    """A box in points from the lower left corner, with the commands that do not change."""

    box: Box
    left: float
    top: float
    width: float
    height: float
    font: str  # "R" or "B"
    look: str  # grey and font, up to the size
    base: str  # the baseline of one line in the wished size
    known: dict[str, str]  # commands by text, for what is printed again and again


class Faults(NamedTuple):
    """What a person must look at on one page: (field, characters) drawn as 〓 or in their common form, fields narrowed."""

    undrawable: list[tuple[str, str]]
    variants: list[tuple[str, str]]
    tight: list[str]


class SheetWriter:
    """One run: open with a layout, add pages, finish."""

    def __init__(self, out: BinaryIO, layout: Layout, fonts_dir: Path | str) -> None:
        self._pdf = PdfStream(out)
        self._fonts = page_fonts(fonts_dir)
        with pikepdf.open(BytesIO(layout.pdf)) as base:
            self._bases = self._pdf.put_forms(base)
            # A4, or a postcard: all base pages of a template have one size.
            _, _, width, height = (float(edge) for edge in base.pages[0].mediabox)
        self._page = width, height
        self._fields = [
            {name: _field(box, height) for name, box in layout.on_page(page).items() if box.role == "print"}
            for page in range(1, layout.pages + 1)
        ]
        self._qr, self._code = qr_drawer(), code_drawer()

    def put_page(
        self, base: int, texts: Mapping[str, str], qr: str, bars: str = "", codes: Mapping[str, str] | None = None
    ) -> Faults:  # fmt: skip
        """Write base page `base` (from 1) with these texts by field, its QR and, on an address page, its bars.

        `codes`: further 2D codes, field → what they say.
        """
        fields = self._fields[base - 1]
        faults = Faults([], [], [])
        ops = [f"/S{base} Do\nBT"]
        for name, text in texts.items():
            if text:
                self._put_text(ops, fields[name], text, faults)
        if bars:
            ops.append(_bars_at(fields["bars"], bars))
        ops.append("ET")
        ops.append(_image_at(fields["qr"], self._qr(qr)))
        for name, payload in (codes or {}).items():
            ops.append(_image_at(fields[name], self._code(payload)))
        self._pdf.put_page("\n".join(ops).encode("ascii"))
        return faults

    def finish(self, title: str) -> Written:
        """Write fonts, page tree and cross-reference. The file itself stays open; the caller closes it."""
        numbers = {
            name: self._put_font(subset) for font in self._fonts.values() for name, subset in font.subsets()
        }
        numbers["P"] = self._put_bar_font()
        fonts = "".join(f"/{name} {number} 0 R" for name, number in numbers.items())
        bases = "".join(f"/S{page} {number} 0 R" for page, number in enumerate(self._bases, 1))
        resources = f"/Font<<{fonts}>>/XObject<<{bases}>>".encode()
        width, height = self._page
        return self._pdf.finish(resources, f"0 0 {width:.3f} {height:.3f}".encode(), title)

    def _put_text(self, ops: list[str], field: Field, text: str, faults: Faults) -> None:
        """Set one field. What stood there before (a relation, an amount) is taken from memory."""
        known = field.known.get(text)
        if known:
            ops.append(known)
            return
        font, box = self._fonts[field.font], field.box
        drawn, tight = _one_line(field, text, font), False
        if not drawn:
            fitted = fit(text.split("\n"), field.width, field.height, box.sizes, box.lines, font.width)
            drawn, tight = _lines(field, fitted, font), fitted.tight
        ops.append(drawn)
        if tight:
            faults.tight.append(box.name)
        if font.take_missed():
            if found := undrawable(text, font.draws):
                faults.undrawable.append((box.name, "".join(found)))
            if found := [one for one in dict.fromkeys(graphemes(text)) if font.lacks_form(one)]:
                faults.variants.append((box.name, "".join(found)))
        elif not tight and len(field.known) < KNOWN_MAX:
            field.known[text] = drawn

    def _put_font(self, font: SubsetFont) -> int:
        pdf, file = self._pdf, font.file
        program = pdf.put_stream(font.program, b"/Length1 %d" % len(font.program))
        box = b" ".join(b"%d" % value for value in file.bbox)
        descriptor = pdf.put(
            b"<</Type/FontDescriptor/FontName/%b/Flags 4/FontBBox[%b]/ItalicAngle 0/Ascent %d/Descent %d"
            b"/CapHeight %d/StemV 80/FontFile2 %d 0 R>>"
            % (font.name.encode(), box, file.ascent, file.descent, file.ascent, program)
        )
        gids = pdf.put_stream(font.glyph_of_code)
        descendant = pdf.put(
            b"<</Type/Font/Subtype/CIDFontType2/BaseFont/%b/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
            b"/Supplement 0>>/FontDescriptor %d 0 R/DW 1000/W[%b]/CIDToGIDMap %d 0 R>>"
            % (font.name.encode(), descriptor, font.widths, gids)
        )
        to_unicode = pdf.put_stream(font.to_unicode)
        return pdf.put(
            b"<</Type/Font/Subtype/Type0/BaseFont/%b/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>"
            % (font.name.encode(), descendant, to_unicode)
        )

    def _put_bar_font(self) -> int:
        """The four bars as a Type 3 font in µm; its text reads as the digits 1–4 of the barcode's own notation."""
        glyphs = {bar: self._pdf.put_stream(drawing.encode()) for bar, drawing in bar_glyphs().items()}
        procedures = "".join(f"/bar{bar} {stream} 0 R" for bar, stream in glyphs.items())
        names, pitch = "".join(f"/bar{bar}" for bar in BARS), f"{BAR_PITCH * 1000:.0f}"
        lines = "\n".join(f"<{ord(bar):02X}> <{ord(bar):04X}>" for bar in BARS)
        to_unicode = self._pdf.put_stream(
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName/Bars def /CMapType 2 def\n"
            f"1 begincodespacerange <00> <FF> endcodespacerange\n4 beginbfchar\n{lines}\nendbfchar\n"
            "endcmap CMapName currentdict /CMap defineresource pop end end".encode()
        )
        half, width = f"{BAR_LONG * 500:.0f}", f"{BAR_WIDTH * 1000:.0f}"
        return self._pdf.put(
            f"<</Type/Font/Subtype/Type3/FontBBox[0 -{half} {width} {half}]/FontMatrix[0.001 0 0 0.001 0 0]"
            f"/CharProcs<<{procedures}>>/Encoding<</Type/Encoding/Differences[{ord(BARS[0])}{names}]>>"
            f"/FirstChar {ord(BARS[0])}/LastChar {ord(BARS[-1])}/Widths[{' '.join([pitch] * 4)}]"
            f"/Resources<<>>/ToUnicode {to_unicode} 0 R>>".encode()
        )


def _field(box: Box, page_height: float) -> Field:
    left, top, width, height = box.x * MM, page_height - box.y * MM, box.w * MM, box.h * MM
    look = f"{box.tone:g} g /{'B' if box.bold else 'R'} "
    base = top - (height - box.sizes[0]) / 2 - ASCENT * box.sizes[0]
    return Field(box, left, top, width, height, "B" if box.bold else "R", look, f"{base:.2f}", {})


def _one_line(field: Field, text: str, font: PageFont) -> str:
    """The commands for text that stands in the middle of its box in one line of the wished size, or "" if not so."""
    box, size = field.box, field.box.sizes[0]
    if box.valign != "middle" or "\n" in text:
        return ""
    left = field.left
    # No character is wider than its size: mostly nothing need be measured.
    if box.align != "left" or len(text) * size > field.width:
        free = field.width - font.width(text) * size / 1000
        if free < 0:
            return ""
        left += free * SHARE_LEFT[box.align]
    return f"{field.look}{size:g} Tf 1 0 0 1 {left:.2f} {field.base} Tm{font.show(text, size)}"


def _lines(field: Field, fitted: Fitted, font: PageFont) -> str:
    """The commands for fitted lines, aligned in the box; they stand further apart where the box has room for it."""
    box, size, lines = field.box, fitted.size, fitted.lines
    leading = _leading(field, size, len(lines))
    spare = field.height - (len(lines) - 1) * leading - size
    base = field.top - (0 if box.valign == "top" else spare / 2) - ASCENT * size
    stretch = fitted.stretch / 100
    ops = [f"{field.look}{size:g} Tf"]
    for i, line in enumerate(lines):
        if not line:  # between two items of a list
            continue
        left = field.left + (field.width - font.width(line) * size * stretch / 1000) * SHARE_LEFT[box.align]
        ops.append(f"{stretch:.4g} 0 0 1 {left:.2f} {base - i * leading:.2f} Tm{font.show(line, size)}")
    return "\n".join(ops)


def _leading(field: Field, size: float, count: int) -> float:
    """The wished distance of baselines, or what the box allows with a little air above and below."""
    if count == 1:
        return size
    air = 0 if field.box.valign == "top" else field.height * AIR
    return max(size * LEADING, min(size * AIRY, (field.height - air - size) / (count - 1)))


def _image_at(field: Field, image: str) -> str:
    return f"q 0 g {field.width:.2f} 0 0 {field.height:.2f} {field.left:.2f} {field.top - field.height:.2f} cm\n{image} Q"


def _bars_at(field: Field, bars: str) -> str:
    middle = field.top - field.height / 2
    return f"0 g /P {MM:.4f} Tf 1 0 0 1 {field.left:.2f} {middle:.2f} Tm({bars})Tj"
