"""Files that harm or mislead whoever opens them without care, made as small as an attacker would make them."""

import io
import struct
import zlib

import numpy as np
import pikepdf
from PIL import Image


def huge_png(side: int = 30_000) -> bytes:
    """900 million white pixels in about 120 KB."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    pixels = deflated(b"\0" + b"\xff" * (side // 8), side)
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def deflated(block: bytes, times: int) -> bytes:
    """A zlib stream of this block so many times over, without the work of making it (and without its last checksum)."""
    press = zlib.compressobj(6)
    first = press.compress(block) + press.flush(zlib.Z_FULL_FLUSH)
    again = press.compress(block) + press.flush(zlib.Z_FULL_FLUSH)
    return first + again * (times - 1) + b"\x03\x00"


def huge_tiff(side: int = 30_000) -> bytes:
    """A TIFF whose head tells of 900 million pixels."""
    out = io.BytesIO()
    Image.new("1", (80, 80), 1).save(out, "TIFF", compression="group4")
    data = bytearray(out.getvalue())
    first = struct.unpack("<I", data[4:8])[0]
    for i in range(struct.unpack("<H", data[first : first + 2])[0]):
        at = first + 2 + 12 * i
        tag = struct.unpack("<H", data[at : at + 2])[0]
        if tag in (256, 257):  # width and height
            data[at + 2 : at + 12] = struct.pack("<HII", 4, 1, side)
    return bytes(data)


def pdf_with_large_stream(megabytes: int = 100, filters: int = 1) -> bytes:
    """A page whose content decodes to so many MB, packed once or twice over."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    data = deflated(b" " * (1 << 20), megabytes)
    for _ in range(filters - 1):
        data = zlib.compress(data)
    stream = pikepdf.Stream(pdf, data)
    stream.Filter = pikepdf.Array([pikepdf.Name.FlateDecode] * filters)
    page.Contents = stream
    return _saved(pdf)


def slow_pdf() -> bytes:
    """A page below every limit that takes long to draw: half a million lines across it."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    stream = pikepdf.Stream(pdf, deflated(b"0 0 m 595 842 l 595 0 l 0 842 l s\n" * 20_000, 60))
    stream.Filter = pikepdf.Name.FlateDecode
    page.Contents = stream
    return _saved(pdf)


def pdf_of_many_pages(pages: int = 20_000) -> bytes:
    """A page tree of so many pages, each a few bytes."""
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.4\n")
    kids = b" ".join(b"%d 0 R" % (i + 3) for i in range(pages))
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%s] >>" % (pages, kids),
    ]
    bodies += [b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"] * pages
    for i, body in enumerate(bodies, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (i, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, start))
    return out.getvalue()


def pdf_with_hidden_script(data: bytes) -> bytes:
    """This PDF with JavaScript in a list in a dictionary in a list of an annotation that no flat walk would enter."""
    pdf = pikepdf.open(io.BytesIO(data))
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    inside = pikepdf.Dictionary(Next=pikepdf.Array([pikepdf.Dictionary(Again=pikepdf.Array([script]))]))
    pdf.pages[0].Annots = pikepdf.Array([pikepdf.Dictionary(Type=pikepdf.Name.Annot, PieceInfo=inside)])
    return _saved(pdf)


def encrypted_pdf(data: bytes, user: str = "") -> bytes:
    """This PDF with a password; with an empty one readers open it, but it forbids what its owner forbade."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="owner", user=user))
    return out.getvalue()


def huge_paper_pdf() -> bytes:
    """One page of 14,400 points a side: 1.6 thousand million pixels at 200 dpi."""
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(14_400, 14_400))
    return _saved(pdf)


def many_tiff_pages(count: int) -> bytes:
    """A TIFF of so many small pages."""
    out = io.BytesIO()
    one = Image.fromarray(np.full((80, 80), 255, np.uint8)).convert("1")
    one.save(out, "TIFF", save_all=True, append_images=[one] * (count - 1), compression="group4")
    return out.getvalue()


def looping_tiff(data: bytes) -> bytes:
    """A TIFF whose last directory names the first as the next."""
    first = struct.unpack("<I", data[4:8])[0]
    entries = struct.unpack("<H", data[first : first + 2])[0]
    at = first + 2 + 12 * entries
    return data[:at] + struct.pack("<I", first) + data[at + 4 :]


def _saved(pdf: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(out, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)
    return out.getvalue()
