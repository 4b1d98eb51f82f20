"""Charts: well-formed, every word escaped, the table behind holds the same sums as the data."""

from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from todoku.web.shared.chart_svg import round_top, sample_ticks, spread
from todoku.web.shared.charts import (
    Bars,
    Bin,
    BurnUp,
    Histogram,
    Series,
    Stacked,
    age_histogram,
    burn_up,
    horizontal_bars,
    spark_line,
    stacked_columns,
)

HOSTILE = '<script>alert("&")</script>'
SVG = "{http://www.w3.org/2000/svg}"


def days(count: int) -> list[date]:
    return [date(2026, 11, 1) + timedelta(days=n) for n in range(count)]


def read(chart: str) -> ElementTree.Element:
    """The chart as a tree; raises where it is not well formed."""
    return ElementTree.fromstring(str(chart))


def table_numbers(chart: str) -> list[list[int]]:
    """The numbers of the table's body, row by row."""
    body = read(chart).find(".//tbody")
    assert body is not None
    return [[int((td.text or "").replace(",", "")) for td in row.findall("td")] for row in body]


def every_kind(words: str) -> list[str]:
    return [
        stacked_columns(Stacked("a", words, days(3), [Series(words, [1, 2, 3])], unit=words)),
        burn_up(
            BurnUp("b", words, days(3), [1, 2], [1, 2, 3], 3, done_word=words, plan_word=words, unit=words)
        ),
        age_histogram(Histogram("c", words, [Bin(words, 4, late=True)], axis=words, unit=words)),
        horizontal_bars(Bars("d", words, [(words, 5)], head=words, unit=words)),
        spark_line([1, 2, 3], words),
    ]


@pytest.mark.parametrize(
    "chart", every_kind(HOSTILE), ids=["stacked", "burn_up", "histogram", "bars", "spark"]
)
def test_a_hostile_word_is_shown_as_text_and_never_becomes_markup(chart: str) -> None:
    tree = read(chart)
    assert not [e for e in tree.iter() if e.tag.endswith("script")]
    assert any(HOSTILE in (e.text or "") for e in tree.iter())


@pytest.mark.parametrize(
    "chart", every_kind("進み具合"), ids=["stacked", "burn_up", "histogram", "bars", "spark"]
)
def test_every_chart_names_and_describes_itself_and_carries_no_inline_style(chart: str) -> None:
    tree = read(chart)
    svg = tree if tree.tag == f"{SVG}svg" else tree.find(f".//{SVG}svg")
    assert svg is not None
    ids = {e.get("id") for e in svg.iter() if e.get("id")}
    assert set((svg.get("aria-labelledby") or "").split()) == ids
    assert {e.tag for e in svg if e.get("id")} == {f"{SVG}title", f"{SVG}desc"}
    assert all("style" not in e.attrib for e in tree.iter())
    assert not [name for e in tree.iter() for name in e.attrib if name.startswith("on")]


def test_a_template_prints_a_chart_as_it_is() -> None:
    chart = spark_line([1, 2], "推移")
    assert Template("{{ chart }}").render(Context({"chart": chart})) == str(chart)


def test_the_table_behind_stacked_columns_holds_each_number_and_their_sum() -> None:
    series = [Series("支給済", [0, 1_200]), Series("審査中", [300, 95])]
    chart = stacked_columns(Stacked("s", "題", days(2), series))
    assert table_numbers(chart) == [[0, 300, 300], [1_200, 95, 1_295]]
    assert "1,295" in chart


def test_a_burn_up_says_how_far_ahead_or_behind_and_leaves_the_future_empty() -> None:
    behind = burn_up(BurnUp("b", "題", days(4), [10, 20], [15, 30, 45, 60], 60))
    ahead = burn_up(BurnUp("b", "題", days(4), [40], [15, 30, 45, 60], 60))
    assert "計画より10件遅れ" in behind and "計画より25件先行" in ahead
    cells = [[td.text for td in row.findall("td")] for row in read(behind).find(".//tbody") or []]
    assert cells == [["10", "15"], ["20", "30"], [" ", "45"], [" ", "60"]]


def test_a_late_bin_says_so_in_words_and_the_table_sums_up() -> None:
    chart = age_histogram(Histogram("h", "題", [Bin("0–2日", 1_000), Bin("14日以上", 23, late=True)]))
    total = read(chart).find(".//tfoot/tr/td")
    assert "23 期限超過" in chart
    assert total is not None and total.text == "1,023"


def test_charts_without_any_figure_are_drawn_empty_and_do_not_fail() -> None:
    charts = [
        stacked_columns(Stacked("a", "題", [], [Series("x", [])])),
        burn_up(BurnUp("b", "題", [], [], [], 0)),
        age_histogram(Histogram("c", "題", [])),
        horizontal_bars(Bars("d", "題", [])),
        spark_line([], "題"),
    ]
    assert [read(chart).tag for chart in charts[:4]] == ["figure"] * 4


@given(st.lists(st.integers(0, 3_000_000), min_size=1, max_size=12), st.integers(1, 8))
def test_columns_stay_inside_the_drawing_whatever_the_numbers(values: list[int], stages: int) -> None:
    series = [Series(f"段階{n}", values) for n in range(stages)]
    chart = read(stacked_columns(Stacked("s", "題", days(len(values)), series)))
    for bar in chart.iter(f"{SVG}rect"):
        top, height = float(bar.get("y", "0")), float(bar.get("height", "0"))
        assert top >= 17 and top + height <= 270.2


@pytest.mark.parametrize(
    ("highest", "top", "step"),
    [(0, 1, 1), (1, 1, 1), (5, 5, 1), (6, 6, 2), (7, 8, 2), (11, 15, 5), (26, 30, 10), (3_000, 3_000, 1_000),
     (182_000, 200_000, 50_000)],
)  # fmt: skip
def test_an_axis_ends_at_a_round_number(highest: int, top: int, step: int) -> None:
    assert round_top(highest) == (top, step)


@given(st.lists(st.floats(0, 300), min_size=1, max_size=8))
def test_labels_moved_apart_never_overlap(wanted: list[float]) -> None:
    places = spread(sorted(wanted, reverse=True), 17, 18, 270)
    assert all(a - b >= 16.99 for a, b in zip(places, places[1:], strict=False))


def test_the_last_day_is_always_written_on_the_axis() -> None:
    assert [sample_ticks(n)[-1] for n in (1, 7, 21, 100)] == [0, 6, 20, 99]
    assert len(sample_ticks(100)) <= 9
