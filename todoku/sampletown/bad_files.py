"""Pure. Files that must not harm whoever opens a scanner's lot: bombs, active content, encrypted, cut short, misnamed.

Goes in: a good page as JPEG and as TIFF. Comes out: one bad file after another, with what it is; each is made when it is
asked for, so that no two are in memory.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pikepdf

BOMB_SIDE = 30_000
"""30,000 × 30,000 = 900 megapixels, in about 110 KB."""
STREAM_BYTES = 100 * 1024 * 1024
PAGES = 20_000
_BLOCK = b"\0" * 1_048_576


class BadFile(NamedTuple):
    """A name as a scanner would give it, the bytes, and whether its good pages may still be taken."""

    name: str
    what: str
    data: bytes
    some_pages: bool = False


def bad_files(good_jpeg: bytes, good_tiff: bytes) -> Iterator[BadFile]:
    """Every kind of bad file, smallest first; `good_tiff` has several pages."""
    makers: tuple[tuple[str, str, Callable[[], bytes], bool], ...] = (
        ("empty.jpg", "empty", lambda: b"", False),
        ("text.jpg", "no_picture", lambda: "これは画像ではありません。\n".encode() * 40, False),
        ("jpeg.tif", "misnamed", lambda: good_jpeg, True),
        ("cut.jpg", "cut_short", lambda: good_jpeg[: len(good_jpeg) // 2], False),
        ("cut.tif", "cut_short", lambda: good_tiff[: len(good_tiff) * 6 // 10], True),
        ("script.pdf", "active", lambda: scripted_pdf(good_jpeg), True),
        ("locked.pdf", "encrypted", lambda: encrypted_pdf("himitsu"), False),
        ("restricted.pdf", "encrypted", lambda: encrypted_pdf(""), False),
        ("bomb.png", "bomb", png_bomb, False),
        ("bomb.tif", "bomb", tiff_bomb, False),
        ("stream.pdf", "bomb", pdf_with_large_stream, False),
        ("pages.pdf", "bomb", pdf_with_many_pages, False),
    )
    for name, what, make, some in makers:
        yield BadFile(name, what, make(), some)


def png_bomb(side: int = BOMB_SIDE) -> bytes:
    """A white square of one bit a pixel that is small in the file and 900 megapixels when decoded."""
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    pixels = _deflated(side * (1 + (side + 7) // 8))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def tiff_bomb(side: int = BOMB_SIDE) -> bytes:
    """The same as a TIFF with one deflated strip."""
    pixels = _deflated(side * ((side + 7) // 8))
    offset = 8
    entries = (
        (256, 4, side), (257, 4, side), (258, 3, 1), (259, 3, 8), (262, 3, 1), (273, 4, offset), (277, 3, 1),
        (278, 4, side), (279, 4, len(pixels)),
    )  # fmt: skip
    table = struct.pack("<H", len(entries))
    for tag, kind, value in entries:
        packed = struct.pack("<HH", value, 0) if kind == 3 else struct.pack("<I", value)
        table += struct.pack("<HHI", tag, kind, 1) + packed
    return struct.pack("<2sHI", b"II", 42, offset + len(pixels)) + pixels + table + struct.pack("<I", 0)


def pdf_with_large_stream(size: int = STREAM_BYTES) -> bytes:
    """One page whose contents are 100 MB of blanks, deflated to about 100 KB."""
    contents = _deflated(size, b" " * len(_BLOCK))
    return _pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>",
            b"<</Filter/FlateDecode/Length %d>>\nstream\n" % len(contents) + contents + b"\nendstream",
        ]
    )


def pdf_with_many_pages(pages: int = PAGES) -> bytes:
    """20,000 empty pages in about 2 MB."""
    kids = b" ".join(b"%d 0 R" % (3 + i) for i in range(pages))
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"
    return _pdf(
        [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count %d/Kids[%s]>>" % (pages, kids)]
        + [page] * pages
    )


def scripted_pdf(picture: bytes) -> bytes:
    """A scanned page with JavaScript: on opening, and once more deep in a chain of actions of a link."""
    script = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
    size = _jpeg_size(picture)
    return _pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R/OpenAction 6 0 R>>",
            b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Annots[7 0 R]"
            b"/Resources<</XObject<</P 5 0 R>>>>>>",
            b"<</Length 31>>\nstream\n595.00 0 0 842.00 0 0 cm /P Do \nendstream",
            b"<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8"
            b"/Filter/DCTDecode/Length %d>>\nstream\n" % (*size, len(picture)) + picture + b"\nendstream",
            script,
            b"<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/GoTo/D[3 0 R/Fit]/Next[<</S/Named/N/NextPage/Next 8 0 R>>]>>>>",
            b"<</S/GoTo/D[3 0 R/Fit]/Next[<</S/Launch/F(calc)/Next[6 0 R]>>]>>",
        ]
    )


def encrypted_pdf(password: str) -> bytes:
    """A PDF that asks for a password, or with "" one that opens but is restricted."""
    made = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        pdf.save(made, encryption=pikepdf.Encryption(owner="shoyusha", user=password, R=6))
    return made.getvalue()


def _pdf(objects: list[bytes]) -> bytes:
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n" % number + body + b"\nendobj\n")
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % offset for offset in offsets))
    out.write(b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
    return out.getvalue()


def _deflated(size: int, block: bytes = _BLOCK) -> bytes:
    """So many equal bytes, deflated without ever being in memory: after a full flush a block has the same bytes again."""
    work = zlib.compressobj(6)
    first, again = (work.compress(block) + work.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    times, rest = divmod(size, len(block))
    assert times, "a bomb is larger than a block"
    end = zlib.compressobj(6, wbits=-zlib.MAX_WBITS)
    check = 1
    for _ in range(times):
        check = zlib.adler32(block, check)
    check = zlib.adler32(block[:rest], check)
    return first + again * (times - 1) + end.compress(block[:rest]) + end.flush() + struct.pack(">I", check)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _jpeg_size(picture: bytes) -> tuple[int, int]:
    """Width and height from the frame header (SOF0 … SOF2) of a JPEG."""
    at = 2
    while picture[at + 1] not in (0xC0, 0xC1, 0xC2):
        at += 2 + int.from_bytes(picture[at + 2 : at + 4], "big")
    return int.from_bytes(picture[at + 7 : at + 9], "big"), int.from_bytes(picture[at + 5 : at + 7], "big")
