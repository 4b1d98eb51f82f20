"""Pure. Shares with their intervals, drawn by the server: a dot where the share lies, a stroke as far as chance reaches.

Takes shares in percent; gives one safe piece of HTML with the table behind, like the other charts (charts.py).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from todoku.web.shared.chart_svg import (
    Markup,
    drawing,
    element,
    framed,
    line,
    round_top,
    table_behind,
    text,
    word_width,
)

WIDTH, ROW, HEAD, FOOT = 760, 30, 22, 26


@dataclass(frozen=True)
class Share:
    """One line: its words, percent with lower and upper bound, and of how many it was found."""

    label: str
    percent: float
    low: float
    high: float
    hits: int
    of: int


@dataclass(frozen=True)
class Shares:
    """Several shares on one scale. `limit` (percent) is drawn across, named by `limit_word`."""

    name: str
    title: str
    shares: Sequence[Share]
    limit: float | None = None
    limit_word: str = "取決め"
    heads: tuple[str, str, str] = ("区分", "誤り", "確認")


def percent_words(value: float) -> str:
    """A share as it is read: 2.4%."""
    return f"{value:.1f}%"


def interval_chart(chart: Shares) -> Markup:
    """The shares one below the other; an interval that is cut off by nothing, a limit as a broken line."""
    top, step = round_top(max([*(one.high for one in chart.shares), chart.limit or 0, 5]))
    top = min(top, 100)
    left = 16 + max((word_width(one.label) for one in chart.shares), default=0)
    right = WIDTH - 150.0
    height = HEAD + ROW * max(1, len(chart.shares)) + FOOT

    def at(percent: float) -> float:
        return left + (right - left) * min(percent, top) / top

    marks = []
    for value in range(0, top + 1, step):
        marks.append(line(at(value), HEAD, at(value), height - FOOT, "axis" if value == 0 else "grid"))
        marks.append(text(at(value), height - 8, f"{value}%", anchor="middle"))
    if chart.limit is not None:
        x = at(chart.limit)
        marks += [
            line(x, HEAD - 4, x, height - FOOT, "limit"),
            text(x, 13, f"{chart.limit_word} {chart.limit:g}%", "label", "middle"),
        ]
    for place, one in enumerate(chart.shares):
        marks += _row(one, HEAD + ROW * place + ROW / 2, left, right, at)
    described = "、".join(
        f"{one.label}は{percent_words(one.percent)}（{percent_words(one.low)}から{percent_words(one.high)}）"
        for one in chart.shares
    )
    table = table_behind(
        [*chart.heads, "割合", "下限", "上限"],
        [
            [one.label, one.hits, one.of, percent_words(one.percent), percent_words(one.low), percent_words(one.high)]
            for one in chart.shares
        ],
    )  # fmt: skip
    return framed(
        chart.title, drawing(chart.name, WIDTH, height, chart.title, f"{described}。", marks), table
    )


def _row(one: Share, y: float, left: float, right: float, at: Callable[[float], float]) -> list[str]:
    """One line; its numbers stand in a column of their own, where no other stroke crosses them."""
    words = f"{percent_words(one.percent)}（{one.hits}/{one.of}）"
    return [
        text(left - 8, y + 4.5, one.label, "label", "end"),
        line(at(one.low), y, at(one.high), y, "reach"),
        line(at(one.low), y - 6, at(one.low), y + 6, "reach"),
        line(at(one.high), y - 6, at(one.high), y + 6, "reach"),
        element("circle", cx=at(one.percent), cy=float(y), r=5, class_="dot"),
        text(right + 12, y + 4.5, words, "label"),
    ]
