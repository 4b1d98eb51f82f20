"""Carries a container with both persons present (二人そろっての引渡し): given and taken in one transaction, two counts."""

from datetime import datetime

from django.db import transaction

from todoku.ground.step import Report
from todoku.mailroom.give_container import give_container
from todoku.mailroom.tables import Container
from todoku.mailroom.take_container import take_container
from todoku.mailroom.two_persons import two_persons
from todoku.people.actor import Actor


def carry(
    container: Container, *, to: str, stated: int, found: int, second: Actor, actor: Actor, at: datetime
) -> Report:  # fmt: skip
    """`actor` gives, `second` takes. Raises NotTwoPersons, CannotGive or CannotTake."""
    two_persons(actor, second)
    with transaction.atomic():
        given = give_container(container, to=to, stated=stated, actor=actor, at=at)
        return take_container(given, found=found, actor=second, at=at)
