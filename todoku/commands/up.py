"""`up`: serves. Each door is a process of its own that holds the secrets of that door alone.

Beside the doors run the worker of the job queue and the sweeper that re-queues the jobs of a killed worker.
"""

import argparse
import os
import sys

from django.conf import settings

from todoku.ground.processes import Child, supervise
from todoku.ground.secrets import NOT_FOR_RESIDENT_DOOR

HELP = "Serve the three doors, the job worker and the sweeper until Ctrl-C."
DOORS = ("resident", "office", "municipality")
THREADS = "4"  # of Python per worker process: measured best on two cores with pooled connections
KILL_SECONDS = "5"  # without a limit one stop was seen to wait nine minutes for an idle worker
# No door signs in as the owner; the public one holds nothing that another door's secrets protect.
NOT_FOR_A_DOOR = ("TODOKU_OWNER_PASSWORD",)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Takes none: ports, hosts and folders come from the environment (docs/reference/settings.md)."""


def run(options: argparse.Namespace) -> int:
    return supervise(children())


def children() -> list[Child]:
    """The five programs of an installation, the doors first."""
    command = [sys.executable, "-m", "todoku.commands"]
    return [
        *(door(name) for name in DOORS),
        Child("worker", [*command, "worker"]),
        Child("sweeper", [*command, "sweeper"]),
    ]


def door(name: str) -> Child:
    """One door: its own process, port, role and secrets. No access log: addresses of pages name cases."""
    host = os.environ.get("TODOKU_BIND", "127.0.0.1")
    port = settings.PORTS[name]
    kept_away = (*NOT_FOR_A_DOOR, *(NOT_FOR_RESIDENT_DOOR if name == "resident" else ()))
    options = {
        "--interface": "wsgi",
        "--host": host,
        "--port": str(port),
        "--workers": os.environ.get("TODOKU_WORKERS", "1"),
        "--blocking-threads": THREADS,
        "--workers-kill-timeout": KILL_SECONDS,
        "--log-level": "warning",
    }
    flags = [word for pair in options.items() for word in pair]
    return Child(
        name,
        [sys.executable, "-m", "granian", *flags, "todoku.wsgi:application"],
        env={
            "TODOKU_DOOR": name,
            "DATABASE_URL": without_login(os.environ["DATABASE_URL"]),
            **dict.fromkeys(kept_away),
        },
        host=host,
        port=port,
        address=f"http://{settings.HOSTS[name]}:{port}/",
    )


def without_login(address: str) -> str:
    """A database address without the owner's name and password: a door signs in by its own role."""
    scheme, _, rest = address.partition("://")
    place, question, query = rest.partition("?")
    where, slash, database = place.partition("/")
    kept = [pair for pair in query.split("&") if pair.partition("=")[0] not in ("user", "password")]
    return f"{scheme}://{where.rpartition('@')[2]}{slash}{database}{question}{'&'.join(kept)}"
