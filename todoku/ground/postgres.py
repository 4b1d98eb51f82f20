"""Keeps one PostgreSQL server running for this installation, from the programs that postgres_binaries finds.

Takes nothing; leaves a server that answers on a socket of its own, survives the process that started it, and
comes back after a crash. It listens on no network and trusts nobody: even its owner signs in with a password.
It knows nothing of Django, of databases inside the server, or of DATABASE_URL servers beyond their address.
"""

import locale
import os
import shlex
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from todoku.ground import secret_files
from todoku.ground.one_at_a_time import alone
from todoku.ground.places import var
from todoku.ground.postgres_home import Home, settle
from todoku.ground.step import Refusal

SUPERUSER = "postgres"
PORT = 5432  # only part of the socket's file name: nothing listens on a network port
DATABASE = "todoku"
SECRET = "postgres-superuser"
UTF8_LOCALES = ("C.UTF-8", "en_US.UTF-8", "ja_JP.UTF-8")

INITDB_SECONDS = 120  # 0.75 s on an idle disk; slow storage and a scanning virus checker need far more
ONE_START_SECONDS = 60  # crash recovery of a large checkpoint interval
RETRY_SECONDS = 20.0  # after kill -9 the first starts fail while orphaned backends notice (seen: 1 s)
RETRY_PAUSE_SECONDS = 0.3
STOP_SECONDS = 60
ANSWER_SECONDS = 10
LOG_BYTES_MAX = 10 * 1024 * 1024

# Everything that differs from PostgreSQL's defaults, and why.
SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "max_connections": "60",  # three doors and a worker with pools of 6 each, psql, tests
    "shared_buffers": "256MB",  # fits a small office machine; the rest is the file system's cache
    "max_wal_size": "2GB",  # one roll of a large city without forced checkpoints
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    # Rows are people. DETAIL lines and failed statements would carry their values into the log.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
}


class ServerRefused(Refusal):
    """The embedded server cannot be made, started or stopped."""


@dataclass(frozen=True)
class Server:
    """How to reach the running server as its superuser."""

    host: str  # the folder of its socket: libpq takes a path as a host
    port: int
    user: str
    password: str = field(repr=False)

    def url(self, database: str) -> str:
        """The address of one database on this server, for DATABASE_URL, psycopg or psql."""
        who = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}"
        where = f"host={quote(self.host, safe='')}&port={self.port}"
        return f"postgresql://{who}@/{quote(database, safe='')}?{where}"


@dataclass(frozen=True)
class Status:
    """What the server is doing now, for a person."""

    running: bool
    version: str
    programs: Path
    data: Path
    socket: Path
    run_by: str


def ensure() -> Server:
    """Make sure that the server runs, and tell how to reach it; at once when it runs already."""
    with alone("postgres"):
        home = settle()
        if not _answers(home):
            _make_cluster(home)
            _start(home)
        return _server(home)


def stop() -> bool:
    """Stop the server after its open transactions are rolled back; False if it was not running."""
    with alone("postgres"):
        home = settle()
        if not _postmaster(home):
            return False
        wait = str(STOP_SECONDS)
        answer = home.run(
            "pg_ctl", "stop", "-D", str(home.data), "-m", "fast", "-w", "-t", wait, timeout=STOP_SECONDS + 10
        )
        if _postmaster(home):
            raise ServerRefused(
                f"データベースが{STOP_SECONDS}秒以内に止まりませんでした。{answer.stderr.strip()}",
                remedy=f"記録 {home.log} を確かめてください。",
            )
        return True


def status() -> Status:
    """Whether the server runs, and where its programs and data lie. Starts nothing."""
    home = settle()
    return Status(
        running=_answers(home),
        version=home.binaries.version,
        programs=home.binaries.folder,
        data=home.data,
        socket=home.socket_folder,
        run_by=home.login.name if home.login else f"uid {os.geteuid()}",
    )


def database_url() -> str:
    """DATABASE_URL where it is set, else the superuser's address of the embedded `todoku`. Starts nothing."""
    named = os.environ.get("DATABASE_URL")
    return named if named else _server(settle()).url(DATABASE)


def _server(home: Home) -> Server:
    return Server(str(home.socket_folder), PORT, SUPERUSER, secret_files.secret(SECRET))


def _answers(home: Home) -> bool:
    where = ("-h", str(home.socket_folder), "-p", str(PORT), "-t", "3")
    return home.run("pg_isready", "-q", *where, timeout=ANSWER_SECONDS).returncode == 0


def _make_cluster(home: Home) -> None:
    """Make the data folder once; first under another name, so that no half of one ever looks ready."""
    if home.data.exists():
        _assert_ours(home)
        return
    making = home.folder / "data-making"
    _remove_unfinished(making)
    password = home.folder / "password"
    password.write_text(secret_files.secret(SECRET) + "\n", encoding="ascii")
    password.chmod(0o600)
    if home.login:
        os.chown(password, home.login.uid, home.login.gid)
    try:
        arguments = [f"--pgdata={making}", f"--pwfile={password}", *_initdb_options(home.binaries.major)]
        answer = home.run("initdb", *arguments, timeout=INITDB_SECONDS)
    finally:
        password.unlink()
    if answer.returncode != 0:
        raise ServerRefused(
            f"データベースの領域 {making} を作れませんでした。{answer.stderr.strip()}",
            remedy="空き容量とフォルダーの権限を確かめてから、もう一度起動してください。",
        )
    making.rename(home.data)


def _remove_unfinished(making: Path) -> None:
    """What an interrupted initdb left behind; it never held anybody's data."""
    if making.exists():
        shutil.rmtree(making)


def _initdb_options(major: int) -> list[str]:
    """LC_CTYPE must be a UTF-8 one: with plain C, pg_trgm finds no trigrams in Japanese names."""
    options = [
        f"--username={SUPERUSER}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        f"--lc-ctype={_utf8_locale()}",
        "--data-checksums",
        "--no-instructions",
    ]
    if major >= 17:  # sorts by code point without asking the operating system, so a new libc breaks no index
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return options


def _utf8_locale() -> str:
    """A locale of this machine whose characters are UTF-8: C.UTF-8 on Linux, en_US.UTF-8 on older macOS."""
    before = locale.setlocale(locale.LC_CTYPE)
    for name in UTF8_LOCALES:
        try:
            locale.setlocale(locale.LC_CTYPE, name)
        except locale.Error:
            continue
        locale.setlocale(locale.LC_CTYPE, before)
        return name
    raise ServerRefused(
        f"UTF-8 のロケール（{'、'.join(UTF8_LOCALES)}）がこの機械にありません。",
        remedy="apt-get install locales && locale-gen ja_JP.UTF-8",
    )


def _assert_ours(home: Home) -> None:
    """A data folder needs its password and programs of its own major version."""
    if not secret_files.holds(SECRET):
        raise ServerRefused(
            f"データベース {home.data} はありますが、その合言葉 {var('secrets', SECRET)} がありません。",
            remedy="控えから合言葉のファイルを戻してください。不要なデータなら、データベースのフォルダーを削除してください。",
        )
    made_by = int((home.data / "PG_VERSION").read_text(encoding="ascii"))
    if made_by != home.binaries.major:
        raise ServerRefused(
            f"データベース {home.data} は PostgreSQL {made_by} のもので、"
            f"見つかったプログラムは {home.binaries.version} です。",
            remedy=f"TODOKU_PG_BIN に PostgreSQL {made_by} を指定するか、pg_dump で移してください。",
        )


def _start(home: Home) -> None:
    """Start, and try again for a while: right after a crash the old backends still hold the shared memory."""
    give_up = time.monotonic() + RETRY_SECONDS
    _turn_log(home)
    while True:
        _forget_dead_postmaster(home)
        arguments = ["start", "-D", str(home.data), "-l", str(home.log), "-w", "-t", str(ONE_START_SECONDS)]
        answer = home.run("pg_ctl", *arguments, "-o", _options(home), timeout=ONE_START_SECONDS + 10)
        if answer.returncode == 0 or _answers(home):
            return
        if time.monotonic() > give_up:
            raise ServerRefused(
                f"データベースを起動できません。記録の終わり: {_last_lines(home.log)}",
                remedy=f"記録 {home.log} を確かめてください。",
            )
        time.sleep(RETRY_PAUSE_SECONDS)


def _options(home: Home) -> str:
    settings = {**SETTINGS, "unix_socket_directories": str(home.socket_folder)}
    return shlex.join(part for name, value in settings.items() for part in ("-c", f"{name}={value}"))


def _postmaster(home: Home) -> int | None:
    """The process id of the running server of this very data folder, else None."""
    lock = home.data / "postmaster.pid"
    try:
        pid = int(lock.read_text(encoding="utf-8").split("\n", 1)[0])
        os.kill(pid, 0)
    except (FileNotFoundError, ProcessLookupError):
        return None
    except PermissionError:  # somebody else's process: ours would let itself be signalled
        return None
    return pid if _works_in(pid, home.data) else None


def _works_in(pid: int, data: Path) -> bool:
    """Whether a process works in the data folder, as its server does (believed without /proc)."""
    if not Path("/proc/self").exists():
        return True
    try:
        return os.path.realpath(os.readlink(f"/proc/{pid}/cwd")) == os.path.realpath(data)
    except (FileNotFoundError, ProcessLookupError):  # a zombie, or gone meanwhile
        return False


def _forget_dead_postmaster(home: Home) -> None:
    """Remove the lock of a server that is gone while its number is taken by a zombie or by another program.

    PostgreSQL looks only at the number and would refuse for ever; it still guards the data against orphaned
    backends by their shared memory, so removing the lock of a proven stranger loses nothing.
    """
    lock = home.data / "postmaster.pid"
    if lock.exists() and _postmaster(home) is None:
        lock.unlink(missing_ok=True)


def _turn_log(home: Home) -> None:
    """Keep one older log beside the current one, so that the folder never grows without end."""
    if home.log.exists() and home.log.stat().st_size > LOG_BYTES_MAX:
        home.log.replace(home.log.with_suffix(".log.1"))


def _last_lines(log: Path, count: int = 5) -> str:
    if not log.exists():
        return "（記録がありません）"
    return " / ".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])
