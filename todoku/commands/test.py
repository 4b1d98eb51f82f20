"""`test`: every check, then every test on a real database and in a real browser. Skips nothing."""

import argparse
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from todoku.commands import check, ready
from todoku.ground import needs
from todoku.ground.places import ROOT, var

HELP = "Run every check, then the tests; further words go to pytest (./run test tests/formats -k kana)."
PASSES_ON = True
WORKERS = "2"  # the smallest machine this is developed on has two cores


def arguments(parser: argparse.ArgumentParser) -> None:
    """All words are pytest's."""


def run(options: argparse.Namespace) -> int:
    """0 only if the checks and the tests all passed; neither waits for the other.

    The checks run one after the other on one core, so beside them there is room for tests; each says its line when it ends.
    """
    ready.machine(browser=True)
    with ThreadPoolExecutor(1) as beside:
        checking = beside.submit(check.run_without_house)
        tested = _test(options.rest)
        checked = checking.result()
    if checked:
        print("test: the tests ran, but a check above failed (./run check shows which)", flush=True)
    return tested or checked


def _test(words: list[str]) -> int:
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-n",
            WORKERS,
            "-o",
            f"cache_dir={var('cache', 'pytest')}",
            *words,
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "TODOKU_CHROMIUM": needs.chromium() or "",
            "HYPOTHESIS_STORAGE_DIRECTORY": str(var("cache", "hypothesis")),
        },
    ).returncode
