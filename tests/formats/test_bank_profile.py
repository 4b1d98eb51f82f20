"""A bank's own profile as a small text."""

from datetime import time

import pytest

from todoku.formats.bank_profile import ProfileRefused, chosen, parse
from todoku.formats.zengin import PROFILES, Profile

WHOLE = """
name = "minato"
eol = "none"
eof = true
clearing_house = "spaces"
transfer_category = "space"
new_code = "1"
names = "blank"
wo = "ヲ"
customer_code = "C"
max_records = 50_000
lead_days = 2
cut_off = "17:00"
"""


def test_every_field_can_be_written() -> None:
    assert parse(WHOLE) == Profile(
        "minato", eol=b"", eof=True, clearing_house="    ", transfer_category=" ", new_code="1", fill_names=False,
        strict_wo=False, max_records=50_000, customer_code="C", lead_days=2, cut_off=time(17, 0),
    )  # fmt: skip


def test_what_is_left_out_is_as_in_the_profile_it_starts_from() -> None:
    assert parse('name = "minato"') == PROFILES["standard"]._replace(name="minato")
    started = parse('name = "minato"\nbase = "blank_unused"\ncut_off = 15:30:00')
    assert started == PROFILES["blank_unused"]._replace(name="minato", cut_off=time(15, 30))


def test_a_name_or_a_text_is_chosen() -> None:
    assert chosen("no_line_end") is PROFILES["no_line_end"]
    assert chosen(WHOLE) == parse(WHOLE)
    with pytest.raises(ProfileRefused, match="「standard」の書き誤りでは"):
        chosen("standart")


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        ("", "name", "英小文字"),
        ('name = "みなと"', "name", "使えない文字"),
        ('name = "standard"', "name", "はじめからある"),
        ('name = "a"\nbase = "gumma"', "base", "「gunma」"),
        ('name = "a"\neol = "lf"', "eol", "crlf、none"),
        ('name = "a"\neof = "yes"', "eof", "true か false"),
        ('name = "a"\nclearing_house = 0', "clearing_house", "0000、spaces"),
        ('name = "a"\ntransfer_category = "8"', "transfer_category", "7、0、space"),
        ('name = "a"\nmax_records = 0', "max_records", "1から999,999"),
        ('name = "a"\nmax_records = 1000000', "max_records", "1から999,999"),
        ('name = "a"\nmax_records = true', "max_records", "整数"),
        ('name = "a"\nlead_days = "2"', "lead_days", "0から20"),
        ('name = "a"\ncut_off = "25:00"', "cut_off", "時刻ではありません"),
        ('name = "a"\ncut_of = "15:00"', "cut_of", "「cut_off」の書き誤り"),
        ('name = "a', "", "TOMLとして読めません"),
    ],
)
def test_a_mistake_is_named_with_its_remedy(text: str, key: str, says: str) -> None:
    with pytest.raises(ProfileRefused) as refused:
        parse(text)
    (mistake,) = refused.value.mistakes
    assert mistake.key == key
    assert says in mistake.sentence
    assert mistake.sentence in refused.value.sentence


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(ProfileRefused) as refused:
        parse('eol = "lf"\nlead_days = 99\ncolour = "red"')
    assert [mistake.key for mistake in refused.value.mistakes] == ["name", "eol", "lead_days", "colour"]
    assert "4件の誤り" in refused.value.sentence
