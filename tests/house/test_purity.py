"""Pure files judge: plain values in, plain values out. They never reach Django, the database or the clock."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "todoku").rglob("*.py"))
PURE = [path for path in FILES if (ast.get_docstring(ast.parse(path.read_text())) or "").startswith("Pure.")]
FORBIDDEN = ("django", "psycopg", "procrastinate")


def module_of(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


def test_every_room_that_judges_has_pure_files():
    rooms = {path.relative_to(ROOT / "todoku").parts[0] for path in PURE}
    assert {"formats", "people", "programme", "case", "sheets", "review"} <= rooms


@pytest.mark.parametrize("path", PURE, ids=module_of)
def test_a_pure_file_imports_no_framework_and_asks_no_clock(path):
    tree = ast.parse(path.read_text())
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names]
        )
    }
    assert not imported & set(FORBIDDEN)
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    clocks = {"datetime.now", "date.today", "datetime.today", "timezone.now", "time.time"}
    assert not calls & clocks, "the clock is handed in"


def test_importing_all_pure_files_does_not_bring_django_in():
    names = [module_of(path) for path in PURE]
    code = (
        "import importlib, sys\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        "found = sorted({m.split('.')[0] for m in sys.modules} & {'django', 'psycopg', 'procrastinate'})\n"
        "print(' '.join(found))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
