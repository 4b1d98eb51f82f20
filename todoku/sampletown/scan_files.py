"""Pure. Files as a scanner writes them: JPEG one by one, TIFF (group 4) and PDF with many pages, one page in memory.

Takes grey pages; leaves files in a folder and tells for each page which file and which page of it that was.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.TiffImagePlugin import AppendingTiffWriter

Grey = NDArray[np.uint8]
PAGES_A_FILE = 25
"""Of TIFF and PDF: a handful of envelopes, so that one bad file does not cost a tray."""
INK_BELOW = 165
"""What a scanner in black and white takes for ink."""


class Pages(Protocol):
    """A file that takes pages one after another."""

    def add(self, grey: Grey, quality: int) -> None: ...
    def close(self) -> None: ...


class LotFolder:
    """Files of one kind ("jpeg", "tiff" or "pdf") in a folder, numbered from 1; close it at the end."""

    def __init__(self, folder: Path, dpi: int, form: str, pages_a_file: int = PAGES_A_FILE) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._dpi, self._form = folder, dpi, form
        self._pages_a_file = 1 if form == "jpeg" else pages_a_file
        self._open: Pages | None = None
        self._files = self._in_file = 0
        self._name = ""

    def __enter__(self) -> LotFolder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._open:
            self._open.close()

    def add(self, grey: Grey, quality: int) -> tuple[str, int]:
        """Write a page; gives the file's name and the page in it (from 1)."""
        if self._open is None or self._in_file == self._pages_a_file:
            self._next_file()
        assert self._open
        self._open.add(grey, quality)
        self._in_file += 1
        return self._name, self._in_file

    def _next_file(self) -> None:
        if self._open:
            self._open.close()
        self._files, self._in_file = self._files + 1, 0
        ending, kind = KINDS[self._form]
        self._name = f"{self._files:06d}.{ending}"
        self._open = kind(self._folder / self._name, self._dpi)


class Jpeg:
    """One grey JPEG with its resolution."""

    def __init__(self, path: Path, dpi: int) -> None:
        self._path, self._dpi = path, dpi

    def add(self, grey: Grey, quality: int) -> None:
        self._path.write_bytes(jpeg(grey, quality, self._dpi))

    def close(self) -> None:
        """Nothing is open between two pages."""


class Group4:
    """A TIFF of black and white pages, compressed as fax machines do (CCITT group 4)."""

    def __init__(self, path: Path, dpi: int) -> None:
        self._file, self._dpi = AppendingTiffWriter(str(path), True), dpi

    def add(self, grey: Grey, quality: int) -> None:
        page = Image.fromarray(np.asarray(grey >= INK_BELOW))
        page.save(self._file, "TIFF", compression="group4", dpi=(self._dpi, self._dpi))
        self._file.newFrame()

    def close(self) -> None:
        self._file.close()


class Pdf:
    """A PDF whose pages are JPEG pictures and nothing else, as office scanners make them."""

    def __init__(self, path: Path, dpi: int) -> None:
        self._file: BinaryIO = path.open("wb")
        self._dpi, self._offsets, self._kids = dpi, [0, 0, 0], list[int]()
        self._file.write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")

    def add(self, grey: Grey, quality: int) -> None:
        height, width = grey.shape
        points = (width * 72 / self._dpi, height * 72 / self._dpi)
        picture = self._object(
            f"<</Type/XObject/Subtype/Image/Width {width}/Height {height}/ColorSpace/DeviceGray"
            f"/BitsPerComponent 8/Filter/DCTDecode",
            jpeg(grey, quality, self._dpi),
        )
        drawn = self._object("<<", f"{points[0]:.2f} 0 0 {points[1]:.2f} 0 0 cm/P Do".encode())
        self._kids.append(
            self._object(
                f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {points[0]:.2f} {points[1]:.2f}]"
                f"/Contents {drawn} 0 R/Resources<</XObject<</P {picture} 0 R>>>>>>"
            )
        )

    def close(self) -> None:
        kids = " ".join(f"{kid} 0 R" for kid in self._kids)
        self._object("<</Type/Catalog/Pages 2 0 R>>", number=1)
        self._object(f"<</Type/Pages/Count {len(self._kids)}/Kids[{kids}]>>", number=2)
        start = self._file.tell()
        lines = "".join(f"{offset:010d} 00000 n \n" for offset in self._offsets[1:])
        self._file.write(
            f"xref\n0 {len(self._offsets)}\n0000000000 65535 f \n{lines}"
            f"trailer\n<</Size {len(self._offsets)}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n".encode()
        )
        self._file.close()

    def _object(self, head: str, stream: bytes | None = None, number: int | None = None) -> int:
        if number is None:
            number = len(self._offsets)
            self._offsets.append(0)
        self._offsets[number] = self._file.tell()
        self._file.write(f"{number} 0 obj\n{head}".encode())
        if stream is not None:
            self._file.write(f"/Length {len(stream)}>>\nstream\n".encode() + stream + b"\nendstream")
        self._file.write(b"\nendobj\n")
        return number


KINDS: dict[str, tuple[str, Callable[[Path, int], Pages]]] = {
    "jpeg": ("jpg", Jpeg),
    "tiff": ("tif", Group4),
    "pdf": ("pdf", Pdf),
}


def jpeg(grey: Grey, quality: int, dpi: int) -> bytes:
    """A grey JPEG; its resolution stands in the JFIF head."""
    done, data = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done, "a grey picture can always be written as JPEG"
    written = bytearray(data.tobytes())
    assert written[6:10] == b"JFIF", "the head is where the format puts it"
    written[13] = 1  # units: dots per inch
    written[14:18] = dpi.to_bytes(2, "big") * 2
    return bytes(written)
