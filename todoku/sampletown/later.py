"""Pure. The same town some weeks later: what a second extract of the register would show.

Goes in: the households of the first roll. Comes out: the households of the second, in the same order,
newcomers last. It invents what the register office enters meanwhile: births, deaths, moves, changed names.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from todoku.sampletown import families, names, places, specials, town
from todoku.sampletown.household import UNKNOWN, UNTAXED, Household, Person, person_number
from todoku.sampletown.kinds import Mark
from todoku.sampletown.places import Municipality

WEEKS = 6
_NEWBORN_PLACE = 12
"""Place in the household's number range from which those born later are numbered."""


class Rate(NamedTuple):
    """How often something happens within the weeks: at least so often, or this share of households."""

    at_least: int
    share: float


# Yearly figures of a large city, brought down to six weeks and rounded.
RATES = {
    "born": Rate(2, 0.0017),
    "died": Rate(3, 0.0024),
    "moved_out": Rate(2, 0.006),
    "struck_off": Rate(2, 0.001),  # moved before the base date, notified late: was never due
    "moved_within": Rate(2, 0.005),
    "renamed": Rate(2, 0.001),
}
MOVED_IN = Rate(2, 0.002)
"""Households that moved in just before the base date and notified it after the first roll."""


class Event(NamedTuple):
    """What happens to one household, with its random source and the days between the rolls."""

    household: Household
    rng: random.Random
    base: date
    weeks: int
    municipality: Municipality

    def day(self) -> str:
        """Draw a day after the base date as "yyyy/mm/dd"."""
        return (self.base + timedelta(days=1 + int(self.rng.random() * self.weeks * 7))).strftime("%Y/%m/%d")


def events(seed: int, households: int) -> dict[int, str]:
    """Choose what happens to which household, by serial."""
    rng = random.Random(f"{seed}:{households}:later")
    times = [(event, max(rate.at_least, round(households * rate.share))) for event, rate in RATES.items()]
    happening = [event for event, count in times for _ in range(count)][:households]
    return dict(zip(rng.sample(range(households), len(happening)), happening, strict=True))


def later_household(
    household: Household,
    event: str,
    *,
    seed: int,
    base_date: date,
    municipality: Municipality,
    weeks: int = WEEKS,
) -> Household | None:
    """Return the household as the second roll shows it; None where it is not listed any more."""
    if not event:
        return household
    rng = random.Random(f"{seed}:later:{household.serial}")
    return _HAPPENS[event](Event(household, rng, base_date, weeks, municipality))


def newcomers(seed: int, households: int, municipality: Municipality, base_date: date) -> Iterator[Household]:
    """Yield the households that the first roll of a town of this size did not know yet."""
    rng = random.Random(f"{seed}:newcomers")
    for serial in range(households, households + max(MOVED_IN.at_least, round(households * MOVED_IN.share))):
        towns = places.towns(municipality)
        drawn = town.household(rng, serial, seed, towns, base_date, Mark("", 0, 0))
        arrived = base_date - timedelta(days=int(rng.random() * 13))
        people = tuple(
            person._replace(tax=UNTAXED if person.relation == "子" else UNKNOWN, income_levy=0, supporter="")
            for person in drawn.members
        )
        yield drawn._replace(
            members=people,
            moved_in=arrived.strftime("%Y/%m/%d"),
            former=town.address(rng, places.elsewhere()),
            assisted_since="",
            kinds=("moved_in_late",),
        )


def _born(event: Event) -> Household:
    household, draw = event.household, event.rng.random
    sex = 1 + int(draw() * 2)
    given = specials.unused_name(event.rng, household, names.given_names(sex, event.base.year))
    head = household.head
    child = Person(
        person_number(household.serial, _NEWBORN_PLACE),
        f"{head.name.partition('　')[0]}　{given.text}",
        f"{head.kana.partition('　')[0]}　{given.kana}",
        event.day(),
        sex,
        "子",
        UNTAXED,
        0,
        marks=tuple(mark for mark in head.marks if mark == specials.SUPPORT_MEASURES),
    )
    return household._replace(members=(*household.members, child))


def _died(event: Event) -> Household:
    """The head dies: spouse, child or eldest becomes head; who lived alone stays listed with a mark."""
    head, *others = event.household.members
    if not others:
        return _marked(event, specials.DIED)
    heir = min(others, key=lambda person: (families.succession(person.relation), person.birth))
    rest = tuple(
        person._replace(relation=families.relation_to_heir(heir.relation, person.relation), supporter="")
        for person in others
        if person is not heir
    )
    return event.household._replace(members=(heir._replace(relation="世帯主", supporter=""), *rest))


def _marked(event: Event, mark: str) -> Household:
    head, *others = event.household.members
    marks = head.marks if mark in head.marks else (*head.marks, mark)
    changed = head._replace(marks=marks, removed_on=event.day(), removed_for=mark)
    return event.household._replace(members=(changed, *others))


def _moved_out(event: Event) -> Household:
    """All move to another municipality after the base date: still listed, each with a mark."""
    day = event.day()
    people = tuple(
        person._replace(
            marks=(*person.marks, specials.MOVED_OUT)
            if specials.MOVED_OUT not in person.marks
            else person.marks,
            removed_on=day,
            removed_for=specials.MOVED_OUT,
        )
        for person in event.household.members
    )
    return event.household._replace(members=people)


def _struck_off(event: Event) -> None:
    return None


def _moved_within(event: Event) -> Household:
    new = town.address(event.rng, places.towns(event.municipality))
    return event.household._replace(address=new, former=event.household.address)


def _renamed(event: Event) -> Household:
    taken = event.household.head.name.partition("　")[0]
    choice = [name for name in names.SURNAMES if name.text != taken]
    return specials.renamed(event.household, choice[int(event.rng.random() * len(choice))])


_HAPPENS: dict[str, Callable[[Event], Household | None]] = {
    "born": _born,
    "died": _died,
    "moved_out": _moved_out,
    "struck_off": _struck_off,
    "moved_within": _moved_within,
    "renamed": _renamed,
}
