"""Photos of an application that has not been sent yet: kept for a day at most, then gone.

The public door writes them below drafts/, named at random; sending keeps its own copy and takes the draft away.
"""

import re
from datetime import datetime, timedelta

from django.db import connection

from todoku.custody import files
from todoku.ground.places import var
from todoku.ground.step import Report
from todoku.intake.picture import Picture
from todoku.people.actor import Actor

KEPT_FOR = timedelta(days=1)
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


def clear_leftovers(*, actor: Actor, at: datetime) -> Report:
    """Removes drafts nobody sent, counts of failed look-ups and sessions that are over. Run by the round, each hour."""
    oldest = (at - KEPT_FOR).timestamp()
    old = [path for path in var("drafts").glob("*.jpg") if path.stat().st_mtime < oldest]
    for path in old:
        path.unlink(missing_ok=True)
    with connection.cursor() as cursor:
        cursor.execute("delete from todoku_failedlookup where began_at < %s", [at - KEPT_FOR])
        cursor.execute("delete from todoku_residentsession where expire_date < %s", [at])
    return Report(done=len(old))


def _path(name: str) -> str:
    assert _NAME.fullmatch(name), "the name of a draft is made by us"
    return f"drafts/{name}.jpg"
