"""A finished run taken apart and put together again with other pages: what a printing accident leaves behind."""

import io
import re
import zlib
from collections.abc import Sequence

from todoku.sheets.form_layout import MM, Box
from todoku.sheets.pdf_pages import PdfPages

PAGE_HEIGHT = 297 * MM
_PLACE = re.compile(rb" 1 (-?[\d.]+) (-?[\d.]+) Tm")


def contents_of(data: bytes) -> list[bytes]:
    """The drawing commands of every page."""
    return [page.content for page in PdfPages(io.BytesIO(data)).pages()]


def rebuilt(data: bytes, contents: Sequence[bytes]) -> bytes:
    """The same fonts and base pages, and these pages in this order."""
    pdf = PdfPages(io.BytesIO(data))
    kept = sorted(pdf._needed([]))
    number = {old: new for new, old in enumerate(kept, 4)}

    def renumbered(entries: bytes) -> bytes:
        return re.sub(rb"(\d+) 0 R", lambda found: b"%d 0 R" % number[int(found[1])], entries)

    first = 4 + len(kept)
    kids = b" ".join(b"%d 0 R" % (first + 2 * i + 1) for i in range(len(contents)))
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[3 0 R]%b>>" % (len(contents), renumbered(pdf._resources)),
        b"<</Type/Pages/Parent 2 0 R/Count %d/Kids[%b]>>" % (len(contents), kids),
    ]
    for old in kept:
        entries, stream = pdf.object(old)
        bodies.append(
            renumbered(entries) + (b"stream\n%b\nendstream" % stream if stream is not None else b"")
        )
    for i, content in enumerate(contents):
        packed = zlib.compress(content)
        bodies.append(b"<</Filter/FlateDecode/Length %d>>stream\n%b\nendstream" % (len(packed), packed))
        bodies.append(b"<</Type/Page/Parent 3 0 R/Contents %d 0 R>>" % (first + 2 * i))
    return _written(bodies)


def _written(bodies: Sequence[bytes]) -> bytes:
    out, table = b"%PDF-1.7\n", b"0000000000 65535 f \n"
    for i, body in enumerate(bodies, 1):
        table += b"%010d 00000 n \n" % len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (i, body)
    count = len(bodies) + 1
    end = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (count, len(out))
    return out + b"xref\n0 %d\n" % count + table + end


def line_in(content: bytes, box: Box) -> bytes:
    """The command that sets the text of one field."""
    for line in content.split(b"\n"):
        found = _PLACE.search(line)
        if found:
            x, y = float(found[1]) / MM, (PAGE_HEIGHT - float(found[2])) / MM
            if box.x - 0.05 <= x < box.x + box.w and box.y <= y <= box.y + box.h + 0.05:
                return line
    raise AssertionError(f"nothing is set in {box.name}")


def with_field_of(content: bytes, other: bytes, box: Box) -> bytes:
    """The page with the text of one field taken from another page."""
    return content.replace(line_in(content, box), line_in(other, box))


def with_code_of(content: bytes, other: bytes) -> bytes:
    """The page with the QR of another page."""
    ours, theirs = (re.search(rb"ID ([0-9a-f]+)> EI", one) for one in (content, other))
    assert ours and theirs
    return content.replace(ours[1], theirs[1])


def with_bars_of(content: bytes, other: bytes) -> bytes:
    """The page with the bars of another page."""
    ours, theirs = (re.search(rb"\(([1-4]+)\)Tj", one) for one in (content, other))
    assert ours and theirs
    return content.replace(ours[1], theirs[1])
