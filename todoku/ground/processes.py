"""Keeps a few programs running together and stops them together: the doors, the job worker, the sweeper.

Takes a list of Child; leaves nothing running when it returns. A child that ends by itself is started again,
later each time it fails soon. One line for each event; what a child says is shown behind its name.
"""

import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

from todoku.ground.step import Refusal

STOP_SECONDS = 10.0  # what an operator waits for after Ctrl-C before pulling the plug
KILL_AFTER_SECONDS = 8.0  # so that killed children are still collected within STOP_SECONDS
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
SETTLED_SECONDS = 60.0  # a child that ran this long has recovered: its next fault starts from the first pause
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # Ctrl-C, a service manager, a closed terminal
TICK_SECONDS = 0.2
READ_BYTES = 65536


class PortTaken(Refusal):
    """Something else listens where a door should open."""


@dataclass(frozen=True)
class Child:
    """One program to keep running. `env` lies over ours (None removes a name); a door has a port."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str | None] = field(default_factory=dict)
    host: str = "127.0.0.1"
    port: int | None = None
    address: str = ""


@dataclass
class _Running:
    """What the supervisor remembers about one child between two looks."""

    child: Child
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    start_at: float = 0.0
    pause: float = FIRST_PAUSE_SECONDS
    answers: bool = False
    rest: bytes = b""


def supervise(
    children: Sequence[Child],
    *,
    say: Callable[[str], None] | None = None,
    when_all_answer: Callable[[], None] | None = None,
) -> int:
    """Run the children until a signal asks to stop, then stop all; 0 if none had to be killed.

    `when_all_answer` is called once, when every child with a port has answered on it.
    """
    _refuse_taken_ports(children)
    return _Supervisor(children, say or _print).run(when_all_answer)


def _print(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _refuse_taken_ports(children: Sequence[Child]) -> None:
    for child in children:
        if child.port is not None and _port_answers(child):
            raise PortTaken(
                f"ポート {child.port}（{child.name}）は別のプログラムが使っています。",
                remedy="動いている ./run up を止めるか、TODOKU_PORT=9000 のように番号を変えてください。",
            )


def _port_answers(child: Child) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in child.host else socket.AF_INET) as probe:
        probe.settimeout(TICK_SECONDS)
        everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}
        return probe.connect_ex((everywhere.get(child.host, child.host), child.port)) == 0


class _Supervisor:
    """The loop: look at children and their pipes, start what is due, until a signal asks to stop."""

    def __init__(self, children: Sequence[Child], say: Callable[[str], None]) -> None:
        self.say = say
        self.all = [_Running(child) for child in children]
        self.pipes = selectors.DefaultSelector()
        self.signals = 0

    def run(self, when_all_answer: Callable[[], None] | None) -> int:
        previous = {number: signal.signal(number, self._asked) for number in STOP_SIGNALS}
        try:
            while not self.signals:
                self._look()
                if when_all_answer and all(one.answers or one.child.port is None for one in self.all):
                    when_all_answer()
                    when_all_answer = None
            return self._stop_all()
        finally:
            for one in self.all:
                self._kill_group(one)
            for number, handler in previous.items():
                signal.signal(number, handler)
            self.pipes.close()

    def _asked(self, number: int, frame: FrameType | None) -> None:
        self.signals += 1

    def _look(self) -> None:
        now = time.monotonic()
        for one in self.all:
            if one.process is None and now >= one.start_at:
                self._start(one, now)
            elif one.process is not None and one.process.poll() is not None:
                self._ended(one, now)
            elif one.process is not None and one.child.port is not None and not one.answers:
                self._try_port(one)
        self._pass_on_words()

    def _start(self, one: _Running, now: float) -> None:
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        for name, value in one.child.env.items():
            environment.pop(name, None)
            if value is not None:
                environment[name] = value
        # A session of its own: Ctrl-C reaches only us, and we stop the children in order.
        one.process = subprocess.Popen(
            list(one.child.argv),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert one.process.stdout is not None
        os.set_blocking(one.process.stdout.fileno(), False)
        self.pipes.register(one.process.stdout, selectors.EVENT_READ, one)
        one.started = now
        self.say(f"{one.child.name}: started (process {one.process.pid})")

    def _ended(self, one: _Running, now: float) -> None:
        """A child ended by itself: show its last words, clear its group, note when to try again."""
        assert one.process is not None
        code = one.process.returncode
        self._read(one)
        self._forget(one)
        if now - one.started >= SETTLED_SECONDS:
            one.pause = FIRST_PAUSE_SECONDS
        one.start_at = now + one.pause
        self.say(f"{one.child.name}: ended by itself ({_how(code)}), starting again in {one.pause:g} s")
        one.pause = min(one.pause * 2, LONGEST_PAUSE_SECONDS)

    def _try_port(self, one: _Running) -> None:
        if _port_answers(one.child):
            one.answers = True
            self.say(f"{one.child.name}: open at {one.child.address or f'port {one.child.port}'}")

    def _pass_on_words(self) -> None:
        if not self.pipes.get_map():
            time.sleep(TICK_SECONDS)
            return
        for key, _ in self.pipes.select(TICK_SECONDS):
            self._read(key.data)

    def _read(self, one: _Running) -> None:
        """Show the whole lines that a child has said; the rest of a line waits for its end."""
        assert one.process is not None and one.process.stdout is not None
        data = one.process.stdout.read(READ_BYTES)
        if data == b"":  # closed; whether it has ended is asked separately
            self._stop_listening(one)
        *lines, one.rest = (one.rest + (data or b"")).split(b"\n")
        for line in lines:
            self.say(f"{one.child.name} | {line.decode('utf-8', 'replace').rstrip()}")

    def _stop_listening(self, one: _Running) -> None:
        assert one.process is not None and one.process.stdout is not None
        if one.process.stdout in self.pipes.get_map():
            self.pipes.unregister(one.process.stdout)

    def _forget(self, one: _Running) -> None:
        assert one.process is not None and one.process.stdout is not None
        self._kill_group(one)
        self._stop_listening(one)
        one.process.stdout.close()
        if one.rest:
            self.say(f"{one.child.name} | {one.rest.decode('utf-8', 'replace').rstrip()}")
        one.process, one.rest, one.answers = None, b"", False

    def _stop_all(self) -> int:
        """Ask every child to end; kill what is left shortly before the limit, or at a second signal."""
        asked = time.monotonic()
        self.say("stopping ...")
        self._signal_all(signal.SIGTERM)
        signals = self.signals
        killed = False
        while any(one.process for one in self.all):
            self._pass_on_words()
            for one in self.all:
                if one.process is not None and one.process.poll() is not None:
                    code = one.process.returncode
                    self._read(one)
                    self._forget(one)
                    self.say(f"{one.child.name}: stopped ({_how(code)})")
            late = time.monotonic() - asked > KILL_AFTER_SECONDS or self.signals > signals
            if late and not killed:
                killed = True
                self._signal_all(signal.SIGKILL)
        self.say(f"all stopped in {time.monotonic() - asked:.1f} s")
        return 1 if killed else 0

    def _signal_all(self, number: signal.Signals) -> None:
        for one in self.all:
            if one.process is not None and one.process.poll() is None:
                os.kill(one.process.pid, number)

    def _kill_group(self, one: _Running) -> None:
        """Nothing that a child started outlives it."""
        if one.process is None:
            return
        try:
            os.killpg(one.process.pid, signal.SIGKILL)
        except (
            ProcessLookupError,
            PermissionError,
        ):  # macOS says "not permitted" for a group that is only zombies
            return


def _how(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit {code}"
