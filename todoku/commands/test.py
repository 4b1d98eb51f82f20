"""`test`: every check, then every test on a real database and in a real browser. Skips nothing."""

import argparse
import os
import subprocess
import sys

from todoku.commands import check, ready
from todoku.ground import needs
from todoku.ground.places import ROOT, var

HELP = "Run every check, then the tests; further words go to pytest (./run test tests/formats -k kana)."
PASSES_ON = True
WORKERS = "2"  # the smallest machine this is developed on has two cores


def arguments(parser: argparse.ArgumentParser) -> None:
    """All words are pytest's."""


def run(options: argparse.Namespace) -> int:
    """0 only if the checks and the tests all passed; the tests run even when a check failed."""
    ready.machine(browser=True)
    checked = check.run_without_house()
    tested = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-n",
            WORKERS,
            "-o",
            f"cache_dir={var('cache', 'pytest')}",
            *options.rest,
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "TODOKU_CHROMIUM": needs.chromium() or "",
            "HYPOTHESIS_STORAGE_DIRECTORY": str(var("cache", "hypothesis")),
        },
    ).returncode
    if checked:
        print("test: the tests ran, but a check above failed", flush=True)
    return tested or checked
