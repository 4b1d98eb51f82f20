"""Ground of these tests: state folders of their own, in a place that a server's unprivileged user can reach."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from todoku.ground import postgres


@pytest.fixture
def open_var(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A state folder as an installation has it, with its own server; the server is stopped afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="todoku-ground-"))
    folder.chmod(0o711)  # pytest's own folders are closed to everybody else, and so to the server's user
    monkeypatch.setenv("TODOKU_VAR", str(folder))
    monkeypatch.delenv("TODOKU_PG_BIN", raising=False)
    yield folder
    data, socket = postgres.status().data, postgres.status().socket
    if data.exists():
        postgres.stop()
    for leftover in (folder, data.parent, socket):
        shutil.rmtree(leftover, ignore_errors=True)
