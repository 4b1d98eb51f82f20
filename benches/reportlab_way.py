"""The same forms by ReportLab: each base page once as a form XObject, the rest drawn on every page."""

import io
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from todoku.sheets.form_layout import MM, Layout
from todoku.sheets.qr_modules import SIDE, modules_of
from todoku.sheets.sheet_codes import BAR_LONG, BAR_PITCH, BAR_TIMING, BAR_WIDTH, qr_drawer


def write(static, sheets, layout: Layout, font: Path) -> bytes:  # type: ignore[no-untyped-def]
    """The finished PDF."""
    pdfmetrics.registerFont(TTFont("page", str(font)))
    out, draw = io.BytesIO(), qr_drawer()
    canvas = Canvas(out, pagesize=(static[0].width, static[0].height))
    for number, page in enumerate(static):
        _base(canvas, number, page)
    height = static[0].height
    for sheet in sheets:
        canvas.doForm(f"base{sheet.base}")
        _words(canvas, sheet.words, height)
        _qr(canvas, modules_of(draw(sheet.qr).partition("ID ")[2].partition(">")[0]), layout, height)
        if sheet.bars:
            _bars(canvas, sheet.bars, layout, height)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _base(canvas: Canvas, number: int, page) -> None:  # type: ignore[no-untyped-def]
    canvas.beginForm(f"base{number}")
    for frame in page.frames:
        canvas.rect(frame.x, page.height - frame.y - frame.height, frame.width, frame.height)
    _words(canvas, page.words, page.height)
    canvas.endForm()


def _words(canvas: Canvas, words, height: float) -> None:  # type: ignore[no-untyped-def]
    for one in words:
        canvas.setFont("page", one.size)
        canvas.drawString(one.x, height - one.y, one.text)


def _qr(canvas: Canvas, modules: str, layout: Layout, height: float) -> None:
    box = layout.boxes["qr", 1]
    side, left, top = box.w * MM / SIDE, box.x * MM, height - box.y * MM
    path = canvas.beginPath()
    for at, module in enumerate(modules):
        if module == "1":
            row, col = divmod(at, SIDE)
            path.rect(left + col * side, top - (row + 1) * side, side, side)
    canvas.drawPath(path, stroke=0, fill=1)


def _bars(canvas: Canvas, bars: str, layout: Layout, height: float) -> None:
    box = layout.boxes["bars", 1]
    middle, half = height - (box.y + box.h / 2) * MM, {True: BAR_LONG / 2 * MM, False: BAR_TIMING / 2 * MM}
    path = canvas.beginPath()
    for at, bar in enumerate(bars):
        low, high = half[bar in "13"], half[bar in "12"]
        path.rect((box.x + at * BAR_PITCH) * MM, middle - low, BAR_WIDTH * MM, low + high)
    canvas.drawPath(path, stroke=0, fill=1)
