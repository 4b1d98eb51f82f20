"""`docs`: writes the pages of the reference that are made from data: stages, roles, figures,
deficiencies, commands, the terms of a programme, tables.

Comes in: the tables in the code. Goes out: Markdown under docs/reference; a test fails when a page is out of date.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

from todoku.case import stages
from todoku.commands.__main__ import COMMANDS
from todoku.commands.criteria_reference import criteria_page
from todoku.commands.markdown import table
from todoku.commands.tables_reference import tables_page
from todoku.commands.terms_reference import terms_page
from todoku.ground.places import ROOT
from todoku.people.access import ACTIONS, ROLES
from todoku.progress.figures import FIGURES
from todoku.review.codes import CODES, HANDLINGS

HELP = "Write the reference pages that are made from data (docs/reference)."
MADE = "<!-- Made by `./run todoku docs`; edit the data it names, not this page. -->\n\n"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a page is out of date")


def run(options: argparse.Namespace) -> int:
    stale = [path for path, text in pages().items() if not path.exists() or path.read_text() != text]
    for path in stale:
        print(path.relative_to(ROOT))
        if not options.check:
            path.write_text(pages()[path])
    return 1 if options.check and stale else 0


def pages() -> dict[Path, str]:
    """Every made page with its text."""
    folder = ROOT / "docs" / "reference"
    makers: dict[str, Callable[[], str]] = {
        "stages.md": stages_page, "roles.md": roles_page, "figures.md": figures_page,
        "deficiencies.md": deficiencies_page, "commands.md": commands_page, "terms.md": terms_page,
        "criteria.md": criteria_page,
        "tables.md": tables_page,
    }  # fmt: skip
    return {folder / name: MADE + make() for name, make in makers.items()}


def stages_page() -> str:
    """Stages and arrows of a case, from case/stages.py."""
    named = [(f"`{s.code}`", s.name, s.term, "end" if s.is_end else "") for s in stages.STAGES.values()]
    return (
        "# The stages of a case (案件の段階)\n\n"
        "Data in `todoku/case/stages.py`. Only `todoku/case/move.py` writes a stage; the database refuses a step that "
        "is not an arrow below (`a_move_follows_an_arrow`).\n\n"
        f"```mermaid\n{stages.mermaid().strip()}\n```\n\n"
        + table(("stage", "at the desks", "term", ""), named)
    )


def roles_page() -> str:
    """Who may do what, from people/access.py."""
    head = ("action", *(role.name for role in ROLES.values() if role.organisation != "system"))
    rows = [
        (
            f"`{action}`",
            *("●" if code in roles else "" for code, role in ROLES.items() if role.organisation != "system"),
        )
        for action, roles in ACTIONS.items()
    ]
    return (
        "# Roles and what they may do (役割と権限)\n\nData in `todoku/people/access.py`; every page asks it.\n\n"
        + table(head, rows)
    )


def figures_page() -> str:
    """Every figure with its one definition, from progress/figures.py."""
    rows = [(f"`{figure.key}`", figure.name, figure.counts, figure.unit) for figure in FIGURES]
    return (
        "# Figures (進捗の数字)\n\nEach has one definition, in `todoku/progress/figures.py`; desks, daily reports, charts "
        "and the status feed quote it.\n\n" + table(("figure", "name", "counts", "unit"), rows)
    )


def deficiencies_page() -> str:
    """The master of deficiencies, from review/codes.py."""
    rows = [(code.code, code.name, HANDLINGS[code.handling], code.sentence) for code in CODES.values()]
    return (
        "# Deficiency codes (不備コード)\n\nData in `todoku/review/codes.py`. The sentence is what the resident reads, in "
        "letters and on the web form.\n\n" + table(("code", "name", "usual handling", "sentence"), rows)
    )


def commands_page() -> str:
    """The command line, from commands/__main__.py."""
    rows = [(f"`{name}`", command.line) for name, command in COMMANDS.items()]
    return (
        "# Commands\n\n`./run demo`, `./run up`, `./run test`, `./run check`, `./run bench` are short for the commands "
        "of the same name; every other one is `./run todoku COMMAND`. `./run todoku COMMAND --help` tells its options.\n\n"
        + table(("command", "what it does"), rows)
    )
