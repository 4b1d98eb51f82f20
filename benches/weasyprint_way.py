"""The same forms by WeasyPrint: one HTML document, a section for each page, QR and bars as SVG."""

from html import escape
from pathlib import Path

from weasyprint import HTML

from todoku.sheets.form_layout import MM, THIRD_FILES, Layout
from todoku.sheets.qr_modules import SIDE, modules_of
from todoku.sheets.sheet_codes import BAR_LONG, BAR_PITCH, BAR_TIMING, BAR_WIDTH, qr_drawer

STYLE = """@font-face {{ font-family: page; src: url("{font}") }} @font-face {{ font-family: hangul; src: url("{hangul}") }}
@page {{ size: {width}pt {height}pt; margin: 0 }} body {{ margin: 0; font-family: page, hangul; line-height: 1 }}
section {{ position: relative; width: {width}pt; height: {height}pt; page-break-after: always }}
p, i, svg {{ position: absolute; margin: 0; white-space: pre }} i {{ border: 0.4pt solid #777 }}"""


def write(static, sheets, layout: Layout, font: Path) -> bytes:  # type: ignore[no-untyped-def]
    """The finished PDF."""
    draw = qr_drawer()
    bases = [_words(page.words) + "".join(_frame(frame) for frame in page.frames) for page in static]
    hangul = font.with_name(THIRD_FILES["regular"])  # the names of the languages stand on every page
    style = STYLE.format(
        font=font.as_uri(), hangul=hangul.as_uri(), width=static[0].width, height=static[0].height
    )
    parts = [f"<!doctype html><style>{style}</style>"]
    for sheet in sheets:
        modules = modules_of(draw(sheet.qr).partition("ID ")[2].partition(">")[0])
        codes = _qr(modules, layout) + (_bars(sheet.bars, layout) if sheet.bars else "")
        parts.append(f"<section>{bases[sheet.base]}{_words(sheet.words)}{codes}</section>")
    return bytes(HTML(string="".join(parts)).write_pdf())


def _words(words) -> str:  # type: ignore[no-untyped-def]
    return "".join(
        f'<p style="left:{one.x:.2f}pt;top:{one.y - 0.88 * one.size:.2f}pt;font-size:{one.size:.2f}pt">{escape(one.text)}</p>'
        for one in words
    )


def _frame(frame) -> str:  # type: ignore[no-untyped-def]
    return f'<i style="left:{frame.x:.2f}pt;top:{frame.y:.2f}pt;width:{frame.width:.2f}pt;height:{frame.height:.2f}pt"></i>'


def _svg(x: float, y: float, w: float, h: float, view: str, path: str) -> str:
    place = f"left:{x * MM:.2f}pt;top:{y * MM:.2f}pt;width:{w * MM:.2f}pt;height:{h * MM:.2f}pt"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}" style="{place}"><path d="{path}"/></svg>'
    )


def _qr(modules: str, layout: Layout) -> str:
    box = layout.boxes["qr", 1]
    path = "".join(f"M{at % SIDE} {at // SIDE}h1v1h-1z" for at, module in enumerate(modules) if module == "1")
    return _svg(box.x, box.y, box.w, box.h, f"0 0 {SIDE} {SIDE}", path)


def _bars(bars: str, layout: Layout) -> str:
    box = layout.boxes["bars", 1]
    half = {True: BAR_LONG / 2, False: BAR_TIMING / 2}
    path = "".join(
        f"M{at * BAR_PITCH:.3f} {BAR_LONG / 2 - half[bar in '12']:.3f}h{BAR_WIDTH:.3f}"
        f"v{half[bar in '12'] + half[bar in '13']:.3f}h-{BAR_WIDTH:.3f}z"
        for at, bar in enumerate(bars)
    )
    return _svg(box.x, box.y, box.w, box.h, f"0 0 {box.w} {box.h}", path)
