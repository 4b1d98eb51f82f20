"""Gives a container to another station (引渡し): says how many sheets are in it; waits for the name of who takes it."""

from datetime import datetime

from django.db import transaction

from todoku.ground.step import Refusal
from todoku.mailroom.held_in import held_in
from todoku.mailroom.open_difference import open_difference
from todoku.mailroom.tables import STATIONS, Carry, Container
from todoku.people.actor import Actor

RECORDED = "記録の枚数 ↔ 渡すときの枚数"


class CannotGive(Refusal):
    """The container cannot be given to that station now."""


def give_container(container: Container, *, to: str, stated: int, actor: Actor, at: datetime) -> Carry:
    """The carry, waiting for the second name. `stated` is counted by hand; unlike the record it opens a difference.

    Raises CannotGive.
    """
    assert to in dict(STATIONS), f"unknown station {to!r}"
    if actor.id is None:
        raise CannotGive("引き渡す職員の名前が要ります。本人の利用者IDでログインしてください。")
    with transaction.atomic():
        held = (
            Container.objects.select_for_update(of=("self",)).select_related("programme").get(pk=container.pk)
        )
        if held.inside_id is not None:
            raise CannotGive(f"{held.code} は箱に入っています。箱ごと引き渡してください。")
        if held.station == to:
            raise CannotGive(
                f"{held.code} は、もう{held.get_station_display()}にあります。行き先を確かめてください。"
            )
        if Carry.objects.filter(container=held, taken_id__isnull=True).exists():
            raise CannotGive(f"{held.code} は、受け取る人の名前を待っています。先にそちらを終えてください。")
        made = Carry.objects.create(
            container=held, from_station=held.station, to_station=to, stated=stated, given_id=actor.id,
            given_name=actor.name, at=at,
        )  # fmt: skip
        open_difference(
            programme=held.programme, subject=("give", made.pk), between=RECORDED, stated=held_in(held), found=stated,
            actor=actor, at=at,
        )  # fmt: skip
    return made
