"""Pure. A municipality's list of facts (課税情報, 児童手当等, 前の給付金, 生活保護・施設・後見) in, lines and problems out.

Columns by heading, in any order; CP932 or UTF-8. Lines come one after the other, so that a list of a million is never
held; a problem names line, column and remedy and never the value. Which list it is, fact_list_kinds.py says.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from todoku.formats.csv_list import ERROR, Kind, Problem, Record, stream_table
from todoku.formats.fact_list_kinds import EMPTY, LISTS, ListKind, Values

SAME_LINE = Kind("同じ人の行が前にもあります", "どちらか一行にしてください。")


class FactLine(NamedTuple):
    """One line of a list: its number, its values by our fields, and whether it has an error of its own."""

    line: int
    values: Values
    good: bool


def read_facts(data: bytes, code: str) -> Iterator[FactLine | Problem]:
    """Every line of the list, each after its problems. A line whose cells do not fit the headings is a problem alone.

    In: the file's bytes and a key of LISTS. Raises ListRefused for what is no such list.
    """
    kind = LISTS[code]
    headings, records = stream_table(data, kind.columns, kind.required, f"{kind.title}の一覧")
    return _Reader(kind, headings).lines(records)


class _Reader:
    """What was seen before in the same list, and the heading of each field as the file has it."""

    def __init__(self, kind: ListKind, headings: Mapping[str, str]) -> None:
        self.kind = kind
        self.headings = {field.name: headings.get(field.name, field.headings[0]) for field in kind.fields}
        self.seen: set[tuple[object, ...]] = set()

    def lines(self, records: Iterator[Record | Problem]) -> Iterator[FactLine | Problem]:
        for record in records:
            if isinstance(record, Problem):
                yield record
                continue
            line, problems = self._line(record)
            yield from problems
            yield line

    def _line(self, record: Record) -> tuple[FactLine, list[Problem]]:
        line: Values = {}
        found: list[tuple[str, Kind]] = []
        for field in self.kind.fields:
            value = field.convert(record.cells[field.name])
            if isinstance(value, Kind):
                found.append((field.name, value))
                value = field.convert("")
            assert not isinstance(value, Kind), "a blank cell is never a problem of its converter"
            line[field.name] = value
        if not found:
            found += [(name, EMPTY) for name in self.kind.filled if line[name] in ("", None)]
            found += self.kind.tidy(line)
            found += self._twice(line)
        problems = [kind.at(record.line, self.headings[name]) for name, kind in found]
        return FactLine(record.line, line, all(one.severity != ERROR for one in problems)), problems

    def _twice(self, line: Values) -> Iterator[tuple[str, Kind]]:
        key = tuple(line[name] for name in self.kind.key)
        if key in self.seen:
            yield self.kind.key[0], SAME_LINE
        self.seen.add(key)
