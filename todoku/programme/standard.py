"""Pure. Usual practice (standard.toml) and what a Version agrees otherwise, put together: one complete set of criteria.

Takes the two as tables; leaves tables in which every deficiency code has its criterion. Judges nothing.
"""

import tomllib
from collections.abc import Callable, Hashable, Iterable
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple, TypeVar

from todoku.programme.application_examples import ApplicationExample, application
from todoku.programme.criteria_tables import CriteriaTables, CriterionText, Evidence, criteria
from todoku.programme.toml_table import Problem, Table

One = TypeVar("One")


class Standard(NamedTuple):
    """The standard text as read."""

    tables: CriteriaTables
    applications: tuple[ApplicationExample, ...]


@lru_cache(maxsize=1)
def standard() -> Standard:
    """The criteria and examples that come with the house; a mistake in them is a bug."""
    problems: list[Problem] = []
    root = Table(
        "", tomllib.loads((files("todoku.programme") / "standard.toml").read_text("utf-8")), problems
    )
    read = Standard(
        criteria(root.table("criteria")), tuple(application(one) for one in root.tables("application"))
    )
    root.no_others()
    assert not problems, [problem.sentence for problem in problems]
    return read


def agreed(own: CriteriaTables) -> CriteriaTables:
    """Usual practice with the Version's own words in place: a code's key by key, the rest row by row."""
    usual = standard().tables
    return CriteriaTables(
        codes={code: _code(text, own.codes.get(code)) for code, text in usual.codes.items()},
        evidence=agreed_evidence(own.evidence),
        alterations=_rows(usual.alterations, own.alterations, lambda a: (a.field, a.kind)),
        holders=_rows(usual.holders, own.holders, lambda h: h.tier),
        others=_rows(usual.others, own.others, lambda o: o.name),
    )


def agreed_evidence(own: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """The papers that count, without those that the Version takes off; a paper of the same name keeps its kind and day."""
    usual = standard().tables.evidence
    named = {(one.group, one.name): one for one in usual}
    mine = tuple(_as_usual(one, named.get((one.group, one.name))) for one in own)
    return tuple(one for one in _rows(usual, mine, lambda e: (e.group, e.name)) if one.accepted)


def _as_usual(own: Evidence, usual: Evidence | None) -> Evidence:
    if usual is None or own.kind:
        return own
    return own._replace(kind=usual.kind, dated=own.dated or usual.dated, months=own.months or usual.months)


def examples(own: Iterable[ApplicationExample]) -> tuple[ApplicationExample, ...]:
    """The standard examples, those of the same name replaced by the Version's, then the Version's others."""
    return _rows(standard().applications, tuple(own), lambda example: example.name)


def is_own(own: Iterable[ApplicationExample], name: str) -> bool:
    """Whether the Version itself wrote the example of this name."""
    return any(example.name == name for example in own)


def _code(usual: CriterionText, own: CriterionText | None) -> CriterionText:
    if own is None:
        return usual
    return CriterionText(*(mine or standing for mine, standing in zip(own, usual, strict=True)))  # type: ignore[arg-type]


def _rows(usual: tuple[One, ...], own: tuple[One, ...], key: Callable[[One], Hashable]) -> tuple[One, ...]:
    """The usual rows in order, each replaced by an own one of the same key; own ones of another key at the end."""
    mine = {key(one): one for one in own}
    replaced = tuple(mine.pop(key(one), one) for one in usual)
    return replaced + tuple(mine.values())
