"""Pure. A CSV list with headings in, its records under our own field names out.

What payment_list, gift_list and fact_lists have in common: headings are found whatever their order, width and brackets; what is
wrong is a Problem that names line, column and remedy and never carries the value.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import BinaryIO, NamedTuple

from todoku.formats.encoding import Encoding, EncodingRefused, decode_lines, sniff
from todoku.formats.refused import FormatRefused

ERROR, WARNING = "error", "warning"
HEADING_LINES_MAX = 10  # above the headings stand at most a title, a day, an office's name
_SNIFFED_BYTES = 1024 * 1024
_FORBIDDEN = ("個人番号", "マイナンバー")


class Problem(NamedTuple):
    """What is wrong or doubtful at one place: line from 1, the heading, what, what to do, "error" or "warning"."""

    line: int
    column: str
    kind: str
    remedy: str
    severity: str = ERROR

    @property
    def sentence(self) -> str:
        column = f"「{self.column}」" if self.column else ""
        return f"{self.line}行目{column}: {self.kind}。{self.remedy}"


class Kind(NamedTuple):
    """A kind of problem: its name, the remedy, the severity."""

    name: str
    remedy: str
    severity: str = ERROR

    def at(self, line: int, column: str) -> Problem:
        return Problem(line, column, self.name, self.remedy, self.severity)


COLUMNS_DIFFER = Kind("列の数が見出しと違います", "引用符とカンマを確認し、この行を直してください。")


class ListRefused(FormatRefused):
    """A list that cannot be read at all. `line` from 1, 0 for the whole file."""

    def __init__(self, sentence: str, line: int = 0) -> None:
        super().__init__(sentence)
        self.line = line


class Record(NamedTuple):
    """One line of the list: its number and its cells by our field; a column that is not in the file is ""."""

    line: int
    cells: Mapping[str, str]


class Table(NamedTuple):
    """The records of a list, the heading of each field as it stands in the file, and lines that fit no heading."""

    headings: Mapping[str, str]
    records: list[Record]
    problems: list[Problem]


def read_table(
    data: bytes, columns: Mapping[str, Sequence[str]], required: Sequence[Sequence[str]], what: str
) -> Table:
    """A list's records; blank lines are passed over.

    In: a CSV in CP932 or UTF-8; our field → its headings, the usual one first; `required`: of each group of fields
    one must be there; `what` the list is called. Raises ListRefused naming what is missing, and for a column of My
    Numbers (個人番号), which may not be in the file at all.
    """
    lines = _lines(data)
    number, places = _headings(lines, columns, required, what)
    first = lines[number - 1][1]
    records: list[Record] = []
    problems: list[Problem] = []
    for one in _records(lines[number:], places, len(first), columns):
        if isinstance(one, Record):
            records.append(one)
        else:
            problems.append(one)
    return Table(_named(first, places), records, problems)


def stream_table(
    data: bytes | BinaryIO, columns: Mapping[str, Sequence[str]], required: Sequence[Sequence[str]], what: str
) -> tuple[Mapping[str, str], Iterator[Record | Problem]]:
    """The same for a list of a million lines: the heading of each field, and records or problems one after the other.

    `data` may be a file opened for bytes: then never more than a megabyte of it is in memory.
    What makes the whole file unreadable is raised as ListRefused, beyond the headings only when its line is reached.
    """
    lines = _lines_in_turn(data)
    head = list(islice(lines, HEADING_LINES_MAX))
    number, places = _headings(head, columns, required, what)
    first = head[number - 1][1]
    return _named(first, places), _records(chain(head[number:], lines), places, len(first), columns)


def _named(first: Sequence[str], places: Mapping[str, int]) -> dict[str, str]:
    return {field: first[place].strip() for field, place in places.items()}


def _records(
    lines: Iterable[tuple[int, list[str]]], places: Mapping[str, int], width: int, columns: Iterable[str]
) -> Iterator[Record | Problem]:
    """Every line below the headings that is not blank."""
    blank = dict.fromkeys(columns, "")
    for line, cells in lines:
        if not any(map(str.strip, cells)):
            continue
        if len(cells) < width or any(map(str.strip, cells[width:])):
            yield COLUMNS_DIFFER.at(line, "")
            continue
        yield Record(line, blank | {field: cells[place].strip() for field, place in places.items()})


def plain(text: str) -> str:
    """A cell as it is compared: width and blanks do not count."""
    if text.isascii():  # most cells of a list are codes
        return "".join(text.split())
    return "".join(unicodedata.normalize("NFKC", text).split())


def yen(text: str) -> int | None:
    """An amount as offices write it (１，０００, ¥1,000, 1000円); None where it is no whole number of yen."""
    bare = plain(text).replace("\\", "¥").removeprefix("¥").removesuffix("円")
    if re.fullmatch("[0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3}){1,3}", bare) is None:
        return None
    return int(bare.replace(",", ""))


def _lines(data: bytes) -> list[tuple[int, list[str]]]:
    return list(_lines_in_turn(data))


def _lines_in_turn(data: bytes | BinaryIO) -> Iterator[tuple[int, list[str]]]:
    try:
        if isinstance(data, bytes):
            lines = decode_lines(data.rstrip(b"\x1a"), sniff(data))
        else:
            lines = decode_lines(data, _sniff_file(data))
        reader = csv.reader(lines, strict=True)
        for record in reader:
            yield reader.line_num, record
    except EncodingRefused as refused:
        raise ListRefused(refused.sentence, refused.line) from refused
    except csv.Error as broken:
        # The csv module's own words say nothing of the content; they are not repeated all the same.
        raise ListRefused("CSVの引用符が閉じていないか、正しくありません。出力し直してください。") from broken


def _sniff_file(file: BinaryIO) -> Encoding:
    """The encoding of a file by its first megabyte that says more than ASCII; the file stands at its start again."""
    first = block = file.read(_SNIFFED_BYTES)
    while block and block.isascii():
        block = file.read(_SNIFFED_BYTES)
    file.seek(0)
    return sniff(first if not first.isascii() else block or first)


def _heading(text: str) -> str:
    """A heading as it is compared: without width, blanks, brackets and what stands in them."""
    return re.sub(r"[(\[【].*?[)\]】]", "", plain(text)).upper().rstrip(":*※")


def _headings(
    lines: Sequence[tuple[int, list[str]]],
    columns: Mapping[str, Sequence[str]],
    required: Sequence[Sequence[str]],
    what: str,
) -> tuple[int, dict[str, int]]:
    """The number of the record with the headings, and the place of each field in it."""
    best: dict[str, int] = {}
    for number, (line, record) in enumerate(lines[:HEADING_LINES_MAX], 1):
        if any(word in plain(cell) for cell in record for word in _FORBIDDEN):
            raise ListRefused("個人番号の列があります。この列を除いたファイルを選んでください。", line)
        places = _places(record, columns)
        if all(any(field in places for field in group) for group in required):
            return number, places
        best = max(best, places, key=len)
    missing = [columns[group[0]][0] for group in required if not any(field in best for field in group)]
    raise ListRefused(
        f"{what}に「{'」「'.join(missing)}」の列がありません。見出しのあるCSVを選んでください。"
    )


def _places(record: Sequence[str], columns: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Where each field stands: by a heading as written, or else without its brackets; the usual name wins."""
    places: dict[str, int] = {}
    for shape in (plain, _heading):
        headings = [shape(cell) for cell in record]
        for field, names in columns.items():
            found = [headings.index(shape(name)) for name in names if shape(name) in headings]
            free = [place for place in found if place not in places.values()]
            if free and field not in places:
                places[field] = free[0]
    return places
