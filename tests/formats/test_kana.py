"""What a bank can carry of a name, and what is refused by name and position."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.formats.kana import BANK_NAME, PARTY_NAME, PARTY_NAME_WITH_WO, KanaRefused, bank_kana, cut_to

CARRIED = [
    ("ヤマダ　タロウ", "ﾔﾏﾀﾞ ﾀﾛｳ", "d4cfc0de20c0dbb3"),
    ("やまだ たろう", "ﾔﾏﾀﾞ ﾀﾛｳ", "d4cfc0de20c0dbb3"),
    ("キャノン　ショウジ", "ｷﾔﾉﾝ ｼﾖｳｼﾞ", "b7d4c9dd20bcd6b3bcde"),
    ("ヨーコ オノ", "ﾖ-ｺ ｵﾉ", "d62dba20b5c9"),
    ("ジョン・スミス", "ｼﾞﾖﾝ ｽﾐｽ", "bcded6dd20bdd0bd"),
    ("カヲル", "ｶｵﾙ", "b6b5d9"),
    ("ヴァー・キャ　ヂヅヲ", "ｳﾞｱ- ｷﾔ ﾁﾞﾂﾞｵ", "b3deb12d20b7d420c1dec2deb5"),
    ("カ゛", "ｶﾞ", "b6de"),
    ("ｶﾞ　ﾊﾟ", "ｶﾞ ﾊﾟ", "b6de20cadf"),
    ("ヶヵヰヱ", "ｹｶｲｴ", "b9b6b2b4"),
    ("カ）トドク", "ｶ)ﾄﾄﾞｸ", "b629c4c4deb8"),
    ("John Smith", "JOHN SMITH", "4a4f484e20534d495448"),
]


@pytest.mark.parametrize(("written", "half", "as_bytes"), CARRIED)
def test_a_written_name_becomes_the_banks_bytes(written: str, half: str, as_bytes: str) -> None:
    assert bank_kana(written) == half
    assert bank_kana(written).encode("cp932").hex() == as_bytes


@pytest.mark.parametrize(
    ("written", "position", "character"),
    [
        ("ワ゛", 1, "゛"),
        ("山田太郎", 0, "山"),
        ("ヤマダ太郎", 3, "太"),
        ("ヤマダ　ガ々", 5, "々"),  # a voiced kana before something good is not what is wrong
        ("ヤ ﾞ", 2, "ﾞ"),
        ("ヤマ,ダ", 2, ","),
        ("O'BRIEN", 1, "'"),
        ("ヤマ\u200bダ", 2, "\u200b"),
        ("㈱トドク", 0, "㈱"),
        (" 　", 0, ""),
    ],
)
def test_what_the_bank_cannot_carry_is_named_and_never_guessed(
    written: str, position: int, character: str
) -> None:
    with pytest.raises(KanaRefused) as refused:
        bank_kana(written)
    assert (refused.value.position, refused.value.character) == (position, character)
    assert refused.value.sentence.endswith("入力してください。")


def test_an_invisible_character_is_named_by_its_code_point() -> None:
    with pytest.raises(KanaRefused) as refused:
        bank_kana("ヤマ\u200bダ")
    assert "U+200B" in refused.value.sentence


def test_each_field_has_its_own_signs() -> None:
    assert bank_kana("カヲル", PARTY_NAME_WITH_WO) == "ｶｦﾙ"
    assert bank_kana("A.B(C)-D") == "A.B(C)-D"
    with pytest.raises(KanaRefused):
        bank_kana("A.B", BANK_NAME)


def test_a_cut_never_parts_a_kana_from_its_mark() -> None:
    assert cut_to("ﾔﾏﾀﾞ ﾀﾛｳ", 30) == "ﾔﾏﾀﾞ ﾀﾛｳ"
    assert cut_to("ﾔﾏﾀﾞ ﾀﾛｳ", 4) == "ﾔﾏﾀﾞ"
    assert cut_to("ﾔﾏﾀﾞ ﾀﾛｳ", 3) == "ﾔﾏ"
    assert cut_to("ﾔﾏﾀﾞ ﾀﾛｳ", 5) == "ﾔﾏﾀﾞ"


KANA = st.text(st.characters(min_codepoint=0x3041, max_codepoint=0x30FE) | st.sampled_from("ｱｶﾞﾊﾟ Aa1ー-・　"))


@given(KANA)
def test_converting_twice_changes_nothing_more(written: str) -> None:
    try:
        half = bank_kana(written)
    except KanaRefused as refused:
        assert refused.sentence
        return
    assert bank_kana(half) == half
    assert PARTY_NAME.issuperset(half)
    assert len(half.encode("cp932")) == len(half)


@given(st.text())
def test_anything_typed_is_either_carried_or_refused_with_its_place(written: str) -> None:
    try:
        assert PARTY_NAME.issuperset(bank_kana(written))
    except KanaRefused as refused:
        assert not written.strip() or written[refused.position] == refused.character
