"""Makes a container (入れ物): a tray, bundle, box or safe with a code that is printed as its label."""

from datetime import datetime

from django.db import transaction

from todoku.mailroom.tables import STATIONS, Container
from todoku.people.actor import Actor
from todoku.programme.tables import Programme

LETTERS = {"tray": "T", "bundle": "B", "box": "X", "safe": "S"}


def make_container(*, programme: Programme, kind: str, station: str, actor: Actor, at: datetime) -> Container:
    """The container, empty, standing at the station: T0001, B0001, X0001, S0001 in the order made."""
    assert kind in LETTERS and station in dict(STATIONS), f"unknown container {kind!r} at {station!r}"
    with transaction.atomic():
        Programme.objects.select_for_update().get(pk=programme.pk)
        number = Container.objects.filter(programme=programme, kind=kind).count() + 1
        return Container.objects.create(
            programme=programme, code=f"{LETTERS[kind]}{number:04d}", kind=kind, station=station, made_at=at,
            made_by=actor.name,
        )  # fmt: skip
