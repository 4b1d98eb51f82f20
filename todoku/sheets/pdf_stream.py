"""Pure. A PDF written front to back into any binary file: objects, a two-level page tree, the cross-reference.

Nothing is held but 8 bytes per object (its offset) and the page block under way, so a file of any length costs the
same memory but for those. The digest is taken while writing, of exactly the bytes that left.
"""

import hashlib
from array import array
from typing import Any, BinaryIO, NamedTuple

import pikepdf
from isal import isal_zlib

BLOCK = 256  # pages per node of the page tree: readers stay quick, and only this many numbers are held
DEFLATE_LEVEL = 2  # igzip's levels are 0–3; 3 costs a third more time for 2 % fewer bytes


class Written(NamedTuple):
    """What left: pages, bytes and their SHA-256."""

    pages: int
    bytes: int
    sha256: str


class PdfStream:
    """Writes one PDF; object numbers are reserved first, so an object may be named before it is written."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._digest = hashlib.sha256()
        self._at = 0
        self._offsets = array("Q", [0])
        self._blocks: list[int] = []
        self._kids: list[int] = []
        self._pages = 0
        self._write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        self._root, self._tree = self.reserve(), self.reserve()
        self._block = self.reserve()

    def reserve(self) -> int:
        """The number of an object still to be written."""
        self._offsets.append(0)
        return len(self._offsets) - 1

    def put(self, body: bytes, number: int = 0) -> int:
        """Write an object, in its reserved number or a new one."""
        number = number or self.reserve()
        assert not self._offsets[number], f"object {number} written twice"
        self._offsets[number] = self._at
        self._write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
        return number

    def put_stream(self, data: bytes, entries: bytes = b"", number: int = 0) -> int:
        """Write a stream object, deflated; `entries` are the other keys of its dictionary."""
        return self._put_raw(
            isal_zlib.compress(data, DEFLATE_LEVEL), entries + b"/Filter/FlateDecode", number
        )

    def put_page(self, content: bytes) -> None:
        """Write one page; size and resources are inherited from the tree."""
        stream = self.put_stream(content)
        self._kids.append(self.put(b"<</Type/Page/Parent %d 0 R/Contents %d 0 R>>" % (self._block, stream)))
        self._pages += 1
        if len(self._kids) == BLOCK:
            self._close_block()
            self._block = self.reserve()

    def put_forms(self, pdf: pikepdf.Pdf) -> list[int]:
        """The pages of another PDF as form XObjects, written once with all they need; their numbers."""
        carrier = _Carrier(self)
        return [carrier.number(page.as_form_xobject()) for page in pdf.pages]

    def finish(self, resources: bytes, media_box: bytes, title: str) -> Written:
        """Write the page tree, catalogue and cross-reference; nothing may be written afterwards."""
        if self._kids or not self._blocks:
            self._close_block()
        else:
            self.put(b"null", self._block)
        kids = b" ".join(b"%d 0 R" % block for block in self._blocks)
        self.put(
            b"<</Type/Pages/Count %d/Kids[%b]/MediaBox[%b]/Resources<<%b>>>>"
            % (self._pages, kids, media_box, resources),
            self._tree,
        )
        self.put(
            b"<</Type/Catalog/Pages %d 0 R/Lang(ja)/ViewerPreferences<</DisplayDocTitle true>>>>"
            % self._tree,
            self._root,
        )
        info = self.put(
            b"<</Title<%b>/Producer(todoku)>>" % ("\ufeff" + title).encode("utf-16-be").hex().encode()
        )
        self._write_table(info)
        return Written(self._pages, self._at, self._digest.hexdigest())

    def _close_block(self) -> None:
        kids = b" ".join(b"%d 0 R" % kid for kid in self._kids)
        self.put(
            b"<</Type/Pages/Parent %d 0 R/Count %d/Kids[%b]>>" % (self._tree, len(self._kids), kids),
            self._block,
        )
        self._blocks.append(self._block)
        self._kids.clear()

    def _write_table(self, info: int) -> None:
        start, count = self._at, len(self._offsets)
        assert all(self._offsets[1:]), "an object was reserved and never written"
        self._write(b"xref\n0 %d\n0000000000 65535 f \n" % count)
        for first in range(1, count, 4096):
            self._write(b"".join(b"%010d 00000 n \n" % at for at in self._offsets[first : first + 4096]))
        trailer = b"<</Size %d/Root %d 0 R/Info %d 0 R>>" % (count, self._root, info)
        self._write(b"trailer\n%b\nstartxref\n%d\n%%%%EOF\n" % (trailer, start))

    def _put_raw(self, data: bytes, entries: bytes, number: int = 0) -> int:
        head = b"<<%b/Length %d>>stream\n" % (entries, len(data))
        return self.put(b"%b%b\nendstream" % (head, data), number)

    def _write(self, data: bytes) -> None:
        self._out.write(data)
        self._digest.update(data)
        self._at += len(data)


class _Carrier:
    """Carries objects of another PDF over, each once, under new numbers."""

    def __init__(self, target: PdfStream) -> None:
        self._target = target
        self._numbers: dict[tuple[int, int], int] = {}

    def number(self, thing: Any) -> int:
        """Write an object of the other PDF and return its number here; direct ones become objects too."""
        known = self._numbers.get(thing.objgen) if thing.is_indirect else None
        if known:
            return known
        number = self._target.reserve()
        if thing.is_indirect:
            self._numbers[thing.objgen] = number
        if isinstance(thing, pikepdf.Stream):
            data, entries = thing.read_raw_bytes(), self._entries(thing, leave={"/Length"})
            self._target._put_raw(data, entries, number)
        else:
            self._target.put(self._text(thing, own=True), number)
        return number

    def _text(self, thing: Any, own: bool = False) -> bytes:
        if not isinstance(thing, pikepdf.Object):
            return pikepdf.Object.unparse(pikepdf.Array([thing]))[1:-1].strip()
        if thing.is_indirect and not own:
            return b"%d 0 R" % self.number(thing)
        if isinstance(thing, pikepdf.Dictionary):
            return b"<<" + self._entries(thing) + b">>"
        if isinstance(thing, pikepdf.Array):
            return b"[" + b" ".join(self._text(part) for part in thing) + b"]"
        return thing.unparse()

    def _entries(self, table: Any, leave: frozenset[str] | set[str] = frozenset()) -> bytes:
        return b"".join(
            pikepdf.Name(key).unparse() + b" " + self._text(table[key])
            for key in sorted(table.keys())
            if key not in leave
        )
