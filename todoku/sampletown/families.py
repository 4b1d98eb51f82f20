"""Pure. Who lives together: composition, ages, names and tax of one household.

Goes in: a random source, the base date, what is special. Comes out: the members, head first. Nothing here
knows where they live or what a file looks like.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

from todoku.sampletown import names
from todoku.sampletown.household import LEVY_ONLY, TAXED, UNFILED, UNKNOWN, UNTAXED, Person, person_number

MAN, WOMAN = 1, 2
_DAYS = tuple((date(2023, 1, 1) + timedelta(days=day)).strftime("%m/%d") for day in range(365))

Draw = Callable[[], float]


class Part(NamedTuple):
    """One place at the table before it has a name: 続柄, sex and age in years."""

    relation: str
    sex: int
    age: int


def _sex(draw: Draw) -> int:
    return MAN if draw() < 0.5 else WOMAN


def single(draw: Draw, youngest: int, oldest: int) -> list[Part]:
    """One person alone; the old are more often women."""
    age = youngest + int(draw() * (oldest - youngest + 1))
    return [Part("世帯主", MAN if draw() < (0.54 if age < 65 else 0.34) else WOMAN, age)]


def couple(draw: Draw, youngest: int, oldest: int) -> list[Part]:
    """Two who live as a couple; four in five heads are men, one couple in sixty is not registered (未届)."""
    age = youngest + int(draw() * (oldest - youngest + 1))
    partner_age = max(18, age - 4 + int(draw() * 8))
    man_leads, unregistered = draw() < 0.8, "（未届）" if draw() < 0.016 else ""
    if man_leads:
        return [Part("世帯主", MAN, age), Part("妻" + unregistered, WOMAN, partner_age)]
    return [Part("世帯主", WOMAN, age), Part("夫" + unregistered, MAN, partner_age)]


def children(draw: Draw, parent_age: int, number: int) -> list[Part]:
    """Children of a parent of that age, the eldest first, none born before the parent was 20."""
    eldest = min(int(draw() * 26), parent_age - 20)
    ages = [max(0, eldest - step * (2 + int(draw() * 2))) for step in range(number)]
    return [Part("子", _sex(draw), age) for age in ages]


def _number_of_children(draw: Draw) -> int:
    chance = draw()
    return 1 if chance < 0.45 else 2 if chance < 0.88 else 3


def couple_with_children(draw: Draw) -> list[Part]:
    parents = couple(draw, 26, 56)
    youngest_parent = min(part.age for part in parents)
    return parents + children(draw, max(youngest_parent, 20), _number_of_children(draw))


def single_parent(draw: Draw) -> list[Part]:
    parent = Part("世帯主", WOMAN if draw() < 0.87 else MAN, 24 + int(draw() * 30))
    return [parent, *children(draw, parent.age, 1 + int(draw() * 2))]


def three_generations(draw: Draw) -> list[Part]:
    """Grandparents with a young family: half of the time the grandfather is the head, else his son is."""
    family = [*couple(draw, 34, 52), *children(draw, 32, 1 + int(draw() * 2))]
    if draw() < 0.5:
        mother = Part("母", WOMAN, family[0].age + 24)
        return [*family, mother] if draw() < 0.6 else [*family, Part("父", MAN, family[0].age + 26), mother]
    head = Part("世帯主", MAN if draw() < 0.6 else WOMAN, family[0].age + 25)
    son, wife, *young = family
    return [
        head,
        Part("子", MAN, son.age),
        Part("子の妻", WOMAN, wife.age),
        *(Part("子の子", child.sex, child.age) for child in young),
    ]


def housemates(draw: Draw) -> list[Part]:
    """Two who share a home without being a family (同居人), or a grown child with an old parent."""
    head = single(draw, 25, 60)[0]
    if draw() < 0.4:
        return [head, Part("同居人", _sex(draw), 22 + int(draw() * 40))]
    return [head, Part("母", WOMAN, head.age + 22 + int(draw() * 12))]


# Cumulative share, composition, and the share of such households in which nobody is taxed. The mean size is
# 2.1 persons (a large city's register); all-untaxed households come to about 24 %.
COMPOSITIONS: tuple[tuple[float, Callable[[Draw], list[Part]], float], ...] = (
    (0.175, lambda draw: single(draw, 19, 39), 0.23),
    (0.280, lambda draw: single(draw, 40, 64), 0.25),
    (0.420, lambda draw: single(draw, 65, 96), 0.58),
    (0.500, lambda draw: couple(draw, 24, 62), 0.08),
    (0.630, lambda draw: couple(draw, 63, 90), 0.30),
    (0.885, couple_with_children, 0.06),
    (0.960, single_parent, 0.42),
    (0.990, three_generations, 0.06),
    (1.000, housemates, 0.22),
)

FORCED: dict[str, tuple[Callable[[Draw], list[Part]], float]] = {
    "facility_resident": (lambda draw: single(draw, 72, 101), 0.75),
    "guardian_ward": (lambda draw: single(draw, 60, 94), 0.7),
    "head_under_age": (lambda draw: single(draw, 15, 17), 1.0),
    "support_measures": (single_parent, 0.6),
    "twins": (couple_with_children, 0.06),
    "foreign_single_name": (lambda draw: single(draw, 20, 45), 0.3),
    "foreign_latin": (lambda draw: single(draw, 20, 60), 0.25),
    "foreign_kanji": (lambda draw: couple(draw, 22, 60), 0.2),
    "foreign_alias": (lambda draw: single(draw, 25, 85), 0.25),
    "tax_unfiled": (lambda draw: single(draw, 20, 64), 0.0),
    "moved_out_after_base": (lambda draw: single(draw, 20, 60), 0.2),
}


def composition(draw: Draw, kind: str, place: int) -> tuple[list[Part], bool]:
    """Draw who lives together and whether all of them are untaxed; some kinds decide it."""
    if kind == "separated_household" and place == 0:
        return single(draw, 66, 92), draw() < 0.55
    if kind == "dependants_only":
        return (single(draw, 19, 22), True) if place == 0 else (couple_with_children(draw), False)
    if kind in FORCED:
        build, untaxed = FORCED[kind]
        return build(draw), draw() < untaxed
    chance = draw()
    for upto, build, untaxed in COMPOSITIONS:
        if chance < upto:
            return build(draw), draw() < untaxed
    raise AssertionError("the shares of compositions end at 1")


def birth(draw: Draw, base: date, age: int) -> str:
    """Draw a birthday for somebody of that age on the base date, as "yyyy/mm/dd"."""
    day = _DAYS[int(draw() * 365)]
    year = base.year - age - (day > f"{base.month:02d}/{base.day:02d}")
    return f"{year}/{day}"


def taxes(draw: Draw, parts: list[Part], untaxed: bool, kind: str) -> list[tuple[int, int]]:
    """Draw (課税区分, 所得割額) for each member; children and, mostly, spouses earn nothing of their own."""
    if kind == "tax_unfiled":
        return [(UNFILED if part.age >= 18 else UNTAXED, 0) for part in parts]
    if untaxed:
        return [(UNTAXED, 0)] * len(parts)
    if draw() < 0.05:
        return [(LEVY_ONLY, 0)] + [(UNTAXED, 0)] * (len(parts) - 1)
    drawn = [(TAXED, _income_levy(draw))]
    for part in parts[1:]:
        earns = 20 <= part.age < 67 and draw() < 0.45
        drawn.append((TAXED, _income_levy(draw)) if earns else (UNTAXED, 0))
    return drawn


def _income_levy(draw: Draw) -> int:
    """Draw a yearly 所得割額 in yen, many small and few large, in steps of 100."""
    return 5_000 + int(draw() ** 3 * 6_000) * 100


def members(
    rng: random.Random, serial: int, base: date, kind: str, place: int, moved_in_this_year: bool
) -> list[Person]:
    """Draw the members of one household with numbers, names, birthdays and tax; the head first."""
    draw = rng.random
    parts, untaxed = composition(draw, kind, place)
    drawn = taxes(draw, parts, untaxed, kind)
    if moved_in_this_year:
        drawn = [(UNKNOWN if part.age >= 18 else UNTAXED, 0) for part in parts]
    head_number, supports = person_number(serial, 0), drawn[0][0] == TAXED
    surname = names.SURNAMES[int(draw() * len(names.SURNAMES))]
    family: list[Person] = []
    called_already: list[names.Name] = []
    for at, part in enumerate(parts):
        born = birth(draw, base, part.age)
        table = names.given_names(part.sex, int(born[:4]))
        given = table[int(draw() * len(table))]
        while given in called_already:  # no brothers or sisters of one name
            given = table[int(draw() * len(table))]
        called_already.append(given)
        called = names.SURNAMES[int(draw() * len(names.SURNAMES))] if part.relation == "同居人" else surname
        tax, income_levy = drawn[at]
        family.append(
            Person(
                person_number(serial, at),
                f"{called.text}　{given.text}",
                f"{called.kana}　{given.kana}",
                born,
                part.sex,
                part.relation,
                tax,
                income_levy,
                head_number if supports and at and tax == UNTAXED else "",
            )
        )
    return family


def succession(relation: str) -> int:
    """Return the order in which members become head after a death: spouse, child, parent, others."""
    if relation.startswith(("妻", "夫")):
        return 0
    return {"子": 1, "父": 2, "母": 2}.get(relation, 3)


def relation_to_heir(heir: str, person: str) -> str:
    """Return the 続柄 of a member after the head died, given what heir and member were to the old head.

    A spouse who becomes head keeps the children as 子, and so does a parent; where no rule fits, the register
    office writes 縁故者 (relative) until the family says more.
    """
    if heir.startswith(("妻", "夫")):
        return {"子": "子", "母": "夫の母" if heir.startswith("妻") else "妻の母"}.get(person, "縁故者")
    if heir in ("父", "母"):
        return {"妻": "子の妻", "夫": "子の夫", "子": "子の子", "父": "夫", "母": "妻"}.get(person, "縁故者")
    if heir == "子":
        return {"子": "弟", "子の妻": "妻", "子の子": "子"}.get(person, "縁故者")
    return "同居人"
