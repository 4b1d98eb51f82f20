"""`guards`: writes down how the migrations define every guard of the money (todoku/payment/guard_digests.py).

Comes in: a database of its own, emptied and migrated anew. Goes out: the digests that the sweep holds a city's database
against; a test fails when they are out of date.
"""

import argparse

from todoku.ground.places import ROOT
from todoku.payment.guards_standing import listed, standing

HELP = "Write the digests of the database's guards, as the migrations define them, for the sweep to compare with."
MADE = '''"""Pure. Made by `./run todoku guards` from the migrations: how each guard of the money is defined, as a digest.

The sweep compares the database with it; never edit it by hand. Why it stands here: docs/adr/0014-guards-by-digest.md.
"""

DIGESTS: dict[str, str] = {
'''


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 if the file is out of date"
    )


def run(options: argparse.Namespace) -> int:
    path, text = ROOT / "todoku/payment/guard_digests.py", digests_file()
    if path.exists() and path.read_text() == text:
        return 0
    print(path.relative_to(ROOT))
    if not options.check:
        path.write_text(text)
    return 1 if options.check else 0


def digests_made() -> dict[str, str]:
    """From the database in use: the guards on the list, every function, the setting that fires them."""
    there = standing()
    wanted = listed() | {name for name in there if name.startswith(("function ", "setting "))}
    # A guard that is listed and not there has no digest: the sweep and a test name it.
    return {name: there[name] for name in sorted(wanted & set(there))}


def digests_file() -> str:
    """The file's text for the database in use."""
    return MADE + "".join(f'    "{name}": "{digest}",\n' for name, digest in digests_made().items()) + "}\n"
