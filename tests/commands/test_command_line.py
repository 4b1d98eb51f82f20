"""The command line: every command says what it does, refuses in words, and is understood or not."""

import importlib
import os
import subprocess
import sys

import pytest

from todoku.commands import up
from todoku.commands.__main__ import COMMANDS
from todoku.ground.places import ROOT
from todoku.ground.secrets import NAMES, NOT_FOR_RESIDENT_DOOR


def _todoku(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "todoku.commands", *words],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_what_it_does_and_takes_words(name: str) -> None:
    module = importlib.import_module(COMMANDS[name].module)
    assert module.HELP.endswith((".", "。"))
    assert callable(module.arguments)
    assert callable(module.run)


def test_without_a_word_the_commands_are_listed() -> None:
    answer = _todoku()
    assert answer.returncode == 0
    assert all(f"  {name} " in answer.stdout for name in COMMANDS)


def test_an_unknown_command_is_answered_with_the_list() -> None:
    answer = _todoku("pay-everybody")
    assert answer.returncode == 2
    assert "there is no command 'pay-everybody'" in answer.stderr


def test_help_of_a_command_that_works_on_the_database_starts_no_database() -> None:
    answer = _todoku("up", "--help", DATABASE_URL="postgresql://nobody@127.0.0.1:9/nowhere")
    assert answer.returncode == 0
    assert "./run todoku up" in answer.stdout


def test_a_refusal_is_a_sentence_and_not_a_traceback() -> None:
    answer = _todoku("database", "start", TODOKU_PG_BIN="/nowhere")
    assert answer.returncode == 1
    assert "/nowhere" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_words_that_no_command_knows_are_named() -> None:
    answer = _todoku("database", "status", "--fast")
    assert answer.returncode == 2
    assert "--fast" in answer.stderr


def test_no_door_holds_the_owners_login_and_the_public_door_no_other_doors_secret() -> None:
    for name in up.DOORS:
        environment = up.door(name).env
        assert environment["TODOKU_OWNER_PASSWORD"] is None
        assert "@" not in (environment["DATABASE_URL"] or "")
    kept_from_residents = {name for name, value in up.door("resident").env.items() if value is None}
    assert kept_from_residents >= set(NOT_FOR_RESIDENT_DOOR) & set(NAMES)


@pytest.mark.parametrize(
    ("address", "stripped"),
    [
        (
            "postgresql://owner:secret@/todoku?host=%2Ftmp%2Fs&port=5432",
            "postgresql:///todoku?host=%2Ftmp%2Fs&port=5432",
        ),
        ("postgresql://owner:a%40b@db.example:5433/todoku", "postgresql://db.example:5433/todoku"),
        ("postgresql:///todoku?user=owner&password=secret&host=%2Ftmp", "postgresql:///todoku?host=%2Ftmp"),
        (
            "postgresql://db.example/todoku?sslmode=verify-full",
            "postgresql://db.example/todoku?sslmode=verify-full",
        ),
    ],
)
def test_an_address_loses_its_login_and_nothing_else(address: str, stripped: str) -> None:
    assert up.without_login(address) == stripped
