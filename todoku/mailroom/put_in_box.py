"""Puts a bundle into a box (束を箱に入れる), or takes it out again; both stand at the same station. Leaves a BoxMove."""

from datetime import datetime

from django.db import transaction

from todoku.ground.step import Refusal, Report
from todoku.mailroom.tables import BoxMove, Carry, Container
from todoku.people.actor import Actor


class CannotPut(Refusal):
    """This bundle does not go into this box now."""


def put_in_box(bundle: Container, box: Container | None, *, actor: Actor, at: datetime) -> Report:
    """The bundle lies in the box, or in none (None). Safe to call twice. Raises CannotPut."""
    with transaction.atomic():
        held = Container.objects.select_for_update(of=("self",)).select_related("inside").get(pk=bundle.pk)
        other = Container.objects.select_for_update().get(pk=box.pk) if box else held.inside
        if held.kind != "bundle" or (box and (other is None or other.kind != "box")):
            raise CannotPut("箱に入れられるのは束だけです。束と箱の符号を確かめてください。")
        if other and (other.programme_id, other.station) != (held.programme_id, held.station):
            raise CannotPut(
                f"{held.code} と {other.code} は同じ場所にありません。引き渡してから入れてください。"
            )
        for one in (held, other):
            if one and (one.sealed_at or Carry.objects.filter(container=one, taken_id__isnull=True).exists()):
                raise CannotPut(f"{one.code} は封をしてあるか、引渡し中です。")
        if held.inside_id == (box.pk if box else None):
            return Report(note=f"{held.code} は、もうそこにあります。")
        BoxMove.objects.create(
            bundle=held, from_box=held.inside, to_box=other if box else None, at=at, actor_id=actor.id,
            actor_name=actor.name,
        )  # fmt: skip
        held.inside = other if box else None
        held.save(update_fields=["inside"])
    return Report(done=1)
