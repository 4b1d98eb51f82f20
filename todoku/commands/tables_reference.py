"""The reference page of the database: every table by room, its columns, and the constraints that hold it.

Comes in: Django's own description of the tables. Goes out: Markdown for docs/reference/tables.md.
"""

from itertools import groupby

from django.apps import apps
from django.db.models import Field, Model

ROOMS = (
    "ground", "people", "custody", "programme", "incident", "registry", "case", "ledger", "letters", "mailroom", "scan",
    "intake", "review", "criteria", "payment", "bank", "delivery", "recovery", "progress", "handback",
)  # fmt: skip
INTRODUCTION = """\
# Tables

What is kept, room by room. The name in the database is `todoku_` and the name in small letters. Constraints carry
sentences as names, since they reach a person in an error; triggers and functions stand beside them in
`todoku/migrations/sql/`. Who may read and write which table: `todoku/privileges.py`.
"""


def tables_page() -> str:
    """The whole page, rooms in work order."""
    models = sorted(apps.get_app_config("todoku").get_models(), key=lambda model: ROOMS.index(_room(model)))
    parts = [INTRODUCTION]
    for room, held in groupby(models, key=_room):
        parts.append(f"\n## {room}\n")
        parts += [_table(model) for model in held]
    return "\n".join(parts)


def _room(model: type[Model]) -> str:
    return model.__module__.split(".")[1]


def _table(model: type[Model]) -> str:
    said = " ".join((model.__doc__ or "").split())
    columns = [_column(field) for field in model._meta.fields]
    names = [f"`{one.name}`" for one in model._meta.constraints]
    held = f"\nHolds: {', '.join(names)}.\n" if names else ""
    return f"### {model.__name__}\n\n{said}\n\n{', '.join(columns)}.\n{held}"


def _column(field: "Field[object, object]") -> str:
    """A column with where it points to and whether it may be empty."""
    target = f" → {field.related_model.__name__}" if field.related_model else ""
    return f"`{field.column}`{target}" + (" (may be empty)" if field.null else "")
