"""The town itself: the same again for the same seed, every kind of household, believable numbers."""

import itertools
from collections import Counter, defaultdict
from datetime import date

import pytest

from todoku.formats import codes
from todoku.sampletown import kinds, names, places, specials, town
from todoku.sampletown.household import TAXED, UNTAXED, Household, household_number, person_number
from todoku.sampletown.places import Municipality, NoSuchMunicipality
from todoku.sampletown.write import write_town

BASE_DATE = date(2026, 10, 1)  # Thursday


def of_kind(kind: str, households: int = 300) -> list[Household]:
    return [each for each in town.build(7, households, base_date=BASE_DATE) if kind in each.kinds]


def test_the_same_seed_writes_the_same_bytes_and_another_seed_does_not(tmp_path):
    terms = {"households": 300, "base_date": BASE_DATE, "opened_on": date(2026, 11, 2)}
    first = write_town(tmp_path / "first", seed=1, **terms)
    again = write_town(tmp_path / "again", seed=1, **terms)
    other = write_town(tmp_path / "other", seed=2, **terms)
    assert first == again
    assert first.files["roll.csv"] != other.files["roll.csv"]


@pytest.mark.parametrize("households", [300, 3_000])
def test_every_kind_of_household_stands_in_the_town(households):
    found = Counter(kind for each in town.build(7, households, base_date=BASE_DATE) for kind in each.kinds)
    assert set(found) == set(kinds.KINDS)
    assert found["facility_resident"] == min(100, households * 3 // 100)


def test_about_a_quarter_of_households_are_untaxed_and_two_persons_live_together():
    households = list(town.build(7, 3_000, base_date=BASE_DATE))
    untaxed = sum(each.tax == UNTAXED for each in households)
    persons = sum(len(each.members) for each in households)
    assert 0.21 < untaxed / 3_000 < 0.27
    assert 2.0 < persons / 3_000 < 2.2


def test_numbers_are_unique_and_too_short_for_a_my_number():
    people = [person_number(index, place) for index in range(5_000) for place in range(16)]
    households = [household_number(index) for index in range(5_000)]
    assert len(set(people) | set(households)) == len(people) + len(households)
    assert {len(number) for number in people + households} == {10}


def test_the_head_comes_first_and_alone():
    relations = [[p.relation for p in each.members] for each in town.build(7, 3_000, base_date=BASE_DATE)]
    assert all(members[0] == "世帯主" and members.count("世帯主") == 1 for members in relations)


def test_nobody_is_born_after_the_base_date_and_children_after_their_parents():
    for each in town.build(7, 3_000, base_date=BASE_DATE):
        years = {p.relation: int(p.birth[:4]) for p in each.members}
        assert all(p.birth <= "2026/10/01" for p in each.members)
        assert years["世帯主"] < years.get("子", 9999)


def test_brothers_and_sisters_have_names_of_their_own():
    for each in town.build(7, 3_000, base_date=BASE_DATE):
        members = Counter(p.name for p in each.members)
        assert max(members.values()) == 1


def test_twins_share_a_birthday():
    for each in of_kind("twins"):
        born = Counter(p.birth for p in each.members)
        assert max(born.values()) == 2


def test_two_heads_have_one_name_and_birthday_in_different_households():
    first, second = of_kind("same_name_and_birth")
    assert (first.head.name, first.head.kana, first.head.birth, first.head.sex) == (
        (second.head.name, second.head.kana, second.head.birth, second.head.sex)
    )
    assert first.number != second.number


def test_a_separated_household_stands_at_the_address_of_its_relatives():
    first, second = of_kind("separated_household")
    assert first.address == second.address
    assert first.head.name.split("　")[0] == second.head.name.split("　")[0]
    assert first.number != second.number


def test_residents_of_a_facility_share_an_address_and_head_their_own_households():
    residents = of_kind("facility_resident", 4_000)
    assert len(residents) == 100
    assert len({each.address for each in residents}) == 1
    assert all(len(each.members) == 1 for each in residents)


def test_the_wards_of_a_guardian_name_the_same_guardian():
    wards = of_kind("guardian_ward")
    assert len(wards) == kinds.WARDS_PER_GUARDIAN
    assert len({each.guardian for each in wards}) == 1
    assert all(specials.WARD in each.head.marks for each in wards)


def test_a_student_alone_depends_on_the_taxed_head_of_the_next_household():
    student, parents = of_kind("dependants_only")
    assert student.tax == UNTAXED
    assert student.head.supporter == parents.head.number
    assert parents.head.tax == TAXED


def test_heads_under_age_are_under_age():
    for each in of_kind("head_under_age"):
        assert int(each.head.birth[:4]) > 2026 - 18 - 1
        assert len(each.members) == 1


def test_unknown_birthdays_are_written_with_zeros():
    assert all(each.head.birth.endswith("/00") for each in of_kind("unknown_birth"))


def test_vendor_characters_lie_in_the_private_range_of_cp932():
    for each in of_kind("private_character"):
        private = [c for c in each.head.name if 0xE000 <= ord(c) <= 0xE757]
        assert private
        assert all(0xF0 <= c.encode("cp932")[0] <= 0xF9 for c in private)


def test_extended_characters_are_in_cp932_and_not_in_shift_jis():
    outside = 0
    for entry in set(names.EXTENDED_SURNAMES):
        assert entry.text.encode("cp932")
        outside += any(not _in_shift_jis(c) for c in entry.text)
    assert outside > 20


def _in_shift_jis(character: str) -> bool:
    try:
        character.encode("shift_jis")
    except UnicodeEncodeError:
        return False
    return True


def test_violence_protection_covers_the_whole_household():
    for each in of_kind("support_measures"):
        assert all(p.marks == (specials.SUPPORT_MEASURES,) for p in each.members)
        assert len(each.members) > 1


def test_addresses_lie_in_every_ward_of_a_designated_city():
    by_ward = defaultdict(int)
    for each in town.build(7, 3_000, base_date=BASE_DATE):
        by_ward[each.address.street.partition("区")[0]] += 1
    assert len(by_ward) == 18
    assert all(ward.startswith("横浜市") for ward in by_ward)


@pytest.mark.parametrize(
    ("code", "name", "towns_at_least"),
    [
        ("122327", "白井市", 20),
        ("052124", "大仙市", 200),
        ("131016", "千代田区", 50),
        ("281000", "神戸市", 700),
        ("014087", "余市町", 10),  # the table writes 余市郡余市町
        ("133825", "御蔵島村", 1),  # one postal code for the whole island
    ],
)
def test_any_municipality_will_do(code, name, towns_at_least):
    municipality = Municipality(code, name)
    assert codes.municipality_code_valid(code)
    assert len(places.towns(municipality)) >= towns_at_least
    first = next(town.build(7, 300, municipality, BASE_DATE))
    assert name in first.address.street


def test_a_municipality_that_does_not_exist_is_refused_with_a_remedy():
    with pytest.raises(NoSuchMunicipality) as refused:
        next(town.build(7, 300, Municipality("149999", "無何有市"), BASE_DATE))
    assert "団体コード" in refused.value.sentence


def test_the_town_streams_so_that_its_first_households_cost_nothing():
    first = list(itertools.islice(town.build(7, 1_000_000, base_date=BASE_DATE), 3))
    assert [each.serial for each in first] == [0, 1, 2]
