"""Moves one sheet from its container to another (用紙の移動), with the reason; the record stands before the sheet moves."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from todoku.ground.step import Refusal
from todoku.mailroom.tables import Carry, Container, Sheet, SheetMove
from todoku.people.actor import Actor

WHY_MAX = 100


class CannotMove(Refusal):
    """The sheet cannot go there, or not from where it lies."""


def move_sheet(sheet: Sheet, to: Container, *, why: str, actor: Actor, at: datetime) -> SheetMove:
    """The record of the move; the sheet lies at the end of the other container. Raises CannotMove."""
    if not why.strip() or len(why.strip()) > WHY_MAX:
        raise CannotMove(f"移す理由を{WHY_MAX}文字以内で入力してください。")
    with transaction.atomic():
        held = Sheet.objects.select_for_update().get(pk=sheet.pk)
        places = {
            one.pk: one
            for one in Container.objects.select_for_update()
            .filter(pk__in=[held.container_id, to.pk])
            .order_by("pk")
        }
        source, target = places[held.container_id], places[to.pk]
        _ask_movable(held, source, target)
        last = target.sheets.filter(voided_at__isnull=True).aggregate(last=Max("position"))["last"] or 0
        made = SheetMove.objects.create(
            sheet=held, from_container=source, from_position=held.position, to_container=target, to_position=last + 1,
            why=why.strip(), at=at, actor_name=actor.name,
        )  # fmt: skip
        held.container, held.position = target, last + 1
        held.save(update_fields=["container", "position"])
    return made


def _ask_movable(sheet: Sheet, source: Container, target: Container) -> None:
    if sheet.voided_at is not None:
        raise CannotMove("取り消した封書の用紙は移せません。")
    if source.pk == target.pk:
        raise CannotMove(f"この用紙は、もう{target.code}に入っています。")
    if source.programme_id != target.programme_id:
        raise CannotMove("別の給付金の入れ物には移せません。")
    if source.station != target.station:
        raise CannotMove(
            f"{source.code}は{source.get_station_display()}、{target.code}は{target.get_station_display()}にあります。"
            "同じ場所に引き渡してから移してください。"
        )
    for one in (source, target):
        if one.sealed_at is not None:
            raise CannotMove(f"{one.code} は封をしてあります。作業の場所に引き渡して開けてください。")
        if Carry.objects.filter(container=one, taken_id__isnull=True).exists():
            raise CannotMove(f"{one.code} は引渡し中です。受け取ってから移してください。")
