"""Pure. What makes a household special, once its members are drawn: one function for each kind.

Goes in: an ordinary household. Comes out: the same household with the one thing changed that the office will
stumble over. What a group shares (a name, a guardian) is drawn from a source of the group's own.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

from todoku.sampletown import families, names
from todoku.sampletown.household import TAXED, Household, Person, person_number
from todoku.sampletown.names import Name

SUPPORT_MEASURES = "支援措置"
WARD = "成年後見"
DIED = "死亡"
MOVED_OUT = "転出"
FACILITY = "施設"
FACILITY_NAME = "特別養護老人ホーム見本の里"

ROLL_DRAWN_AFTER_DAYS = 21
"""The first roll is drawn three weeks after the base date, so it knows of some deaths and moves since."""


class Scene(NamedTuple):
    """A household about to become special: its place in the group, its own and the group's random source."""

    household: Household
    place: int
    rng: random.Random
    shared: random.Random
    base: date

    @property
    def head(self) -> Person:
        """The head as drawn so far."""
        return self.household.head

    def with_head(self, **changes: object) -> Household:
        """Return the household with some columns of its head changed."""
        head = self.household.head._replace(**changes)  # type: ignore[arg-type]
        return self.household._replace(members=(head, *self.household.members[1:]))


def _pick(rng: random.Random, table: tuple[Name, ...]) -> Name:
    return table[int(rng.random() * len(table))]


def renamed(household: Household, surname: Name) -> Household:
    """Give every member another surname, housemates (同居人) apart."""
    family = [
        person
        if person.relation == "同居人"
        else person._replace(
            name=f"{surname.text}　{person.name.partition('　')[2]}",
            kana=f"{surname.kana}　{person.kana.partition('　')[2]}",
        )
        for person in household.members
    ]
    return household._replace(members=tuple(family))


def unused_name(rng: random.Random, household: Household, table: tuple[Name, ...]) -> Name:
    """Draw a given name that nobody in the household bears."""
    taken = {person.name.partition("　")[2] for person in household.members}
    return _pick(rng, tuple(name for name in table if name.text not in taken))


def _given(scene: Scene, given: Name) -> Household:
    surname, kana = scene.head.name.partition("　")[0], scene.head.kana.partition("　")[0]
    return scene.with_head(name=f"{surname}　{given.text}", kana=f"{kana}　{given.kana}")


def shared_surname(scene: Scene) -> Household:
    """世帯分離: the two households of the group have one surname and (see town.py) one address."""
    return renamed(scene.household, _pick(scene.shared, names.SURNAMES))


def same_name(scene: Scene) -> Household:
    """Two heads in different households with the same name, reading, sex and birthday."""
    sex = 1 + int(scene.shared.random() * 2)
    born = families.birth(scene.shared.random, scene.base, 30 + int(scene.shared.random() * 40))
    surname = _pick(scene.shared, names.SURNAMES)
    given = _pick(scene.shared, names.given_names(sex, int(born[:4])))
    return scene.with_head(
        name=f"{surname.text}　{given.text}", kana=f"{surname.kana}　{given.kana}", birth=born, sex=sex
    )


def ward(scene: Scene) -> Household:
    """An adult whose affairs a guardian (成年後見人) looks after; the wards of a group share one guardian."""
    surname, given = _pick(scene.shared, names.SURNAMES), _pick(scene.shared, names.MEN_MIDDLE)
    kana = f"{surname.kana}　{given.kana}"
    return scene.with_head(marks=(WARD,))._replace(guardian=(f"{surname.text}　{given.text}", kana))


def dependants_only(scene: Scene) -> Household:
    """A student alone, untaxed, who is a taxed parent's dependant in the next household."""
    if scene.place == 0:
        household = scene.with_head(supporter=person_number(scene.household.serial + 1, 0))
    else:
        household = scene.with_head(tax=TAXED, income_levy=scene.head.income_levy or 180_000)
    return renamed(household, _pick(scene.shared, names.SURNAMES))


def twins(scene: Scene) -> Household:
    """Two children of one day; only name and number tell them apart."""
    household = scene.household
    elder = household.members[2]
    given = unused_name(scene.rng, household, names.given_names(elder.sex, int(elder.birth[:4])))
    younger = elder._replace(
        number=person_number(household.serial, len(household.members)),
        name=f"{elder.name.partition('　')[0]}　{given.text}",
        kana=f"{elder.kana.partition('　')[0]}　{given.kana}",
    )
    return household._replace(members=(*household.members[:3], younger, *household.members[3:]))


def foreign_single_name(scene: Scene) -> Household:
    """One name only, as many people of Indonesia and Myanmar have."""
    return _latin(scene, _pick(scene.rng, names.SINGLE_NAMES))


def foreign_latin(scene: Scene) -> Household:
    """Registered in Latin letters, family name first; some readings exceed the 30 bytes of a bank file."""
    return _latin(scene, _pick(scene.rng, names.LATIN_NAMES))


def _latin(scene: Scene, latin: Name) -> Household:
    written = names.full_width(latin.text)
    return scene.with_head(name=written, kana=latin.kana, latin=latin.text.replace("　", " "))


def foreign_kanji(scene: Scene) -> Household:
    """A couple with names of their own in Chinese characters."""
    people = scene.household.members
    drawn = zip(people, scene.rng.sample(names.CHINESE_NAMES, len(people)), strict=True)
    family = tuple(person._replace(name=name.text, kana=name.kana) for person, name in drawn)
    return scene.household._replace(members=family)


def foreign_alias(scene: Scene) -> Household:
    """A registered name and a 通称名; the account may stand under either."""
    own, alias = names.ALIASED_NAMES[int(scene.rng.random() * len(names.ALIASED_NAMES))]
    latin = own.text.replace("　", " ") if own.text.replace("　", "").isascii() else ""
    written = names.full_width(own.text) if latin else own.text
    return scene.with_head(name=written, kana=own.kana, latin=latin, alias=alias.text, alias_kana=alias.kana)


def private_character(scene: Scene) -> Household:
    """外字: a surname with a character of the vendor's own (CP932 F040…), which no other font can draw."""
    return renamed(scene.household, _pick(scene.rng, names.PRIVATE_SURNAMES))


def extended_character(scene: Scene) -> Household:
    """A surname such as 髙橋, written with NEC or IBM extension characters of CP932."""
    return renamed(scene.household, _pick(scene.rng, names.EXTENDED_SURNAMES))


def vu_kana(scene: Scene) -> Household:
    """A given name read with ヴ."""
    return _given(scene, _pick(scene.rng, names.VU_NAMES))


def long_vowel_kana(scene: Scene) -> Household:
    """A given name read with a long vowel mark."""
    return _given(scene, _pick(scene.rng, names.LONG_VOWEL_NAMES))


def support_measures(scene: Scene) -> Household:
    """支援措置: a parent who fled violence with children; the address must not reach anybody who asks."""
    family = tuple(person._replace(marks=(SUPPORT_MEASURES,)) for person in scene.household.members)
    return scene.household._replace(members=family)


def unknown_birth(scene: Scene) -> Household:
    """A birthday of which the day, or day and month, are not known: written as 00."""
    year = int(scene.head.birth[:4])
    known = scene.head.birth[:8] if scene.rng.random() < 0.5 else f"{year}/00/"
    return scene.with_head(birth=known + "00")


def _day_since_base(scene: Scene) -> str:
    after = 1 + int(scene.rng.random() * (ROLL_DRAWN_AFTER_DAYS - 1))
    return (scene.base + timedelta(days=after)).strftime("%Y/%m/%d")


def died_after_base(scene: Scene) -> Household:
    """The head was alive on the base date and died before the roll was drawn."""
    marks = (*scene.head.marks, DIED)
    return scene.with_head(marks=marks, removed_on=_day_since_base(scene), removed_for=DIED)


def moved_out_after_base(scene: Scene) -> Household:
    """A household that lived here on the base date and has moved to another municipality since."""
    marks = (*scene.head.marks, MOVED_OUT)
    return scene.with_head(marks=marks, removed_on=_day_since_base(scene), removed_for=MOVED_OUT)


def comma_in_building(scene: Scene) -> Household:
    """A building name with a comma in it, which a CSV must quote."""
    room = 101 + int(scene.rng.random() * 8)
    address = scene.household.address._replace(building=f"ハイツ見本,{room}号室")
    return scene.household._replace(address=address)


def long_address(scene: Scene) -> Household:
    """An address that fills three lines of an envelope window."""
    building = (
        "グランドヒルズ見本ガーデンレジデンス壱番館サウスウイングタワー棟　２５０１号室　見本管理組合気付"
    )
    return scene.household._replace(address=scene.household.address._replace(building=building))


def facility_resident(scene: Scene) -> Household:
    """Somebody who lives in a home and heads a household of one; the residents' address is one (see town.py)."""
    address = scene.household.address._replace(building=FACILITY_NAME)
    return scene.with_head(marks=(FACILITY,))._replace(address=address, phone="")


def unchanged(scene: Scene) -> Household:
    """Kinds that composition and address alone make special."""
    return scene.household


CHANGES: dict[str, Callable[[Scene], Household]] = {
    "facility_resident": facility_resident,
    "separated_household": shared_surname,
    "same_name_and_birth": same_name,
    "guardian_ward": ward,
    "dependants_only": dependants_only,
    "twins": twins,
    "head_under_age": unchanged,
    "foreign_single_name": foreign_single_name,
    "foreign_latin": foreign_latin,
    "foreign_kanji": foreign_kanji,
    "foreign_alias": foreign_alias,
    "private_character": private_character,
    "extended_character": extended_character,
    "vu_kana": vu_kana,
    "long_vowel_kana": long_vowel_kana,
    "support_measures": support_measures,
    "unknown_birth": unknown_birth,
    "died_after_base": died_after_base,
    "moved_out_after_base": moved_out_after_base,
    "comma_in_building": comma_in_building,
    "long_address": long_address,
    "tax_unfiled": unchanged,
}
