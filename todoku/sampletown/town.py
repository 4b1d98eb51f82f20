"""Pure. The sample town: a stream of households, the same for the same seed and size.

Goes in: seed, number of households, municipality, base date (基準日). Comes out: one Household after another,
never the whole town at once. A random source of its own for every thousand households keeps any block
independent of those before it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta

from todoku.sampletown import families, kinds, names, places, specials
from todoku.sampletown.household import UNTAXED, Address, Household, household_number
from todoku.sampletown.kinds import Mark
from todoku.sampletown.places import Municipality, Town

BLOCK = 1_000
"""Households drawn from one random source: enough that seeding costs nothing."""

ASSISTED_SHARE = 0.12
"""Of untaxed households, those on public assistance (生活保護): about 3 % of all in a large city."""

SHARES_ADDRESS = ("facility_resident", "separated_household")

_BUILDINGS = (
    *(
        "メゾン緑",
        "コーポ青葉",
        "ハイツ見本",
        "サンライズ丘の上",
        "グリーンハイム",
        "パークサイド見本",
        "レジデンス港",
    ),
    *(
        "第２見本荘",
        "見本団地３号棟",
        "市営見本住宅",
        "シャトー見本Ａ棟",
        "ＳＡＭＰＬＥ　ＨＯＵＳＥ",
        "みどりマンション",
    ),
)
_ORDINARY = Mark("", 0, 0)


def build(
    seed: int,
    households: int,
    municipality: Municipality = places.YOKOHAMA,
    base_date: date = date(2026, 10, 1),
) -> Iterator[Household]:
    """Yield the households of the town in order of serial.

    In: any whole seed; the number of households (each special kind exists from 300 up); a municipality that
    stands in the postal code table (else NoSuchMunicipality); the base date. Out: households with members.
    """
    towns = places.towns(municipality)
    marks = kinds.plan(seed, households)
    for first in range(0, households, BLOCK):
        rng = random.Random(f"{seed}:{municipality.code}:{first // BLOCK}")
        for serial in range(first, min(first + BLOCK, households)):
            yield household(rng, serial, seed, towns, base_date, marks.get(serial, _ORDINARY))


def household(
    rng: random.Random, serial: int, seed: int, towns: tuple[Town, ...], base: date, mark: Mark
) -> Household:
    """Draw one household; a mark says what is special about it."""
    draw = rng.random
    moved_in, this_year, former = (
        _arrival(rng, base) if draw() < 0.12 and not mark.kind else ("", False, None)
    )
    people = families.members(rng, serial, base, mark.kind, mark.place, this_year)
    drawn = Household(
        serial,
        household_number(serial),
        address(rng, towns),
        tuple(people),
        phone(rng) if draw() < 0.25 else "",
        moved_in,
        former,
    )
    if people[0].tax == UNTAXED and draw() < ASSISTED_SHARE:
        drawn = drawn._replace(assisted_since=f"{base.year - 1 - int(draw() * 12)}/04/01")
    if not mark.kind:
        return drawn
    return _special(drawn, rng, seed, towns, base, mark)


def _special(
    drawn: Household, rng: random.Random, seed: int, towns: tuple[Town, ...], base: date, mark: Mark
) -> Household:
    """Make an ordinary household special; what a group shares is drawn from the group's own source."""
    shared = random.Random(f"{seed}:{mark.kind}:{mark.group}")
    if mark.kind in SHARES_ADDRESS:
        drawn = drawn._replace(address=address(shared, towns))
    scene = specials.Scene(drawn._replace(kinds=(mark.kind,)), mark.place, rng, shared, base)
    return specials.CHANGES[mark.kind](scene)


def address(rng: random.Random, towns: tuple[Town, ...]) -> Address:
    """Draw a house in one of the towns, written in one of the ways registers write them."""
    draw = rng.random
    town = towns[int(draw() * len(towns))]
    block, house, style = 1 + int(draw() * 40), 1 + int(draw() * 20), draw()
    if not town.has_chome:
        street = f"{block * 37 + house}番地{'' if draw() < 0.4 else 'の' + str(house)}"
    elif style < 0.7:
        street = f"{1 + block % 6}丁目{block}番{house}号"
    else:
        street = f"{1 + block % 6}-{block}-{house}"
    if style < 0.9:
        street = names.full_width(street)
    return Address(town.postal_code, town.city + town.name + street, _building(rng) if draw() < 0.5 else "")


def _building(rng: random.Random) -> str:
    room = (1 + int(rng.random() * 9)) * 100 + 1 + int(rng.random() * 12)
    written = names.full_width(f"{room}号室") if room % 3 else str(room)
    return f"{_BUILDINGS[int(rng.random() * len(_BUILDINGS))]}　{written}"


def phone(rng: random.Random) -> str:
    """Draw a mobile number that no carrier has given out: its middle part is 0000."""
    return f"0{7 + int(rng.random() * 3)}0-0000-{int(rng.random() * 10_000):04d}"


def _arrival(rng: random.Random, base: date) -> tuple[str, bool, Address]:
    """Draw when and whence a household moved in, and whether after 1 January (tax not yet known here)."""
    arrived = base - timedelta(days=1 + int(rng.random() ** 0.7 * 1_500))
    former = address(rng, places.elsewhere())
    return arrived.strftime("%Y/%m/%d"), arrived >= date(base.year, 1, 2), former
