"""Photos of an application that has not been sent yet: kept for a day at most (clear_leftovers).

The public door writes them below drafts/, named at random; sending keeps its own copy and takes the draft away.
"""

import re

from todoku.custody import files
from todoku.intake.picture import Picture

_NAME = re.compile(r"[0-9a-f]{32}")


def write_draft(name: str, picture: Picture) -> None:
    """Keeps a photo under a random name (32 hexadecimal digits), in place of an earlier one."""
    files.write(_path(name), picture.data)


def read_draft(name: str) -> bytes | None:
    """The photo's bytes, or None where the draft has gone in the meantime."""
    path = files.inside(_path(name))
    return path.read_bytes() if path.exists() else None


def drop_draft(name: str) -> None:
    """Takes a draft away; nothing happens where it has gone."""
    files.inside(_path(name)).unlink(missing_ok=True)


def _path(name: str) -> str:
    assert _NAME.fullmatch(name), "the name of a draft is made by us"
    return f"drafts/{name}.jpg"
