"""Brings this process to the state that a command asks for: the machine, the settings, or the database.

Comes in: a machine in whatever state. Goes out: the same state each time, at once where it stands already.
"""

import os

import django

from todoku.ground import assets, databases, needs, postgres, secrets


def machine(*, browser: bool = False) -> None:
    """The machine has all it must; packages for pages and letters are collected, translations compiled."""
    needs.ensure(browser=browser)
    assets.collect()
    assets.compile_catalogues()


def settings() -> None:
    """Django is set up without asking any database: enough to import tables and to print a command's help."""
    secrets.load()
    os.environ["DATABASE_URL"] = postgres.database_url()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todoku.settings")
    django.setup()


def ready() -> None:
    """The machine has what it must, the database answers and has today's tables, and Django is set up."""
    machine()
    secrets.load()
    databases.open_address()
    settings()
    databases.migrate()


def joined() -> None:
    """As `ready`, for a program beside the doors: what `up` made ready a moment ago is not made again."""
    secrets.load()
    if not os.environ.get("DATABASE_URL"):
        databases.open_address()
    settings()


def ready_for_demo() -> None:
    """As `ready`, in the demo's own database, emptied; refuses a database that is not marked as sample."""
    _ready_for_sample("todoku_demo")


def ready_for_bench() -> None:
    """As `ready_for_demo`, in a database of the bench's own: a demo that is being looked at stays as it is."""
    _ready_for_sample("todoku_bench")


def ready_for_guards() -> None:
    """As `ready_for_demo`, in a database of its own: what is read there is what the migrations just made."""
    _ready_for_sample("todoku_guards")


def _ready_for_sample(name: str) -> None:
    machine()
    secrets.load()
    os.environ.setdefault("TODOKU_DATABASE", name)
    databases.open_address()
    databases.empty_sample()
    settings()
    databases.migrate()
