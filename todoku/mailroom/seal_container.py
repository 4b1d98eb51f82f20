"""Seals a container (封をする): nothing goes in or out any more, until somebody takes it to where paper is worked on."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from todoku.ground.step import Refusal, Report
from todoku.mailroom.held_in import held_in
from todoku.mailroom.tables import Carry, Container
from todoku.people.actor import Actor


class CannotSeal(Refusal):
    """The container is empty or on its way."""


def seal_container(container: Container, *, actor: Actor, at: datetime) -> Report:
    """Seals it with the bundles in it; safe to call twice. Report: done sheets in it. Raises CannotSeal."""
    with transaction.atomic():
        held = Container.objects.select_for_update().get(pk=container.pk)
        sheets = held_in(held)
        if held.sealed_at is None:
            if not sheets:
                raise CannotSeal(f"{held.code} は空です。用紙を入れてから封をしてください。")
            if Carry.objects.filter(container=held, taken_id__isnull=True).exists():
                raise CannotSeal(f"{held.code} は引渡し中です。受け取ってから封をしてください。")
            Container.objects.filter(Q(pk=held.pk) | Q(inside=held), sealed_at__isnull=True).update(
                sealed_at=at
            )
    return Report(done=sheets, note=f"{held.code} に封をしました（{sheets:,}枚、{actor.name}）。")
