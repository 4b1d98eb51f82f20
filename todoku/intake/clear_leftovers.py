"""Removes what nobody needs any more: drafts nobody sent, counts of failed look-ups, residents' sessions that are over.

Run by the round, each hour. Touches no application.
"""

from datetime import datetime, timedelta

from django.db import connection

from todoku.ground.places import var
from todoku.ground.step import Report
from todoku.people.actor import Actor

# A resident's session lasts half an hour; a day leaves room for a clock that is wrong.
KEPT_FOR = timedelta(days=1)


def clear_leftovers(*, actor: Actor, at: datetime) -> Report:
    """Report: done = photos of drafts removed."""
    oldest = (at - KEPT_FOR).timestamp()
    old = [path for path in var("drafts").glob("*.jpg") if path.stat().st_mtime < oldest]
    for path in old:
        path.unlink(missing_ok=True)
    with connection.cursor() as cursor:
        cursor.execute("delete from todoku_failedlookup where began_at < %s", [at - KEPT_FOR])
        cursor.execute("delete from todoku_residentsession where expire_date < %s", [at])
    return Report(done=len(old))
