"""Pure. The values that the shared templates draw: tables, badges, strips, time lines, progress, digests.

Views fill them, templates read them; nothing here fetches, counts or formats a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# Ten bands, each darker than 4.5:1 against white text; a municipality keeps one for as long as it is served.
BANDS = ("blue", "green", "magenta", "cyan", "orange", "purple", "lime", "red", "yellow", "gray")

# "50 rows, fast": a page of a desk's table.
ROWS_PER_PAGE = 50


@dataclass(frozen=True)
class Badge:
    """A short word with a shape: ok, wait, warn, stop, info or none. The word alone must suffice."""

    text: str
    kind: str = "none"


@dataclass(frozen=True)
class Cell:
    """One cell of a table: text, perhaps a link, a badge before it, a smaller note under it."""

    text: object = ""
    href: str = ""
    badge: Badge | None = None
    note: str = ""


@dataclass(frozen=True)
class Column:
    """A column: `key` is what `?sort=` carries; `numeric` sets right, `fixed` never breaks over lines."""

    key: str
    label: str
    sortable: bool = False
    numeric: bool = False
    fixed: bool = False


@dataclass(frozen=True)
class Row:
    """A row: `key` is the value of its tick box, `name` what a screen reader calls it."""

    key: str
    cells: Sequence[Cell | str | int]
    name: str = ""
    marked: bool = False


@dataclass(frozen=True)
class Filter:
    """A filter above a table, kept in the address. Options (value, label) make a list, none a text box."""

    name: str
    label: str
    value: str = ""
    options: Sequence[tuple[str, str]] = ()
    kind: str = "text"


@dataclass(frozen=True)
class Action:
    """A button: posts name=value, or follows href. `key` is its keyboard key, `main` the one main action."""

    label: str
    value: str = ""
    name: str = "action"
    href: str = ""
    key: str = ""
    main: bool = False
    danger: bool = False
    icon: str = ""


@dataclass(frozen=True)
class Empty:
    """What stands where nothing is: a sentence, what to do, and the way there."""

    sentence: str
    advice: str = ""
    action: Action | None = None


@dataclass(frozen=True)
class Head:
    """A column head as drawn: the direction sorted by now, and the sort a click asks for."""

    column: Column
    direction: str
    next_sort: str


@dataclass(frozen=True)
class Table:
    """A dense table. `rows` are those of this page alone; `total` counts all that the filters match."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    total: int
    page: int = 1
    sort: str = ""
    filters: Sequence[Filter] = ()
    actions: Sequence[Action] = ()
    empty: Empty = Empty("該当するものはありません。")
    per_page: int = ROWS_PER_PAGE
    unit: str = "件"
    id: str = "table"

    @property
    def pages(self) -> int:
        """Count of pages, at least one."""
        return max(1, -(-self.total // self.per_page))

    @property
    def first(self) -> int:
        """Number of the first row shown, 0 where nothing is."""
        return (self.page - 1) * self.per_page + 1 if self.rows else 0

    @property
    def last(self) -> int:
        """Number of the last row shown."""
        return self.first + len(self.rows) - 1 if self.rows else 0

    @property
    def heads(self) -> Iterator[Head]:
        """Column heads with their state: sorted up, sorted down, or not."""
        for column in self.columns:
            if self.sort == column.key:
                yield Head(column, "ascending", "-" + column.key)
            elif self.sort == "-" + column.key:
                yield Head(column, "descending", column.key)
            else:
                yield Head(column, "", column.key)

    @property
    def lines(self) -> Iterator[tuple[Row, list[tuple[Column, Cell]]]]:
        """Each row with its cells beside their columns; a row of another width is a bug."""
        for row in self.rows:
            cells = [cell if isinstance(cell, Cell) else Cell(cell) for cell in row.cells]
            yield row, list(zip(self.columns, cells, strict=True))

    @property
    def page_numbers(self) -> list[int]:
        """Pages to offer: first, last and the neighbours; 0 stands for a gap."""
        near = range(self.page - 2, self.page + 3)
        wanted = sorted({1, self.pages, *(n for n in near if 1 <= n <= self.pages)})
        numbers: list[int] = []
        for number in wanted:
            if numbers and number - numbers[-1] > 1:
                numbers.append(0)
            numbers.append(number)
        return numbers

    @property
    def filtered(self) -> bool:
        """Whether any filter is set."""
        return any(f.value for f in self.filters)


@dataclass(frozen=True)
class Strip:
    """A hand-over (授受) in counts: what came in must be done, waiting or set aside."""

    came_in: int
    done: int
    waiting: int
    set_aside: int
    title: str = ""
    href: str = ""
    labels: tuple[str, str, str, str] = ("受入", "済", "待ち", "保留")
    unit: str = "件"

    @property
    def difference(self) -> int:
        """What came in less what is accounted for; 0 where it balances."""
        return self.came_in - self.done - self.waiting - self.set_aside

    @property
    def parts(self) -> list[tuple[str, str, int]]:
        """The terms of the sum as drawn: sign, label, count; one without a label does not occur in this sum."""
        _, done, waiting, aside = self.labels
        terms = [("=", done, self.done), ("+", waiting, self.waiting), ("+", aside, self.set_aside)]
        return [term for term in terms if term[1]]


@dataclass(frozen=True)
class Moment:
    """One point of a time line. `state` is done, now, need (something is needed) or next."""

    title: str
    date: object = ""
    text: str = ""
    state: str = "done"
    who: str = ""
    badge: Badge | None = None
    href: str = ""
    link: str = ""


@dataclass(frozen=True)
class LongWork:
    """Long work as drawn. `state` is waiting, running, stopping, stopped, done or failed."""

    id: str
    title: str
    state: str
    done: int = 0
    total: int = 0
    rate_per_second: float | None = None
    seconds_left: int | None = None
    refused: int = 0
    refusals: Sequence[tuple[str, str]] = ()
    url: str = ""
    stop_url: str = ""
    resume_url: str = ""
    log_url: str = ""
    result_url: str = ""
    note: str = ""
    unit: str = "件"

    @property
    def percent(self) -> int:
        """Whole percent done, rounded down, so that 100 means all."""
        return self.done * 100 // self.total if self.total else 0

    @property
    def live(self) -> bool:
        """Whether the card asks for news."""
        return self.state in ("waiting", "running", "stopping") and bool(self.url)

    @property
    def time_left(self) -> str:
        """Time left in words, empty where nobody knows."""
        if self.seconds_left is None:
            return ""
        if self.seconds_left < 60:
            return f"残り約{max(self.seconds_left, 1)}秒"
        if self.seconds_left < 3600:
            return f"残り約{-(-self.seconds_left // 60)}分"
        hours, rest = divmod(self.seconds_left, 3600)
        return f"残り約{hours}時間{rest // 60}分"

    @property
    def badge(self) -> Badge:
        """The state as a word with a shape."""
        return {
            "waiting": Badge("開始待ち", "wait"),
            "running": Badge("処理しています", "info"),
            "stopping": Badge("停止しています", "wait"),
            "stopped": Badge("停止中", "warn"),
            "done": Badge("完了", "ok"),
            "failed": Badge("失敗", "stop"),
        }[self.state]


@dataclass(frozen=True)
class Digest:
    """What a decision or an approval covers: a hexadecimal digest and the facts it stands for."""

    value: str
    covers: Sequence[tuple[str, object]] = ()
    algorithm: str = "SHA-256"

    @property
    def groups(self) -> list[str]:
        """The digest in groups of eight, as two persons read it to each other."""
        return [self.value[i : i + 8] for i in range(0, len(self.value), 8)]


@dataclass(frozen=True)
class Desk:
    """A desk in the left rail: what waits there and how old the oldest is. `or_more`: it was counted no further."""

    name: str
    url: str
    waiting: int = 0
    or_more: bool = False
    oldest: str = ""
    current: bool = False
    late: bool = False


@dataclass(frozen=True)
class Place:
    """A desk of the office or a place of the municipality, in work order: its key, name and address below the programme's."""

    key: str
    name: str
    url: str


@dataclass(frozen=True)
class Undo:
    """A minute's way back: the sentence of what was done and where to post to undo it."""

    sentence: str
    url: str
    seconds: int = 60
    label: str = "元に戻す"


@dataclass(frozen=True)
class Need:
    """One line of "needs you today": how many, of what, since when, and the way there."""

    count: int
    title: str
    text: str
    url: str
    action: str
    unit: str = "件"
    late: bool = False
