"""Pure. The bytes of one file of a scanner's lot become pages in grey: TIFF (many pages), JPEG, PNG, PDF.

Works on bytes that nobody has checked, so it is called in the child process alone (child.py); what it refuses is data.
Every limit is asked before anything is decoded.
"""

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from todoku.scan import limits
from todoku.scan.reading import MM_PER_INCH, PAPER_MM, FileProblem, Grey
from todoku.scan.untrusted_pdf import pdf_pages

USUAL_DPI = (100, 150, 200, 240, 300, 400, 600)  # what scanners offer
_DPI_TOLERANCE = 0.04
# What Pillow raises on files that are not what they say; anything else is a bug, and ends the child with its file.
BROKEN = (
    UnidentifiedImageError,
    OSError,
    SyntaxError,
    ValueError,
    struct.error,
    zlib.error,
    EOFError,
    KeyError,
    TypeError,
    IndexError,
)
_TIFF, _JPEG, _PNG, _PDF = (b"II*\0", b"MM\0*"), b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"%PDF-"
_JPEG_END_WITHIN = 2_048  # bytes; some scanners append a note of their own behind the end mark


class OpenPage(NamedTuple):
    """A page as it was scanned: number in the file, picture, dpi; the file's own bytes if they are just this JPEG."""

    page: int
    grey: Grey
    dpi: float
    jpeg: bytes = b""


def open_file(data: bytes) -> Iterator[OpenPage | FileProblem]:
    """The pages of a file in order, one in memory at a time, and between them what could not be taken."""
    if not data:
        yield FileProblem("empty_file", None, "ファイルが空です。もう一度読み取ってください。")
    elif len(data) > limits.FILE_BYTES_MAX:
        yield file_too_large()
    elif data[:4] in _TIFF or data[:8] == _PNG:
        yield from _pictures(data)
    elif data[:3] == _JPEG:
        yield from _jpeg(data)
    elif _PDF in data[:1024]:  # readers allow a preamble
        yield from pages_of_pdf(data)
    else:
        yield FileProblem(
            "unknown_format",
            None,
            "TIFF・JPEG・PDF のどれでもないファイルです。読取機の保存形式を確かめてください。",
        )


def pages_of_pdf(data: bytes) -> Iterator[OpenPage | FileProblem]:
    """A PDF drawn page by page: what reaches the reading is pixels, whatever else the file carries."""
    for drawn in pdf_pages(data):
        if isinstance(drawn, FileProblem):
            yield drawn
        else:
            page, grey = drawn
            yield OpenPage(page, grey, float(limits.PDF_DPI))


def _jpeg(data: bytes) -> Iterator[OpenPage | FileProblem]:
    try:
        with _quiet(), Image.open(io.BytesIO(data), formats=("JPEG", "MPO")) as opened:
            size, dpi = opened.size, opened.info.get("dpi")
    except Image.DecompressionBombError:
        yield _beyond_pixels(1)
        return
    except BROKEN:
        yield broken_page(1)
        return
    refused = too_many_pixels(1, *size) or too_small(1, *size)
    if refused:
        yield refused
        return
    if data.rfind(b"\xff\xd9") < len(data) - _JPEG_END_WITHIN:
        yield broken_page(1)
        return
    flags = cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if decoded is None:
        yield broken_page(1)
        return
    grey: Grey = np.asarray(decoded, dtype=np.uint8)
    yield OpenPage(1, grey, likely_dpi(dpi, *size), data)


def _pictures(data: bytes) -> Iterator[OpenPage | FileProblem]:
    """All pages of a TIFF, or the one of a PNG. A broken page costs itself; a broken chain costs what follows."""
    try:
        with _quiet():
            opened = Image.open(io.BytesIO(data), formats=("TIFF", "PNG"))
    except Image.DecompressionBombError:
        yield _beyond_pixels(1)
        return
    except BROKEN:
        yield broken_page(1)
        return
    with opened:
        for page in range(1, limits.PAGES_MAX + 2):
            try:
                with _quiet():
                    opened.seek(page - 1)
            except EOFError:
                return
            except Image.DecompressionBombError:
                yield _beyond_pixels(page)
                return
            except BROKEN:
                yield FileProblem(
                    "pages_lost",
                    page,
                    f"{page}ページ目から後ろが壊れています。その分の紙をもう一度読み取ってください。",
                )
                return
            if page > limits.PAGES_MAX:
                yield too_many_pages()
                return
            yield _one_picture(opened, page)


@contextmanager
def _quiet() -> Iterator[None]:
    """What a library remarks about a damaged file is told by us, once and in words."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _one_picture(opened: Image.Image, page: int) -> OpenPage | FileProblem:
    size = opened.size
    refused = too_many_pixels(page, *size) or too_small(page, *size)
    if refused:
        return refused
    try:
        dpi = opened.info.get("dpi")
        with _quiet():
            grey: Grey = np.asarray(opened if opened.mode == "L" else _on_white(opened), dtype=np.uint8)
    except BROKEN:
        return broken_page(page)
    return OpenPage(page, grey, likely_dpi(dpi, *size))


def _on_white(opened: Image.Image) -> Image.Image:
    if opened.mode in ("RGBA", "LA", "PA") or "transparency" in opened.info:
        seen = opened.convert("RGBA")
        paper = Image.new("RGBA", seen.size, "white")
        return Image.alpha_composite(paper, seen).convert("L")
    if opened.mode.startswith("I;16"):  # 16 bits of grey: a plain conversion would cut instead of scale
        return Image.fromarray((np.asarray(opened) >> 8).astype(np.uint8))
    return opened.convert("L")


def likely_dpi(told: object, width: int, height: int) -> float:
    """The dpi that a file tells, if the page is then about as wide as A4; else the one that makes it so."""
    narrow = min(width, height)
    for value in told if isinstance(told, tuple) else ():
        if float(value) > 0 and 0.8 < narrow / float(value) * MM_PER_INCH / PAPER_MM[0] < 1.2:
            return float(value)
    as_a4 = narrow / PAPER_MM[0] * MM_PER_INCH
    near = min(USUAL_DPI, key=lambda usual: abs(usual - as_a4))
    return float(near) if abs(near - as_a4) <= _DPI_TOLERANCE * near else as_a4


def file_too_large() -> FileProblem:
    """Asked before the file is handed to a child."""
    return FileProblem(
        "file_too_large",
        None,
        f"ファイルが大きすぎます（{limits.FILE_BYTES_MAX >> 20}MBまで）。束を分けて読み取ってください。",
    )


def too_many_pixels(page: int, width: float, height: float) -> FileProblem | None:
    """Asked with the size that a file tells, before a pixel is decoded."""
    return None if width * height <= limits.PIXELS_MAX else _beyond_pixels(page)


def _beyond_pixels(page: int) -> FileProblem:
    return FileProblem(
        "too_many_pixels",
        page,
        f"{page}ページ目の画素数が大きすぎます（{limits.PIXELS_MAX // 10_000:,}万画素まで）。"
        "読取機の解像度を 200〜300dpi にして読み直してください。",
    )


def too_small(page: int, width: int, height: int) -> FileProblem | None:
    """A picture of a few pixels is no page."""
    if min(width, height) >= limits.SIDE_MIN:
        return None
    return FileProblem(
        "too_small", page, f"{page}ページ目の画像が小さすぎて読めません。紙をもう一度読み取ってください。"
    )


def too_many_pages() -> FileProblem:
    """More pages than one tray holds; those before the limit are taken."""
    return FileProblem(
        "too_many_pages",
        None,
        f"1つのファイルは {limits.PAGES_MAX} ページまでです。束を分けて読み取ってください。",
    )


def broken_page(page: int) -> FileProblem:
    """A page whose picture ends too early or is no picture."""
    return FileProblem(
        "broken_page",
        page,
        f"{page}ページ目の画像が壊れています（途中で切れています）。この紙をもう一度読み取ってください。",
    )
