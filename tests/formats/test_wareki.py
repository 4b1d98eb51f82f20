"""Dates as offices write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.formats.wareki import ERA_MISMATCH, NOT_A_DATE, UNKNOWN, WARNINGS, format_wareki, parse_date

WRITTEN = [
    ("19500102", date(1950, 1, 2), ()),
    ("1950/1/2", date(1950, 1, 2), ()),
    ("1950.01.02", date(1950, 1, 2), ()),
    ("２０２６年１１月２１日", date(2026, 11, 21), ()),
    ("平成32年1月5日", date(2020, 1, 5), (ERA_MISMATCH,)),
    ("平成31年4月30日", date(2019, 4, 30), ()),
    ("平成31年5月1日", date(2019, 5, 1), (ERA_MISMATCH,)),
    ("令和元年5月1日", date(2019, 5, 1), ()),
    ("昭和64年1月7日", date(1989, 1, 7), ()),
    ("昭和64年1月8日", date(1989, 1, 8), (ERA_MISMATCH,)),
    ("平成1年1月8日", date(1989, 1, 8), ()),
    ("昭和元年12月25日", date(1926, 12, 25), ()),
    ("大正15年12月24日", date(1926, 12, 24), ()),
    ("明治33年1月1日", date(1900, 1, 1), ()),
    ("㍻3年1月2日", date(1991, 1, 2), ()),
    ("S50.1.2", date(1975, 1, 2), ()),
    ("S500102", date(1975, 1, 2), ()),
    ("3500102", date(1975, 1, 2), ()),
    ("3-50-01-02", date(1975, 1, 2), ()),
    ("昭和20年00月00日", None, (UNKNOWN,)),
    ("19450000", None, (UNKNOWN,)),
    ("昭和20年不詳", None, (UNKNOWN,)),
    ("大正5年3月不詳日", None, (UNKNOWN,)),
    ("", None, (UNKNOWN,)),
    ("00000000", None, (UNKNOWN,)),
    ("99999999", None, (UNKNOWN,)),
    ("2026年2月30日", None, (NOT_A_DATE,)),
    ("20261301", None, (NOT_A_DATE,)),
    ("来年", None, (NOT_A_DATE,)),
]


@pytest.mark.parametrize(("written", "day", "warnings"), WRITTEN)
def test_a_written_date_is_read_and_doubts_are_said(
    written: str, day: date | None, warnings: tuple[str, ...]
) -> None:
    assert parse_date(written) == (day, written, warnings)
    assert all(WARNINGS[one].endswith("。") for one in warnings)


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (date(2026, 11, 21), "令和8年11月21日"),
        (date(2019, 5, 1), "令和元年5月1日"),
        (date(2019, 4, 30), "平成31年4月30日"),
        (date(1989, 1, 7), "昭和64年1月7日"),
        (date(1926, 12, 25), "昭和元年12月25日"),
        (date(1912, 7, 30), "大正元年7月30日"),
        (date(1868, 1, 1), "1868年1月1日"),
    ],
)
def test_a_date_is_written_in_its_era(day: date, written: str) -> None:
    assert format_wareki(day) == written


@given(st.dates(date(1868, 1, 25), date(2117, 12, 31)))
def test_what_was_written_is_read_back(day: date) -> None:
    assert parse_date(format_wareki(day)) == (day, format_wareki(day), ())


@given(st.text())
def test_any_text_is_answered(text: str) -> None:
    assert parse_date(text).text == text
