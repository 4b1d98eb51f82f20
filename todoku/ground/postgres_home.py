"""Where the embedded server lives and as whom it runs.

PostgreSQL refuses to run as root, and a server that runs as somebody else must reach its programs and data.
Takes the state folder and the programs found; gives a Home. Makes folders, never touches one it did not make.
"""

import hashlib
import os
import pwd
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from todoku.ground import postgres_binaries
from todoku.ground.places import var
from todoku.ground.postgres_binaries import Binaries
from todoku.ground.step import Refusal

# Tried in this order when started as root. `nobody` exists everywhere, but other services may share it.
LOGINS = ("todoku", "postgres", "nobody")
# Where the server's part of var/ goes when root's checkout lies in a folder that nobody else may enter.
REACHABLE = Path("/var/lib/todoku")
SOCKET_PATH_BYTES_MAX = 107  # sun_path is 108 bytes on Linux with its closing zero (macOS: 104)
SOCKET_NAME_BYTES = len("/.s.PGSQL.5432")


class HomeRefused(Refusal):
    """The server cannot live where it should."""


@dataclass(frozen=True)
class Login:
    """The unprivileged user that the server runs as when root starts it."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Home:
    """All that the server needs to know of its place. `login` is None when it runs as its starter."""

    folder: Path
    binaries: Binaries
    login: Login | None
    socket_folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def run(self, program: str, *arguments: str, timeout: float) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs as the server's user, with a clean environment."""
        return run_as(self.login, [self.binaries.program(program), *arguments], timeout=timeout)


def run_as(login: Login | None, argv: list[str], *, timeout: float) -> subprocess.CompletedProcess[str]:
    """Run a program as `login` (or as ourselves) from "/", without the caller's PG* variables or locale."""
    return subprocess.run(
        argv,
        cwd="/",
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=timeout,
        umask=0o077,
        user=login.uid if login else None,
        group=login.gid if login else None,
        extra_groups=[] if login else None,
    )


def settle() -> Home:
    """Find or make the place of this installation's server."""
    binaries = postgres_binaries.find()
    var().mkdir(mode=0o711, parents=True, exist_ok=True)
    if os.geteuid() != 0:
        folder = _own_folder(var("postgres"))
        return Home(folder, binaries, None, _socket_folder(folder, None))
    folder = var("postgres")
    login = _login(folder)
    if not _reaches(login, var()):
        folder = _moved_folder()
        login = _login(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.chown(folder, login.uid, login.gid)
    return Home(folder, _reachable(binaries, login, folder), login, _socket_folder(folder, login))


def _own_folder(folder: Path) -> Path:
    """A plain user runs the server as itself, in a folder of its own."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = folder.stat().st_uid
    if owner != os.geteuid():
        raise HomeRefused(
            f"{folder} は別の利用者（uid {owner}）のものなので、データベースを起動できません。",
            remedy="前と同じ利用者で起動するか、TODOKU_VAR で別のフォルダーを指定してください。",
        )
    return folder


def _login(folder: Path) -> Login:
    """The owner of a cluster that is there already, else the first of LOGINS that this machine has."""
    data = folder / "data"
    if data.exists():
        owner = data.stat().st_uid
        if owner == 0:
            raise HomeRefused(
                f"{data} の所有者が root なので、データベースを起動できません。",
                remedy="所有者を元の利用者（postgres または nobody など）に戻してください。",
            )
        entry = pwd.getpwuid(owner)
        return Login(entry.pw_name, entry.pw_uid, entry.pw_gid)
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in LOGINS:
        if name in known and known[name].pw_uid != 0:
            return Login(name, known[name].pw_uid, known[name].pw_gid)
    raise HomeRefused(
        "root ではデータベースを起動できず、代わりの利用者（" + "、".join(LOGINS) + "）もありません。",
        remedy="useradd --system todoku を実行するか、root 以外の利用者で起動してください。",
    )


def _reaches(login: Login, folder: Path) -> bool:
    """Whether that user may enter the folder; found by trying, since modes alone do not tell (ACLs)."""
    return run_as(login, ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)], timeout=20).returncode == 0


def _moved_folder() -> Path:
    """A folder outside a closed checkout, named after the state folder so that two checkouts stay apart."""
    folder = REACHABLE / hashlib.sha256(os.fsencode(var())).hexdigest()[:12]
    try:
        REACHABLE.mkdir(mode=0o755, parents=True, exist_ok=True)
    except OSError as refused:
        raise HomeRefused(
            f"{var()} にはデータベースの利用者が入れず、{REACHABLE} も作れません（{refused.strerror}）。",
            remedy="他の利用者も入れる場所を TODOKU_VAR で指定してください（例: TODOKU_VAR=/srv/todoku）。",
        ) from refused
    note = var("postgres-lies-at.txt")
    if not note.exists():
        note.write_text(f"{folder}\n", encoding="utf-8")
    return folder


def _reachable(binaries: Binaries, login: Login, folder: Path) -> Binaries:
    """The programs themselves, or a copy (41 MB) beside the data where that user cannot reach them."""
    tried = ["/bin/sh", "-c", 'test -x "$1"', "sh", binaries.program("postgres")]
    if run_as(login, tried, timeout=20).returncode == 0:
        return binaries
    if not binaries.parts:
        raise HomeRefused(
            f"利用者 {login.name} は {binaries.folder} のプログラムを実行できません。",
            remedy="フォルダーの権限を開けるか、TODOKU_PG_BIN で別のプログラムを指定してください。",
        )
    copy = folder / f"programs-{binaries.version}"
    if not copy.exists():
        making = folder / f"programs-making-{os.getpid()}"
        for part in binaries.parts:
            shutil.copytree(part, making / part.name, symlinks=True)
        for place, _, files in os.walk(making):
            os.chown(place, login.uid, login.gid)
            for name in files:
                os.chown(os.path.join(place, name), login.uid, login.gid, follow_symlinks=False)
        making.rename(copy)
    inside = binaries.folder.relative_to(binaries.parts[0].parent)
    return Binaries(copy / inside, binaries.version)


def _socket_folder(folder: Path, login: Login | None) -> Path:
    """A folder for the server's socket whose path is short enough, and plain enough for a server setting."""
    inside = folder / "socket"
    short_enough = len(os.fsencode(inside)) + SOCKET_NAME_BYTES <= SOCKET_PATH_BYTES_MAX
    plain = re.fullmatch(r"[A-Za-z0-9/_.-]+", str(inside)) is not None
    if not (short_enough and plain):
        inside = Path("/tmp") / f"todoku-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]}"
    owner = login.uid if login else os.geteuid()
    try:
        inside.mkdir(mode=0o700)
        if login:
            os.chown(inside, login.uid, login.gid)
    except FileExistsError:
        found = inside.lstat()
        # /tmp is everybody's: a folder that somebody else put there first could listen in our place.
        if inside.is_symlink() or found.st_uid != owner:
            raise HomeRefused(
                f"{inside} は別の利用者（uid {found.st_uid}）のもので、接続口に使えません。",
                remedy=f"{inside} を削除してから、もう一度起動してください。",
            ) from None
    return inside
