"""Pure. Charts drawn by the server: figures in, one safe piece of HTML out (figure, SVG, table behind).

Each chart's title states the finding; marks are labelled where they stand; nothing here counts or asks the time.
Numbers are whole (cases, yen) and written with their thousands apart. Style is charts.css, by class alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from todoku.web.shared.chart_svg import (
    Markup,
    drawing,
    element,
    figure_number,
    framed,
    line,
    path,
    rect,
    round_top,
    sample_ticks,
    spread,
    table_behind,
    text,
    word_width,
)

WIDTH = 760
HEIGHT = 300
TOP, BOTTOM = 18, 30
LABEL_GAP = 17
# Eight shades are told apart by their neighbours' lightness; more series than this is a table, not a chart.
SERIES_MAX = 8


@dataclass(frozen=True)
class Series:
    """One stage or kind: its word and one whole number for each day."""

    name: str
    values: Sequence[int]


@dataclass(frozen=True)
class Stacked:
    """Stages over days: each day's column is the sum of its series, first series at the foot."""

    name: str
    title: str
    days: Sequence[date]
    series: Sequence[Series]
    unit: str = "件"


@dataclass(frozen=True)
class BurnUp:
    """What has been reached by each day against the plan; `done` may end before `plan` (today)."""

    name: str
    title: str
    days: Sequence[date]
    done: Sequence[int]
    plan: Sequence[int]
    total: int
    done_word: str = "実績"
    plan_word: str = "計画"
    unit: str = "件"


@dataclass(frozen=True)
class Bin:
    """One column of a histogram: its word (0–2日), how many, and whether that is late."""

    label: str
    count: int
    late: bool = False


@dataclass(frozen=True)
class Histogram:
    """How many are how old, youngest first."""

    name: str
    title: str
    bins: Sequence[Bin]
    axis: str = "経過日数"
    unit: str = "件"


@dataclass(frozen=True)
class Bars:
    """Horizontal bars, one for each (word, number), in the order given."""

    name: str
    title: str
    bars: Sequence[tuple[str, int]]
    head: str = "項目"
    unit: str = "件"


def day(value: date) -> str:
    """A day on an axis: 11/21."""
    return f"{value.month}/{value.day}"


def _value_axis(top: int, step: int, left: float, right: float) -> list[str]:
    """Grid lines with their numbers at the left."""
    marks = []
    for value in range(0, top + 1, step):
        y = _height(value, top)
        marks.append(line(left, y, right, y, "axis" if value == 0 else "grid"))
        marks.append(text(left - 8, y + 4, figure_number(value), anchor="end"))
    return marks


def _height(value: float, top: int) -> float:
    """The y of a value between the foot (0) and the top of the axis."""
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top


def _labels_at(x: float, labels: Sequence[tuple[str, float]]) -> list[str]:
    """Words right of the last mark, with leaders where they had to move apart. Given from the foot up."""
    placed = spread([y for _, y in labels], LABEL_GAP, TOP, HEIGHT - BOTTOM)
    marks = []
    for (words, wanted), y in zip(labels, placed, strict=True):
        if abs(wanted - y) > 3:
            marks.append(path([(x + 2, wanted), (x + 9, y), (x + 13, y)], "leader"))
        marks.append(text(x + 17, y + 4.5, words, "label"))
    return marks


def stacked_columns(chart: Stacked) -> Markup:
    """Stages over days as stacked columns, each stage named at the last column."""
    assert len(chart.series) <= SERIES_MAX, "more stages than shades; draw a table"
    assert all(len(s.values) == len(chart.days) for s in chart.series), "a number for each day"
    sums = [sum(column) for column in zip(*(s.values for s in chart.series), strict=True)]
    top, step = round_top(max(sums, default=0))
    ends = [f"{s.name} {figure_number(s.values[-1])}" for s in chart.series if chart.days]
    left = 12 + word_width(figure_number(top), 12) + 8
    right = WIDTH - 26 - max((word_width(w) for w in ends), default=0)
    marks = _value_axis(top, step, left, right)
    slot = (right - left) / max(1, len(chart.days))
    gap = min(6.0, slot * 0.2)
    labels: list[tuple[str, float]] = []
    for i, when in enumerate(chart.days):
        below = 0
        for n, series in enumerate(chart.series):
            count = series.values[i]
            y, foot = _height(below + count, top), _height(below, top)
            tip = f"{day(when)} {series.name} {figure_number(count)}{chart.unit}"
            if count:
                marks.append(
                    rect(left + i * slot + gap / 2, y, slot - gap, foot - y, f"column series-{n}", tip)
                )
            if i == len(chart.days) - 1:
                labels.append((ends[n], (y + foot) / 2))
            below += count
    marks += [
        text(left + (i + 0.5) * slot, HEIGHT - 10, day(chart.days[i]), anchor="middle")
        for i in sample_ticks(len(chart.days), 10)
    ]
    marks += _labels_at(right, labels)
    described = (
        f"{len(chart.days)}日間の{'、'.join(s.name for s in chart.series)}。最後の日は{'、'.join(ends)}。"
    )
    table = table_behind(
        ["日", *(s.name for s in chart.series), "計"],
        [[day(d), *(s.values[i] for s in chart.series), sums[i]] for i, d in enumerate(chart.days)],
    )
    return framed(chart.title, drawing(chart.name, WIDTH, HEIGHT, chart.title, described, marks), table)


def burn_up(chart: BurnUp) -> Markup:
    """Reached against plan: a heavy line to today, a broken line to the end, the difference in words."""
    assert len(chart.plan) == len(chart.days) and len(chart.done) <= len(chart.days), "a plan for each day"
    top, step = round_top(max([chart.total, *chart.done, *chart.plan], default=0))
    today = len(chart.done) - 1
    done_label = f"{chart.done_word} {figure_number(chart.done[-1])}" if chart.done else ""
    plan_label = f"{chart.plan_word} {figure_number(chart.plan[-1])}" if chart.plan else ""
    left = 12 + word_width(figure_number(top), 12) + 8
    right = WIDTH - 26 - max(word_width(done_label), word_width(plan_label))
    step_x = (right - left) / max(1, len(chart.days) - 1)
    marks = _value_axis(top, step, left, right)
    marks += [
        text(left + i * step_x, HEIGHT - 10, day(chart.days[i]), anchor="middle")
        for i in sample_ticks(len(chart.days), 10)
    ]
    marks.append(path([(left + i * step_x, _height(v, top)) for i, v in enumerate(chart.plan)], "plan"))
    marks.append(path([(left + i * step_x, _height(v, top)) for i, v in enumerate(chart.done)], "line"))
    if chart.plan:
        marks.append(text(right + 10, _height(chart.plan[-1], top) + 4.5, plan_label, "label"))
    described = plan_label
    if chart.done:
        x, y = left + today * step_x, _height(chart.done[-1], top)
        ahead = chart.done[-1] - chart.plan[today]
        verdict = f"計画より{figure_number(abs(ahead))}{chart.unit}{'先行' if ahead >= 0 else '遅れ'}"
        marks.append(element("circle", cx=x, cy=y, r=5, class_="dot"))
        room = max(word_width(done_label), word_width(verdict)) + 12
        side, anchor = (x + 12, "start") if x + room < right else (x - 12, "end")
        low = y + 22 if anchor == "start" else y + 24
        marks += [
            text(side, low, done_label, "label strong", anchor),
            text(side, low + 17, verdict, "label", anchor),
        ]
        described = (
            f"{day(chart.days[today])}現在、{done_label}{chart.unit}、{verdict}。{plan_label}{chart.unit}。"
        )
    rows = [
        [day(d), figure_number(chart.done[i]) if i <= today else "", chart.plan[i]]
        for i, d in enumerate(chart.days)
    ]
    table = table_behind(["日", chart.done_word, chart.plan_word], rows)
    return framed(chart.title, drawing(chart.name, WIDTH, HEIGHT, chart.title, described, marks), table)


def age_histogram(chart: Histogram) -> Markup:
    """How many are how old: a column for each bin with its number on top, late bins hatched by word and shade."""
    top, step = round_top(max((b.count for b in chart.bins), default=0))
    left = 12 + word_width(figure_number(top), 12) + 8
    right = float(WIDTH - 12)
    slot = (right - left) / max(1, len(chart.bins))
    marks = _value_axis(top, step, left, right)
    for i, column in enumerate(chart.bins):
        y = _height(column.count, top)
        x = left + i * slot
        words = figure_number(column.count) + (" 期限超過" if column.late and column.count else "")
        kind = "late" if column.late else "bar"
        tip = f"{column.label} {figure_number(column.count)}{chart.unit}"
        marks.append(rect(x + slot * 0.1, y, slot * 0.8, HEIGHT - BOTTOM - y, kind, tip))
        marks.append(text(x + slot / 2, y - 5, words, "label strong" if column.late else "label", "middle"))
        marks.append(text(x + slot / 2, HEIGHT - 10, column.label, anchor="middle"))
    described = "、".join(f"{b.label}は{figure_number(b.count)}{chart.unit}" for b in chart.bins) + "。"
    table = table_behind(
        [chart.axis, chart.unit],
        [[b.label, b.count] for b in chart.bins],
        ["計", sum(b.count for b in chart.bins)],
    )
    return framed(chart.title, drawing(chart.name, WIDTH, HEIGHT, chart.title, described, marks), table)


def horizontal_bars(chart: Bars) -> Markup:
    """Bars side by side with their words at the left and their numbers at the end."""
    row, bar = 30, 18
    height = max(1, len(chart.bars)) * row + 6
    left = 12 + max((word_width(words) for words, _ in chart.bars), default=0)
    longest = max((count for _, count in chart.bars), default=0) or 1
    room = WIDTH - left - 16 - max((word_width(figure_number(n)) for _, n in chart.bars), default=0)
    marks = [line(left, 0, left, height, "axis")]
    for i, (words, count) in enumerate(chart.bars):
        y = i * row + 6
        length = room * count / longest
        marks.append(text(left - 8, y + 13.5, words, "label", "end"))
        marks.append(rect(left, y, length, bar, "bar", f"{words} {figure_number(count)}{chart.unit}"))
        marks.append(text(left + length + 6, y + 13.5, figure_number(count), "label"))
    described = "、".join(f"{words} {figure_number(n)}{chart.unit}" for words, n in chart.bars) + "。"
    table = table_behind(
        [chart.head, chart.unit],
        [[words, n] for words, n in chart.bars],
        ["計", sum(n for _, n in chart.bars)],
    )
    return framed(chart.title, drawing(chart.name, WIDTH, height, chart.title, described, marks), table)


def spark_line(values: Sequence[int], title: str, name: str = "spark") -> Markup:
    """A line the size of a word, without axis or table: it stands beside the number it belongs to."""
    width, height = 120, 24
    highest = max(values, default=0) or 1
    step = (width - 8) / max(1, len(values) - 1)
    points = [(4 + i * step, height - 4 - (height - 8) * v / highest) for i, v in enumerate(values)]
    marks = [path(points, "line")]
    if points:
        marks.append(element("circle", cx=points[-1][0], cy=points[-1][1], r=3, class_="dot"))
    described = "、".join(figure_number(v) for v in values)
    svg = drawing(name, width, height, title, described, marks)
    return Markup(svg.replace("<svg ", '<svg class="spark" ', 1))
