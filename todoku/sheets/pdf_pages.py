"""Pure. Reads the pages of a finished PDF one after another, from its bytes alone, in constant memory.

Strict rather than general: it reads what a print run is (a plain cross-reference, a tree of pages whose content is one
deflated stream, resources at the root) and refuses whatever else it meets. It shares no code with what writes a run.
"""

import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

WINDOW_BYTES = 1 << 20  # read at once: pages lie one behind the other
TABLE_BYTES = 20 * 4096  # of the cross-reference, at once
OBJECT_BYTES_MAX = 64 << 20  # no stream of a run is larger: the fonts are subsets
TRAILER_BYTES_MAX = 512
UNPACKED_BYTES_MAX = 1 << 20  # of one page's content; a form unpacks to 4 kB
TREE_DEPTH_MAX = 8

_TAIL = re.compile(rb"startxref\n(\d+)\n%%EOF\n\Z")
_TABLE = re.compile(rb"xref\n0 (\d+)\n")
_ROOT = re.compile(rb"trailer\n<<[^<>]*/Root (\d+) 0 R")
_HEAD = re.compile(rb"(\d+) 0 obj\n")
_LENGTH = re.compile(rb"/Length (\d+)>>stream\n\Z")
_PAGES = re.compile(rb"/Pages (\d+) 0 R")
_NODE = re.compile(
    rb"<</Type/Pages(?:/Parent (\d+) 0 R)?/Count (\d+)/Kids\[([\d R]*)\](/MediaBox.*)?>>\Z", re.DOTALL
)
_PAGE = re.compile(rb"<</Type/Page/Parent (\d+) 0 R/Contents (\d+) 0 R>>\Z")
_MEDIA_BOX = re.compile(rb"/MediaBox\[0 0 ([\d.]+) ([\d.]+)\]")
_NAMED = re.compile(rb"/(\w+) (\d+) 0 R")
_REFERENCE = re.compile(rb"(\d+) 0 R")


class BrokenFile(ValueError):
    """The file is not a whole print run. `.sentence` says so to a person."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.sentence = f"PDFが印刷ファイルとして読めません（{what}）。途中で切れたか、書き換えられています。作り直してください。"


class Page(NamedTuple):
    """One page: its place (from 1), the number of its content's object, the content unpacked."""

    place: int
    contents: int
    content: bytes


class PdfPages:
    """A finished run, opened: `pages()` gives them in order; fonts and base pages by the names that pages use."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = file.seek(0, 2)
        self._window, self._window_at = b"", 0
        self._table, self._table_at = b"", 0
        tail = _TAIL.search(self._read(max(0, self._size - 64), 64))
        if not tail:
            raise BrokenFile("終わりの印がない")
        start = int(tail[1])
        head = _TABLE.match(self._read(start, 32))
        if not head:
            raise BrokenFile("目次がない")
        self._count, self._entries = int(head[1]), start + head.end()
        end = self._entries + 20 * self._count
        root = _ROOT.match(self._read(end, TRAILER_BYTES_MAX))
        # Nothing may follow: a file written after another one would be read as the first alone.
        if not root or self._size - end > TRAILER_BYTES_MAX:
            raise BrokenFile("目次の終わりがない")
        self._tree = self._named(_PAGES, self.object(int(root[1]))[0])
        node = self._node(self._tree, 0)
        self._resources = node[4] or b""
        size = _MEDIA_BOX.match(self._resources)
        if node[1] or not size:
            raise BrokenFile("ページの大きさがない")
        self.width, self.height = float(size[1]), float(size[2])
        self.count = int(node[2])

    def pages(self) -> Iterator[Page]:
        """Every page in order. Raises BrokenFile where the file is not what it says it is."""
        place = 0
        for number in self._kids(self._tree, 0):
            found = _PAGE.match(self.object(number)[0])
            if not found:
                raise BrokenFile(f"{place + 1}ページ目がページではない")
            place += 1
            contents = int(found[2])
            yield Page(place, contents, self.stream(contents, UNPACKED_BYTES_MAX))
        if place != self.count:
            raise BrokenFile(f"{self.count}ページのはずが{place}ページある")

    def resources(self, kind: str) -> dict[str, int]:
        """The fonts ("Font") or base pages ("XObject") by the names that pages use: name → object."""
        found = re.search(b"/%b<<([^<>]*)>>" % kind.encode(), self._resources)
        return {name.decode(): int(number) for name, number in _NAMED.findall(found[1])} if found else {}

    def object(self, number: int) -> tuple[bytes, bytes | None]:
        """An object as its dictionary (or other value) and, of a stream, its raw data."""
        at = self._offset(number)
        data = self._read(at, 2048)
        head = _HEAD.match(data)
        if not head or int(head[1]) != number:
            raise BrokenFile(f"{number}番の部品が目次の所にない")
        plain, stream = data.find(b"\nendobj\n"), data.find(b">>stream\n")
        if stream < 0 and plain < 0:
            data = self._read(at, OBJECT_BYTES_MAX)
            plain, stream = data.find(b"\nendobj\n"), data.find(b">>stream\n")
        if stream < 0 or 0 <= plain < stream:
            if plain < 0:
                raise BrokenFile(f"{number}番の部品が途中で終わる")
            return data[head.end() : plain], None
        begin = stream + len(b">>stream\n")
        length = _LENGTH.search(data, head.end(), begin)
        if not length or int(length[1]) > OBJECT_BYTES_MAX:
            raise BrokenFile(f"{number}番の部品の長さがない")
        end = begin + int(length[1])
        if end + 18 > len(data):
            data = self._read(at, end + 18)
        if data[end : end + 18] != b"\nendstream\nendobj\n":
            raise BrokenFile(f"{number}番の部品の長さが違う")
        return data[head.end() : stream + 2], data[begin:end]

    def stream(self, number: int, at_most: int) -> bytes:
        """The unpacked data of a deflated stream, of a bounded size."""
        entries, raw = self.object(number)
        if raw is None or b"/Filter/FlateDecode" not in entries.replace(b" ", b""):
            raise BrokenFile(f"{number}番の部品が圧縮されたデータでない")
        unpack = zlib.decompressobj()
        try:
            data = unpack.decompress(raw, at_most)
        except zlib.error as error:
            raise BrokenFile(f"{number}番の部品が壊れている") from error
        if not unpack.eof:
            raise BrokenFile(f"{number}番の部品が大きすぎるか、途中で終わる")
        return data

    def excerpt(self, contents: list[int]) -> bytes:
        """A small PDF of some pages, for another reader: every object that they need is copied to the byte.

        Only the pages' own entries, the tree and the cross-reference are new: another reader would keep a table of all
        objects of a run in memory.
        """
        bodies = {number: self._raw(number) for number in self._needed(contents)}
        tree = self._count
        resources = self._resources
        kids = b" ".join(b"%d 0 R" % (tree + 2 + i) for i in range(len(contents)))
        bodies[tree] = b"<</Type/Pages/Count %d/Kids[%b]%b>>" % (len(contents), kids, resources)
        bodies[tree + 1] = b"<</Type/Catalog/Pages %d 0 R>>" % tree
        for i, content in enumerate(contents):
            bodies[tree + 2 + i] = b"<</Type/Page/Parent %d 0 R/Contents %d 0 R>>" % (tree, content)
        out, table = [b"%PDF-1.7\n"], [b"xref\n0 1\n0000000000 65535 f \n"]
        at = len(out[0])
        for number, body in sorted(bodies.items()):
            table.append(b"%d 1\n%010d 00000 n \n" % (number, at))
            out.append(b"%d 0 obj\n%b\nendobj\n" % (number, body))
            at += len(out[-1])
        trailer = b"trailer\n<</Size %d/Root %d 0 R>>\n" % (tree + 2 + len(contents), tree + 1)
        return b"".join([*out, *table, trailer, b"startxref\n%d\n%%%%EOF\n" % at])

    def _needed(self, contents: list[int]) -> set[int]:
        """The objects of these pages' content, and all that the resources lead to."""
        found, waiting = set(contents), [int(number) for number in _REFERENCE.findall(self._resources)]
        while waiting:
            number = waiting.pop()
            if number not in found:
                found.add(number)
                waiting += map(int, _REFERENCE.findall(self.object(number)[0]))
        return found

    def _raw(self, number: int) -> bytes:
        entries, data = self.object(number)
        return entries if data is None else b"%bstream\n%b\nendstream" % (entries, data)

    def _kids(self, number: int, depth: int) -> Iterator[int]:
        """The page objects below a node of the tree, in order."""
        if depth > TREE_DEPTH_MAX:
            raise BrokenFile("ページの木が深すぎる")
        node = self._node(number, depth)
        for kid in map(int, _REFERENCE.findall(node[3])):
            if self.object(kid)[0].startswith(b"<</Type/Pages"):
                yield from self._kids(kid, depth + 1)
            else:
                yield kid

    def _node(self, number: int, depth: int) -> "re.Match[bytes]":
        node = _NODE.match(self.object(number)[0])
        if not node or bool(node[4]) != (depth == 0):
            raise BrokenFile("ページの木が読めない")
        return node

    def _named(self, pattern: "re.Pattern[bytes]", entries: bytes) -> int:
        found = pattern.search(entries)
        if not found:
            raise BrokenFile("ページの木がない")
        return int(found[1])

    def _offset(self, number: int) -> int:
        """Where an object begins, from the cross-reference."""
        if not 0 < number < self._count:
            raise BrokenFile(f"{number}番の部品がない")
        at = self._entries + 20 * number
        if not self._table_at <= at <= self._table_at + len(self._table) - 20:
            self._file.seek(at)
            self._table, self._table_at = self._file.read(TABLE_BYTES), at
        entry = self._table[at - self._table_at : at - self._table_at + 20]
        if len(entry) != 20 or entry[10:] != b" 00000 n \n" or not entry[:10].isdigit():
            raise BrokenFile(f"{number}番の部品の場所がない")
        return int(entry[:10])

    def _read(self, at: int, size: int) -> bytes:
        """Up to `size` bytes from there, through a window that moves along the file."""
        start = at - self._window_at
        if not (0 <= start and start + size <= len(self._window)):
            if at >= self._size:
                raise BrokenFile("ファイルが途中で終わる")
            self._file.seek(at)
            self._window, self._window_at = (
                self._file.read(max(WINDOW_BYTES, min(size, OBJECT_BYTES_MAX))),
                at,
            )
            start = 0
        return self._window[start : start + size]
