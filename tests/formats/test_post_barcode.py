"""The customer barcode against Japan Post's own examples and an independent encoder."""

import pytest
import zint
from hypothesis import given
from hypothesis import strategies as st

from todoku.formats.post_barcode import BarcodeRefused, address_number, bars, has_barcode, symbols

# 郵便番号・バーコードマニュアル, examples of the extraction rules. The last column is the check digit.
OFFICIAL = [
    ("263-0023", "3丁目30-8　郵便ビル403号", "26300233-30-8-403", "5"),
    ("014-0113", "　南田茂木　添60-1", "014011360-1", "CC8"),
    ("110-0016", "5-6-3　ABCビル10F", "11000165-6-3-10", "9"),
    ("060-0906", "4丁目　郵便センター6号館", "06009064-6", "9"),
    ("065-0006", "8丁目　郵便センター10号館", "06500068-10", "9"),
    ("407-0033", "　韮崎400", "4070033400", "-"),
    ("273-0102", "　東3丁目-20-5　郵便・A&bコーポB604号", "27301023-20-5B604", "0"),
    ("198-0036", "十一丁目六番地一号　郵便タワー601", "198003611-6-1-601", "CC8"),
    ("027-0203", "第二十一地割大淵川480", "027020321-480", "CC5"),
    ("590-0016", "四丁六番十九号", "59000164-6-19", "CC2"),
    ("080-0831", "七線　西28", "08008317-28", "CC7"),
    ("317-0055", "6丁目7-14　ABCビル2F", "31700556-7-14-2", "CC1"),
    ("650-0046", "9丁目7-6　郵便シティA棟1F1号", "65000469-7-6A1-1", "5"),
    ("623-0011", "綾部6-7　LプラザB106", "62300116-7LB106", "4"),
    ("228-0024", "6丁目3454-5　郵便ハイツ6-1108", "22800246-3454-5-6-1108", "2"),
    ("064-0804", "29丁目1524-23　第2郵便ハウス501", "064080429-1524-23-2-501", "3"),
    ("910-0067", "3丁目80-25　J1ビル2-B", "91000673-80-25J1-2B", "9"),
    ("100-0013", "1丁目3番2号　郵便プラザ503室", "10000131-3-2-503", "9"),
]


@pytest.mark.parametrize(("postal_code", "rest", "data", "check"), OFFICIAL)
def test_the_official_examples(postal_code: str, rest: str, data: str, check: str) -> None:
    found = symbols(postal_code, rest)
    assert postal_code.replace("-", "") + address_number(rest) == data
    assert len(found) == 21
    assert found[20] == check


def test_letters_take_two_symbols_and_the_rest_is_padded() -> None:
    assert " ".join(symbols("623-0011", "綾部6-7　LプラザB106")) == (
        "6 2 3 0 0 1 1 6 - 7 CC2 1 CC1 1 1 0 6 CC4 CC4 CC4 4"
    )


def test_what_is_too_long_is_cut_at_the_twentieth_symbol_even_inside_a_letter() -> None:
    assert symbols("064-0804", "29丁目1524-23　第2郵便ハウス501")[7:20] == list("29-1524-23-2-")
    assert symbols("910-0067", "3丁目80-25　J1ビル2-B")[18:20] == ["2", "CC1"]


def test_the_bars_of_an_example() -> None:
    assert bars("100-0013", "1丁目3番2号　郵便プラザ503室") == (
        "1311414414414414411431211441431241413241414114431243243243243241131"
    )


def _zint_bars(data: str) -> str:
    symbol = zint.Symbol()
    symbol.symbology = zint.Symbology.JAPANPOST
    symbol.encode(data)
    symbol.buffer_vector()
    drawn = sorted(symbol.vector.rectangles, key=lambda one: one.x)
    bottom = max(one.y + one.height for one in drawn)
    shapes = {(True, True): "1", (True, False): "2", (False, True): "3", (False, False): "4"}
    return "".join(shapes[one.y == 0, one.y + one.height == bottom] for one in drawn)


@pytest.mark.parametrize(
    ("postal_code", "rest", "data"),
    [one[:3] for one in OFFICIAL if len(one[2]) + sum(map(str.isalpha, one[2])) <= 20],  # zint refuses more
)
def test_an_independent_encoder_draws_the_same_bars(postal_code: str, rest: str, data: str) -> None:
    assert bars(postal_code, rest) == _zint_bars(data)


@pytest.mark.parametrize(
    ("rest", "number"),
    [
        ("１－２－３", "1-2-3"),
        ("1ー2−3", "1-2-3"),
        ("百二十番地五", "120"),
        ("一〇三号", "103"),
        ("私書箱215号", "215"),
        ("10番地の3", "10-3"),
        ("大字小字", ""),
        ("", ""),
    ],
)
def test_numbers_as_registers_write_them(rest: str, number: str) -> None:
    assert address_number(rest) == number


def test_a_representative_code_carries_no_barcode() -> None:
    assert not has_barcode("1000000")
    assert has_barcode("1000013")
    for wrong in ("100-0000", "10013", "", "abcdefg"):
        with pytest.raises(BarcodeRefused) as refused:
            symbols(wrong, "1-1")
        assert "郵便番号" in refused.value.sentence


@given(st.text())
def test_any_address_gives_sixty_seven_bars(rest: str) -> None:
    assert len(symbols("1000013", rest)) == 21
    drawn = bars("1000013", rest)
    assert len(drawn) == 67
    assert set(drawn) <= set("1234")
