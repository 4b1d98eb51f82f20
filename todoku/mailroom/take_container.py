"""Takes a container that was given (受取り): the second name and the sheets found; unequal counts open a difference."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from todoku.ground.step import Refusal, Report
from todoku.mailroom.open_difference import open_difference
from todoku.mailroom.tables import Carry, Container
from todoku.people.actor import Actor

CARRIED = "渡した枚数 ↔ 受け取った枚数"
# Where paper is worked on: whoever takes a sealed container there opens it.
AT_WORK = frozenset({"opening", "scanning", "keying", "review"})


class CannotTake(Refusal):
    """This carry is taken already, the same person gave it, or it is for the municipality to take."""


def take_container(carry: Carry, *, found: int, actor: Actor, at: datetime) -> Report:
    """The container stands at its new station, found as counted. Raises CannotTake."""
    with transaction.atomic():
        held = (
            Carry.objects.select_for_update(of=("self",))
            .select_related("container__programme")
            .get(pk=carry.pk)
        )
        if held.taken_id is not None:
            raise CannotTake(f"{held.container.code} は、{held.taken_name}さんが受け取り済みです。")
        if actor.id is None or actor.id == held.given_id:
            raise CannotTake("渡した人とは別の職員が、自分の利用者IDで受け取ってください。")
        if held.to_station == "municipality" and actor.organisation != "municipality":
            raise CannotTake(
                f"{held.container.code} は自治体に渡したものです。担当課の職員が、自治体の画面の「紙の受取り」で受け取ります。"
            )
        held.found, held.taken_id, held.taken_name, held.taken_at = found, actor.id, actor.name, at
        held.save(update_fields=["found", "taken_id", "taken_name", "taken_at"])
        _stand(held)
        difference = open_difference(
            programme=held.container.programme, subject=("carry", held.pk), between=CARRIED, stated=held.stated,
            found=found, actor=actor, at=at,
        )  # fmt: skip
    if difference is None:
        return Report(
            done=found, note=f"{held.container.code} を受け取りました。{found:,}枚、一致しています。"
        )
    words = f"渡した{held.stated:,}枚と受け取った{found:,}枚が合いません。差異{difference.pk}を開きました。"
    return Report(done=found, waiting=1, note=f"{held.container.code} を受け取りました。{words}")


def _stand(carry: Carry) -> None:
    """The container and what lies in it stand at the new station."""
    moved = Container.objects.filter(Q(pk=carry.container_id) | Q(inside=carry.container_id))
    changes: dict[str, object] = {"station": carry.to_station}
    if carry.to_station in AT_WORK:
        changes["sealed_at"] = None
    moved.update(**changes)
