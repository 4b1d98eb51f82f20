"""`pictures`: the pictures of the manual, from those that the browser stories left under var/pictures.

Comes in: screenshots of one screenful. Goes out: small PNG files under docs/pictures. Takes no picture itself.
"""

import argparse
from pathlib import Path

from PIL import Image

from todoku.ground.places import ROOT
from todoku.ground.step import Refusal

# Set to anything, it makes the browser stories take pictures.
WANTED = "TODOKU_PICTURES"
HELP = f"Make the manual's pictures (docs/pictures) from those that {WANTED}=1 ./run test tests/stories has taken."
# Name in the manual → name under which a story keeps it; a phone's are taken at twice its width.
RESIDENT = {
    "resident-start": "resident-01-start",
    "resident-key": "resident-03-key",
    "resident-bank": "resident-07-bank",
    "resident-photo": "resident-12-passbook-taken",
    "resident-review": "resident-13-review",
    "resident-receipt": "resident-14-receipt",
    "resident-status": "resident-15-status",
}
DESKS = (
    "office-home", "office-roll", "office-roll-import", "office-print", "office-print-run", "office-intake",
    "office-paper", "office-review", "office-case", "office-notes", "office-payment", "office-batch", "office-progress",
    "office-wall", "city-today", "city-question", "city-decision", "city-approval", "office-gifts", "city-cash",
    "office-returned", "office-after", "city-query", "office-mail", "office-scans", "office-keying", "office-hand-back",
    "city-proof", "city-hand-back", "office-lead", "office-quality", "office-people", "office-decline", "office-versions",
    "city-criteria",
)  # fmt: skip
NAMES = (*RESIDENT, *DESKS)
PHONE_WIDTH = 375
COLOURS = 64  # pages have few; more would double the files without a visible difference
BYTES_MAX = 280_000  # one with a scanned form takes most
# A phone's page is long; the manual shows what stands on its first screens.
PHONE_HEIGHT_MAX = 900


class CannotMake(Refusal):
    """A picture is missing or would be too large."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Takes none."""


def run(options: argparse.Namespace) -> int:
    for name in NAMES:
        print(f"{name}.png {_make(name):,} bytes")
    return 0


def taken(name: str) -> Path:
    """Where a story keeps the picture that the manual knows by this name."""
    assert name in NAMES, f"the manual has no picture {name!r}"
    folder = ROOT / "var" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{RESIDENT.get(name, name)}.png"


def _make(name: str) -> int:
    """One picture, made small; gives its size in bytes."""
    source = taken(name)
    if not source.exists():
        raise CannotMake(
            f"画像 {source.name} がまだありません。",
            remedy="./run test tests/stories を先に実行してください。",
        )
    with Image.open(source) as image:
        small = image.convert("RGB")
    if name in RESIDENT:
        small = small.resize(
            (PHONE_WIDTH, round(small.height * PHONE_WIDTH / small.width)), Image.Resampling.LANCZOS
        )
        small = small.crop((0, 0, PHONE_WIDTH, min(small.height, PHONE_HEIGHT_MAX)))
    target = ROOT / "docs" / "pictures" / f"{name}.png"
    target.parent.mkdir(parents=True, exist_ok=True)
    small.quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)
    size = target.stat().st_size
    if size > BYTES_MAX:
        raise CannotMake(f"画像 {name} が{size:,}バイトあります。{BYTES_MAX:,}バイト以内にしてください。")
    return size
