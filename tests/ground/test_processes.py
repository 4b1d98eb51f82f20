"""The serving processes run together, come back when they fall, and stop together."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from todoku.ground.places import ROOT
from todoku.ground.processes import Child, PortTaken, supervise

# A program that supervises children given as Python source, one a line: name, port or "-", source.
PROGRAM = """
import sys
from todoku.ground.processes import Child, supervise
children = []
for line in sys.argv[1:]:
    name, port, source = line.split("\\t")
    children.append(Child(name, [sys.executable, "-c", source], port=None if port == "-" else int(port)))
sys.exit(supervise(children, when_all_answer=lambda: print("ALL ANSWER", file=sys.stderr, flush=True)))
"""
SLEEP = "import time; print('awake', flush=True); time.sleep(600)"


class Supervised:
    """A supervisor in a process of its own, and what it has said so far."""

    def __init__(self, folder: Path, *children: str) -> None:
        self.log = folder / "supervisor.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, *children],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def says(self, words: str, times: int = 1, seconds: float = 120) -> bool:
        """Wait until the words have been said so many times."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.log.read_text().count(words) >= times:
                return True
            time.sleep(0.05)
        return False

    def child_processes(self, name: str) -> list[int]:
        started = f"{name}: started (process "
        return [
            int(line[len(started) : -1])
            for line in self.log.read_text().splitlines()
            if line.startswith(started)
        ]


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and ") Z " in stat.read_text())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_child_that_falls_is_started_again_and_its_words_carry_its_name(tmp_path: Path) -> None:
    supervised = Supervised(
        tmp_path, "steady\t-\t" + SLEEP, "weak\t-\tprint('受付', flush=True); raise SystemExit(3)"
    )
    assert supervised.says("weak: started", times=3)
    assert supervised.says("weak | 受付", times=2)
    assert supervised.says("weak: ended by itself (exit 3), starting again in 0.5 s")
    assert supervised.says("weak: ended by itself (exit 3), starting again in 1 s")
    supervised.process.send_signal(signal.SIGTERM)
    assert supervised.process.wait(120) == 0
    assert len(supervised.child_processes("steady")) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_signal_stops_children_and_what_they_started(tmp_path: Path, number: signal.Signals) -> None:
    parent = (
        "import subprocess, sys, time; "
        "print('grandchild', subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid, flush=True); "
        "time.sleep(600)"
    )
    supervised = Supervised(tmp_path, "door\t-\t" + parent, "worker\t-\t" + SLEEP)
    assert supervised.says("door | grandchild ")
    assert supervised.says("worker | awake")
    grandchild = int(supervised.log.read_text().split("grandchild ")[1].split()[0])
    supervised.process.send_signal(number)
    assert supervised.process.wait(120) == 0
    started = [*supervised.child_processes("door"), *supervised.child_processes("worker"), grandchild]
    assert [pid for pid in started if _alive(pid)] == []
    assert supervised.says("door: stopped (signal SIGTERM)")


def test_a_child_that_will_not_stop_is_killed_at_the_second_signal_and_the_end_says_so(
    tmp_path: Path,
) -> None:
    stubborn = (
        "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    )
    supervised = Supervised(tmp_path, "stubborn\t-\t" + stubborn)
    assert supervised.says("stubborn | deaf")
    supervised.process.send_signal(signal.SIGTERM)
    assert supervised.says("stopping")
    supervised.process.send_signal(signal.SIGTERM)
    assert supervised.process.wait(120) == 1
    assert supervised.says("stubborn: stopped (signal SIGKILL)")
    assert not _alive(supervised.child_processes("stubborn")[0])


def test_a_door_is_announced_when_it_answers(tmp_path: Path) -> None:
    port = _free_port()
    serve = f"import http.server; http.server.HTTPServer(('127.0.0.1', {port}), http.server.BaseHTTPRequestHandler)"
    supervised = Supervised(tmp_path, f"door\t{port}\t{serve}.serve_forever()", "worker\t-\t" + SLEEP)
    assert supervised.says(f"door: open at port {port}")
    assert supervised.says("ALL ANSWER")
    supervised.process.send_signal(signal.SIGTERM)
    assert supervised.process.wait(120) == 0
    assert supervised.log.read_text().count("ALL ANSWER") == 1


def test_a_port_in_use_is_refused_before_anything_starts() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken) as refused:
            supervise([Child("resident", ["/bin/false"], port=port)])
    assert f"{port}（resident）" in refused.value.sentence
    assert "TODOKU_PORT" in refused.value.remedy
