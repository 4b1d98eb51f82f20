"""The verifier's own way to the bank's kana: the published vectors, and the same answers as the writer's way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.formats.kana import PARTY_NAME, PARTY_NAME_WITH_WO, KanaRefused, bank_kana, cut_to
from todoku_verify.kana import field, zengin

PUBLISHED = [
    ("ヤマダ　タロウ", "d4cfc0de20c0dbb3"),
    ("やまだ たろう", "d4cfc0de20c0dbb3"),
    ("キャノン　ショウジ", "b7d4c9dd20bcd6b3bcde"),
    ("ヨーコ オノ", "d62dba20b5c9"),
    ("ジョン・スミス", "bcded6dd20bdd0bd"),
    ("カヲル", "b6b5d9"),
    ("ワ゛", None),
    ("山田太郎", None),
    ("", None),
]


@pytest.mark.parametrize(("written", "as_bytes"), PUBLISHED)
def test_a_written_name_becomes_the_published_bytes(written: str, as_bytes: str | None) -> None:
    assert zengin(written) == (None if as_bytes is None else bytes.fromhex(as_bytes))


def test_a_bank_with_the_revision_of_2019_keeps_wo() -> None:
    assert zengin("カヲル", wo=True) == bytes.fromhex("b6a6d9")


def test_a_long_name_keeps_its_first_thirty_bytes_and_no_kana_without_its_mark() -> None:
    voiced = zengin("ガ" * 20)
    assert voiced is not None
    assert field(voiced, 30) == bytes.fromhex("b6de") * 15
    odd = zengin("ア" + "ガ" * 20)
    assert odd is not None
    assert field(odd, 30) == bytes.fromhex("b1" + "b6de" * 14) + b" "


def writers(written: str, wo: bool) -> bytes | None:
    """What the code that writes bank files makes of a name."""
    try:
        return bank_kana(written, PARTY_NAME_WITH_WO if wo else PARTY_NAME).encode("cp932")
    except KanaRefused:
        return None


def test_every_character_has_the_same_bytes_here_and_in_the_writer() -> None:
    # Beyond lie nothing but more kanji, which nobody guesses at.
    characters = [chr(code) for code in range(0x20000) if not 0xD800 <= code < 0xF900]
    apart = [c for c in characters if zengin(f"ア{c}ア") != writers(f"ア{c}ア", False)]
    # Line ends and tabs cannot stand in a decision list; the writer reads them as blanks.
    assert [f"{ord(c):04X}" for c in apart if not c.isspace()] == []
    assert len(characters) > 100_000


written_names = st.text(
    st.sampled_from(
        "アイガヴパワッャヮヵヶヰヱヲンーがぱわゔｱｶﾞﾟ゛゜゙゚ｰ･・　 -－‐AZaｚＺ0９().（）．,山〜́é㌔①ﾜｦ\u00a0"
    )
)


@given(written_names, st.booleans())
def test_names_become_the_same_bytes_here_and_in_the_writer(written: str, wo: bool) -> None:
    here, there = zengin(written, wo=wo), writers(written, wo)
    assert here == there
    if there is not None:
        assert here is not None
        assert field(here, 30) == cut_to(there.decode("cp932"), 30).ljust(30).encode("cp932")
