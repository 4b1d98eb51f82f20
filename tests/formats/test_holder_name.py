"""How well an account holder agrees with the recipient. Bad beside good, as a reviewer meets them."""

import pytest

from todoku.formats.holder_name import TIERS, Tier, tier
from todoku.formats.kana import bank_kana, cut_to

YAMADA = ["ヤマダ　タロウ"]
# Published with expected answers by the Digital Agency for kanji to kana (kanjikana-model); here the readings
# that its table calls right stand as the recipient's own names, so that the question is kana to kana.
MANY_NAMES = ["アーレン　ジャクソン", "スズキ　イチロウ", "タカハシ　ジロウ"]
FORMER_NAME = ["トウキョウ　ハナコ", "ニホン　ハナコ", "ニッポン　ハナコ"]


@pytest.mark.parametrize(
    ("holder", "names", "code"),
    [
        ("ヤマダ　タロウ", YAMADA, "T0"),
        ("ﾔﾏﾀﾞ ﾀﾛｳ", YAMADA, "T0"),
        ("やまだ　たろう", YAMADA, "T0"),
        ("ヤマダタロウ", YAMADA, "T1"),
        ("ヤマダ．タロウ", YAMADA, "T1"),
        ("ヤマダ　タロー", YAMADA, "T2"),
        ("ヤマダ　タロ", YAMADA, "T2"),
        ("ミヅシマ　シヅカ", ["ミズシマ　シズカ"], "T2"),
        ("オーノ　ユーコ", ["オオノ　ユウコ"], "T2"),
        ("ヴィヴィアン", ["ビビアン"], "T2"),
        ("カヲル", ["カオル"], "T0"),
        ("スミス　ジョン", ["ジョン・スミス"], "T3"),
        ("JOHN SMITH", ["SMITH JOHN"], "T3"),
        ("タロウ　ヤマダ", YAMADA, "T3"),
        ("タカハシ　ジロウ", MANY_NAMES, "T4"),
        ("スズキ　イチロウ", MANY_NAMES, "T4"),
        ("アーレン　ジャクソン", MANY_NAMES, "T0"),
        ("ニホン　ハナコ", FORMER_NAME, "T4"),
        ("ヤマダ　ハナコ", YAMADA, "T6"),
        ("アーレン　イチロウ", MANY_NAMES, "T6"),
        ("ニホン　ジロウ", FORMER_NAME, "T6"),
        ("ビリー　ジュエル", ["ビリー　ジョエル"], "T6"),
        ("サトウ　タロウ", YAMADA, "T7"),
        ("ヤマモト　メ", ["ヤマモト　ウメ"], "T6"),
        ("山田太郎", YAMADA, "T7"),
        ("", YAMADA, "T7"),
        ("ヤマダ　タロウ", [], "T7"),
        ("ヤマダ　タロウ", ["山田太郎"], "T7"),
    ],
)
def test_a_holder_and_a_recipient(holder: str, names: list[str], code: str) -> None:
    assert tier(holder, names).code == code
    assert code in TIERS


def test_another_member_of_the_household_is_said_to_be_one() -> None:
    assert tier("サトウ　ハナコ", YAMADA, ["サトウ　ハナコ"]) == Tier("T6", "サトウ　ハナコ")
    assert tier("サトウハナコ", YAMADA, ["サトウ　ハナコ"]) == Tier("T6", "サトウ　ハナコ")
    assert tier("ヤマダ　タロウ", YAMADA, ["ヤマダ　タロウ"]) == Tier("T0", "ヤマダ　タロウ")


def test_a_long_name_cut_by_the_banks_field_is_recognised() -> None:
    long = "ガルシア　マリア　デ　ロス　アンヘレス　フエルテス　モラレス"
    assert tier(cut_to(bank_kana(long), 30), [long]) == Tier("T5", long)
    assert tier("ｶﾞﾙｼｱ ﾏﾘｱ", [long]).code == "T6"


def test_the_name_it_rests_on_is_given_as_it_was_written() -> None:
    assert tier("ﾔﾏﾀﾞ ﾀﾛｳ", ["ヤマダ　タロウ"]) == Tier("T0", "ヤマダ　タロウ")
    assert tier("サトウ　タロウ", YAMADA) == Tier("T7", "")
