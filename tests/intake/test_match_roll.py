"""Who somebody without a letter may be: the parts of the score on published names and addresses, and on slips of dates."""

from dataclasses import dataclass
from datetime import date
from random import Random

import pytest

from todoku.intake.match_roll import (
    POINTS,
    WORDS,
    OnRoll,
    Typed,
    address_level,
    birth_level,
    name_level,
    phone_level,
    rank,
    slips,
)

TYPED = Typed(
    "山田　太郎",
    "ヤマダ　タロウ",
    date(1958, 3, 14),
    "2630023",
    "千葉市稲毛区緑町3丁目30-8",
    "郵便ビル403号",
    "043-111-2222",
)


def on_roll(person=1, **other) -> OnRoll:
    values = {
        "person": person, "case": person * 10, "is_head": True, "name": TYPED.name, "kana": TYPED.kana,
        "latin_name": "", "alias": "", "alias_kana": "", "birth_date": TYPED.birth_date,
        "postal_code": TYPED.postal_code, "address": TYPED.address, "building": TYPED.building, "phone": TYPED.phone,
    }  # fmt: skip
    return OnRoll(**(values | other))


@dataclass(frozen=True)
class Named:
    """A line of the Digital Agency's published kanji–kana list, or of the tiers of the holder's name."""

    name: str
    kana: str
    roll_name: str
    roll_kana: str
    level: str
    alias_kana: str = ""


@pytest.mark.parametrize(
    "one",
    [
        Named("山田　太郎", "ヤマダタロウ", "山田　太郎", "ヤマダ　タロウ", "same"),
        Named("髙橋　﨑男", "タカハシ　サキオ", "高橋　崎男", "タカハシ　サキヲ", "same"),
        Named("渡邉　花子", "ワタナベ　ハナコ", "渡辺　花子", "ワタナベ　ハナコ", "same"),
        Named("やまだ　たろう", "ヤマダ　タロー", "山田　太郎", "ヤマダ　タロウ", "sound"),
        Named("大野　洋子", "オオノ　ヨーコ", "大野　陽子", "オノ　ヨウコ", "sound"),
        Named("太郎　山田", "タロウ　ヤマダ", "山田　太郎", "ヤマダ　タロウ", "order"),
        Named(
            "高橋　二郎",
            "タカハシ　ジロウ",
            "ALLEN JACKSON",
            "アーレン　ジャクソン",
            "same",
            "タカハシ　ジロウ",
        ),
        Named("日本　花子", "ニホン　ハナコ", "東京　花子", "トウキョウ　ハナコ", "given"),
        Named("山田　花子", "ヤマダ　ハナコ", "山田　太郎", "ヤマダ　タロウ", "family"),
        Named("鈴木　一郎", "スズキ　イチロウ", "山田　太郎", "ヤマダ　タロウ", "none"),
    ],
    ids=lambda one: f"{one.name} {one.level}",
)
def test_a_name_agrees_in_writing_or_by_the_tiers_of_its_kana(one):
    typed = TYPED._replace(name=one.name, kana=one.kana)
    person = on_roll(name=one.roll_name, kana=one.roll_kana, alias_kana=one.alias_kana)
    assert name_level(typed, person) == one.level


@pytest.mark.parametrize(
    ("typed", "known", "level"),
    [
        (date(1958, 3, 14), date(1958, 3, 14), "same"),
        (date(1958, 3, 14), date(1953, 3, 14), "digit"),
        (date(1958, 3, 14), date(1985, 3, 14), "swapped"),
        (date(1958, 3, 4), date(1958, 4, 3), "turned"),
        (date(1993, 5, 6), date(1930, 5, 6), "era"),  # 平成5年 for 昭和5年
        (date(2020, 5, 6), date(1990, 5, 6), "era"),  # 令和2年 for 平成2年
        (date(1958, 3, 14), date(1977, 3, 14), "year"),
        (date(1958, 3, 14), date(1958, 7, 21), "none"),
        (date(1958, 3, 14), None, "unknown"),
    ],
)
def test_a_birth_date_agrees_but_for_one_slip(typed, known, level):
    assert birth_level(typed, known) == level


def test_every_day_that_a_slip_leads_to_is_asked_for():
    typed = date(1993, 5, 6)
    asked = slips(typed)
    assert {date(1930, 5, 6), date(1993, 6, 5), date(1983, 5, 6)} <= asked and typed not in asked
    assert {birth_level(typed, day) for day in asked} <= {"digit", "swapped", "era", "turned"}
    assert len(asked) < 80


@pytest.mark.parametrize(
    ("postal_code", "address", "building", "level"),
    [
        # Japan Post's manual of the customer barcode, written as people write it.
        ("263-0023", "千葉市稲毛区緑町三丁目30番8号", "郵便ビル403", "same"),
        ("2630023", "千葉県千葉市稲毛区緑町３－３０－８－４０３", "", "same"),
        ("2630023", "緑町3-30-8", "", "number"),
        ("2630023", "千葉市稲毛区緑町3丁目12-1", "", "town"),
        ("2630024", "千葉市稲毛区緑町3-30-8", "403", "same"),
        ("1100016", "東京都台東区台東5-6-3", "ABCビル10F", "none"),
    ],
)
def test_an_address_agrees_by_block_and_number_however_it_is_written(postal_code, address, building, level):
    typed = TYPED._replace(postal_code=postal_code, address=address, building=building)
    assert address_level(typed, on_roll()) == level


@pytest.mark.parametrize(
    ("typed", "known", "level"),
    [
        ("043-111-2222", "0431112222", "same"),
        ("+81 43 111 2222", "043(111)2222", "same"),
        ("", "0431112222", "unknown"),
        ("0431112223", "0431112222", "none"),
    ],
)
def test_a_telephone_number_is_the_same_however_it_is_written(typed, known, level):
    assert phone_level(typed, known) == level


def test_who_agrees_in_name_birth_date_and_address_is_exact_and_first():
    father, son, namesake = (
        on_roll(1),
        on_roll(2, name="山田　次郎", kana="ヤマダ　ジロウ"),
        on_roll(3, birth_date=None),
    )
    found = rank(TYPED, [namesake, son, father])
    assert [one.person for one in found] == [1, 3, 2]
    assert [one.exact for one in found] == [True, False, False]
    assert found[0].score == 100
    assert [(part.part, part.level) for part in found[2].parts] == [
        ("name", "family"),
        ("birth_date", "same"),
        ("address", "same"),
        ("phone", "same"),
    ]


def test_two_who_agree_in_everything_are_both_shown_and_neither_is_exact():
    found = rank(TYPED, [on_roll(1), on_roll(2)])
    assert [(one.person, one.exact) for one in found] == [(1, False), (2, False)]


def test_a_shared_town_and_surname_alone_propose_nobody():
    neighbour = on_roll(
        name="山田　一男",
        kana="ヤマダ　カズオ",
        birth_date=date(1940, 1, 2),
        address="千葉市稲毛区緑町1-1",
        building="",
        phone="",
    )
    assert rank(TYPED, [neighbour]) == ()


def test_the_order_does_not_hang_on_the_order_of_the_roll():
    people = [on_roll(number, birth_date=date(1958, 3, 10 + number)) for number in range(1, 9)]
    shuffled = list(people)
    Random(5).shuffle(shuffled)
    assert rank(TYPED, people) == rank(TYPED, shuffled) and len(rank(TYPED, people)) == 5


def test_each_level_has_its_points_and_its_words_and_all_that_agrees_is_a_hundred():
    assert {part: set(levels) for part, levels in POINTS.items()} == {
        part: set(words) for part, words in WORDS.items()
    }
    assert sum(levels["same"] for levels in POINTS.values()) == 100
