"""`catalogues`: gathers every sentence that a resident reads and brings the translations' files up to date.

Comes in: code, templates and the shipped Versions. Goes out: todoku/locale/<language>/LC_MESSAGES/django.po with every
sentence in it, translations kept, sentences no longer said taken out. Translating is done by people in those files.
"""

import argparse
import io
import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.template import Engine
from django.template.base import Node
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

from todoku.ground.places import ROOT
from todoku.programme.shipped import SLUGS, version_text

HELP = "Bring todoku/locale up to date with every sentence that a resident reads."

LANGUAGES = ("en", "zh_Hans", "ko", "vi", "es")
# Where residents' sentences are: the public door, the pieces it draws with, and the rooms that speak to residents.
PYTHON = (
    "web/resident/*.py",
    "web/shared/tags.py",
    "case/failure_wording.py",
    "case/public_wording.py",
    "review/codes.py",
    "review/code_sentences.py",
    "intake/picture.py",
    "programme/reasons.py",
)
TEMPLATES = ("web/resident/templates/resident/*.html", "web/shared/templates/shared/*.html")
KEYWORDS = {"gettext": None, "gettext_lazy": None, "_": None, "N_": None, "ngettext": (1, 2)}
WIDTH = 110
# The files carry no date of their own, so that nothing changes where no sentence changed.
UNDATED = datetime(2026, 11, 1, tzinfo=UTC)


class Said(NamedTuple):
    """A sentence as the catalogue knows it (singular and plural where it counts), and where it is said."""

    message: str | tuple[str, ...]
    where: str


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is out of date")


def run(options: argparse.Namespace) -> int:
    said = list(everything_said())
    late = 0
    for language in LANGUAGES:
        path = catalogue_path(language)
        before = path.read_bytes() if path.exists() else b""
        after, missing = renewed(language, before, said)
        late += before != after
        if not options.check and before != after:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(after)
        print(f"{language}: {len({one.message for one in said})} sentences, {missing} not translated yet")
    return 1 if options.check and late else 0


def catalogue_path(language: str) -> Path:
    return ROOT / "todoku" / "locale" / language / "LC_MESSAGES" / "django.po"


def everything_said() -> Iterator[Said]:
    """Every sentence for residents, in the order of the files."""
    for pattern in PYTHON:
        for path in sorted((ROOT / "todoku").glob(pattern)):
            yield from _in_python(path)
    for pattern in TEMPLATES:
        for path in sorted((ROOT / "todoku").glob(pattern)):
            yield from _in_template(path)
    for slug in SLUGS:
        yield from _in_version(slug)


def _in_python(path: Path) -> Iterator[Said]:
    with path.open("rb") as file:
        for _line, message, _comments, _context in extract("python", file, KEYWORDS):
            yield Said(message, _name(path))


def _in_template(path: Path) -> Iterator[Said]:
    template = Engine.get_default().from_string(path.read_text(encoding="utf-8"))
    for node in template.nodelist.get_nodes_by_type(Node):
        if isinstance(node, TranslateNode) and node.filter_expression.var.literal is not None:
            yield Said(str(node.filter_expression.var.literal), _name(path))
        elif isinstance(node, BlockTranslateNode):
            yield Said(node.render_token_list(node.singular)[0], _name(path))


def _in_version(slug: str) -> Iterator[Said]:
    """A shipped Version's sentences; a municipality that writes its own translates them in a catalogue of its own."""
    terms: dict[str, Any] = tomllib.loads(version_text(slug))
    where = f"programme/versions/{slug}.toml"
    about, contact = terms["programme"], terms["contact"]
    for text in (about["name"], about["short_name"], contact["name"], contact["hours"]):
        yield Said(text, where)
    for text in terms["wording"].values():
        yield Said(text, where)


def _name(path: Path) -> str:
    return path.relative_to(ROOT / "todoku").as_posix()


def renewed(language: str, before: bytes, said: list[Said]) -> tuple[bytes, int]:
    """The catalogue with every sentence said, in order; and how many have no translation."""
    known = read_po(io.BytesIO(before), locale=language) if before else Catalog(locale=language)
    catalogue = Catalog(
        locale=language, project="todoku", header_comment=f"# todoku: what residents read, {language}.", fuzzy=False,
        creation_date=UNDATED, revision_date=UNDATED, charset="utf-8",
    )  # fmt: skip
    catalogue.version = "1"
    catalogue.msgid_bugs_address = catalogue.last_translator = catalogue.language_team = ""
    for message, where in said:
        old = known.get(message[0] if isinstance(message, tuple) else message)
        catalogue.add(
            message, old.string if old else "", locations=[(where, 0)], flags=old.flags if old else ()
        )
    missing = sum(1 for entry in catalogue if entry.id and not _is_translated(entry.string))
    written = io.BytesIO()
    write_po(written, catalogue, width=WIDTH, include_lineno=False)
    return written.getvalue(), missing


def _is_translated(string: Any) -> bool:
    return all(string) if isinstance(string, list | tuple) else bool(string)


def placeholders(text: str) -> set[str]:
    """What a sentence quotes: %(name)s and {name}."""
    return set(re.findall(r"%\(\w+\)s|\{\w+\}", text))
