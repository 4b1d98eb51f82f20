"""Paper for the tests of scanning: real printed forms, filled in with strokes, then bent as scanners bend them.

Everything is seeded. The hands of real people are more varied; the sample town has a finer writer for whole lots.
"""

import io
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pypdfium2
import zxingcpp
from PIL import Image

from benches.letters import WORDING, town_pieces
from todoku.ground import assets
from todoku.ground.places import var
from todoku.scan.fields import sheet_layout
from todoku.scan.open_file import OpenPage
from todoku.scan.reading import Grey, Layouts
from todoku.sheets.form_layout import Box, Layout, compile_layout
from todoku.sheets.forms import Piece, write_forms
from todoku.sheets.wording import complete

FORM, GUIDE, MEMBERS = 1, 2, 3
PAPER = 244  # what a scanner makes of white paper
cv2.setNumThreads(1)  # as the child does: tests run side by side


class Town(NamedTuple):
    """A print run: its pieces, the PDF, and per page of the PDF whose it is, which page and which kind of sheet."""

    pieces: list[Piece]
    pdf: bytes
    layout: Layout
    codes: list[tuple[str, int]]

    @property
    def layouts(self) -> Layouts:
        return _layouts()


@lru_cache(maxsize=1)
def town() -> Town:
    """Twenty-four printed households, made once."""
    assets.collect()
    fonts = var("assets", "fonts")
    pieces, out = list(town_pieces(24)), io.BytesIO()
    write_forms(out, iter(pieces), WORDING, fonts_dir=fonts, run_label="R0001")
    layout = compile_layout("form", complete("form", WORDING), fonts)
    listed = [(piece.number, page) for piece in pieces for page in range(1, 3 + (len(piece.members) > 6))]
    return Town(pieces, out.getvalue(), layout, listed)


@lru_cache(maxsize=1)
def _layouts() -> Layouts:
    layout = town().layout
    empty = pypdfium2.PdfDocument(layout.pdf)
    return {
        page: sheet_layout(layout.on_page(page), _drawn(empty, page - 1, 200))
        for page in (FORM, GUIDE, MEMBERS)
    }


@lru_cache(maxsize=64)
def printed(index: int, dpi: int = 200) -> Grey:
    """A page of the run (from 0) as paper that nobody touched."""
    return _drawn(pypdfium2.PdfDocument(town().pdf), index, dpi)


def form_page(nth: int) -> int:
    """The index of the nth household's form among the run's pages."""
    return [i for i, (_, page) in enumerate(town().codes) if page == 1][nth]


def _drawn(pdf: pypdfium2.PdfDocument, index: int, dpi: int) -> Grey:
    grey = pdf[index].render(scale=dpi / 72, grayscale=True).to_numpy()
    return np.array(grey.reshape(grey.shape[:2]), dtype=np.uint8)


# ---- a pen ------------------------------------------------------------------------------------------------------

Point = tuple[float, float]


def stroke(page: Grey, dpi: int, points: Iterable[Point], width_mm: float = 0.6, tone: int = 40) -> None:
    """A line through points in mm."""
    scale = dpi / 25.4
    there = [(round(x * scale * 16), round(y * scale * 16)) for x, y in points]
    for one, other in zip(there, there[1:], strict=False):
        cv2.line(page, one, other, (tone,), max(1, round(width_mm * scale)), cv2.LINE_AA, 4)


def tick(page: Grey, dpi: int, box: Box, how: str = "check", width_mm: float = 0.6, tone: int = 40) -> None:
    """Mark a tick box in one of the ways that people do."""
    x, y, s = box.x, box.y, box.w
    ways: Mapping[str, list[list[Point]]] = {
        "check": [[(x + 0.8, y + 2.2), (x + 2, y + 3.8), (x + 4.8, y - 0.6)]],
        "small_check": [[(x + 1.2, y + 2.2), (x + 2, y + 3.4), (x + 3.6, y + 1)]],
        "cross": [
            [(x + 0.7, y + 0.7), (x + s - 0.7, y + s - 0.7)],
            [(x + s - 0.7, y + 0.7), (x + 0.7, y + s - 0.7)],
        ],
        "slash": [[(x + 0.3, y + s - 0.3), (x + s - 0.2, y + 0.4)]],
        "circle": [_circle(x + s / 2, y + s / 2, 1.4)],
        "filled": [[(x + 0.5, y + 0.5 + i * 0.4), (x + s - 0.5, y + 0.5 + i * 0.4)] for i in range(10)],
        "long_check": [[(x - 0.5, y + 1.5), (x + 2, y + 4.2), (x + 7.5, y - 3)]],
        "struck": [[(x - 2, y + 1.8), (x + s + 2, y + 1.9)], [(x - 2, y + 2.9), (x + s + 2, y + 3.0)]],
        "around": [_circle(x + s / 2, y + s / 2, 3.4)],
        "dot": [[(x + 2.2, y + 2.2), (x + 2.6, y + 2.4)]],
    }
    for line in ways[how]:
        stroke(page, dpi, line, width_mm, tone)


def _circle(x: float, y: float, r: float) -> list[Point]:
    return [(x + r * float(np.cos(a)), y + r * float(np.sin(a))) for a in np.linspace(0, 2 * np.pi, 24)]


def digits_in_cells(page: Grey, dpi: int, box: Box, text: str, tone: int = 45) -> None:
    """Digits as a plotter writes them, one in each cell, the last at the right."""
    pitch, scale = box.w / box.cells, dpi / 25.4
    for i, letter in enumerate(text.rjust(box.cells)):
        if letter != " ":
            at = (round((box.x + i * pitch + pitch * 0.25) * scale), round((box.y + box.h * 0.8) * scale))
            cv2.putText(
                page,
                letter,
                at,
                cv2.FONT_HERSHEY_SIMPLEX,
                box.h * scale / 36,
                (tone,),
                max(1, dpi // 90),
                cv2.LINE_AA,
            )


def scribble(page: Grey, dpi: int, box: Box, seed: int = 1) -> None:
    """Something written in a field without cells."""
    rng = np.random.default_rng(seed)
    x, y = box.x + 2, box.y + box.h / 2
    for _ in range(4):
        points = [(x + i * 0.9, y + float(rng.uniform(-2, 2))) for i in range(6)]
        stroke(page, dpi, points, 0.5)
        x += 7


def words(page: Grey, dpi: int, x: float, y: float, text: str, points: float = 12, tone: int = 30) -> None:
    """Printed words at x, y (mm, upper left), as a card or a bank book has them."""
    from PIL import ImageDraw, ImageFont

    font = ImageFont.truetype(
        str(Path(var("assets", "fonts")) / "BIZUDGothic-Regular.ttf"), points * dpi / 72
    )
    picture = Image.fromarray(page)
    ImageDraw.Draw(picture).text((x * dpi / 25.4, y * dpi / 25.4), text, fill=tone, font=font)
    page[:] = np.asarray(picture)


def card(page: Grey, dpi: int, box: Box, lines: Iterable[str] = ("運転免許証", "氏名 見本 太郎")) -> None:
    """A copy of a card stuck into an attachment area."""
    scale = dpi / 25.4
    x, y = box.x + 1.5, box.y + 1
    rows, columns = (
        slice(round(y * scale), round((y + 50) * scale)),
        slice(round(x * scale), round((x + 84) * scale)),
    )
    page[rows, columns] = 222
    cv2.rectangle(page, (columns.start, rows.start), (columns.stop, rows.stop), (90,), 2)
    for i, line in enumerate(lines):
        words(page, dpi, x + 6, y + 8 + i * 9, line)


def qr(text: str, scale: int) -> Grey:
    """A QR with so many pixels a module, without its border."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    drawn = np.asarray(zxingcpp.write_barcode_to_image(code, scale=scale, add_quiet_zones=False))
    return np.array(drawn.reshape(drawn.shape[:2]), dtype=np.uint8)


def white(dpi: int = 200) -> Grey:
    """An empty sheet of A4."""
    return np.full((round(297 * dpi / 25.4), round(210 * dpi / 25.4)), 255, np.uint8)


# ---- a scanner --------------------------------------------------------------------------------------------------


class Bend(NamedTuple):
    """What happens to a page on its way: degrees, mm, grey levels, pixels."""

    skew: float = 0.0
    shift: Point = (0.0, 0.0)
    noise: float = 4.0
    blur: float = 0.5
    stains: int = 0
    paper: int = PAPER
    black: int = 12
    turn: int = 0  # degrees clockwise


def scanned(page: Grey, dpi: int = 200, bend: Bend | None = None, seed: int = 1) -> Grey:
    """The page as a scanner delivers it."""
    bend = bend or Bend()
    rng = np.random.default_rng(seed)
    height, width = page.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -bend.skew, 1.0)
    matrix[:, 2] += np.array(bend.shift) * dpi / 25.4
    seen = cv2.warpAffine(page, matrix, (width, height), borderValue=(255,)).astype(np.float32)
    for _ in range(bend.stains):
        _stain(seen, dpi, rng)
    if bend.blur:
        seen = cv2.GaussianBlur(seen, (0, 0), bend.blur)
    seen = bend.black + seen * ((bend.paper - bend.black) / 255)
    seen += np.roll(_noise(*seen.shape), seed * 37, axis=0) * np.float32(bend.noise)
    grey = np.clip(seen, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(np.rot90(grey, -bend.turn // 90))


@lru_cache(maxsize=4)
def _noise(height: int, width: int) -> np.ndarray:
    """One sheet of noise for each size; every scan takes it from another row on."""
    return np.random.default_rng(5).standard_normal((height, width), dtype=np.float32)


def _stain(seen: np.ndarray, dpi: int, rng: np.random.Generator) -> None:
    """Coffee: a lighter round spot with a darker rim."""
    at = (int(rng.uniform(0.1, 0.9) * seen.shape[1]), int(rng.uniform(0.1, 0.9) * seen.shape[0]))
    spot = np.ones_like(seen)
    size = int(dpi / 25.4 * rng.uniform(8, 18))
    cv2.circle(spot, at, size, (0.88,), -1)
    cv2.circle(spot, at, size, (0.75,), max(2, dpi // 60))
    seen *= spot


def open_page(grey: Grey, dpi: int = 200, page: int = 1) -> OpenPage:
    """Pixels as open_file hands them on."""
    return OpenPage(page, grey, float(dpi))


def jpeg(grey: Grey, quality: int = 80, dpi: int = 200) -> bytes:
    """A page as a scanner's JPEG."""
    out = io.BytesIO()
    Image.fromarray(grey).save(out, "JPEG", quality=quality, dpi=(dpi, dpi))
    return out.getvalue()


def tiff(pages: Iterable[Grey], dpi: int = 200) -> bytes:
    """Pages as one G4 TIFF: black and white, as most offices scan."""
    frames = [Image.fromarray((page > 150).astype(np.uint8) * 255).convert("1") for page in pages]
    out = io.BytesIO()
    frames[0].save(out, "TIFF", save_all=True, append_images=frames[1:], compression="group4", dpi=(dpi, dpi))
    return out.getvalue()


def pdf(pages: Iterable[Grey], dpi: int = 200) -> bytes:
    """Pages as a scanner's PDF: one JPEG each."""
    frames = [Image.fromarray(page) for page in pages]
    out = io.BytesIO()
    frames[0].save(out, "PDF", save_all=True, append_images=frames[1:], resolution=dpi, quality=80)
    return out.getvalue()
