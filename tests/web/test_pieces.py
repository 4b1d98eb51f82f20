"""The values that templates draw: sums, pages, words."""

import pytest

from todoku.web.shared import tags
from todoku.web.shared.pieces import BANDS, Cell, Column, Digest, LongWork, Row, Strip, Table


def table(total: int, page: int = 1, rows: int = 0, sort: str = "") -> Table:
    columns = [Column("number", "番号", sortable=True), Column("age", "日数", numeric=True)]
    return Table("案件", columns, [Row(str(n), [f"{n}", n]) for n in range(rows)], total, page, sort)


def test_a_hand_over_balances_or_says_by_how_much_it_does_not() -> None:
    assert Strip(3_000, 2_140, 850, 10).difference == 0
    assert Strip(2_140, 1_204, 920, 10).difference == 6
    assert Strip(10, 8, 4, 0).difference == -2


@pytest.mark.parametrize(
    ("total", "page", "numbers"),
    [(0, 1, [1]), (50, 1, [1]), (51, 1, [1, 2]), (1_204, 3, [1, 2, 3, 4, 5, 0, 25]), (1_204, 25, [1, 0, 23, 24, 25]),
     (1_204, 12, [1, 0, 10, 11, 12, 13, 14, 0, 25])],
)  # fmt: skip
def test_a_pager_offers_first_last_and_neighbours(total: int, page: int, numbers: list[int]) -> None:
    assert table(total, page).page_numbers == numbers


def test_a_table_says_which_rows_it_shows() -> None:
    assert (table(1_204, 3, rows=50).first, table(1_204, 3, rows=50).last) == (101, 150)
    assert (table(0).first, table(0).last) == (0, 0)


def test_pressing_a_head_sorts_up_and_pressing_again_sorts_down() -> None:
    heads = {sort: next(table(9, sort=sort).heads) for sort in ("", "number", "-number")}
    assert [(h.direction, h.next_sort) for h in heads.values()] == [
        ("", "number"),
        ("ascending", "-number"),
        ("descending", "number"),
    ]


def test_plain_values_become_cells_and_a_row_of_another_width_is_a_bug() -> None:
    _, cells = next(table(1, rows=1).lines)
    assert cells[1] == (Column("age", "日数", numeric=True), Cell(0))
    with pytest.raises(ValueError):
        list(Table("案件", [Column("a", "a")], [Row("1", [1, 2])], 1).lines)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (0, "残り約1秒"),
        (59, "残り約59秒"),
        (61, "残り約2分"),
        (3_600, "残り約1時間0分"),
        (7_500, "残り約2時間5分"),
    ],
)
def test_time_left_is_said_in_words(seconds: int | None, words: str) -> None:
    assert LongWork("w", "取り込み", "running", 1, 2, seconds_left=seconds).time_left == words


def test_a_hundred_percent_means_all() -> None:
    assert LongWork("w", "印刷", "running", 2_999, 3_000).percent == 99
    assert LongWork("w", "印刷", "done", 3_000, 3_000).percent == 100
    assert LongWork("w", "印刷", "waiting").percent == 0


def test_finished_work_asks_for_no_more_news() -> None:
    states = ("waiting", "running", "stopping", "stopped", "done", "failed")
    assert [LongWork("w", "x", s, url="/w").live for s in states] == [True] * 3 + [False] * 3
    assert all(LongWork("w", "x", s).badge.text for s in states)


def test_a_digest_is_read_in_groups_of_eight() -> None:
    assert Digest("ab" * 32).groups == ["abababab"] * 8


def test_numbers_money_and_case_numbers_are_written_for_people() -> None:
    assert tags.number(1_234_567) == "1,234,567"
    assert tags.number(None) == "–"
    assert tags.yen(30_000) == "30,000円"
    assert tags.case_number("4018773055216") == "4018-7730-55216"
    assert tags.case_number("123") == "123"
    assert (tags.days(0), tags.days(12)) == ("本日", "12日")
    assert tags.of({"a": 1}, "a") == 1 and tags.of(None, "a") == ""


def test_ten_municipalities_have_ten_bands() -> None:
    assert len(set(BANDS)) == 10
