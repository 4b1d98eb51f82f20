"""A secret is made once, is the same ever after, and belongs to its owner alone."""

import os
import subprocess
import sys
from pathlib import Path

from todoku.ground import secret_files
from todoku.ground.places import ROOT


def test_the_same_name_gives_the_same_secret(var_folder: Path) -> None:
    first = secret_files.secret("a-key")
    assert len(first) >= 50
    assert secret_files.secret("a-key") == first
    assert secret_files.secret("another-key") != first


def test_only_the_owner_may_read_it(var_folder: Path) -> None:
    secret_files.secret("a-key")
    assert (var_folder / "secrets" / "a-key").stat().st_mode & 0o777 == 0o600
    assert (var_folder / "secrets").stat().st_mode & 0o777 == 0o700


def test_a_name_that_was_never_asked_for_is_not_held(var_folder: Path) -> None:
    assert not secret_files.holds("a-key")
    secret_files.secret("a-key")
    assert secret_files.holds("a-key")


def test_processes_that_ask_at_the_same_moment_hear_the_same_secret(var_folder: Path) -> None:
    ask = "from todoku.ground import secret_files; print(secret_files.secret('a-key'))"
    asking = [
        subprocess.Popen([sys.executable, "-c", ask], cwd=ROOT, env=os.environ.copy(), stdout=subprocess.PIPE)
        for _ in range(6)
    ]
    heard = {process.communicate(timeout=60)[0] for process in asking}
    assert len(heard) == 1
    assert [path.name for path in (var_folder / "secrets").iterdir()] == ["a-key"]
