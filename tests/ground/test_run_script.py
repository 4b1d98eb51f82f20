"""`./run` needs Python and nothing else, and says in words what is missing."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from todoku.ground.places import ROOT

TOOLS = ("dirname", "cat", "sed", "tail", "cmp", "cp", "mv", "rm")


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A checkout without .venv, and beside it a PATH that holds the plainest tools and no Python."""
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    for name in ("run", "requirements.txt", "requirements-test.txt", "requirements-boot.txt"):
        shutil.copy(ROOT / name, checkout / name)
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None
        (tools / tool).symlink_to(found)
    return checkout


def _run(checkout: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    shell = shutil.which("dash") or "/bin/sh"
    return subprocess.run(
        [shell, str(checkout / "run"), *words],
        env={"PATH": str(checkout.parent / "bin"), "HOME": str(checkout.parent), **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def _python(checkout: Path, script: str) -> None:
    """Put a `python3` on the PATH that behaves as the given shell script."""
    program = checkout.parent / "bin" / "python3"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def test_help_needs_nothing_and_names_every_word_that_is_understood(bare: Path) -> None:
    answer = _run(bare)
    assert answer.returncode == 0
    words = re.findall(
        r"^([a-z |]+)\)", (ROOT / "run").read_text().split("case ${1:-help} in")[1], re.MULTILINE
    )
    understood = {word for line in words for word in line.split(" | ") if word != "help"}
    assert understood == {"lock", "test", "check", "bench", "demo", "up", "todoku"}
    assert all(f"./run {word}" in answer.stdout for word in understood)
    assert _run(bare, "help").stdout == answer.stdout
    assert sorted(path.name for path in bare.iterdir()) == sorted(
        ["run", "requirements.txt", "requirements-test.txt", "requirements-boot.txt"]
    )


def test_an_unknown_word_is_answered_with_the_help(bare: Path) -> None:
    answer = _run(bare, "database")
    assert answer.returncode == 1
    assert "./run todoku database" in answer.stderr
    assert "./run demo" in answer.stderr


def test_without_python_it_says_what_to_install(bare: Path) -> None:
    answer = _run(bare, "up")
    assert answer.returncode == 1
    assert "no python3 was found" in answer.stderr
    assert "apt-get install python3 python3-venv" in answer.stderr


def test_an_older_python_is_named_with_its_version(bare: Path) -> None:
    _python(bare, 'case "$2" in *version_info*) exit 1 ;; *) echo 3.9.2 ;; esac')
    answer = _run(bare, "up")
    assert answer.returncode == 1
    assert "python3 (3.9.2)" in answer.stderr


def test_a_python_that_can_make_no_environment_is_told_the_package(bare: Path) -> None:
    real = sys.executable
    _python(bare, f'case "$*" in *ensurepip*|"-m pip"*) exit 1 ;; *) exec "{real}" "$@" ;; esac')
    answer = _run(bare, "up")
    assert answer.returncode == 1
    assert "apt-get install python3-venv" in answer.stderr
    assert not (bare / ".venv").exists()


def test_no_list_of_packages_and_no_script_names_a_registry() -> None:
    for name in (
        "run",
        "requirements.txt",
        "requirements-test.txt",
        "requirements-boot.txt",
        "package-lock.json",
    ):
        assert not re.search(r"https?://", (ROOT / name).read_text()), name


def test_tests_run_on_the_versions_that_are_shipped() -> None:
    shipped, tested = (
        dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", (ROOT / name).read_text(), re.MULTILINE))
        for name in ("requirements.txt", "requirements-test.txt")
    )
    assert {name: tested.get(name) for name in shipped} == shipped
    assert os.access(ROOT / "run", os.X_OK)
