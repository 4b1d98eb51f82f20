"""A worker stands back: its own process and the server process of its connection get a lower priority, nobody else's."""

import os
import subprocess
import sys

from django.db import connection

from todoku.ground.places import ROOT
from todoku.ground.stand_back import NICE, server_stands_back

# In a process of its own: what is lowered once stays lowered.
WORKER = """
import os, django
django.setup()
from django.db import connection
from todoku.ground.stand_back import server_stands_back, stand_back
from todoku.rounds.queue import _behind_the_desks
stand_back(); stand_back()
with _behind_the_desks():
    server = connection.connection.info.backend_pid
    seen = os.path.exists(f"/proc/{server}")
    print(os.getpriority(os.PRIO_PROCESS, 0), os.getpriority(os.PRIO_PROCESS, server) if seen else "elsewhere")
print(connection.connection is None)
"""


def lowered(server: int) -> str:
    """What becomes of a server process: lowered where it is seen here and ours to lower, else left as it is."""
    if not os.path.exists(f"/proc/{server}"):
        return "elsewhere"
    return str(NICE) if os.geteuid() in (0, os.stat(f"/proc/{server}").st_uid) else "0"


def test_a_worker_and_its_server_stand_back_and_the_connection_is_closed(database):
    connection.ensure_connection()
    ours = connection.connection.info.backend_pid
    told = subprocess.run(
        [sys.executable, "-c", WORKER], cwd=ROOT, env={**os.environ, "DJANGO_SETTINGS_MODULE": "todoku.settings"},
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert told == [str(NICE), lowered(ours), "True"]
    if os.path.exists(f"/proc/{ours}"):
        assert os.getpriority(os.PRIO_PROCESS, ours) == 0, "the connection of another process stays as it is"


def test_who_does_not_stand_back_leaves_its_server_alone(database):
    connection.ensure_connection()
    server_stands_back()
    server = connection.connection.info.backend_pid
    if os.path.exists(f"/proc/{server}"):
        assert os.getpriority(os.PRIO_PROCESS, server) == os.getpriority(os.PRIO_PROCESS, 0)
