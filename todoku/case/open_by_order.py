"""Opens one case by the municipality's order (職権による案件の作成), for a recipient that no roll names.

Takes a recipient with its members and what is due; leaves a case at LISTED with number, letter key and amount of its
own. It is opened like any other: nothing in it leads to another household.
"""

import secrets
from datetime import datetime
from random import Random

from todoku.case.due import Due
from todoku.case.open_cases import Head, fresh_numbers, opening_of, write_openings
from todoku.case.tables import Case
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.registry.tables import Recipient

WHY = "職権により案件を作成"


def draw_number(random_source: Random | None = None) -> str:
    """A public number that no case carries."""
    return next(iter(fresh_numbers(1, random_source or secrets.SystemRandom())))


def open_by_order(
    recipient: Recipient, number: str, due: Due, *, programme: Programme, actor: Actor, at: datetime
) -> Case:
    """The new case, in the caller's transaction."""
    person = recipient.head
    head = Head(recipient.pk, person.kana, person.latin_name, person.name, person.birth_date, "")
    opening = opening_of(head, number, due)
    write_openings([opening], programme, recipient.payout, why=WHY, actor=actor, at=at)
    return Case.objects.get(programme=programme, number=number)
