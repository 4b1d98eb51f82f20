"""Pure. The day of posting in, Japan Post's prices and discount rules of that day out.

The figures stand in postage.toml, one table for each day from which they hold; a new price is a new table there. What
the post does not publish for everybody is in no table: it is handed in by whoever was told it.
"""

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from todoku.formats.refused import FormatRefused

# Sizes of mail: はがき, 定形郵便物, 定形外郵便物（規格内）, 定形外郵便物（規格外）.
CARD, STANDARD, LARGE, OVERSIZE = "card", "standard", "large", "oversize"
SIZES = {
    CARD: "はがき", STANDARD: "定形郵便物", LARGE: "定形外郵便物（規格内）", OVERSIZE: "定形外郵便物（規格外）"
}  # fmt: skip
_DATA = Path(__file__).with_name("postage.toml")


class PostageRefused(FormatRefused):
    """A piece that no letter tariff carries, or a day before the first tariff."""


class Sorted(NamedTuple):
    """区分郵便物: percent by (pieces from) for each way of sorting, and what is added by size."""

    kinds_max: int
    sizes: frozenset[str]
    steps: Mapping[str, tuple[tuple[int, int], ...]]  # "district" or "named"
    area_from: int
    added: Mapping[str, Mapping[str, int]]


class Tariff(NamedTuple):
    """The prices of one day on: `prices` by size as (grams up to, yen)."""

    valid_from: date
    source: str
    prices: Mapping[str, tuple[tuple[int, int], ...]]
    options: Mapping[str, int]
    barcode_from: int
    barcode_percent: int
    barcode_thickness_mm_max: int
    barcode_sizes: frozenset[str]
    sorted: Sorted
    local_from: int
    local_grams_max: int
    local_sizes: frozenset[str]

    def price(self, size: str, grams: int) -> int:
        """Yen for one piece without any discount. Raises PostageRefused where it is too heavy for its size."""
        for up_to, yen in self.prices[size]:
            if 0 < grams <= up_to:
                return yen
        raise PostageRefused(
            f"{SIZES[size]}で{grams:,}gのものは、料金表にありません。重さを量り直すか、封入物を減らしてください。"
        )


@cache
def tariffs() -> tuple[Tariff, ...]:
    """Every tariff known, the earliest first."""
    found = tomllib.loads(_DATA.read_text(encoding="utf-8"))["tariff"]
    return tuple(sorted((_tariff(one) for one in found), key=lambda one: one.valid_from))


def tariff_on(day: date) -> Tariff:
    """The tariff that holds on a day of posting. Raises PostageRefused before the first one known."""
    holding = [one for one in tariffs() if one.valid_from <= day]
    if not holding:
        raise PostageRefused(
            f"{day}の郵便料金の表がありません。{tariffs()[0].valid_from}以後の差出日を指定してください。"
        )
    return holding[-1]


def size_of(length_mm: float, width_mm: float, thickness_mm: float, grams: int) -> str:
    """The size of mail of a closed envelope; the longer side is the length (内国郵便約款の大きさの区分)."""
    length, width = max(length_mm, width_mm), min(length_mm, width_mm)
    if length < 140 or width < 90:
        raise PostageRefused(
            f"{length:g}×{width:g}mmの封筒は、郵便物の最小の大きさ（14×9cm）に足りません。大きい封筒にしてください。"
        )
    if length <= 235 and width <= 120 and thickness_mm <= 10 and grams <= 50:
        return STANDARD
    if length <= 340 and width <= 250 and thickness_mm <= 30 and grams <= 1000:
        return LARGE
    if length > 600 or length + width + thickness_mm > 900 or grams > 4000:
        raise PostageRefused("郵便物として送れる大きさか重さを超えています。封入物を分けてください。")
    return OVERSIZE


def _steps(rows: list[list[int]]) -> tuple[tuple[int, int], ...]:
    return tuple((first, second) for first, second in rows)


def _tariff(found: Mapping[str, Any]) -> Tariff:
    barcode, by_sort, local = found["barcode"], found["sorted"], found["local"]
    added = dict(by_sort["added"])
    area_from = added.pop("area_from")
    return Tariff(
        found["valid_from"],
        found["source"],
        {size: _steps(rows) for size, rows in found["prices"].items()},
        found["options"],
        barcode["from"],
        barcode["percent"],
        barcode["thickness_mm_max"],
        frozenset(barcode["sizes"]),
        Sorted(
            by_sort["kinds_max"],
            frozenset(by_sort["sizes"]),
            {way: _steps(by_sort[way]) for way in ("district", "named")},
            area_from,
            added,
        ),
        local["from"],
        local["grams_max"],
        frozenset(local["sizes"]),
    )
