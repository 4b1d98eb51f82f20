"""The verifier is a house of its own: the standard library and nothing else, small enough to be read whole."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "todoku_verify").rglob("*.py"))
LINES_MAX = 1_000  # an auditor reads it in a morning


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written in full"
            names.add(node.module or "")
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_imports_the_standard_library_alone(path: Path) -> None:
    assert imported(path) - {"todoku_verify"} <= sys.stdlib_module_names


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_loads_nothing_by_name_and_writes_nothing(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    calls = {ast.unparse(node.func) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)}
    assert not calls & {"__import__", "eval", "exec", "open", "importlib.import_module"}
    assert not any(call.endswith((".write_bytes", ".write_text", ".unlink", ".mkdir")) for call in calls)


def test_the_whole_can_be_read() -> None:
    assert sum(len(path.read_text(encoding="utf-8").splitlines()) for path in FILES) < LINES_MAX


def test_every_file_stands_in_the_order_of_reading() -> None:
    text = (ROOT / "todoku_verify" / "__init__.py").read_text(encoding="utf-8")
    assert [
        path.stem
        for path in FILES
        if path.stem not in ("__init__", "__main__") and f"`{path.stem}`" not in text
    ] == []
