"""Work in bulk stands back for people at the desks: on a machine with few cores it takes what they leave of them.

Takes this process and its database connection; leaves both at a lower priority of the operating system, where that is
allowed. Changes no result: only who waits for whom.
"""

import os
from pathlib import Path
from typing import Any

from django.db import connection

# A weight of 110 beside 1,024 in Linux's scheduler: nearly all for the doors while they are busy, everything when they are not,
# and never so little that a lock held in the middle of a statement would be held for long.
NICE = 10


def stand_back() -> None:
    """Lowers this process once and for all; for a process that does nothing but work in bulk."""
    os.setpriority(os.PRIO_PROCESS, 0, max(NICE, os.getpriority(os.PRIO_PROCESS, 0)))


def server_stands_back() -> None:
    """Gives the server process of this thread's connection the priority of this process.

    Half of the work in bulk is done there. Left as it is: a server on another machine, or one of another user.
    """
    connection.ensure_connection()
    own = os.getpriority(os.PRIO_PROCESS, 0)
    server = _server(connection.connection)
    if own <= 0 or server is None:
        return
    try:
        os.setpriority(os.PRIO_PROCESS, server, own)
    except (PermissionError, ProcessLookupError):
        return


def _server(opened: Any) -> int | None:
    """The server's process if it can be seen here. A number alone proves nothing: a server in a container counts its own."""
    told, database = opened.info.backend_pid, opened.info.dbname
    try:
        words = Path(f"/proc/{told}/cmdline").read_bytes().decode("utf-8", "replace")
    except OSError:
        return None
    return told if words.startswith("postgres: ") and database in words else None
