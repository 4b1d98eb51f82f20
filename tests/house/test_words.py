"""What the house has, its docs name: tables and stages in the glossary, settings and commands in the reference."""

import re
from pathlib import Path

from django.apps import apps

from todoku.case import stages
from todoku.commands import docs
from todoku.commands.__main__ import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def test_every_table_stands_in_the_glossary():
    glossary = (DOCS / "reference/glossary.md").read_text()
    missing = [
        m.__name__ for m in apps.get_app_config("todoku").get_models() if f"`{m.__name__}`" not in glossary
    ]
    assert missing == []


def test_every_stage_stands_in_the_glossary_with_the_desks_word():
    glossary = (DOCS / "reference/glossary.md").read_text()
    missing = [
        s.code for s in stages.STAGES.values() if f"`{s.code}`" not in glossary or s.name not in glossary
    ]
    assert missing == []


def test_pages_made_from_data_are_up_to_date():
    stale = [
        path.name for path, text in docs.pages().items() if not path.exists() or path.read_text() != text
    ]
    assert stale == [], "run ./run todoku docs"


def test_the_state_diagram_in_the_docs_is_the_one_of_the_stages():
    page = (DOCS / "reference/stages.md").read_text()
    assert stages.mermaid().strip() in page


def test_every_stage_is_reached():
    assert stages.reachable() == frozenset(stages.STAGES)


def test_every_setting_is_documented():
    page = (DOCS / "reference/settings.md").read_text()
    names: set[str] = set()
    for path in (ROOT / "todoku").rglob("*.py"):
        names |= set(re.findall(r"\b(?:TODOKU_[A-Z_]+|DATABASE_URL)\b", path.read_text()))
    assert sorted(name for name in names if not name.endswith("_") and f"`{name}`" not in page) == []


def test_every_command_is_documented():
    page = (DOCS / "reference/commands.md").read_text()
    assert [name for name in COMMANDS if f"`{name}`" not in page] == []


def test_no_file_speaks_of_a_machine_or_a_registry():
    suspicious = re.compile(r"/root/|/home/[a-z]+/|pypi\.org|registry\.npmjs|files\.pythonhosted")
    found = [
        str(path.relative_to(ROOT))
        for folder in ("todoku", "todoku_verify", "docs", "tests", ".ci")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix in {".py", ".md", ".toml", ".sh", ".html", ".json", ".typ", ".txt", ".css"}
        and path != Path(__file__) and suspicious.search(path.read_text(errors="replace"))
    ]  # fmt: skip
    assert found == []
