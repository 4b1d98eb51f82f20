"""Pure. The strokes that charts.py draws with: escaped elements, a scale of round steps, words, the table behind.

Takes numbers and words, leaves markup that a template prints as it is; every text passes through `escape`.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape


class Markup(str):
    """Text that is already safe markup: templates that know `__html__` print it unescaped."""

    def __html__(self) -> str:
        return str(self)


def figure_number(value: float) -> str:
    """A number as the desks write it: thousands apart, no decimals (1,234)."""
    return f"{round(value):,}"


def element(name: str, content: str = "", **attributes: object) -> str:
    """One element. Attribute names: `_` stands for `-`, a trailing `_` is dropped (class_). Content is markup."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_plain(value))}"'
        for key, value in attributes.items()
        if value is not None and value != ""
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def _plain(value: object) -> str:
    """A coordinate with at most one decimal, anything else as it is."""
    if isinstance(value, float):
        return f"{value:.1f}".rstrip("0").rstrip(".")
    return str(value)


def text(x: float, y: float, words: object, kind: str = "tick", anchor: str = "start") -> str:
    """Words at a point of the drawing."""
    return element("text", escape(str(words)), x=float(x), y=float(y), class_=kind, text_anchor=anchor)


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """A straight stroke."""
    return element("line", x1=float(x1), y1=float(y1), x2=float(x2), y2=float(y2), class_=kind)


def rect(x: float, y: float, width: float, height: float, kind: str, words: str = "") -> str:
    """A filled bar; `words` appear when a pointer rests on it."""
    tip = element("title", escape(words)) if words else ""
    return element(
        "rect",
        tip,
        x=float(x),
        y=float(y),
        width=float(max(width, 0)),
        height=float(max(height, 0)),
        class_=kind,
    )


def path(points: Sequence[tuple[float, float]], kind: str) -> str:
    """A stroke through points; nothing where there are fewer than two."""
    if len(points) < 2:
        return ""
    steps = " ".join(f"{_plain(float(x))},{_plain(float(y))}" for x, y in points)
    return element("polyline", points=steps, class_=kind)


def round_top(highest: float) -> tuple[int, int]:
    """The top of an axis and its step, in round numbers: 1, 2 or 5 times a power of ten, 3 to 6 steps."""
    wanted = max(1.0, highest)
    step = 1
    while True:
        for factor in (1, 2, 5):
            if wanted <= 5 * step * factor:
                size = step * factor
                return -(-int(-(-wanted // 1)) // size) * size, size
        step *= 10


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Heights for labels in the order given (falling), moved apart to `gap` and kept between low and high."""
    places = list(wanted)
    for i in range(len(places)):
        ceiling = places[i - 1] - gap if i else high
        places[i] = min(places[i], ceiling)
    for i in reversed(range(len(places))):
        floor = places[i + 1] + gap if i + 1 < len(places) else low
        places[i] = max(places[i], floor)
    return places


def sample_ticks(count: int, most: int = 8) -> list[int]:
    """Indexes to write words at: evenly spaced, the last always among them."""
    step = max(1, -(-count // most))
    return sorted({count - 1 - i for i in range(0, count, step)}) if count else []


def word_width(words: object, size: float = 13) -> float:
    """About how wide words are: full-width characters a whole size, others six tenths."""
    return sum(size if ord(c) > 0x2E7F else size * 0.6 for c in str(words))


def drawing(name: str, width: int, height: int, title: str, description: str, marks: Sequence[str]) -> str:
    """The SVG itself with its title and description, named after the chart so that a page may hold many."""
    ids = f"{name}-title {name}-desc"
    head = element("title", escape(title), id=f"{name}-title") + element(
        "desc", escape(description), id=f"{name}-desc"
    )
    return element(
        "svg",
        head + "".join(marks),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width} {height}",
        role="img",
        aria_labelledby=ids,
    )


def table_behind(
    heads: Sequence[object], rows: Sequence[Sequence[object]], total: Sequence[object] = ()
) -> str:
    """The figures of a chart as a folded table; the first column names the row."""

    def cells(row: Sequence[object]) -> str:
        first, *rest = (figure_number(c) if isinstance(c, int | float) else str(c) for c in row)
        return element("th", escape(first) or " ", scope="row") + "".join(
            element("td", escape(cell) or " ") for cell in rest
        )

    head = element("tr", "".join(element("th", escape(str(h)) or " ", scope="col") for h in heads))
    body = "".join(element("tr", cells(row)) for row in rows)
    foot = element("tfoot", element("tr", cells(total))) if total else ""
    table = element("table", element("thead", head) + element("tbody", body or element("tr", "<td/>")) + foot)
    scroll = element("div", table, class_="chart-scroll", tabindex=0, role="group", aria_label="数値の表")
    return element("details", element("summary", "表で見る") + scroll)


def framed(title: str, svg: str, table: str) -> Markup:
    """A chart as the page holds it: the finding, the drawing, the table behind."""
    scroll = element("div", svg, class_="chart-scroll", tabindex=0, role="group", aria_label=title)
    return Markup(element("figure", element("figcaption", escape(title)) + scroll + table, class_="chart"))
