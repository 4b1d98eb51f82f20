"""Names stay as received; keys find them, and what no font draws is listed."""

from hypothesis import given
from hypothesis import strategies as st

from todoku.formats.names import graphemes, has_gaiji, initials, search_key, undrawable

IVS = "葛\U000e0100"


def test_a_search_finds_the_name_however_it_is_written() -> None:
    assert search_key("髙﨑　三郎") == search_key("高崎三郎")
    assert search_key("𠮷田") == search_key("吉田")
    assert search_key(f"{IVS}城") == search_key("葛城")
    assert search_key("ｻﾄｳ ﾊﾅｺ") == search_key("さとう　はなこ") == "サトウハナコ"
    assert search_key("John SMITH") == search_key("Ｊｏｈｎ　Ｓｍｉｔｈ")
    assert search_key("ヨーコ") == search_key("ヨｰコ") == search_key("ヨ−コ")
    assert search_key("山田") != search_key("山口")


@given(st.text())
def test_a_key_is_its_own_key(name: str) -> None:
    assert search_key(search_key(name)) == search_key(name)


def test_initials_betray_nobody() -> None:
    assert initials("ヤマダ　タロウ") == "ヤ・タ"
    assert initials("ｶﾞﾏ ｼﾞﾛｳ") == "ガ・ジ"
    assert initials("john smith") == "J・S"
    assert initials("マリア") == "マ"
    assert initials("") == ""


def test_a_kanji_keeps_its_variation_selector() -> None:
    assert graphemes(f"{IVS}城") == [IVS, "城"]
    assert graphemes("か\u3099") == ["か\u3099"]


def test_characters_to_be_checked_by_hand_are_listed_once() -> None:
    drawn = set("山田太郎")
    assert undrawable("山田　太郎", drawn.__contains__) == []
    assert undrawable(f"山\ue000田𠮷\ue000{IVS}", drawn.__contains__) == ["\ue000", "𠮷", IVS]
    assert undrawable("\ue000", lambda one: True) == ["\ue000"]
    assert has_gaiji("山\ue000")
    assert not has_gaiji("山田𠮷")
