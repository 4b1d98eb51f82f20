"""`check`: format, lint, types, import contracts and the house's own rules. Changes nothing."""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from todoku.ground.places import ROOT, var

HELP = "Check format, lint, types and import contracts, then the rules that tests/house holds."
PROGRAMS = Path(sys.executable).parent  # the same .venv that runs this


def checks() -> list[tuple[str, list[str]]]:
    """The name and command line of every check, the quickest first. Caches lie under var/."""
    cache = var("cache")
    ruff = ["--output-format", "concise", "--cache-dir", str(cache / "ruff"), "."]
    return [
        ("format", [str(PROGRAMS / "ruff"), "format", "--check", *ruff]),
        ("lint", [str(PROGRAMS / "ruff"), "check", *ruff]),
        ("imports", [str(PROGRAMS / "lint-imports"), "--cache-dir", str(cache / "imports")]),
        ("types", [str(PROGRAMS / "mypy"), "--cache-dir", str(cache / "mypy")]),
    ]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Takes none."""


def run(options: argparse.Namespace) -> int:
    """Every check, then the tests of the house's own rules."""
    house = [sys.executable, "-m", "pytest", "-q", "-o", f"cache_dir={var('cache', 'pytest')}", "tests/house"]
    return _all([*checks(), ("house", house)] if (ROOT / "tests" / "house").exists() else checks())


def run_without_house() -> int:
    """The checks alone, for `test`, which runs the house's rules with all other tests."""
    return _all(checks())


def _all(named: list[tuple[str, list[str]]]) -> int:
    """Run every check even after one failed: a person wants to see all faults at once."""
    failed = [name for name, command in named if not _passes(name, command)]
    if failed:
        print(f"check: failed: {', '.join(failed)}")
    return 1 if failed else 0


def _passes(name: str, command: list[str]) -> bool:
    started = time.monotonic()
    environment = {**os.environ, "NO_COLOR": "1"}
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    seconds = time.monotonic() - started
    print(f"check: {name:<8}{'ok' if answer.returncode == 0 else 'FAILED'} ({seconds:.1f} s)", flush=True)
    if answer.returncode != 0:
        print((answer.stdout + answer.stderr).rstrip(), flush=True)
    return answer.returncode == 0
