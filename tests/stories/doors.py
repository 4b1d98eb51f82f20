"""Doors of their own processes, as in production, that stay open from story to story and move to each story's database.

Starting one takes longer than most stories. What a door stands on is written in a file that it reads at every request:
database, state folder and clock of the story at hand, or nothing between two stories.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from tests import clock
from tests.stories.stands_on import FILE
from todoku.ground.places import ROOT
from todoku.ground.secrets import NOT_FOR_RESIDENT_DOOR

ROLE = {"resident": "public", "office": "office", "municipality": "office"}
HOST = {"resident": "todoku.localhost", "office": "office.localhost", "municipality": "city.localhost"}
START_SECONDS = STAND_SECONDS = 60
STOP_SECONDS = 10
PORTS_TRIED = 3  # between asking for a free port and taking it, somebody else may get it


class Doors:
    """The doors of one run of the tests, each started when first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "stands-on.json"
        self._open: dict[str, tuple[subprocess.Popen[bytes], int]] = {}
        self.leave()

    def stand_on(self, database: str, state: Path) -> None:
        """From now on every door serves this database and keeps its files in this folder."""
        self._write({"database": database, "state": str(state), "clock": os.environ.get(clock.FILE, "")})

    def leave(self) -> None:
        """Between two stories: doors answer nothing and hold no connection, so that the database can go."""
        self._write({})
        for door, (running, port) in self._open.items():
            assert running.poll() is None, f"the door {door} ended:\n{self._log(door).read_text()}"
            assert self._answers(door, port, STAND_SECONDS), (
                f"the door {door} does not answer:\n{self._log(door).read_text()}"
            )

    def address(self, door: str) -> str:
        """Where a door answers, started if it is not open yet."""
        if door not in self._open:
            self._start(door)
        return f"http://{HOST[door]}:{self._open[door][1]}"

    def close(self) -> None:
        """Ends all of them."""
        for running, _ in self._open.values():
            os.killpg(running.pid, signal.SIGTERM)
        for running, _ in self._open.values():
            try:
                running.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(running.pid, signal.SIGKILL)
                running.wait()

    def _write(self, standing: dict[str, str]) -> None:
        beside = self._file.with_suffix(".new")
        beside.write_text(json.dumps(standing), encoding="utf-8")
        beside.replace(self._file)

    def _log(self, door: str) -> Path:
        return self._folder / f"{door}.log"

    def _start(self, door: str) -> None:
        for _ in range(PORTS_TRIED):
            self._open[door] = self._begun(door)
            if self._opens(door, *self._open[door]):
                return
            del self._open[door]
        raise AssertionError(f"the door ended at once:\n{self._log(door).read_text()}")

    def _begun(self, door: str) -> tuple[subprocess.Popen[bytes], int]:
        """A door's process, and the port that it is to take."""
        port = _free_port()
        command = [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
            "--workers", "1", "--blocking-threads", "4", "--no-ws", "todoku.wsgi:application",
        ]  # fmt: skip
        with self._log(door).open("wb") as output:
            running = subprocess.Popen(
                command, cwd=ROOT, env=self._environment(door), stdout=output, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
        return running, port

    def _opens(self, door: str, running: subprocess.Popen[bytes], port: int) -> bool:
        """Waits until the door answers; False where its process ended."""
        until = time.monotonic() + START_SECONDS
        while not self._answers(door, port):
            if running.poll() is not None:
                return False
            assert time.monotonic() < until, f"no answer in {START_SECONDS} s:\n{self._log(door).read_text()}"
            time.sleep(0.05)
        return running.poll() is None

    def _answers(self, door: str, port: int, seconds: float = 10) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=seconds) as asked:
                asked.sendall(
                    f"HEAD /static/shared/todoku.svg HTTP/1.0\r\nHost: {HOST[door]}\r\n\r\n".encode()
                )
                return bool(asked.recv(1))
        except OSError:  # not listening yet
            return False

    def _environment(self, door: str) -> dict[str, str]:
        """What the door's process knows: its own secrets, and the role that copies of the template have for it."""
        template = os.environ["DATABASE_URL"]
        hidden = NOT_FOR_RESIDENT_DOOR if door == "resident" else ()
        return {name: value for name, value in os.environ.items() if name not in hidden} | {
            "TODOKU_DOOR": door,
            "TODOKU_VAR": str(self._folder),
            "DATABASE_URL": urlunsplit(urlsplit(template)._replace(path="/none")),
            "TODOKU_TEST_USER": f"{urlsplit(template).path.lstrip('/')}_{ROLE[door]}",
            FILE: str(self._file),
            "DJANGO_SETTINGS_MODULE": "tests.stories.door_settings",
            "PYTHONPATH": str(ROOT),
        }


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])
