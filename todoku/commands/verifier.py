"""`verifier`: packs the stand-alone verifier (todoku_verify) into one file that any Python can run.

The same source gives the same bytes, so that a municipality can compare the SHA-256 printed here with the one that was
published, and an auditor with the one of a file packed anew.
"""

import argparse
import hashlib
import io
import zipfile
from pathlib import Path

from todoku.ground.places import ROOT
from todoku.ground.step import Refusal

HELP = "Pack the stand-alone verifier into one file and print its SHA-256."
NAME = "todoku-verify.pyz"
START = "import sys\n\nfrom todoku_verify.__main__ import main\n\nsys.exit(main(sys.argv[1:]))\n"
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip file can name
UNIX, READABLE = 3, 0o100644 << 16


class CannotPack(Refusal):
    """The file cannot be written where it was wanted."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--to", type=Path, default=Path(NAME), help=f"where to write it (default {NAME})")


def run(options: argparse.Namespace) -> int:
    data = packed()
    try:
        options.to.write_bytes(data)
    except OSError as error:
        raise CannotPack(
            f"{options.to} に書き込めません（{error.strerror}）。",
            remedy="書き込めるフォルダーを --to で指定してください。",
        ) from error
    print(f"{hashlib.sha256(data).hexdigest()}  {options.to}")
    return 0


def packed() -> bytes:
    """The verifier as a zip file that Python runs. Stored, not deflated: libraries deflate differently."""
    sources = {
        path.relative_to(ROOT).as_posix(): path.read_bytes() for path in (ROOT / "todoku_verify").glob("*.py")
    }
    sources["__main__.py"] = START.encode()
    whole = io.BytesIO(b"#!/usr/bin/env python3\n")
    whole.seek(0, io.SEEK_END)
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(sources):
            entry = zipfile.ZipInfo(name, LONG_AGO)
            entry.create_system, entry.external_attr = UNIX, READABLE
            archive.writestr(entry, sources[name])
    return whole.getvalue()
