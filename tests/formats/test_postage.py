"""Letter prices from 2024-10-01 and the post's discount schemes, each beside the condition that opens or closes it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.formats.postage import (
    BY_DISTRICT,
    BY_NAMED,
    RECORDED,
    REGISTERED,
    SIMPLE_REGISTERED,
    Estimate,
    Lot,
    Offer,
    OwnPrices,
    Posting,
    discounted,
    estimate,
    reply_cost,
)
from todoku.formats.postage_tariff import PostageRefused, size_of, tariff_on

DAY = date(2026, 11, 24)  # Tuesday
TARIFF = tariff_on(DAY)
BOTH = frozenset({BY_DISTRICT, BY_NAMED})


def _lot(
    count: int, *, size: str = "standard", grams: int = 25, barcoded: bool = True, thick: float = 2
) -> Lot:
    return Lot(size, grams, thick, barcoded, {"2520231": count - count // 3, "2520303": count // 3})


def _offer(found: Estimate, scheme: str) -> Offer:
    return next(offer for offer in found.offers if offer.scheme == scheme)


def _unmet(offer: Offer) -> list[str]:
    return [one.words for one in offer.conditions if not one.met]


@pytest.mark.parametrize(
    ("size", "grams", "yen"),
    [
        ("card", 6, 85), ("standard", 1, 110), ("standard", 50, 110), ("large", 50, 140), ("large", 51, 180),
        ("large", 100, 180), ("large", 150, 270), ("large", 250, 320), ("large", 500, 510), ("large", 1000, 750),
        ("oversize", 50, 260), ("oversize", 4000, 1750),
    ],
)  # fmt: skip
def test_a_letter_costs_what_the_table_of_october_2024_says(size: str, grams: int, yen: int) -> None:
    assert TARIFF.price(size, grams) == yen


def test_what_no_table_carries_is_refused_with_what_to_do() -> None:
    with pytest.raises(PostageRefused, match="定形郵便物で51gのものは.*封入物を減らして"):
        TARIFF.price("standard", 51)
    with pytest.raises(PostageRefused, match="2024-10-01以後の差出日"):
        tariff_on(date(2024, 9, 30))
    with pytest.raises(PostageRefused, match="1通もありません"):
        estimate([], Posting(), TARIFF)


@pytest.mark.parametrize(
    ("length", "width", "thick", "grams", "size"),
    [
        (235, 120, 3, 50, "standard"), (120, 235, 10, 50, "standard"), (235, 120, 3, 51, "large"),
        (235, 121, 3, 20, "large"), (235, 120, 11, 50, "large"), (332, 240, 5, 60, "large"),
        (341, 240, 5, 60, "oversize"), (332, 240, 31, 60, "oversize"), (332, 240, 5, 1001, "oversize"),
    ],
)  # fmt: skip
def test_the_size_follows_from_length_width_thickness_and_weight(
    length: float, width: float, thick: float, grams: int, size: str
) -> None:
    assert size_of(length, width, thick, grams) == size


def test_an_envelope_too_small_or_too_large_for_the_post_is_refused() -> None:
    with pytest.raises(PostageRefused, match="14×9cm"):
        size_of(139, 100, 1, 10)
    with pytest.raises(PostageRefused, match="封入物を分けて"):
        size_of(601, 100, 1, 10)


@pytest.mark.parametrize(
    ("count", "district", "named"),
    [(1999, 0, 0), (2000, 3, 1), (9999, 3, 1), (10000, 4, 2), (50000, 5, 3), (100000, 6, 4)],
)
def test_sorted_mail_is_cheaper_by_steps(count: int, district: int, named: int) -> None:
    found = estimate([_lot(count, barcoded=False)], Posting(BOTH), TARIFF)
    for way, percent in ((BY_DISTRICT, district), (BY_NAMED, named)):
        offer = _offer(found, way)
        assert (offer.percent, offer.allowed) == (percent, percent > 0)
        assert offer.total_yen == count * discounted(110, percent)
    assert found.total_yen == count * discounted(110, district)


@pytest.mark.parametrize(
    ("count", "size", "grams", "days", "area", "percent"),
    [
        (2000, "standard", 25, 3, False, 5), (2000, "standard", 25, 7, False, 5), (50000, "standard", 25, 0, True, 6),
        (49999, "standard", 25, 0, True, 4), (50000, "standard", 25, 3, True, 8), (50000, "standard", 25, 7, True, 9),
        (100000, "standard", 25, 7, True, 10), (50000, "large", 80, 0, True, 8), (50000, "large", 80, 3, True, 10),
        (50000, "large", 80, 7, True, 11),
    ],
)  # fmt: skip
def test_waiting_and_carrying_to_the_area_office_add_to_it(
    count: int, size: str, grams: int, days: int, area: bool, percent: int
) -> None:
    posting = Posting(frozenset({BY_DISTRICT}), days=days, area_office=area)
    offer = _offer(
        estimate([_lot(count, size=size, grams=grams, barcoded=False)], posting, TARIFF), BY_DISTRICT
    )
    assert (offer.allowed, offer.percent) == (True, percent)


def test_the_barcode_takes_3_per_cent_off_a_thousand_thin_standard_letters() -> None:
    found = estimate([_lot(1000)], Posting(), TARIFF)
    assert [offer.scheme for offer in found.best] == ["barcode"]
    assert found.total_yen == 1000 * 107 < 110_000  # 106.7 yen rounded up
    assert "1円未満を切り上げ" in " ".join(found.notes) and "見積り" in " ".join(found.notes)


@pytest.mark.parametrize(
    ("lot", "posting", "says"),
    [
        (_lot(999), Posting(), "バーコード付が1,000通以上（999通）"),
        (_lot(1000, thick=6.1), Posting(), "厚さ6mm以下"),
        (_lot(1000, size="large", grams=60), Posting(), "はがき・定形郵便物に限る"),
        (_lot(1000, barcoded=False), Posting(), "バーコード付が1,000通以上（0通）"),
        (_lot(1000), Posting(option=REGISTERED), "書留・特定記録を付けない"),
        (_lot(1000), Posting(paid_in_bulk=False), "料金別納・料金後納・料金計器別納のいずれかで支払う"),
    ],
)
def test_each_unmet_condition_of_the_barcode_is_named(lot: Lot, posting: Posting, says: str) -> None:
    offer = _offer(estimate([lot], posting, TARIFF), "barcode")
    assert not offer.allowed
    assert says in _unmet(offer)


def test_sorted_mail_with_barcodes_adds_3_per_cent_to_the_pieces_that_bear_one() -> None:
    lots = [_lot(9000), _lot(1000, barcoded=False)]
    found = estimate(lots, Posting(frozenset({BY_DISTRICT})), TARIFF)
    assert [offer.scheme for offer in found.best] == ["district+barcode"]
    assert found.total_yen == 9000 * discounted(110, 7) + 1000 * discounted(110, 4)


def test_seven_kinds_of_pieces_are_no_sorted_mail() -> None:
    lots = [_lot(500, size="large", grams=grams, barcoded=False) for grams in range(51, 58)]
    found = estimate(lots, Posting(BOTH), TARIFF)
    assert [offer.scheme for offer in found.best] == ["plain"]
    assert "形状と重さの違うものは、内訳を添えて6種類まで（7種類）" in _unmet(_offer(found, BY_DISTRICT))


@pytest.mark.parametrize(("option", "fee"), [(RECORDED, 210), (SIMPLE_REGISTERED, 350), (REGISTERED, 480)])
def test_an_option_is_added_and_11_yen_come_off_300_of_them_with_number_barcodes(
    option: str, fee: int
) -> None:
    assert estimate([_lot(299)], Posting(option=option, option_barcodes=True), TARIFF).total_yen == 299 * (
        110 + fee
    )
    assert estimate([_lot(300)], Posting(option=option, option_barcodes=True), TARIFF).total_yen == 300 * (
        99 + fee
    )
    assert estimate([_lot(300)], Posting(option=option), TARIFF).total_yen == 300 * (110 + fee)


def test_the_local_scheme_has_no_price_until_the_municipality_was_told_one() -> None:
    found = estimate([_lot(600)], Posting(), TARIFF)
    local = _offer(found, "local")
    assert (local.total_yen, local.allowed) == (None, False)
    assert "料金が分かっている（差出局に確かめて設定に書く）" in _unmet(local)
    assert [offer.scheme for offer in found.best] == ["plain"]


def test_the_local_scheme_takes_its_district_and_the_rest_goes_by_the_cheapest_other_one() -> None:
    own = OwnPrices({("standard", 50): 80}, frozenset({"25202"}))
    found = estimate([_lot(6000)], Posting(), TARIFF, own)  # 4,000 to 252-0231, 2,000 to 252-0303
    assert [(offer.scheme, offer.pieces) for offer in found.best] == [("local", 4000), ("barcode", 2000)]
    assert found.total_yen == 4000 * 80 + 2000 * 107
    few = estimate([_lot(120)], Posting(), TARIFF, own)
    assert "同じ郵便区に100通以上（80通）" in _unmet(_offer(few, "local"))


def test_the_reply_envelopes_cost_nothing_known_without_the_surcharge() -> None:
    assert reply_cost(100, "standard", 30, TARIFF, OwnPrices()) is None
    assert reply_cost(100, "standard", 30, TARIFF, OwnPrices(reply_surcharge_yen=15)) == 12_500


@given(
    st.integers(1, 120_000), st.booleans(), st.sampled_from((0, 3, 7)), st.booleans(), st.sampled_from(("", RECORDED)),
    st.integers(20, 50),
)  # fmt: skip
def test_the_best_is_allowed_covers_every_piece_and_is_never_dearer_than_plain_mail(
    count: int, barcoded: bool, days: int, area: bool, option: str, grams: int
) -> None:
    posting = Posting(BOTH, days, area, option, option_barcodes=True)
    found = estimate([_lot(count, grams=grams, barcoded=barcoded)], posting, TARIFF)
    assert all(offer.allowed for offer in found.best)
    assert sum(offer.pieces for offer in found.best) == found.pieces == count
    plain = _offer(found, "plain").total_yen
    assert plain is not None and found.total_yen <= plain
    assert isinstance(found.total_yen, int)
