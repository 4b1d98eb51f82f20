"""The rails of a Version: which ways of receiving it offers, and every mistake in their settings by name."""

import pytest

from tests.programme.offering import offering
from tests.programme.test_terms import APPLY, refused
from todoku.programme.contents import Cash, Gift
from todoku.programme.rails_agreement import adds_up
from todoku.programme.shipped import SLUGS, version_text
from todoku.programme.terms import parse

GIFTS = "shokuryohin-2026"


def test_a_shipped_version_offers_gifts_beside_the_bank() -> None:
    payment = parse(version_text(GIFTS)).payment
    assert (payment.rails, payment.gift, payment.cash) == (
        ("bank", "gift"),
        Gift("見本ギフト株式会社", (1_000, 3_000), ("letter",)),
        None,
    )


@pytest.mark.parametrize("slug", [slug for slug in SLUGS if slug != GIFTS])
def test_the_bank_alone_where_nothing_else_is_written(slug: str) -> None:
    payment = parse(version_text(slug)).payment
    assert (payment.rails, payment.gift, payment.cash) == (("bank",), None, None)


def test_a_version_that_offers_gift_and_cash() -> None:
    payment = parse(offering(version_text(APPLY))).payment
    assert payment.rails == ("bank", "gift", "cash", "registered_mail")
    assert payment.gift == Gift("見本ギフト株式会社", (5_000, 10_000, 50_000), ("letter",))
    assert payment.cash == Cash("市役所 本庁舎 1階 給付金窓口", "平日 9時から16時まで")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('"gift", ', '"gitf", ', "「gift」の書き誤りではありませんか。"),
        ('"bank", ', "", '"bank" を必ず入れてください。'),
        ('"cash", ', "", 'rails に "cash" を足すか、この表を消してください。'),
        ("[payment.cash]", "[payment.cahs]", "「cash」の書き誤りではありませんか。"),
        ("[5000, 10000, 50000]", "[30000]", "100,000円をちょうどにする組合せがありません。"),
        ("[5000, 10000, 50000]", "[10000, 10000]", "同じ値が二度書かれています。"),
        ("[5000, 10000, 50000]", '["10000"]', "1 以上 100000 以下の整数を並べてください。"),
        ("[letters.gift]", "[letters.gfit]", "「デジタルギフトのお届け」の文面がありません。"),
        ('hours = "平日 9時から16時まで"', 'hour = "9"', "hours = "),
    ],
)
def test_a_mistake_in_the_rails_is_named(old: str, new: str, sentence: str) -> None:
    text = offering(version_text(APPLY))
    assert old in text
    sentences = [one.sentence for one in refused(text.replace(old, new, 1))]
    assert any(sentence in one for one in sentences), sentences


@pytest.mark.parametrize(
    ("amount", "values", "whole"),
    [
        (30_000, (10_000,), True),
        (30_000, (50_000,), False),
        (35_000, (5_000, 10_000), True),
        (7_000, (3_000, 5_000), False),
        (8_000, (3_000, 5_000), True),
        (100, (3_000,), False),
        (0, (), True),
        (1, (), False),
    ],
)
def test_codes_make_an_amount_exactly_or_not_at_all(
    amount: int, values: tuple[int, ...], whole: bool
) -> None:
    assert adds_up(amount, values) is whole
