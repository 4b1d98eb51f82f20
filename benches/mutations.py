"""One change to a bank file, drawn by chance: any field of any record, or whole lines. What a verifier must find.

The positions stand here once more, from the record standard of the Japanese Bankers Association (総合振込), so that a
field that the verifier forgot would still be changed.
"""

import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

RECORD, END = 120, b"\r\n"
# Name, first byte from 1, bytes.
HEADER = (
    ("データ区分", 1, 1), ("種別コード", 2, 2), ("コード区分", 4, 1), ("振込依頼人コード", 5, 10), ("振込依頼人名", 15, 40),
    ("振込指定日", 55, 4), ("仕向銀行番号", 59, 4), ("仕向銀行名", 63, 15), ("仕向支店番号", 78, 3), ("仕向支店名", 81, 15),
    ("預金種目", 96, 1), ("口座番号", 97, 7), ("ダミー", 104, 17),
)  # fmt: skip
DATA = (
    ("データ区分", 1, 1), ("被仕向銀行番号", 2, 4), ("被仕向銀行名", 6, 15), ("被仕向支店番号", 21, 3),
    ("被仕向支店名", 24, 15), ("手形交換所番号", 39, 4), ("預金種目", 43, 1), ("口座番号", 44, 7), ("受取人名", 51, 30),
    ("振込金額", 81, 10), ("新規コード", 91, 1), ("顧客コード1", 92, 10), ("顧客コード2", 102, 10), ("振込指定区分", 112, 1),
    ("識別表示", 113, 1), ("ダミー", 114, 7),
)  # fmt: skip
TRAILER = (("データ区分", 1, 1), ("合計件数", 2, 6), ("合計金額", 8, 12), ("ダミー", 20, 101))
LAST = (("データ区分", 1, 1), ("ダミー", 2, 119))
WRITABLE = bytes(range(0x20, 0x7F)) + bytes(
    range(0xA1, 0xE0)
)  # JIS X 0201, whether or not the standard allows it


class Mutation(NamedTuple):
    """A changed file: what was done, the line it stands on (from 1; 0 where lines as such were changed), the bytes."""

    what: str
    line: int
    data: bytes


def field_of(rng: random.Random, lines: int) -> tuple[int, str, int, int]:
    """A field to change: line from 1, name, first byte from 0, bytes. Data records come as often as they stand."""
    kind = rng.randrange(20)
    at_edge = {0: (1, HEADER), 1: (lines - 1, TRAILER), 2: (lines, LAST)}
    line, fields = at_edge.get(kind, (rng.randrange(2, lines - 1), DATA))
    label, start, size = rng.choice(fields)
    return line, label, start - 1, size


def other_value(rng: random.Random, value: bytes) -> bytes:
    """Another value of the same length: one byte changed, all digits drawn anew, two bytes changed places, or blank."""
    way = rng.randrange(4)
    other = bytearray(value)
    if way == 1 and value.isdigit():
        other[:] = b"%0*d" % (len(value), rng.randrange(10 ** len(value)))
    elif way == 2 and len(value) > 1:
        a, b = rng.sample(range(len(value)), 2)
        other[a], other[b] = other[b], other[a]
    elif way == 3:
        other[:] = b" " * len(value)
    if bytes(other) == value:
        place = rng.randrange(len(value))
        other[place] = rng.choice(WRITABLE.replace(value[place : place + 1], b""))
    return bytes(other)


def one_field(rng: random.Random, data: bytes, width: int) -> Mutation:
    """One field of one record has another value."""
    line, label, start, size = field_of(rng, len(data) // width)
    at = (line - 1) * width + start
    return Mutation(label, line, data[:at] + other_value(rng, data[at : at + size]) + data[at + size :])


def anything(rng: random.Random, data: bytes, width: int) -> Mutation:
    """A change of any sort: nine in ten of one field, the rest of lines, line ends or the file's length."""
    if rng.randrange(10):
        return one_field(rng, data, width)
    change = rng.choice(list(LINES))
    return Mutation(change, 0, LINES[change](rng, data, width))


def _two(rng: random.Random, data: bytes, width: int) -> tuple[int, int]:
    """Two data records: their first bytes, in order."""
    one, other = sorted(rng.sample(range(1, len(data) // width - 2), 2))
    return one * width, other * width


def _swap(rng: random.Random, data: bytes, width: int) -> bytes:
    a, b = _two(rng, data, width)
    return data[:a] + data[b : b + width] + data[a + width : b] + data[a : a + width] + data[b + width :]


def _swap_payee(rng: random.Random, data: bytes, width: int) -> bytes:
    """The accounts and names of two payments change places, their amounts and numbers stay."""
    a, b = _two(rng, data, width)
    to = 80
    return data[:a] + data[b : b + to] + data[a + to : b] + data[a : a + to] + data[b + to :]


def _drop(rng: random.Random, data: bytes, width: int) -> bytes:
    a, _ = _two(rng, data, width)
    return data[:a] + data[a + width :]


def _duplicate(rng: random.Random, data: bytes, width: int) -> bytes:
    a, b = _two(rng, data, width)
    return data[:b] + data[a : a + width] + data[b:]


def _merge(rng: random.Random, data: bytes, width: int) -> bytes:
    """Two payments become one of both amounts (T08)."""
    a, b = _two(rng, data, width)
    total = int(data[a + 80 : a + 90]) + int(data[b + 80 : b + 90])
    return data[: a + 80] + b"%010d" % total + data[a + 90 : b] + data[b + width :]


def _truncate(rng: random.Random, data: bytes, _width: int) -> bytes:
    return data[: rng.randrange(len(data))]


def _insert(rng: random.Random, data: bytes, _width: int) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + bytes([rng.randrange(256)]) + data[at:]


def _line_end(rng: random.Random, data: bytes, width: int) -> bytes:
    """One line end becomes LF, CR, nothing, or is put where none belongs."""
    at = rng.randrange(1, len(data) // width) * width
    before = at - (width - RECORD)
    return data[:before] + rng.choice((b"\n", b"\r", b"\n\r", END * 2)) + data[at:]


def _all_line_ends(_rng: random.Random, data: bytes, width: int) -> bytes:
    return data.replace(END, b"\n") if width > RECORD else data + END


def _end_mark(_rng: random.Random, data: bytes, _width: int) -> bytes:
    return data[:-1] if data.endswith(b"\x1a") else data + b"\x1a"


LINES: dict[str, Callable[[random.Random, bytes, int], bytes]] = {
    "lines swapped": _swap, "payees swapped": _swap_payee, "line dropped": _drop, "line doubled": _duplicate,
    "payments merged": _merge, "cut short": _truncate, "byte put in": _insert, "line end": _line_end,
    "all line ends": _all_line_ends, "end mark": _end_mark,
}  # fmt: skip


def drawn(seed: int, number: int, data: bytes, *, eol: bool = True) -> Iterator[Mutation]:
    """So many changed files; none has the bytes of the file they come from."""
    rng = random.Random(f"{seed}:mutations")
    width = RECORD + len(END) * eol
    while number:
        mutation = anything(rng, data, width)
        if mutation.data != data:  # two equal payees have changed places
            number -= 1
            yield mutation
