"""Pure. A municipality's roll (対象者名簿) in, flat rows and the problems found out; line by line, in bounded memory.

What is wrong in a row keeps its whole household back, because a household that lacks one member would be paid too
little. It takes nothing and changes nothing: staging and taking belong to the registry.
"""

import csv
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from todoku.formats import postal
from todoku.formats import roll_layouts as layouts
from todoku.formats.codes import contains_my_number, my_number_valid
from todoku.formats.encoding import BROKEN, decode_lines, sniff
from todoku.formats.names import has_gaiji
from todoku.formats.roll_headings import Columns, find_columns
from todoku.formats.roll_layouts import LAYOUTS, Kind, Layout, Problem, RollRefused, RollRow
from todoku.formats.roll_values import CONVERTERS, DIFFERS_EACH_ROW, KEPT_MAX, Kept

__all__ = ["LAYOUTS", "Findings", "Problem", "RollRefused", "RollRow", "iter_rows", "read_rows"]

_EARLY_LOOK = 500  # rows after which another municipality's roll is recognised without reading on
_BROKEN_LINES_MAX = 20  # up to here broken characters are single mishaps, whatever the size of the file
_BROKEN_SHARE_MAX = 0.1
_MY_NUMBERS_MIN = 5  # five valid of five happens by chance once in 161,051 columns


@dataclass
class Findings:
    """What was found besides the rows. `rows`: lines read, without headings; `bad_households`: numbers of those
    with an error in any of their lines, known in full only when all rows have been read."""

    problems: list[Problem] = field(default_factory=list)
    bad_households: set[str] = field(default_factory=set)
    rows: int = 0


def read_rows(data: bytes, layout: str, municipality: str) -> tuple[list[RollRow], list[Problem]]:
    """The good rows of a roll and its problems in the order of lines.

    In: the file's bytes (CP932 or UTF-8), a key of LAYOUTS, the 6-digit code of the municipality it should be of.
    Rows of households with an error are left out. Raises RollRefused for what is not this municipality's roll
    in this layout, EncodingRefused for what is no text.
    """
    findings = Findings()
    lines = decode_lines(data, sniff(data), mark_broken=True)
    rows = [row for _line, row in iter_rows(lines, layout, municipality, findings)]
    good = [row for row in rows if row.household_number not in findings.bad_households]
    return good, sorted(findings.problems, key=lambda problem: problem.line)


def iter_rows(
    lines: Iterable[str], layout: str, municipality: str, findings: Findings
) -> Iterator[tuple[int, RollRow]]:
    """The rows of a roll with their line numbers, while `findings` fills; heads come before their members.

    In: decoded lines (`encoding.decode_lines` with mark_broken). Rows with an error of their own do not come;
    after the last row the caller drops those whose household is in `findings.bad_households`. Rows wait in
    memory only while their head has not come. Raises RollRefused, also after rows have come: then none counts.
    """
    records = csv.reader(lines)
    try:
        first = next(records, [])
        columns = find_columns(first, LAYOUTS[layout])
        reader = _Reader(LAYOUTS[layout], columns, municipality, findings)
        rest = records if columns.has_headings else chain((first,), records)
        before = 1 if columns.has_headings else 0
        for record in rest:
            if record:
                for line, values in reader.take(record, before + 1):
                    yield line, RollRow._make(values)
            before = max(records.line_num, before + 1)
    except csv.Error as broken:
        raise RollRefused(
            f"{records.line_num}行目付近の引用符が閉じていません。元のシステムから出力し直してください。",
            line=records.line_num,
        ) from broken
    for line, values in reader.finish():
        yield line, RollRow._make(values)


Values = list[Any]
"""A row in the making: the values of RollRow in its order, not yet frozen."""
Cells = Callable[[list[str]], Any]
"""Picks the cells of one source out of a record: one alone, or a tuple."""

_FIELDS = {name: slot for slot, name in enumerate(RollRow._fields)}
_NUMBER, _HEAD, _HOUSEHOLD = _FIELDS["number"], _FIELDS["head_number"], _FIELDS["household_number"]
_IS_HEAD, _POSTAL_CODE = _FIELDS["is_head"], _FIELDS["postal_code"]
_HAS_GAIJI, _MAIL = _FIELDS["has_gaiji"], _FIELDS["mail_to_head"]
_BLANK: Values = [
    "", "", "", False, "", "", "", "", "", "", None, "", "", "", "", "", "", "", "", None, None, "", False, "", False, True
]  # fmt: skip
_DRAWN = tuple(_FIELDS[name] for name in ("name", "kana", "alias", "alias_kana", "address", "building"))
_ODD = re.compile(BROKEN.pattern[:-1] + "\ue000-\uf8ff]")
_TWELVE = re.compile("[0-9０-９]{12}")
_FOURS = re.compile("[0-9]{4}[ -][0-9]{4}[ -][0-9]{4}")
_NUMBER_SHAPE = re.compile(f"[0-9A-Za-z]{{1,{layouts.TEXT_MAX['number']}}}")
_NUMBER_HEADING = re.compile("(宛名番号|世帯番号|住民票コード)$")


class _Reader:
    """The state of one reading: who heads which household, which numbers were seen, where people live."""

    def __init__(self, layout: Layout, columns: Columns, municipality: str, findings: Findings) -> None:
        self.headings, self.municipality, self.findings = columns.headings, municipality, findings
        self.width = len(columns.headings)
        self.heading_of = {
            name: columns.headings[found.places[0]] for found in columns.found for name in found.source.fields
        }
        self.texts: list[tuple[int, int, int, str]] = []
        self.numbers: list[tuple[int, int, Cells, Kept, str]] = []
        self.singles: list[tuple[int, Cells, Kept, str]] = []
        self.several: list[tuple[tuple[int, ...], Cells, Kept, str]] = []
        for source, places in columns.found:
            self._plan(source, places)
        numbers = [place for place, one in enumerate(columns.headings) if _NUMBER_HEADING.search(one)]
        self.others = operator.itemgetter(*(place for place in range(self.width) if place not in numbers))
        self.heads: dict[str, tuple[int, str]] = {}
        self.seen: dict[str, tuple[int, str]] = {}
        self.waiting: dict[str, list[tuple[int, Values]]] = {}
        self.named_heads: set[str] = set()
        self.inside: dict[str, bool | None] = {}
        self.here = self.elsewhere = self.first_elsewhere = self.broken = 0
        self.my_numbers = {place: [0, 0] for place in numbers}

    def _plan(self, source: layouts.Source, places: tuple[int, ...]) -> None:
        slots = tuple(_FIELDS[name] for name in source.fields)
        heading = self.headings[places[0]]
        if source.converter == "text":
            self.texts.append((slots[0], places[0], layouts.TEXT_MAX[source.fields[0]], heading))
            return
        cells = operator.itemgetter(*places)
        size = 0 if source.converter in DIFFERS_EACH_ROW else KEPT_MAX
        kept = Kept(CONVERTERS[source.converter], size)
        if source.converter in ("number", "optional_number"):
            self.numbers.append((slots[0], places[0], cells, kept, heading))
        elif len(slots) == 1:
            self.singles.append((slots[0], cells, kept, heading))
        else:
            self.several.append((slots, cells, kept, heading))

    def take(self, record: list[str], line: int) -> Sequence[tuple[int, Values]]:
        """One record: the rows that it sets free, mostly itself."""
        self.findings.rows += 1
        if len(record) != self.width:
            self._say(line, "", layouts.COLUMNS_DIFFER, f"{len(record)}列")
            # Which household it belongs to is uncertain now: every number in it is taken for one.
            self.findings.bad_households.update(re.findall("[0-9A-Za-z]{4,15}", " ".join(record)))
            return ()
        values = _BLANK[:]
        bad = self._convert(record, values, line)
        others = "\x1f".join(self.others(record))
        if _ODD.search(others) or _TWELVE.search(others) or _FOURS.search(others):
            bad |= self._rare(record, values, line)
        for place in self.my_numbers:
            if len(record[place]) == 12:
                self._count_my_numbers(place, record[place])
        bad |= self._seen_before(values[_NUMBER], values[_HOUSEHOLD], line)
        if values[_POSTAL_CODE]:
            self._locate(values[_POSTAL_CODE], line)
        return self._join(values, line, bad)

    def _convert(self, record: list[str], values: Values, line: int) -> bool:
        """Fills the values of a row; says what is wrong; true for an error."""
        bad = False
        for slot, place, size, heading in self.texts:
            values[slot] = text = record[place].strip()
            if len(text) > size:
                bad |= self._say(line, heading, layouts.TOO_LONG, f"{len(text)}文字")
        for slot, place, cells, kept, heading in self.numbers:
            if _NUMBER_SHAPE.fullmatch(record[place]):
                values[slot] = record[place]
            else:
                (values[slot],), kinds = kept[cells(record)]
                bad |= self._say_all(line, heading, kinds, cells(record))
        for slot, cells, kept, heading in self.singles:
            (values[slot],), kinds = kept[cells(record)]
            if kinds:
                bad |= self._say_all(line, heading, kinds, cells(record))
        for slots, cells, kept, heading in self.several:
            given, kinds = kept[cells(record)]
            for slot, value in zip(slots, given, strict=True):
                values[slot] = value
            if kinds:
                bad |= self._say_all(line, heading, kinds, cells(record))
        mail = values[_MAIL]
        if mail is not True:
            values[_MAIL] = mail != "0" if values[_IS_HEAD] else mail != "1"
        return bad

    def _rare(self, record: list[str], values: Values, line: int) -> bool:
        """外字, broken characters and what could be a My Number: looked for cell by cell, in few rows only."""
        values[_HAS_GAIJI] = any(has_gaiji(values[slot]) for slot in _DRAWN)
        bad = broken = False
        for place, cell in enumerate(record):
            heading = self.headings[place]
            if BROKEN.search(cell):
                broken = bad = self._say(line, heading, layouts.BROKEN_TEXT, "読めない文字")
            elif has_gaiji(cell):
                self._say(line, heading, layouts.GAIJI, "外字")
            elif place not in self.my_numbers and contains_my_number(cell):
                bad = self._say(line, heading, layouts.MY_NUMBER, "12桁の数字")
        self.broken += broken
        return bad

    def _count_my_numbers(self, place: int, cell: str) -> None:
        # One in eleven numbers of twelve digits is a valid My Number by chance: only the column can tell.
        self.my_numbers[place][0] += 1
        self.my_numbers[place][1] += my_number_valid(cell)

    def _seen_before(self, number: str, household: str, line: int) -> bool:
        before = self.seen.setdefault(number, (line, household))
        if before[0] == line or not number:
            return False
        self.findings.bad_households.add(before[1])
        return self._say(line, self.heading_of["number"], layouts.DUPLICATE, f"{before[0]}行目と同じ番号")

    def _locate(self, postal_code: str, line: int) -> None:
        if postal_code not in self.inside:
            codes = postal.municipalities(postal_code)
            near = any(postal.lies_in(code, self.municipality) for code in codes)
            self.inside[postal_code] = near if codes else None
        inside = self.inside[postal_code]
        if inside:
            self.here += 1
        elif inside is False:
            self.elsewhere += 1
            self.first_elsewhere = self.first_elsewhere or line
            self._say(line, self.heading_of["postal_code"], layouts.ELSEWHERE, "7桁の数字")
            if self.here + self.elsewhere >= _EARLY_LOOK:
                self._refuse_elsewhere()

    def _refuse_elsewhere(self) -> None:
        if self.elsewhere > self.here:
            heading = self.heading_of["address"]
            raise RollRefused(
                f"この名簿は別の市区町村のものです。{self.first_elsewhere}行目をはじめ、半分を超える行の"
                f"「{heading}」が対象の市区町村の外にあります。ファイルを選び直してください。",
                (heading,),
                self.first_elsewhere,
            )

    def _join(self, values: Values, line: int, bad: bool) -> Sequence[tuple[int, Values]]:
        """A row to its household: a head sets its waiting members free, a member waits for its head."""
        household = values[_HOUSEHOLD]
        if bad:
            self.findings.bad_households.add(household)
            if not household:
                self.named_heads.add(values[_HEAD])
        if values[_IS_HEAD]:
            return self._head(values, line, bad)
        head = self.heads.get(household)
        if bad:
            return ()
        if head is None:
            self.waiting.setdefault(household, []).append((line, values))
            return ()
        return (self._member(values, line, head[1]),)

    def _head(self, values: Values, line: int, bad: bool) -> list[tuple[int, Values]]:
        household, number = values[_HOUSEHOLD], values[_NUMBER]
        first = self.heads.setdefault(household, (line, number))
        if first[0] != line:
            self._say(line, self.heading_of["is_head"], layouts.TWO_HEADS, f"{first[0]}行目も世帯主")
            self.findings.bad_households.add(household)
        values[_HEAD] = number
        free = [] if bad else [(line, values)]
        free += [self._member(member, at, number) for at, member in self.waiting.pop(household, ())]
        return free

    def _member(self, values: Values, line: int, head: str) -> tuple[int, Values]:
        if values[_HEAD] and values[_HEAD] != head:
            self._say(line, self.heading_of["head_number"], layouts.OTHER_HEAD, "宛名番号")
            self.findings.bad_households.add(values[_HOUSEHOLD])
        values[_HEAD] = head
        return line, values

    def finish(self) -> Iterator[tuple[int, Values]]:
        """What only the whole file can tell; members without a head come last, marked."""
        self._refuse_elsewhere()
        self._refuse_my_numbers()
        if self.broken > max(_BROKEN_LINES_MAX, self.findings.rows * _BROKEN_SHARE_MAX):
            raise RollRefused(
                f"{self.broken:,}行に読めない文字があり、文字コードが違うと思われます。"
                "Shift_JISかUTF-8で出力し直してください。"
            )
        self._hold_back_homes()
        for household, members in self.waiting.items():
            self.findings.bad_households.add(household)
            for line, values in members:
                self._say(line, self.heading_of["is_head"], layouts.NO_HEAD, "世帯主以外の続柄")
                yield line, values

    def _hold_back_homes(self) -> None:
        """Where somebody's household is not legible or has no head, the head they name loses a member: held back."""
        for members in self.waiting.values():
            self.named_heads.update(values[_HEAD] for _line, values in members)
        for number in self.named_heads & self.seen.keys():
            self.findings.bad_households.add(self.seen[number][1])

    def _refuse_my_numbers(self) -> None:
        found = tuple(
            self.headings[place]
            for place, (twelve, valid) in self.my_numbers.items()
            if valid >= _MY_NUMBERS_MIN and valid == twelve
        )
        if found:
            raise RollRefused(
                f"「{'」「'.join(found)}」の列の値が個人番号と思われます。個人番号は受け取れません。"
                "宛名番号などに替えて出力し直してください。",
                found,
            )

    def _say_all(
        self, line: int, heading: str, kinds: tuple[Kind, ...], cells: str | tuple[str, ...]
    ) -> bool:
        return True in [self._say(line, heading, kind, _kind_of(cells)) for kind in kinds]

    def _say(self, line: int, heading: str, kind: Kind, value_kind: str) -> bool:
        """Adds a problem; true for an error."""
        self.findings.problems.append(
            Problem(line, heading, kind.name, value_kind, kind.remedy, kind.severity)
        )
        return kind.severity == "error"


def _kind_of(cells: str | tuple[str, ...]) -> str:
    """What kind of value stands in a cell or some cells, without saying the value."""
    text = "".join(cells).strip()
    if not text:
        return "空欄"
    if text.isdigit():
        return f"{len(text)}桁の数字"
    return f"{len(text)}文字の文字列"
