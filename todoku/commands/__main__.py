"""The command line: finds the command, brings the process to the state it asks for, runs it.

A command is a module with HELP (what it does, for its own --help), `arguments(parser)` and
`run(options) -> int`. With PASSES_ON = True, words that its parser does not know reach it as `options.rest`;
PARSER is the class of its parser where that is not the library's own.
"""

import argparse
import importlib
import sys
from collections.abc import Callable
from typing import NamedTuple

from todoku.commands import ready
from todoku.ground.step import Refusal


class Command(NamedTuple):
    """Where a command lives, the line that lists it, and what must stand before its module is imported."""

    module: str
    line: str
    before: Callable[[], None]


def nothing() -> None:
    """For commands that bring what they need themselves, or that must work while something is missing."""


# Modules are named, not imported: their imports reach tables, and tables can be imported only after `before`
# has set Django up. In the order in which somebody meets them.
COMMANDS: dict[str, Command] = {
    "up": Command(
        "todoku.commands.up", "serve the three doors with the job worker and the sweeper", ready.ready
    ),
    "worker": Command("todoku.commands.worker", "do the queued work until stopped", ready.joined),
    "sweeper": Command("todoku.commands.sweeper", "re-queue the jobs of killed workers", ready.joined),
    "demo": Command(
        "todoku.commands.demo",
        "set up, run one sample town from roll to bank, serve it",
        ready.ready_for_demo,
    ),
    "programme": Command(
        "todoku.commands.programme", "check, make, open or list programmes from TOML texts", ready.ready
    ),
    "enrol": Command("todoku.commands.enrol", "make, change, close or list staff accounts", ready.ready),
    "rehearse": Command(
        "todoku.commands.rehearse",
        "make up cases with a fault each for a programme's second reviewers",
        ready.ready,
    ),
    "round": Command("todoku.commands.round", "one round of the day's work on whatever waits", ready.ready),
    "step": Command("todoku.commands.step", "one step by hand; outward ones only with --go", ready.joined),
    "bank-file": Command(
        "todoku.commands.bank_file", "a verified bank file from a payment list, without any database", nothing
    ),
    "letters-parcel": Command(
        "todoku.commands.letters_parcel",
        "a printer's parcel from a mailing list, without any database",
        nothing,
    ),
    "review-csv": Command(
        "todoku.commands.review_csv",
        "findings and verdicts for a CSV of applications, without any database",
        nothing,
    ),
    "scan-alone": Command(
        "todoku.commands.scan_alone", "a list of what a folder of scans holds, without any database", nothing
    ),
    "scan-lot": Command("todoku.commands.scan_lot", "take a folder of scans in and read it", ready.joined),
    "keyed-csv": Command("todoku.commands.keyed_csv", "the keyed forms of a lot as CSV", ready.joined),
    "bank-list": Command(
        "todoku.commands.bank_list", "what a newer list of banks and branches changes", nothing
    ),
    "verifier": Command(
        "todoku.commands.verifier", "pack the stand-alone bank file verifier into one file", nothing
    ),
    "bench": Command(
        "todoku.commands.bench", "measure the bulk steps beside the usual ways", ready.ready_for_bench
    ),
    "needs": Command("todoku.commands.needs", "say what this machine lacks", nothing),
    "database": Command(
        "todoku.commands.database", "start, stop, look at, open, dump or restore the database", nothing
    ),
    "assets": Command(
        "todoku.commands.assets", "collect what pages and letters need besides Python", nothing
    ),
    "catalogues": Command(
        "todoku.commands.catalogues", "bring the translations' files up to date", ready.settings
    ),
    "docs": Command(
        "todoku.commands.docs", "write the reference pages that are made from data", ready.settings
    ),
    "guards": Command(
        "todoku.commands.guards",
        "write down how the migrations define the guards of the money",
        ready.ready_for_guards,
    ),
    "pictures": Command(
        "todoku.commands.pictures", "make the manual's pictures from those that the stories took", nothing
    ),
    "check": Command("todoku.commands.check", "format, lint, types, import contracts, house rules", nothing),
    "test": Command("todoku.commands.test", "every check, then every test", nothing),
}


def main(arguments: list[str]) -> int:
    """Run one command; 0 when it did what it says, 1 when it refused, 2 when it was not understood."""
    name, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    if name in ("help", "-h", "--help"):
        print(listing())
        return 0
    if name not in COMMANDS:
        print(f"{listing()}\n\ntodoku: there is no command '{name}'.", file=sys.stderr)
        return 2
    command = COMMANDS[name]
    try:
        if {"-h", "--help"} & set(rest) and command.before is not nothing:
            ready.settings()
        else:
            command.before()
        return run(name, command, rest)
    except Refusal as refusal:
        print("\n".join(part for part in (refusal.sentence, refusal.remedy) if part), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130  # as a shell reports Ctrl-C


def run(name: str, command: Command, rest: list[str]) -> int:
    """Import the command's module, read its words, run it."""
    module = importlib.import_module(command.module)
    made: type[argparse.ArgumentParser] = getattr(module, "PARSER", argparse.ArgumentParser)
    parser = made(prog=f"./run todoku {name}", description=module.HELP)
    module.arguments(parser)
    options, unknown = parser.parse_known_args(rest)
    if unknown and not getattr(module, "PASSES_ON", False):
        parser.error(f"unknown words: {' '.join(unknown)}")
    options.rest = unknown
    code = module.run(options)
    assert isinstance(code, int), f"{command.module}.run must return an exit code"
    return code


def listing() -> str:
    """The commands, one line each."""
    width = max(len(name) for name in COMMANDS)
    lines = [f"  {name:<{width}}  {command.line}" for name, command in COMMANDS.items()]
    return "\n".join(
        ["./run todoku COMMAND [...]", "", *lines, "", "./run todoku COMMAND --help tells more."]
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
