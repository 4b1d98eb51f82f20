"""Pure. Bytes of a text file in, its encoding and its lines out.

Municipal files come as CP932 or UTF-8. A byte that is no character is never replaced quietly: it is refused, or
marked so that the caller can say in which column it stands. Vendor characters (外字) of CP932 stay as they are.
"""

import io
import re
from collections.abc import Iterator
from typing import BinaryIO, Literal

from todoku.formats.refused import FormatRefused

Encoding = Literal["cp932", "utf-8", "utf-8-sig"]

BROKEN = re.compile("[\x00\x80\ufffd\uf8f0-\uf8f3]")
"""What a decoded text shows where bytes were no character. (Python's cp932 lets 80, A0 and FD–FF through.)"""

_SAMPLE_BYTES = 1024 * 1024  # a few thousand lines: enough to tell, quick to decode twice
_BLOCK_BYTES = 1024 * 1024


class EncodingRefused(FormatRefused):
    """A file that cannot be read as text. `line` from 1, `byte` its place in the line from 1 (0 unknown)."""

    def __init__(self, sentence: str, line: int = 0, byte: int = 0) -> None:
        super().__init__(sentence)
        self.line = line
        self.byte = byte


def sniff(data: bytes) -> Encoding:
    """The encoding of a file from its beginning (a megabyte is enough): "cp932", "utf-8" or "utf-8-sig".

    A file with broken bytes still has the encoding in which fewest are broken. Raises EncodingRefused for
    UTF-16 and for what is no text.
    """
    if data.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise EncodingRefused(
            "UTF-16のファイルです。「CSV UTF-8」または「CSV(Shift_JIS)」で保存し直してください。"
        )
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")):
        raise EncodingRefused(
            "CSVではないファイル(Excel・PDFなど)です。CSV形式で保存し直したものを選んでください。"
        )
    sample = data[:_SAMPLE_BYTES]
    if sample.isascii():
        sample = data
    if sample.isascii():
        return "utf-8"
    broken_utf8 = _broken(sample, "utf-8")
    return "utf-8" if broken_utf8 == 0 or broken_utf8 < _broken(sample, "cp932") else "cp932"


def _broken(sample: bytes, encoding: str) -> int:
    # The cut at the end of the sample may go through a character; that is not the file's fault.
    whole = sample[: sample.rfind(b"\n") + 1] or sample
    return len(BROKEN.findall(whole.decode(encoding, "replace")))


def decode_lines(source: bytes | BinaryIO, encoding: Encoding, *, mark_broken: bool = False) -> Iterator[str]:
    """The lines of a file, each with its line end, one after the other; memory stays at about a megabyte.

    In: the bytes, or a file opened for bytes. With `mark_broken`, broken bytes stand as characters that BROKEN
    finds; without it the first raises EncodingRefused naming line and byte.
    """
    line = 0
    for number, block in enumerate(_blocks(source)):
        if number == 0 and encoding == "utf-8-sig":
            block = block.removeprefix(b"\xef\xbb\xbf")
        text = _decoded(block, "cp932" if encoding == "cp932" else "utf-8")
        if not mark_broken and BROKEN.search(text):
            raise _refusal(block, "cp932" if encoding == "cp932" else "utf-8", line)
        for one in text.split("\n"):
            line += 1
            yield one + "\n"


def _blocks(source: bytes | BinaryIO) -> Iterator[bytes]:
    """Whole lines, about a megabyte at a time, without the last line end of each block."""
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    while block := file.read(_BLOCK_BYTES):
        if not block.endswith(b"\n"):
            block += file.readline()
        yield block.removesuffix(b"\n")


def _decoded(block: bytes, encoding: str) -> str:
    try:
        return block.decode(encoding)
    except UnicodeDecodeError:
        return block.decode(encoding, "replace")


def _refusal(block: bytes, encoding: str, before: int) -> EncodingRefused:
    for number, line in enumerate(block.split(b"\n"), before + 1):
        found = BROKEN.search(_decoded(line, encoding))
        if found:
            byte = len(_decoded(line, encoding)[: found.start()].encode(encoding)) + 1
            return EncodingRefused(
                f"{number}行目の{byte}バイト目に、文字として読めないデータがあります。"
                "元のシステムから出力し直すか、その行の文字を確認してください。",
                number,
                byte,
            )
    raise AssertionError("a block with a broken byte has a line with one")
