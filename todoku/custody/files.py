"""The one way in which files that matter are written: whole, durable, or not at all.

Temporary name in the same folder, write, fsync, rename, fsync of the folder. An fsync that fails is never asked again: the
kernel may have dropped the pages and would say yes the second time, so the file is given up and written anew by the next
try. A test can stop the process between any two of these steps by setting `AFTER_STEP`; production never sets it.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from todoku.ground.places import var
from todoku.ground.step import Refusal

# Called with the step's name after each step; the seam for kill tests (see tests/custody/test_files.py).
AFTER_STEP: list[Callable[[str], None]] = []
BLOCK_BYTES = 1024 * 1024


class CannotWrite(Refusal):
    """The file could not be written whole; nothing is left under its name."""


class Written(NamedTuple):
    """A finished file: its path below the state folder, digest and size in bytes."""

    path: str
    sha256: str
    size_bytes: int


def _step(name: str) -> None:
    for call in AFTER_STEP:
        call(name)


class _Digesting:
    """A binary file that keeps the SHA-256 and the size of what passes through."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self.size += len(data)
        return self._file.write(data)


class Sink(NamedTuple):
    """What `writing` hands out: `write` takes bytes; `written` is complete after the block has ended."""

    write: Callable[[bytes], int]
    written: list[Written]


@contextmanager
def writing(relative: str) -> Iterator[Sink]:
    """Opens a file below the state folder for one streamed, durable write.

    Raises CannotWrite (disk full, no right) with the reason; an error inside the block leaves no file.
    """
    with _writing(inside(relative), relative) as sink:
        yield sink


def write_to(folder: Path, name: str, data: bytes) -> Written:
    """Writes bytes durably into a folder of the caller's own, for commands whose files are not the state's."""
    assert Path(name).name == name, "a name leads out of its folder"
    with _writing(folder / name, name) as sink:
        sink.write(data)
    return sink.written[0]


@contextmanager
def writing_to(folder: Path, name: str) -> Iterator[Sink]:
    """The same as a stream, for what is too much to hold at once."""
    assert Path(name).name == name, "a name leads out of its folder"
    with _writing(folder / name, name) as sink:
        yield sink


@contextmanager
def _writing(final: Path, shown: str) -> Iterator[Sink]:
    partial = final.with_name(f".{final.name}.part")
    renamed = False
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as raw:
            digesting = _Digesting(raw)
            sink = Sink(digesting.write, [])
            yield sink
            raw.flush()
            _step("written")
            os.fsync(raw.fileno())
            _step("synced")
        os.replace(partial, final)
        renamed = True
        _step("renamed")
        _sync_folder(final.parent)
        _step("folder synced")
    except OSError as error:
        (final if renamed else partial).unlink(missing_ok=True)
        raise CannotWrite(
            f"ファイルを書き込めませんでした（{error.strerror}）。空き容量と権限を確認して、もう一度実行してください。"
        ) from error
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    sink.written.append(Written(shown, digesting.digest.hexdigest(), digesting.size))


def write(relative: str, data: bytes) -> Written:
    """Writes bytes durably below the state folder; see `writing`."""
    with writing(relative) as sink:
        sink.write(data)
    return sink.written[0]


def remove_folder(relative: str) -> None:
    """Takes a folder of files away that no row names: what was written before a later file of the same deed failed."""
    shutil.rmtree(inside(relative), ignore_errors=True)


def remove(relative: str) -> bool:
    """Erases one file below the state folder durably; False where it was gone already."""
    path = inside(relative)
    if not path.is_file():
        return False
    path.unlink()
    _sync_folder(path.parent)
    return True


def inside(relative: str) -> Path:
    """The full path of a file below the state folder; asserts that it does not lead out of it."""
    root = var().resolve()
    path = (root / relative).resolve()
    assert path.is_relative_to(root), "a path leads out of the state folder"
    return path


def read(relative: str) -> bytes:
    return inside(relative).read_bytes()


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
