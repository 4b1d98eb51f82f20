"""Pure. What a scanner or a person delivered: a folder or uploaded files, a zip opened within limits, as named files in order.

Gives names and how to read each; never writes anything and never looks into a picture.
"""

import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from todoku.ground.step import Refusal
from todoku.scan.limits import FILE_BYTES_MAX

KINDS = (".tif", ".tiff", ".jpg", ".jpeg", ".png", ".pdf")
FILES_MAX = 10_000  # a day of a large scanner, one file a side
ZIP_BYTES_MAX = (
    2 * 1024 * 1024 * 1024
)  # unpacked: a day's trays; beyond it, folders are handed in by the command
RATIO_MAX = 200  # a picture shrinks by a few per cent in a zip; a bomb by a thousand
# What zipfile raises of an archive that is broken, packed in a way that it does not know, or locked after all.
BAD_ZIP = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, UnicodeDecodeError, RuntimeError, OSError, EOFError,
)  # fmt: skip
RATIO_FROM_BYTES = 1024 * 1024  # small empty pages shrink much, and do no harm


class CannotOpen(Refusal):
    """What was delivered is no folder or zip of scans, or beyond the limits."""


class Delivered(NamedTuple):
    """One file as it came: its name, its size in bytes and how to read it whole."""

    name: str
    size: int
    read: Callable[[], bytes]


def files_of_folder(folder: Path) -> list[Delivered]:
    """Every scan below a folder in natural order; hidden files and what is no scan are left out. Raises CannotOpen."""
    if not folder.is_dir():
        raise CannotOpen(f"フォルダ {folder} がありません。スキャンのフォルダを指定してください。")
    found = [
        Delivered(str(path.relative_to(folder)), path.stat().st_size, path.read_bytes)
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".") and path.suffix.lower() in KINDS
    ]
    return _some(sorted(found, key=_in_order))


def _in_order(one: Delivered) -> tuple[object, ...]:
    """Names as people number files: scan2 before scan10, folder by folder; digits may be longer than an int should be."""
    parts = [re.split("([0-9]+)", part.casefold()) for part in PurePosixPath(one.name).parts]
    return [[_digits(x) if i % 2 else x for i, x in enumerate(part)] for part in parts], one.name


def _digits(text: str) -> tuple[int, str]:
    plain = text.lstrip("0")
    return len(plain), plain


def files_of_upload(files: Sequence[tuple[str, bytes]]) -> list[Delivered]:
    """Uploaded files in the order of their names, each zip replaced by what is in it. Raises CannotOpen."""
    found: list[Delivered] = []
    for name, data in files:
        if data[:4] == b"PK\x03\x04":
            found += _files_of_zip(name, data)
        else:
            found.append(Delivered(PurePosixPath(name).name, len(data), partial(bytes, data)))
    return _some(sorted(found, key=_in_order))


def _files_of_zip(name: str, data: bytes) -> Iterator[Delivered]:
    """The scans in a zip. Sizes are asked before anything is unpacked, and reading stops at the size that was told."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except BAD_ZIP as error:
        raise CannotOpen(f"{name} は開けないzipです。作り直すか、ファイルのまま送ってください。") from error
    members = [
        one
        for one in archive.infolist()
        if not one.is_dir() and PurePosixPath(one.filename).suffix.lower() in KINDS
    ]
    if any(one.flag_bits & 1 for one in members):
        raise CannotOpen(f"{name} にはパスワードが付いています。付けずに作り直してください。")
    if sum(one.file_size for one in members) > ZIP_BYTES_MAX or any(_bomb(one) for one in members):
        raise CannotOpen(f"{name} は、開くと大きすぎます。束を分けて送ってください。")
    for one in members:
        yield Delivered(one.filename, one.file_size, partial(_member, archive, one))


def _bomb(one: zipfile.ZipInfo) -> bool:
    return one.file_size > FILE_BYTES_MAX or (
        one.file_size > RATIO_FROM_BYTES and one.file_size > RATIO_MAX * max(1, one.compress_size)
    )


def _member(archive: zipfile.ZipFile, one: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(one) as opened:
            return opened.read(one.file_size)
    except BAD_ZIP as error:
        raise CannotOpen(f"zipの中の {one.filename} が壊れています。作り直してください。") from error


def _some(found: list[Delivered]) -> list[Delivered]:
    if not found:
        raise CannotOpen("スキャンのファイル（TIFF・JPEG・PDF）がありません。保存先を確かめてください。")
    if len(found) > FILES_MAX:
        raise CannotOpen(f"ファイルが多すぎます（{FILES_MAX:,}まで）。束を分けてください。")
    return found
